"""What the options ask of histories, whichever verb they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.config import DataOptions
from forecast_cli.errors import UsageError


@dataclass(frozen=True)
class Question:
    """The options of an event, None where they were not given.

    Parameters
    ----------
    label, labels, rule, within, statics, positive : str or None
        ``--label``, ``--labels``, ``--event``, ``--event-within``, ``--statics``, ``--positive``.
    horizon : int or None
    """

    label: str | None = None
    labels: str | None = None
    rule: str | None = None
    within: str | None = None
    statics: str | None = None
    positive: str | None = None
    horizon: int | None = None

    @classmethod
    def of(cls, config: DataOptions) -> Question:
        """The question of any verb's configuration; what it lacks was not given.

        Raises
        ------
        UsageError
            Options that contradict each other.
        """
        rule = getattr(config, "event", None)
        found = cls(
            label=getattr(config, "label", None),
            labels=getattr(config, "labels", None),
            rule=rule,
            within=getattr(config, "event_within", None),
            statics=getattr(config, "statics", None),
            positive=getattr(config, "positive", None),
            horizon=getattr(config, "horizon", None),
        )
        others = {
            "--label": found.label,
            "--labels": found.labels,
            "--event-within": found.within,
            "--statics": found.statics,
            "--positive": found.positive,
        }
        clash = [option for option, value in others.items() if value]
        if rule and clash:
            raise UsageError(
                f"--event and {clash[0]} ask two questions",
                "--event is for regular series, the others are for histories; give one of them",
            )
        return found

    @property
    def asked(self) -> bool:
        """Whether an event is asked about at all."""
        return any((self.label, self.labels, self.rule, self.within))


def data_options(config: DataOptions) -> DataOptions:
    """The options of reading alone."""
    return DataOptions(**{name: getattr(config, name) for name in DataOptions.model_fields})

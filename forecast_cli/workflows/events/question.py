"""Whether a configuration asks about an event, and which options then say something.

An option that would do nothing is refused, in both directions: whoever names folds without an
event forgot the event, and whoever asks an event for its 80 % interval expects something that
there is not.
"""

from __future__ import annotations

from typing import get_args

from pydantic import BaseModel

from forecast_cli.config import EventMetric, ForecastMetric
from forecast_cli.errors import UsageError

ASKING = ("label", "labels", "event", "event_within")  # each makes it a question of an event
_OF_EVENTS = ("statics", "positive", "folds", "test_data", "test_labels", "false_alarms")
_OF_VALUES = (
    "level",
    "val_size",
    "conformal",
    "origins",
    "stride",
    "test_size",
    "refit",
    "seeds",
    "prove_no_leak",
    "context",
    "patch",
    "final_fit",
)
_OF_REGULAR_SERIES = ("horizon", "season", "freq", "future", "target")  # of --event, then
_OF_HISTORIES = ("folds", "test_data", "test_labels")
_FIXES = {
    "seeds": "--members sets how many networks are averaged",
    "target": "all numeric columns are read; to read a few only, name them with --past",
    "future": "name the columns to read with --past",
    "season": "histories are at any times, and have no season",
    "freq": "histories are at any times, and have no step",
}


def asks_event(config: BaseModel) -> bool:
    """Whether one of the options that ask about an event was given."""
    return any(getattr(config, name, None) for name in ASKING)


def refuse_event_options(config: BaseModel) -> None:
    """Refuse what says nothing where values are forecast.

    Raises
    ------
    UsageError
    """
    for name in _OF_EVENTS:
        if _given(config, name):
            raise UsageError(
                f"{_flag(name)} is of events, and none is asked about",
                "name one with --label, --labels, --event or --event-within, or leave it out",
            )
    _refuse_metric(config, ForecastMetric, "values are forecast")


def refuse_value_options(config: BaseModel) -> None:
    """Refuse what says nothing where an event is asked about.

    Raises
    ------
    UsageError
    """
    regular = bool(getattr(config, "event", None))
    for name in (*_OF_VALUES, *(_OF_HISTORIES if regular else _OF_REGULAR_SERIES)):
        if _given(config, name):
            kind = "an event of a regular series" if regular else "events of histories"
            raise UsageError(
                f"{_flag(name)} says nothing about {kind}", _FIXES.get(name, "leave it out")
            )
    if not regular and not getattr(config, "event_within", None) and _given(config, "false_alarms"):
        raise UsageError(
            "--false-alarms is of lead times, which --event-within has", "leave it out"
        )
    if getattr(config, "test_labels", None) and not getattr(config, "test_data", ()):
        raise UsageError("--test-labels has no data to belong to", "name them with --test-data")
    _refuse_metric(config, EventMetric, "an event is asked about")


def _given(config: BaseModel, name: str) -> bool:
    """Whether an option was set to something that is not its default."""
    field = type(config).model_fields.get(name)
    return (
        field is not None
        and name in config.model_fields_set
        and getattr(config, name) != field.default
    )


def _refuse_metric(config: BaseModel, known: object, where: str) -> None:
    metric = getattr(config, "metric", None)
    if metric is not None and metric not in get_args(known):
        raise UsageError(
            f"--metric {metric} has no meaning where {where}",
            "one of: " + ", ".join(get_args(known)),
        )


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")

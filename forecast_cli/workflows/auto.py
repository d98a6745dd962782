"""``forecast train --model auto``: let a comparison say which model to train.

The comparison has the options of the training and asks its question of the default networks and
of every baseline; what its verdict would ship is then fitted on all of the data by train.py.
Nothing is chosen here but that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from forecast_cli.config import CompareConfig, DataOptions, Settings, TaskOptions, TrainConfig
from forecast_cli.errors import TrainingError, UsageError
from forecast_cli.evaluation.metrics import LABELS
from forecast_cli.monitor import SILENT, Monitor, Unheeding
from forecast_cli.results import DataSummary
from forecast_cli.workflows.compare import compare_values
from forecast_cli.workflows.wording import command

AUTO = "auto"


@dataclass(frozen=True)
class Chosen:
    """How a model came to be chosen: the manifest keeps it as it is.

    Parameters
    ----------
    model : str
    horizon : int
        The question that the comparison asked.
    text : str
        The verdict in words.
    rules : tuple of str
        That led to the choice.
    metric : str
    losses : mapping of model name to float
        Of every model that was scored, best first.
    command : str
        The comparison, to be made again.
    """

    model: str
    horizon: int
    text: str
    rules: tuple[str, ...]
    metric: str
    losses: dict[str, float]
    command: str

    @property
    def told(self) -> str:
        """In a line, as the model card says it."""
        best, loss = next(iter(self.losses.items()))
        label = LABELS[self.metric]
        own = f"{self.model} with a {label} of {self.losses[self.model]:.4g}"
        rest = "" if best == self.model else f"; the least was {loss:.4g}, of {best}"
        return f"{own}, of {len(self.losses)} models compared{rest}. {self.text}"

    def kept(self) -> dict[str, object]:
        """As the manifest keeps it."""
        return asdict(self)


def choose(
    config: TrainConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> Chosen:
    """Compare with the options of a training, and take what the verdict would ship.

    Parameters
    ----------
    config : TrainConfig
    monitor : Monitor
    heard : callable
        Is told what was read and inferred before the work begins.

    Raises
    ------
    UsageError
        The data come from standard input, which can be read only once.
    TrainingError
        No model could be scored.
    KeyboardInterrupt
        The comparison was asked to stop.
    """
    if "-" in config.data:
        raise UsageError(
            "--model auto reads the data twice, and standard input can be read only once",
            "write the data to a file first, or name a model",
        )
    shared = (*DataOptions.model_fields, *TaskOptions.model_fields, *Settings.model_fields)
    asked = CompareConfig(**{name: getattr(config, name) for name in shared})
    result = compare_values(asked, Unheeding(monitor), heard)
    if monitor.stop_requested():
        raise KeyboardInterrupt  # half a comparison chooses nothing
    verdict, metric = result.verdict, result.protocol.metric
    if not verdict.ship:
        failed = tuple(f"{row.name}: {row.reason}" for row in result.models)
        raise TrainingError(
            "no model could be scored, so none can be chosen", "name one with --model", failed
        )
    return Chosen(
        model=verdict.ship,
        horizon=result.protocol.horizon,
        text=verdict.text,
        rules=verdict.rules,
        metric=metric,
        losses={row.name: row.metrics[metric] for row in result.models if row.rank is not None},
        command=command("compare-baselines", asked),
    )

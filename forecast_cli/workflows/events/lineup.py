"""Which models answer a question about an event, and the one that others are measured by.

Names are checked before anything is read where that can be, and against the question once it
is known.
"""

from __future__ import annotations

from forecast_cli.classifiers import registry
from forecast_cli.config import CompareConfig
from forecast_cli.errors import UsageError
from forecast_cli.events import EventTask
from forecast_cli.workflows.gate import refuse_itself

NO_BASELINES = ("none",)  # but the reference


def check_names(config: CompareConfig) -> None:
    """Refuse models that do not exist, and a gate that has nothing to judge.

    Raises
    ------
    UsageError
    """
    gate = config.fail_if_worse_than
    for name in (*config.models, *_baselines(config), *([gate] if gate else [])):
        registry.entry(name)
    refuse_itself(config.models, gate)


def lineup(config: CompareConfig, task: EventTask, reference: str) -> tuple[str, ...]:
    """The models to compare, each once: networks, baselines, the gate, and the reference.

    Raises
    ------
    UsageError
        A model that was named cannot answer this question.
    """
    chosen = _baselines(config)
    if not config.baselines:
        chosen = tuple(registry.names(task.kind, "baseline"))
    gate = () if config.fail_if_worse_than is None else (config.fail_if_worse_than,)
    names = tuple(dict.fromkeys((*config.models, *chosen, *gate, reference)))
    for name in names:
        registry.entry(name, task.kind)
    return names


def ranking_metric(config: CompareConfig, task: EventTask) -> str:
    """The metric that ranks: as given, else by the number of classes.

    Raises
    ------
    UsageError
        A metric of two classes where there are more.
    """
    if config.metric is None:
        return "average_precision" if task.binary else "log_loss"
    if config.metric == "min_se_pp" and not task.binary:
        raise UsageError(
            f"--metric min_se_pp is of two classes, and there are {len(task.classes)}",
            "name another metric, or make it two with --positive LABEL",
        )
    return config.metric


def _baselines(config: CompareConfig) -> tuple[str, ...]:
    return () if config.baselines == NO_BASELINES else config.baselines

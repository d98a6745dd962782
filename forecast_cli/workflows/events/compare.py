"""``forecast compare-baselines`` of an event: every model asked about the same unseen entities.

The order of things is the protocol of docs/events.md: read, divide by entity (or in time), fit
every model on the one part, ask it about the other, score from one table, say what it means.
Without data the latest run of an event is compared: its model, fitted anew on the folds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecast_cli.classifiers import registry
from forecast_cli.config import CompareConfig, EventOptions, Settings, settings_of
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.read import load_histories, load_test
from forecast_cli.data.events.split import folds, given
from forecast_cli.errors import UsageError
from forecast_cli.evaluation.events.backtest import Question
from forecast_cli.evaluation.events.compare import Compared, compare_events
from forecast_cli.event_comparison import EventCompareResult, EventProtocol
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary
from forecast_cli.runs import store
from forecast_cli.workflows.common import kept_options, sources_of
from forecast_cli.workflows.events.gate import require_no_worse
from forecast_cli.workflows.events.lineup import check_names, lineup, ranking_metric
from forecast_cli.workflows.events.question import refuse_value_options
from forecast_cli.workflows.versions import all_versions
from forecast_cli.workflows.wording import command


def compare_event(
    config: CompareConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
    run: store.Run | None = None,
) -> EventCompareResult:
    """Compare networks with simple models of an event.

    Parameters
    ----------
    config : CompareConfig
    monitor : Monitor
    heard : callable
        Told what was read and inferred, before the work begins.
    run : Run or None
        Whose question and data are taken, where no data are named.

    Raises
    ------
    UsageError, DataError, RunError
        A model that fails does not raise: it is listed with its reason.
    GateError
        With ``fail_if_worse_than``; its ``result`` is the comparison all the same.
    """
    refuse_value_options(config)
    config = _as_run(config, run)
    check_names(config)
    histories = load_histories(config, monitor)
    task = histories.task
    names, metric = lineup(config, task, reference_of(task)), ranking_metric(config, task)
    heard(histories.told)
    notes = list(histories.warnings)
    question = _divided(config, histories, notes, monitor)
    found = compare_events(
        question,
        names,
        settings_of(config),
        metric=metric,
        reference=reference_of(task),
        false_alarms=config.false_alarms,
        seed=config.seed,
        timeout=config.baseline_timeout,
        monitor=monitor,
    )
    if run is not None and run.manifest["data"]["sha256"] != histories.told.sha256:
        notes.append(f"the data changed since the training of {run.name}")
    result = EventCompareResult(
        data=histories.told,
        task=task,
        protocol=_protocol(config, question, found, metric),
        models=found.models,
        verdict=found.verdict,
        table=found.table,
        notes=tuple(notes),
        command=command("compare-baselines", config.model_copy(update={"run": None})),
        versions=all_versions(),
    )
    if config.fail_if_worse_than is not None:
        require_no_worse(result, config.models, config.fail_if_worse_than)
    return result


def reference_of(task: EventTask) -> str:
    """The model that others are measured by: the fair rival of a network."""
    if task.kind != "threshold":
        return "logistic"
    return "climatology" if max(task.seasons) > 1 else "prior"


def _protocol(
    config: CompareConfig, question: Question, found: Compared, metric: str
) -> EventProtocol:
    task = question.task
    return EventProtocol(
        kind=task.kind,
        event=task.event,
        classes=task.classes,
        split="given" if config.test_data else "time" if task.kind == "threshold" else "folds",
        folds=len(question.folds),
        entities=int(np.unique(found.table.entity).size),
        answers=len(found.table.labels),
        rows=question.folds[0].panel.n_rows,
        shares=found.shares,
        metric=metric,
        reference=reference_of(task),
        units=found.units,
        seed=config.seed,
        false_alarms=config.false_alarms,
        horizon=task.horizon,
        within=_within(task),
    )


def _divided(
    config: CompareConfig, histories: Histories, notes: list[str], monitor: Monitor
) -> Question:
    """The folds; where test data were named one, over the histories of both."""
    if not config.test_data:
        parts = folds(histories, config.folds, config.seed)
        return Question(histories.task, parts, histories.event_times)
    test = load_test(config, histories, monitor)
    notes += [f"test data: {warning}" for warning in test.warnings]
    fold = given(histories, test, monitor)
    if histories.event_times.size and test.event_times.size:
        known = np.concatenate([histories.event_times, test.event_times])  # [S]
        return Question(histories.task, (fold,), known)
    return Question(histories.task, (fold,))


def _within(task: EventTask) -> str:
    """The span of "within", with its unit."""
    if task.kind != "within":
        return ""
    (units,) = task.scale.spans(np.array([task.within])).tolist()
    return f"{units:g} {task.scale.name}" + ("" if units == 1 else "s")


def _as_run(config: CompareConfig, run: store.Run | None) -> CompareConfig:
    """The configuration of a run, with what was given beside it on top.

    A run's network stands alone for the networks; a run of a baseline is set beside the default
    ones, since whether a network is worth it is the question.
    """
    if run is None:
        if config.run is not None:
            raise UsageError(
                f'both data and the run "{config.run}" are given',
                "leave out --run, or leave out the data to use those of the run",
            )
        return config
    task = run.event
    is_network = registry.entry(run.config.model).kind == "network"
    shared = (*EventOptions.model_fields, *Settings.model_fields)
    values = {name: getattr(run.config, name) for name in shared}
    values |= kept_options(run, config.model_fields_set)
    values |= {
        "data": sources_of(run),
        "models": (*(() if is_network else config.models), run.config.model),
    }
    if task.kind == "threshold":
        values["horizon"] = task.horizon
    own = {name: getattr(config, name) for name in config.model_fields_set - {"data"}}
    return CompareConfig(**{**values, **own})

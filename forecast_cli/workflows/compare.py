"""``forecast compare-baselines``: one question, one set of origins, every model, one verdict.

The order of things is the protocol of docs/protocol.md: read, split, choose origins, fit
before the test block, forecast, tabulate, score from the table, say what it means. Without
data the latest run is compared: its model with its settings, fitted anew on what lies
before the test block, since the run itself has seen all of its data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from forecast_cli.comparison import CompareResult, ForecastTable, Protocol
from forecast_cli.config import CompareConfig, Settings, TaskOptions, settings_of
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.data.split import Split, rolling_origins, split, untested_ends
from forecast_cli.errors import DataError, UsageError
from forecast_cli.evaluation import direction
from forecast_cli.evaluation.backtest import Outcome, backtest, folds, tabulate, targets, with_past
from forecast_cli.evaluation.coverage import coverage
from forecast_cli.evaluation.learnability import learnability
from forecast_cli.evaluation.scores import fold_scales, score, without_rounding
from forecast_cli.evaluation.significance import against_reference
from forecast_cli.evaluation.units import independent_units, unit_losses
from forecast_cli.evaluation.verdict import verdict
from forecast_cli.evaluation.where import where
from forecast_cli.event_comparison import EventCompareResult
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.parallel import check_backend
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary
from forecast_cli.runs import store
from forecast_cli.task import Task
from forecast_cli.workflows.certificate import prove, refuse_clock, suspicions
from forecast_cli.workflows.common import (
    Data,
    configure,
    context_of,
    kept_options,
    resolve_horizon,
    resolve_task,
    sources_of,
    with_inferred,
)
from forecast_cli.workflows.comparison import Comparison
from forecast_cli.workflows.events.compare import compare_event
from forecast_cli.workflows.events.comparison import EventComparison
from forecast_cli.workflows.events.question import asks_event, refuse_event_options
from forecast_cli.workflows.gate import refuse_itself, require_no_worse
from forecast_cli.workflows.notes import comparison_notes
from forecast_cli.workflows.versions import all_versions
from forecast_cli.workflows.wording import command

NO_BASELINES = ("none",)  # but the reference
METRIC = "mase"  # that ranks where none is named
UNSCALED = {"mase": "mae", "rmsse": "rmse"}  # what ranks where no scale is defined


def compare_baselines(
    *data: Data, monitor: Monitor = SILENT, **options: object
) -> Comparison | EventComparison:
    """Compare networks with baselines on the last part of the data.

    Parameters
    ----------
    *data : str, path, or list of them
        CSV files or globs; none: the latest run, on its own data and task.
    monitor : Monitor
    **options
        Fields of :class:`forecast_cli.config.CompareConfig`, such as ``horizon=24``.

    Returns
    -------
    Comparison
        Or :class:`EventComparison`, where an event is asked about.

    Raises
    ------
    UsageError, DataError, RunError
        A model that fails does not raise: it is listed with its reason.
    GateError
        With ``fail_if_worse_than``; its ``result`` is the comparison all the same.

    Examples
    --------
    >>> compare_baselines("load.csv", horizn=24)
    Traceback (most recent call last):
    ...
    forecast_cli.errors.UsageError: unknown option "horizn"
    """
    result = compare(configure(CompareConfig, data, options), monitor)
    return EventComparison(result) if isinstance(result, EventCompareResult) else Comparison(result)


def compare(
    config: CompareConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> CompareResult | EventCompareResult:
    """What :func:`compare_baselines` does, with a configuration that is resolved already.

    Parameters
    ----------
    config : CompareConfig
    monitor : Monitor
    heard : callable
        Told what was read and inferred, before the work begins.
    """
    run = None if config.data else store.find(Path(config.runs), config.run, monitor)
    if asks_event(config) or (run is not None and run.is_of_event):
        return compare_event(config, monitor, heard, run)
    return compare_values(config, monitor, heard, run)


def compare_values(
    config: CompareConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
    run: store.Run | None = None,
) -> CompareResult:
    """:func:`compare` where values are forecast."""
    config = _resolved(config, run)
    gate = config.fail_if_worse_than
    dataset = load(config, monitor)
    dataset, horizon, blocks = _question(config, dataset)
    heard(dataset.summary)
    resolved = config.model_copy(update={"horizon": horizon})
    task = resolve_task(dataset, resolved, blocks.validation)
    stride = config.stride or horizon
    asked = rolling_origins(dataset.panel, blocks, horizon, stride, config.origins)
    origins = _answerable(dataset.panel, asked, horizon)
    promise = learnability(dataset.panel, task, blocks.fit_ends, reference_of(task))
    monitor.say(f"learnability: {promise.text}")
    suspicious = suspicions(dataset.panel, task, blocks, monitor)
    outcomes = backtest(
        lineup(config, task),
        dataset.panel,
        task,
        blocks,
        origins,
        settings=settings_of(config),
        refit=config.refit,
        seeds=config.seeds,
        baseline_timeout=config.baseline_timeout,
        conformal=config.conformal,
        monitor=monitor,
    )
    result = _conclude(config, dataset, task, blocks, origins, outcomes, tuple(suspicious))
    notes = [*dataset.warnings, *suspicious.values()]
    if run is not None and run.manifest["data"]["sha256"] != dataset.summary.sha256:
        notes.append(f"the data changed since the training of {run.name}")
    if len(origins) < len(asked):
        lost = len(asked) - len(origins)
        come = "origin comes" if lost == 1 else "origins come"
        notes.append(f"{lost} {come} before any observed value of their series: left out")
    certificate = None
    if config.prove_no_leak:
        plan = folds(dataset.panel, blocks, origins, config.refit)
        certificate, partial = prove(dataset.panel, task, plan, origins, outcomes, monitor)
        notes += partial
    result = replace(
        result,
        notes=(*notes, *result.notes),
        learnability=promise,
        leak_certificate=certificate,
        command=command("compare-baselines", config.model_copy(update={"run": None})),
        versions=all_versions(),
    )
    if gate is not None:
        require_no_worse(result, config.models, gate)
    return result


def reference_of(task: Task) -> str:
    """The baseline that skill is measured against."""
    return "naive" if task.season == 1 else "seasonal-naive"


def lineup(config: CompareConfig, task: Task) -> tuple[str, ...]:
    """The models to compare, each once: networks, baselines, the gate, and the reference.

    Where "none" is named, no baseline but those. Where none are named, all that are registered,
    with one seasonal naive for each season; where there is no season it would be the naive again,
    and is left out.
    """
    chosen = list(_named_baselines(config))
    if not config.baselines:
        for name in registry.names("baseline"):
            if name != "seasonal-naive":
                chosen.append(name)
            elif task.season > 1:
                chosen += [name, *(f"{name}-{m}" for m in task.seasons[1:])]
    gate = [] if config.fail_if_worse_than is None else [config.fail_if_worse_than]
    return tuple(dict.fromkeys((*config.models, *chosen, *gate, reference_of(task))))


def _named_baselines(config: CompareConfig) -> tuple[str, ...]:
    return () if config.baselines == NO_BASELINES else config.baselines


def _resolved(config: CompareConfig, run: store.Run | None) -> CompareConfig:
    """The configuration, that of a run where no data are named.

    What cannot end well is refused here, before anything is read.
    """
    refuse_event_options(config)
    if run is not None:
        config = _as_run(config, run)
    elif config.run is not None:
        raise UsageError(
            f'both data and the run "{config.run}" are given',
            "leave out --run, or leave out the data to use those of the run",
        )
    gate = config.fail_if_worse_than
    for name in (*config.models, *_named_baselines(config), *([gate] if gate else [])):
        registry.entry(name)
    refuse_itself(config.models, gate)
    check_backend(config.backend)
    refuse_clock(config)
    return config if config.metric else config.model_copy(update={"metric": METRIC})


def _as_run(config: CompareConfig, run: store.Run) -> CompareConfig:
    """The configuration of a run, with what was given beside it on top.

    A run's network stands alone for the networks. A run of a baseline is set beside the default
    ones, since whether a network is worth it is the question.
    """
    shared = (*TaskOptions.model_fields, *Settings.model_fields)
    is_network = registry.entry(run.config.model).kind == "network"
    values = {name: getattr(run.config, name) for name in shared}
    values |= kept_options(run, config.model_fields_set)
    values |= {
        "data": sources_of(run),
        "models": (*(() if is_network else config.models), run.config.model),
        "horizon": run.task.horizon,
        "level": run.task.levels,
    }
    given = {name: getattr(config, name) for name in config.model_fields_set - {"data"}}
    return CompareConfig(**{**values, **given})


def _question(config: CompareConfig, dataset: Dataset) -> tuple[Dataset, int, Split]:
    """Horizon, blocks and seasons, none of them chosen by a value of the test block.

    The blocks follow from the horizon and the seasons from the blocks; so the season that a
    default horizon is chosen by is looked for in rows that no block could hold.
    """
    panel = dataset.panel
    early = dataset.seasons_before(untested_ends(panel, config.test_size))
    horizon, inferred = resolve_horizon(early, config.horizon)
    blocks = split(panel, horizon, config.test_size, config.val_size)
    dataset = dataset.seasons_before(blocks.fit_ends)
    summary = with_inferred(dataset.summary, inferred)
    return replace(dataset, summary=summary), horizon, blocks


def _answerable(panel: Panel, asked: Origins, horizon: int) -> Origins:
    """The origins with a past, of which at least one has a future to be scored on.

    Raises
    ------
    DataError
        Told before the models are fitted, not after.
    """
    origins = with_past(panel, asked)
    if not len(origins):
        raise DataError(
            "no series has an observed value before its test block",
            "choose a smaller block with --test-size",
        )
    actual = targets(panel, origins, horizon)  # [O, H]
    if not np.isfinite(actual).any():
        raise DataError(
            f"none of the {actual.size} values to forecast in the test block was observed",
            "choose another block with --test-size",
        )
    return origins


def _conclude(
    config: CompareConfig,
    dataset: Dataset,
    task: Task,
    blocks: Split,
    origins: Origins,
    outcomes: Sequence[Outcome],
    suspicious: Sequence[str],
) -> CompareResult:
    """From what the models did to the result."""
    panel = dataset.panel
    table = tabulate(panel, origins, outcomes, task)
    plan = folds(panel, blocks, origins, config.refit)
    scales = fold_scales(panel, table, plan, task.season)
    scaled = bool(np.isfinite(scales.absolute).any())
    asked = config.metric or METRIC
    metric = asked if scaled else UNSCALED.get(asked, asked)
    protocol = _protocol(config, metric, task, blocks, table, outcomes)
    exact = without_rounding(table)
    losses = unit_losses(exact, independent_units(table, protocol.stride), scales, metric)
    worth = against_reference(losses, protocol.reference)
    scores = tuple(
        replace(row, versus_reference=worth.get(row.name))
        for row in score(exact, outcomes, scales, metric=metric, reference=protocol.reference)
    )
    event = direction.rises(table.actual, panel.target[origins.rows])
    answers = direction.ask(
        panel, task, plan, origins, outcomes, config.models, settings_of(config)
    )
    return CompareResult(
        data=dataset.summary,
        protocol=protocol,
        models=scores,
        direction=direction.score_direction(answers, event),
        verdict=verdict(scores, losses, protocol, task.seasons, suspicious),
        table=table,
        notes=comparison_notes(config, protocol, panel, table, scales, event),
        where=where(
            exact,
            scales,
            metric=metric,
            season=task.season,
            ranked=[row.name for row in scores if row.rank is not None],
            reference=protocol.reference,
        ),
        calibration=coverage(table, outcomes, [row.name for row in scores]),
    )


def _protocol(
    config: CompareConfig,
    metric: str,
    task: Task,
    blocks: Split,
    table: ForecastTable,
    outcomes: Sequence[Outcome],
) -> Protocol:
    contexts = [context_of(outcome.fitted) for outcome in outcomes]
    start, end = table.clock.show([table.times.min(), table.times.max()])
    return Protocol(
        horizon=task.horizon,
        context=max((c for c in contexts if c is not None), default=config.context),
        origins=len(table.series),
        origins_per_series=int(np.bincount(table.series).max()),
        stride=config.stride or task.horizon,
        test_size=blocks.test_size,
        val_size=blocks.validation,
        metric=metric,
        season=task.season,
        refit=config.refit,
        seeds=config.seeds,
        reference=reference_of(task),
        quantiles=task.quantiles,
        start=start,
        end=end,
    )

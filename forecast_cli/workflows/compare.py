"""``forecast compare-baselines``: one question, one set of origins, every model, one verdict.

The order of things is the protocol of docs/protocol.md: read, split, choose origins, fit
before the test block, forecast, tabulate, score from the table, say what it means. Without
data the latest run is compared: its model with its settings, fitted anew on what lies
before the test block, since the run itself has seen all of its data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from forecast_cli.config import CompareConfig, DataOptions, Settings, TaskOptions, settings_of
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.split import Split, rolling_origins, split
from forecast_cli.errors import DataError, UsageError
from forecast_cli.evaluation import direction
from forecast_cli.evaluation.backtest import Outcome, backtest, folds, tabulate, with_past
from forecast_cli.evaluation.metrics import LABELS, Scales
from forecast_cli.evaluation.scores import fold_scales, score
from forecast_cli.evaluation.verdict import FEWEST_UNITS, independent_units, verdict
from forecast_cli.forecasters import registry
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import (
    CompareResult,
    ForecastTable,
    Inferred,
    Protocol,
)
from forecast_cli.runs import store
from forecast_cli.task import Task
from forecast_cli.workflows.common import (
    configure,
    context_of,
    resolve_horizon,
    resolve_task,
    sources_of,
    with_inferred,
)

UNSCALED = {"mase": "mae", "rmsse": "rmse"}  # what ranks where no scale is defined


def compare_baselines(*data: str, monitor: Monitor = SILENT, **options: object) -> CompareResult:
    """Compare networks with baselines on the last part of the data.

    Parameters
    ----------
    *data : str
        CSV files or globs; none: the latest run, on its own data and task.
    monitor : Monitor
    **options
        Fields of :class:`forecast_cli.config.CompareConfig`, such as ``horizon=24``.

    Returns
    -------
    CompareResult

    Raises
    ------
    UsageError, DataError, RunError
        A model that fails does not raise: it is listed with its reason.

    Examples
    --------
    >>> compare_baselines("load.csv", horizn=24)
    Traceback (most recent call last):
    ...
    forecast_cli.errors.UsageError: unknown option "horizn"
    """
    return compare(configure(CompareConfig, data, options), monitor)


def compare(config: CompareConfig, monitor: Monitor = SILENT) -> CompareResult:
    """As :func:`compare_baselines`, from a configuration."""
    run = None
    if not config.data:
        run = store.find(Path(config.runs), config.run, monitor)
        config = _as_run(config, run)
    elif config.run is not None:
        raise UsageError(
            f'both data and the run "{config.run}" are given',
            "leave out --run, or leave out the data to use those of the run",
        )
    for name in (*config.models, *config.baselines):
        registry.entry(name)  # a misspelt name is told before anything is read
    dataset = load(config, monitor)
    horizon, inferred = resolve_horizon(dataset, config.horizon)
    blocks = split(dataset.panel, horizon, config.test_size, config.val_size)
    task = resolve_task(dataset, config, blocks.validation)
    stride = config.stride or horizon
    asked = rolling_origins(dataset.panel, blocks, horizon, stride, config.origins)
    origins = with_past(dataset.panel, asked)
    if not len(origins):
        raise DataError(
            "no series has an observed value before its test block",
            "choose a smaller block with --test-size",
        )
    outcomes = backtest(
        lineup(config, task),
        dataset.panel,
        task,
        blocks,
        origins,
        settings=settings_of(config),
        refit=config.refit,
        seeds=config.seeds,
        monitor=monitor,
    )
    result = _conclude(config, dataset, inferred, task, blocks, origins, outcomes)
    notes = []
    if run is not None and run.manifest["data"]["sha256"] != dataset.summary.sha256:
        notes.append(f"the data changed since the training of {run.name}")
    if len(origins) < len(asked):
        lost = len(asked) - len(origins)
        notes.append(f"{lost} origins come before any observed value of their series: left out")
    return replace(result, notes=(*notes, *result.notes))


def reference_of(task: Task) -> str:
    """The baseline that skill is measured against."""
    return "naive" if task.season == 1 else "seasonal-naive"


def lineup(config: CompareConfig, task: Task) -> tuple[str, ...]:
    """The models to compare, each once: networks, baselines, and always the reference.

    Where no baselines are named, all that are registered, with one seasonal naive for each
    season; where there is no season it would be the naive again, and is left out.
    """
    chosen = list(config.baselines)
    if not chosen:
        for name in registry.names("baseline"):
            if name != "seasonal-naive":
                chosen.append(name)
            elif task.season > 1:
                chosen += [name, *(f"{name}-{m}" for m in task.seasons[1:])]
    return tuple(dict.fromkeys((*config.models, *chosen, reference_of(task))))


def _as_run(config: CompareConfig, run: store.Run) -> CompareConfig:
    """The configuration of a run, with what was given beside it on top."""
    shared = (*DataOptions.model_fields, *TaskOptions.model_fields, *Settings.model_fields)
    values = {name: getattr(run.config, name) for name in shared}
    values |= {
        "data": sources_of(run),
        "models": (run.config.model,),
        "horizon": run.task.horizon,
        "level": run.task.levels,
        "season": run.config.season or run.task.seasons,
    }
    given = {name: getattr(config, name) for name in config.model_fields_set - {"data"}}
    return CompareConfig(**{**values, **given})


def _conclude(
    config: CompareConfig,
    dataset: Dataset,
    inferred: tuple[Inferred, ...],
    task: Task,
    blocks: Split,
    origins: Origins,
    outcomes: Sequence[Outcome],
) -> CompareResult:
    """From what the models did to the result."""
    panel = dataset.panel
    table = tabulate(panel, origins, outcomes, task)
    if not np.isfinite(table.actual).any():
        raise DataError(
            f"none of the {table.actual.size} values to forecast in the test block was observed",
            "choose another block with --test-size",
        )
    plan = folds(panel, blocks, origins, config.refit)
    scales = fold_scales(panel, table, plan, task.season)
    scaled = bool(np.isfinite(scales.absolute).any())
    metric = config.metric if scaled else UNSCALED.get(config.metric, config.metric)
    protocol = _protocol(config, metric, task, blocks, table, outcomes)
    scores = score(table, outcomes, scales, metric=metric, reference=protocol.reference)
    event = direction.rises(table.actual, panel.target[origins.rows])
    answers = direction.ask(panel, task, plan, origins, outcomes, config.models)
    notes = [
        *_notes_on_cells(panel, table, scales, task, protocol),
        *_notes_on_direction(event),
        *_notes_on_choices(config, protocol),
    ]
    return CompareResult(
        data=with_inferred(dataset.summary, inferred),
        protocol=protocol,
        models=scores,
        direction=direction.score_direction(answers, event),
        verdict=verdict(scores, table, scales, protocol),
        table=table,
        notes=tuple(notes),
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


def _notes_on_cells(
    panel: Panel, table: ForecastTable, scales: Scales, task: Task, protocol: Protocol
) -> list[str]:
    """What could not be scored, counted."""
    notes = []
    scored = np.unique(table.series)
    idle = np.setdiff1d(np.arange(panel.n_series), scored)
    if len(idle):
        notes.append(
            f"{len(idle)} of {panel.n_series} series have no origin in the test block: learned "
            f"from, not scored ({_names(panel, idle)})"
        )
    unseen = int((~np.isfinite(table.actual)).sum())
    if unseen:
        notes.append(
            f"{unseen} of {table.actual.size} values to forecast were not observed and are "
            "not scored"
        )
    undefined = np.unique(table.series[~np.isfinite(scales.absolute)])
    if len(undefined):
        notes.append(
            f"MASE and RMSSE are undefined for {len(undefined)} of {len(scored)} series, whose "
            f"training data have no change over {task.season} steps ({_names(panel, undefined)})"
        )
    units = independent_units(table, protocol.stride)
    if units.count < FEWEST_UNITS:
        notes.append(
            f"{units.count} independent {units.kind} are too few for a firm verdict; a shorter "
            "--horizon or a larger --test-size gives more"
        )
    return notes


def _notes_on_direction(event: direction.Rises) -> list[str]:
    notes = []
    if event.ties:
        notes.append(
            f"direction: {event.ties} of {event.risen.size} values stood exactly where the "
            "origin did, and are left out"
        )
    if event.unobserved:
        notes.append(
            f"direction: {event.unobserved} of {event.risen.size} changes could not be observed"
        )
    return notes


def _notes_on_choices(config: CompareConfig, protocol: Protocol) -> list[str]:
    """What was done otherwise than asked, or needs to be known to read the numbers."""
    notes = []
    if protocol.metric != config.metric:
        notes.append(
            f"{LABELS[config.metric]} is undefined for every series; models are ranked by "
            f"{LABELS[protocol.metric]}"
        )
    if config.baselines and protocol.reference not in (*config.baselines, *config.models):
        notes.append(f"{protocol.reference} was added, since skill is measured against it")
    if protocol.stride < protocol.horizon:
        notes.append(
            f"forecasts overlap (stride {protocol.stride}, horizon {protocol.horizon}); the "
            "verdict's interval takes only origins a horizon apart"
        )
    return notes


def _names(panel: Panel, series: Ints, most: int = 5) -> str:
    listed = ", ".join(panel.ids[s] for s in series[:most])
    return listed + (", …" if len(series) > most else "")

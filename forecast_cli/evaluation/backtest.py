"""Rolling-origin back-test: every model answers the same question from the same origins.

A model is fitted once before the test block (or again every ``refit`` origins) and asked
from all origins at once; its intervals are calibrated on the validation block before each fit,
and follow the outcomes that are known at each origin. What a model does wrong is caught here and
listed: a failed model is an outcome, not a gap. This file computes no score.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.comparison import ForecastTable, Replaced
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import Split
from forecast_cli.errors import TrainingError
from forecast_cli.errors import one_line as one_line
from forecast_cli.evaluation.conformal import Calibration, calibrate
from forecast_cli.evaluation.targets import moments as moments
from forecast_cli.evaluation.targets import target_rows
from forecast_cli.evaluation.targets import targets as targets
from forecast_cli.evaluation.targets import with_past as with_past
from forecast_cli.evaluation.timeout import TimedMonitor, TimedOut
from forecast_cli.evaluation.tracking import track
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task


@dataclass(frozen=True, eq=False)
class Fold:
    """Origins that are asked of one fit."""

    until: Ints  # [S] absolute end rows (exclusive) of what the fit may see
    chosen: Ints  # positions among the O origins


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one model did in a back-test."""

    name: str
    kind: str
    forecast: Forecast | None  # with calibrated intervals; None where the model failed
    reason: str  # why it failed; empty otherwise
    fit_seconds: float  # over all folds and seeds
    forecast_seconds: float
    n_parameters: int  # over all seeds
    fitted: Forecaster | None = None  # the last fit, for reuse
    members: tuple[Forecast, ...] = ()  # of each seed, where several were averaged; uncalibrated
    timed_out: bool = False  # failed since its time was over
    seeds: tuple[int, ...] = ()  # of the members
    uncalibrated: Floats | None = None  # [O, H, Q] with the model's own intervals
    calibrations: tuple[Calibration, ...] = ()  # of each fit; empty where nobody asked for them
    calibration_seconds: float = 0.0  # over all folds


def folds(panel: Panel, blocks: Split, origins: Origins, refit: int) -> tuple[Fold, ...]:
    """Which origins each fit answers, and what that fit may see.

    With ``refit`` = 0 there is one fit, on all that lies before the test block. With K the
    origins are grouped in time, K moments a group, and each group is answered by a fit on
    the rows of every series up to the group's first moment. A moment is a calendar time, or
    a distance from the end of each series where time is a plain step.
    """
    if refit == 0:
        return (Fold(blocks.fit_ends, np.arange(len(origins))),)
    moment = moments(panel)  # [rows]
    asked = moment[origins.rows]  # [O]
    found = []
    distinct = np.unique(asked)
    for first in range(0, len(distinct), refit):
        group = distinct[first : first + refit]
        past = np.concatenate([[0], np.cumsum(moment <= group[0])])  # [rows+1]
        until = panel.starts + past[panel.known_ends] - past[panel.starts]  # [S]
        chosen = np.flatnonzero(np.isin(asked, group))
        found.append(Fold(np.maximum(until, blocks.fit_ends), chosen))
    return tuple(found)


def backtest(
    names: Sequence[str],
    panel: Panel,
    task: Task,
    blocks: Split,
    origins: Origins,
    *,
    settings: Settings,
    refit: int = 0,
    seeds: int = 1,
    baseline_timeout: float | None = None,
    conformal: bool = False,
    monitor: Monitor = SILENT,
) -> tuple[Outcome, ...]:
    """Fit every model before the test block and forecast from every origin.

    Parameters
    ----------
    names : sequence of str
        Registered models.
    panel, task, blocks, origins
        The question; the H rows after every origin exist in the panel.
    settings : Settings
        Given to every model alike.
    refit : int
        Fit again every so many moments of origins; 0: fit once.
    seeds : int
        Networks are trained from so many seeds, ``settings.seed`` upwards, side by side, and
        their quantiles averaged.
    baseline_timeout : float or None
        Seconds that each baseline has for all its fits, forecasts and calibrations; None: no
        limit.
    conformal : bool
        Whether intervals are calibrated (conformal.py) and follow what was missed (tracking.py).
    monitor : Monitor

    Returns
    -------
    tuple of Outcome
        In the order of ``names``. A model that raises, or leaves a cell without a finite
        number, has failed: its ``forecast`` is None and its ``reason`` says why.
    """
    plan = folds(panel, blocks, origins, refit)
    wanted = {other for name in names for other in registry.entry(name).members}
    shelves: list[_Shelf] = [{} for _ in plan]
    question = _Question(panel, task, plan, origins, conformal, wanted, shelves)
    found = []
    for position, name in enumerate(names, start=1):
        talk = _Labelled(monitor, f"{name} ({position} of {len(names)})")
        watch: Monitor = talk
        if baseline_timeout is not None and registry.entry(name).kind == "baseline":
            watch = TimedMonitor(talk, baseline_timeout)
        several = seeds if registry.entry(name).kind == "network" else 1
        chosen = [settings.model_copy(update={"seed": settings.seed + k}) for k in range(several)]
        found.append(_answer(name, question, chosen, watch))
        talk.close()
    return tuple(found)


def tabulate(
    panel: Panel, origins: Origins, outcomes: Sequence[Outcome], task: Task
) -> ForecastTable:
    """The one table that all scores are computed from; failed models are absent."""
    rows = target_rows(origins, task.horizon)  # [O, H]
    return ForecastTable(
        ids=panel.ids,
        series=origins.series,
        origin_times=panel.times[origins.rows],
        times=panel.times[rows],
        actual=targets(panel, origins, task.horizon),
        quantiles=task.quantiles,
        forecasts={
            outcome.name: outcome.forecast.values
            for outcome in outcomes
            if outcome.forecast is not None
        },
        clock=panel.clock,
    )


_Shelf = dict[str, tuple[Forecaster, float]]  # models fitted in one fold, and their seconds


@dataclass(frozen=True, eq=False)
class _Question:
    """What every model of a back-test is asked."""

    panel: Panel
    task: Task
    plan: tuple[Fold, ...]
    origins: Origins
    conformal: bool
    wanted: set[str]  # models that a later one would fit again
    shelves: Sequence[_Shelf]  # of each fold: where these are kept for it


@dataclass
class _Spent:
    """Seconds, by what they were spent on."""

    fit: float = 0.0
    forecast: float = 0.0
    calibration: float = 0.0


def _answer(name: str, asked: _Question, settings: Sequence[Settings], monitor: Monitor) -> Outcome:
    """One model's outcome. Whatever goes wrong in it is its own failure, not the others'."""
    blank = Outcome(name, registry.entry(name).kind, None, "", 0.0, 0.0, 0)
    if monitor.stop_requested():
        return replace(blank, reason="not fitted: you asked to stop before its turn")
    spent = _Spent()
    try:
        models, members, calibrations = _ask(name, asked, settings, spent, monitor)
    except Exception as cause:
        return replace(
            blank,
            reason=one_line(cause),
            timed_out=isinstance(cause, TimedOut),
            fit_seconds=spent.fit,
            forecast_seconds=spent.forecast,
        )
    own = _average(members)
    several = len(members) > 1
    return replace(
        blank,
        forecast=replace(own, values=_calibrated(asked, own.values, calibrations)),
        fit_seconds=spent.fit,
        forecast_seconds=spent.forecast,
        n_parameters=sum(model.n_parameters for model in models),
        fitted=models[-1],
        members=members if several else (),
        seeds=tuple(each.seed for each in settings) if several else (),
        uncalibrated=own.values,
        calibrations=calibrations,
        calibration_seconds=spent.calibration,
    )


def _ask(
    name: str,
    asked: _Question,
    settings: Sequence[Settings],
    spent: _Spent,
    monitor: Monitor,
) -> tuple[Sequence[Forecaster], tuple[Forecast, ...], tuple[Calibration, ...]]:
    """The last fits, the forecasts of each seed, and the calibration of each fold."""
    panel, task, origins = asked.panel, asked.task, asked.origins
    shape = len(settings), len(origins), task.horizon, len(task.quantiles)
    values = np.full(shape, np.nan)  # [K, O, H, Q]
    said: list[dict[str, None]] = [{} for _ in settings]  # ordered, each once
    replaced: list[list[Replaced]] = [[] for _ in settings]
    calibrations = []
    models: list[Forecaster] = []
    for fold, shelf in zip(asked.plan, asked.shelves, strict=True):
        begun = time.perf_counter()
        models = [registry.create(name, each) for each in settings]
        taken = models[0].borrow({other: model for other, (model, _) in shelf.items()})
        type(models[0]).fit_together(models, panel, task, fold.until, monitor)
        fitted = time.perf_counter()
        # What was borrowed cost somebody its time: alone, this model would have spent it.
        seconds = fitted - begun + sum(shelf[other][1] for other in taken)
        spent.fit += seconds
        if name in asked.wanted:
            shelf[name] = models[0], seconds
        for k, model in enumerate(models):
            part = model.forecast(panel, origins[fold.chosen], monitor)
            values[k, fold.chosen] = part.values
            said[k].update(dict.fromkeys(part.fallbacks))
            replaced[k] += part.replaced
        forecast = time.perf_counter()
        spent.forecast += forecast - fitted
        if asked.conformal:
            some = origins[fold.chosen]
            calibrations.append(calibrate(models, panel, task, fold.until, some, monitor))
            spent.calibration += time.perf_counter() - forecast
    for each in values:
        _refuse_gaps(each, origins, panel)
    members = tuple(
        Forecast(origins, each, task.quantiles, tuple(lines), in_all(records))
        for each, lines, records in zip(values, said, replaced, strict=True)
    )
    return models, members, tuple(calibrations)


def _calibrated(asked: _Question, values: Floats, calibrations: Sequence[Calibration]) -> Floats:
    """[O, H, Q] each fold by its own calibration, then all followed in the order of time.

    A level follows only where every fold's could be calibrated.
    """
    if not calibrations:
        return values
    quantiles = asked.task.quantiles
    stretched = values.copy()
    for fold, calibration in zip(asked.plan, calibrations, strict=True):
        stretched[fold.chosen] = calibration.apply(values[fold.chosen], quantiles)
    follows = np.all([calibration.calibrated for calibration in calibrations], axis=0)
    if not follows.any():
        return stretched
    return track(asked.panel, asked.origins, stretched, quantiles, follows.tolist())


def _average(members: Sequence[Forecast]) -> Forecast:
    """Quantiles averaged over seeds (Vincent averaging keeps their order)."""
    if len(members) == 1:
        return members[0]
    mean = sum((member.values for member in members[1:]), start=members[0].values) / len(members)
    fallbacks = dict.fromkeys(line for member in members for line in member.fallbacks)
    replaced = in_all([record for member in members for record in member.replaced])
    return replace(members[0], values=mean, fallbacks=tuple(fallbacks), replaced=replaced)


def in_all(records: Sequence[Replaced]) -> tuple[Replaced, ...]:
    """One record for each model, stand-in and reason, over all fits."""
    found: dict[tuple[str, str, str], Replaced] = {}
    for record in records:
        key = record.model, record.by, record.why
        before = found.get(key)
        found[key] = record if before is None else _joined(before, record)
    return tuple(found.values())


def _joined(a: Replaced, b: Replaced) -> Replaced:
    series = tuple(dict.fromkeys((*a.series, *b.series)))
    return replace(a, origins=a.origins + b.origins, of=a.of + b.of, series=series)


def _refuse_gaps(values: Floats, origins: Origins, panel: Panel) -> None:
    """A forecast that is not a number is a failure: it is never dropped or filled in."""
    bad = ~np.isfinite(values).all(axis=2)  # [O, H]
    if bad.any():
        origin, step = np.argwhere(bad)[0]
        raise TrainingError(
            f"no finite forecast in {bad.sum()} of {bad.size} cells (first: series "
            f'"{panel.ids[origins.series[origin]]}", origin '
            f"{panel.clock.show(panel.times[origins.rows[[origin]]])[0]}, step {step + 1})"
        )


class _Labelled:
    """A monitor that says which model is at work, one piece of work at a time."""

    def __init__(self, inner: Monitor, label: str) -> None:
        self._inner = inner
        self._label = label
        inner.begin(label)

    def begin(self, task: str, total: float | None = None) -> None:
        self._inner.end()
        self._inner.begin(f"{self._label}: {task}", total)

    def update(self, done: float, note: str = "") -> None:
        self._inner.update(done, note)

    def end(self) -> None:
        self._inner.end()
        self._inner.begin(self._label)

    def say(self, message: str) -> None:
        self._inner.say(f"{self._label}: {message}")

    def stop_requested(self) -> bool:
        return self._inner.stop_requested()

    def close(self) -> None:
        """The model is done."""
        self._inner.end()

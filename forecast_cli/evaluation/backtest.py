"""Rolling-origin back-test: every model answers the same question from the same origins.

A model is fitted once before the test block (or again every ``refit`` origins) and asked
from all origins at once. What a model does wrong is caught here and listed: a failed model
is an outcome, not a gap. This file computes no score.
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
from forecast_cli.errors import ForecastError, TrainingError
from forecast_cli.evaluation.timeout import TimedMonitor, TimedOut
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
    forecast: Forecast | None  # None where the model failed
    reason: str  # why it failed; empty otherwise
    fit_seconds: float  # over all folds and seeds
    forecast_seconds: float
    n_parameters: int  # over all seeds
    fitted: Forecaster | None = None  # the last fit, for reuse
    members: tuple[Forecast, ...] = ()  # of each seed, where several were averaged
    timed_out: bool = False  # failed since its time was over


def targets(panel: Panel, origins: Origins, horizon: int) -> Floats:
    """[O, H] what was observed after each origin; NaN where nothing was."""
    rows = _target_rows(origins, horizon)  # [O, H]
    known = rows < panel.known_ends[origins.series][:, None]
    return np.where(known, panel.target[np.where(known, rows, 0)], np.nan)


def with_past(panel: Panel, origins: Origins) -> Origins:
    """The origins at or before which anything was observed; no model can answer the others."""
    seen = np.concatenate([[0], np.cumsum(panel.observed[:, 0])])  # [rows+1]
    return origins[seen[origins.rows + 1] > seen[panel.starts[origins.series]]]


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
        Networks are trained from so many seeds, ``settings.seed`` upwards, and their
        quantiles averaged.
    baseline_timeout : float or None
        Seconds that each baseline has for all its fits and forecasts; None: no limit.
    monitor : Monitor

    Returns
    -------
    tuple of Outcome
        In the order of ``names``. A model that raises, or leaves a cell without a finite
        number, has failed: its ``forecast`` is None and its ``reason`` says why.
    """
    plan = folds(panel, blocks, origins, refit)
    found = []
    for position, name in enumerate(names, start=1):
        talk = _Labelled(monitor, f"{name} ({position} of {len(names)})")
        watch: Monitor = talk
        if baseline_timeout is not None and registry.entry(name).kind == "baseline":
            watch = TimedMonitor(talk, baseline_timeout)
        found.append(_answer(name, panel, task, plan, origins, settings, seeds, watch))
        talk.close()
    return tuple(found)


def tabulate(
    panel: Panel, origins: Origins, outcomes: Sequence[Outcome], task: Task
) -> ForecastTable:
    """The one table that all scores are computed from; failed models are absent."""
    rows = _target_rows(origins, task.horizon)  # [O, H]
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


def one_line(cause: Exception) -> str:
    """Why something failed, in one line."""
    if isinstance(cause, ForecastError):
        return cause.message
    said = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {said[0]}" if said else type(cause).__name__


def _answer(
    name: str,
    panel: Panel,
    task: Task,
    plan: tuple[Fold, ...],
    origins: Origins,
    settings: Settings,
    seeds: int,
    monitor: Monitor,
) -> Outcome:
    """One model's outcome. Whatever goes wrong in it is its own failure, not the others'."""
    kind = registry.entry(name).kind
    blank = Outcome(name, kind, None, "", 0.0, 0.0, 0)
    if monitor.stop_requested():
        return replace(blank, reason="not fitted: you asked to stop before its turn")
    members = []
    fit_seconds = forecast_seconds = 0.0
    try:
        for seed in range(settings.seed, settings.seed + (seeds if kind == "network" else 1)):
            chosen = settings.model_copy(update={"seed": seed})
            values = np.full((len(origins), task.horizon, len(task.quantiles)), np.nan)
            fallbacks: dict[str, None] = {}  # ordered, each once
            replaced: list[Replaced] = []
            for fold in plan:
                begun = time.perf_counter()
                model = registry.create(name, chosen).fit(panel, task, fold.until, monitor)
                fitted = time.perf_counter()
                part = model.forecast(panel, origins[fold.chosen], monitor)
                values[fold.chosen] = part.values
                fallbacks.update(dict.fromkeys(part.fallbacks))
                replaced += part.replaced
                fit_seconds += fitted - begun
                forecast_seconds += time.perf_counter() - fitted
            _refuse_gaps(values, origins, panel)
            said = tuple(fallbacks), in_all(replaced)
            members.append(Forecast(origins, values, task.quantiles, *said))
    except Exception as cause:
        return replace(
            blank,
            reason=one_line(cause),
            timed_out=isinstance(cause, TimedOut),
            fit_seconds=fit_seconds,
            forecast_seconds=forecast_seconds,
        )
    return Outcome(
        name=name,
        kind=kind,
        forecast=_average(members),
        reason="",
        fit_seconds=fit_seconds,
        forecast_seconds=forecast_seconds,
        n_parameters=model.n_parameters * len(members),
        fitted=model,
        members=tuple(members) if len(members) > 1 else (),
    )


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


def moments(panel: Panel) -> Ints:
    """[rows] what two series have in common in time: the time, or the distance to the end."""
    if panel.clock.freq is not None:
        return panel.times
    return np.arange(panel.n_rows) - np.repeat(panel.known_ends, panel.lengths)


def _target_rows(origins: Origins, horizon: int) -> Ints:
    return origins.rows[:, None] + np.arange(1, horizon + 1)  # [O, H]


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

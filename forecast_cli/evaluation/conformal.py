"""Intervals that hold: how much wider or narrower than a model says, as its past errors show.

Normalised split conformal prediction. A model forecasts from origins of a block that it has not
learned from; the score of a value is its distance from the median in units of the model's own
half width on that side, and the factor of a level is that order statistic of the scores that
would hold the next value with the probability of the level. Half widths are multiplied by it,
so the median stays, and the shape of the interval over steps, seasons and series is the model's.

Notable: scores have no unit, so series of any size are one sample; and held-out origins are
chosen to be like those that are asked, as far behind the end of the fit and at the same place
of the season. What the block cannot know, that times change after it, is tracking.py.

Sources: Lei et al. 2018, JASA 113, 1094, section 5.2 (scores in units of the local spread);
Romano, Patterson & Candès 2019 (quantile models); Kivaranovic, Johnson & Leeb 2020 (ratios to
the half widths, the median kept).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import train_ends
from forecast_cli.errors import one_line
from forecast_cli.evaluation.metrics import levels_of
from forecast_cli.evaluation.targets import targets, with_past
from forecast_cli.evaluation.timeout import TimedOut
from forecast_cli.forecasters.base import Forecaster
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

MOST_ORIGINS = 500  # overlapping ones add little beyond it
ALIKE_ORIGINS = 200  # that are wanted before likeness is given up for number
ENOUGH_SCORES = 100  # at a step; where there are fewer, those of the steps around it too
SMALLEST, LARGEST = 0.1, 100.0  # factors: beyond, it is no matter of width


@dataclass(frozen=True)
class Calibration:
    """What the intervals of one fitted model are multiplied by.

    Parameters
    ----------
    levels : tuple of int
        In per cent, ascending.
    factors : tuple of (tuple of float, H), one a level
        Of both half widths; 1 where the level was not calibrated.
    scores : int
        Held-out values that the factors rest on.
    end : int
        Time of the last row that the model has learned from, as in ``Panel.times``.
    note : str
        Why intervals were not calibrated, or not all of them; empty where they were.
    """

    levels: tuple[int, ...]
    factors: tuple[tuple[float, ...], ...]
    scores: int
    end: int
    note: str = ""

    @property
    def calibrated(self) -> tuple[bool, ...]:
        """For each level whether it was."""
        return tuple(any(factor != 1 for factor in factors) for factors in self.factors)

    def apply(self, values: Floats, quantiles: tuple[float, ...]) -> Floats:
        """[O, H, Q] forecasts with calibrated intervals; the median stays as it is."""
        if not any(self.calibrated):
            return values
        return stretched(values, quantiles, np.array(self.factors)[:, None, :])

    def as_json(self) -> dict[str, Any]:
        """All of it in JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any], task: Task) -> Self:
        """What :meth:`as_json` gave.

        Raises
        ------
        ValueError, KeyError, TypeError
            Where it is none, or not one of this task.
        """
        factors = tuple(tuple(map(float, of_level)) for of_level in saved["factors"])
        shape = [len(of_level) for of_level in factors]
        if tuple(saved["levels"]) != task.levels or shape != [task.horizon] * len(task.levels):
            raise ValueError("the calibration is of another task")
        if not all(math.isfinite(f) and f > 0 for of_level in factors for f in of_level):
            raise ValueError("the factors of a calibration are positive numbers")
        note = str(saved["note"])
        return cls(task.levels, factors, int(saved["scores"]), int(saved["end"]), note)


def calibrate(
    models: Sequence[Forecaster],
    panel: Panel,
    task: Task,
    until: Ints,
    asked: Origins,
    monitor: Monitor = SILENT,
) -> Calibration:
    """Learn from held-out forecasts how wide the intervals of fitted models have to be.

    Parameters
    ----------
    models : sequence of Forecaster
        Fitted by the other arguments. The quantiles of several are averaged, as those of their
        forecasts are.
    panel, task, until
        As of :meth:`Forecaster.fit`.
    asked : Origins
        From which forecasts will be asked.
    monitor : Monitor

    Returns
    -------
    Calibration
        With factors of 1 and a note where it cannot be done: no room, too few values, or a
        held-out fit that fails, which is no failure of the model itself.
    """
    some = until > panel.starts
    end = int(panel.times[until[some] - 1].max()) if some.any() else 0
    origins = held_out_origins(panel, task, until, asked)
    if not len(origins):
        room = f"no series has room for {task.horizon} held-out steps"
        return _own_intervals(task, end, room)
    try:
        parts = [model.held_out(panel, task, until, origins, monitor).values for model in models]
    except TimedOut as cause:
        return _own_intervals(task, end, f"not calibrated: {cause.message}")
    except Exception as cause:
        return _own_intervals(task, end, f"the held-out fit failed ({one_line(cause)})")
    values = np.mean(parts, axis=0)  # [O, H, Q]
    actual = targets(panel, origins, task.horizon)  # [O, H]
    return learned(conformity(values, actual, task.quantiles), task, end)


def held_out_origins(panel: Panel, task: Task, until: Ints, asked: Origins) -> Origins:
    """Origins of the validation blocks, with all their H steps in them, like those asked.

    Errors grow with the distance from the end of the fit, and hang on the place in the season.
    So, as long as ``ALIKE_ORIGINS`` remain: where all origins asked stand at one place of the
    main season, those at that place; of them those no farther behind the end of their fit than
    the ones asked are behind ``until`` [S]. At most ``MOST_ORIGINS``, spread evenly.
    """
    ends = train_ends(panel, until, task.validation)
    count = np.maximum(until - ends - task.horizon + 1, 0)  # [S]
    series = np.repeat(np.arange(panel.n_series), count)
    behind = np.arange(len(series)) - np.repeat(np.cumsum(count) - count, count)
    every = with_past(panel, Origins(series, ends[series] - 1 + behind))
    places = np.unique((asked.rows + 1 - until[asked.series]) % task.season)
    if len(places) == 1:
        alike = (every.rows + 1 - until[every.series]) % task.season == places[0]
        if alike.sum() >= ALIKE_ORIGINS:
            every = every[alike]
    if not len(every):
        return every
    behind = every.rows + 1 - ends[every.series]
    reach = int((asked.rows + 1 - until[asked.series]).max(initial=0))
    nearest = np.sort(behind)[min(ALIKE_ORIGINS, len(every)) - 1]
    every = every[behind <= max(reach, nearest)]
    spread = np.linspace(0, len(every) - 1, min(len(every), MOST_ORIGINS))
    return every[spread.round().astype(np.int64)]


def conformity(values: Floats, actual: Floats, quantiles: tuple[float, ...]) -> Floats:
    """How far each value lies from the median, in half widths of each interval on its side.

    Parameters
    ----------
    values : [O, H, Q] float64
    actual : [O, H] float64
        NaN where nothing was observed.
    quantiles : tuple of float, Q

    Returns
    -------
    [L, O, H] float64
        For each level, ascending; at most 1 inside the interval. Infinite outside a half of no
        width. NaN, no score, where nothing was observed or forecast, and where the whole
        interval has no width: no factor changes that.

    Examples
    --------
    >>> values = np.array([[[2.0, 4.0, 5.0]]])
    >>> [conformity(values, np.array([[y]]), (0.1, 0.5, 0.9)).item() for y in (3.0, 7.0, 4.0)]
    [0.5, 3.0, 0.0]
    """
    error = actual - values[:, :, quantiles.index(0.5)]  # [O, H]
    scores = []
    for low, high in levels_of(quantiles).values():
        below, above = _half_widths(values, quantiles, low, high)
        half = np.where(error < 0, below, above)
        score = np.where(error == 0, 0.0, np.inf)
        np.divide(np.abs(error), half, out=score, where=(half > 0) & (error != 0))
        lost = np.isnan(error) | np.isnan(half) | (below + above <= 0)
        scores.append(np.where(lost, np.nan, score))
    return np.stack(scores) if scores else np.zeros((0, *error.shape))


def learned(scores: Floats, task: Task, end: int = 0) -> Calibration:
    """The calibration that conformity scores [L, O, H] of held-out forecasts give."""
    origins = int(np.isfinite(scores).any(axis=(0, 2)).sum())
    factors, missing = [], []
    for level, of_level in zip(task.levels, scores, strict=True):
        if _rank(origins, level) > origins:
            missing.append(f"{level} %")
            factors.append((1.0,) * task.horizon)
        else:
            factors.append(_factors(of_level, level))
    note = ""
    if missing:
        note = f"{origins} held-out origins are too few for {' and '.join(missing)}"
    used = int((~np.isnan(scores)).any(axis=0).sum()) if len(missing) < len(factors) else 0
    return Calibration(task.levels, tuple(factors), used, end, note)


def stretched(values: Floats, quantiles: tuple[float, ...], factors: Floats) -> Floats:
    """Both half widths of each interval times a factor; the median stays.

    Parameters
    ----------
    values : [O, H, Q] float64
    quantiles : tuple of float, Q
    factors : [L, O, H] float64, or what broadcasts to it
        Levels ascend. An interval is made as wide as the one inside it, at least.

    Examples
    --------
    >>> values = np.array([[[2.0, 4.0, 5.0]]])
    >>> stretched(values, (0.1, 0.5, 0.9), np.array([[[3.0]]])).tolist()
    [[[-2.0, 4.0, 7.0]]]
    """
    result = values.copy()
    median = values[:, :, quantiles.index(0.5)]  # [O, H]
    below = above = np.zeros_like(median)
    for factor, (low, high) in zip(factors, levels_of(quantiles).values(), strict=True):
        lower, upper = _half_widths(values, quantiles, low, high)
        below, above = np.maximum(factor * lower, below), np.maximum(factor * upper, above)
        result[:, :, low], result[:, :, high] = median - below, median + above
    return result


def _half_widths(
    values: Floats, quantiles: tuple[float, ...], low: int, high: int
) -> tuple[Floats, Floats]:
    """[O, H] each: from the median down to one quantile, and up to the other."""
    median = values[:, :, quantiles.index(0.5)]
    with np.errstate(invalid="ignore"):  # a forecast that is not finite has no width: NaN
        return median - values[:, :, low], values[:, :, high] - median


def _rank(n: int, level: int) -> int:
    """Which of n scores, counted from 1, holds the next value with this probability."""
    return math.ceil((n + 1) * level / 100 - 1e-9)


def _factors(scores: Floats, level: int) -> tuple[float, ...]:
    """The factor of each step, from scores [O, H] at it and, where these are few, around it."""
    horizon = scores.shape[1]
    found = []
    for step in range(horizon):
        near = _observed(scores[:, step])
        around = 0
        while len(near) < ENOUGH_SCORES and around < horizon:
            around += 1
            near = _observed(scores[:, max(0, step - around) : step + around + 1])
        ordered = np.sort(near)
        factor = ordered[min(_rank(len(near), level), len(near)) - 1]
        if not np.isfinite(factor):  # outside a half of no width: no factor reaches there
            finite = ordered[np.isfinite(ordered)]
            factor = finite[-1] if len(finite) else 1.0
        found.append(float(np.clip(factor, SMALLEST, LARGEST)))
    return tuple(found)


def _observed(scores: Floats) -> Floats:
    return scores[~np.isnan(scores)]


def _own_intervals(task: Task, end: int, note: str) -> Calibration:
    """The model's own intervals, and why they were left so."""
    ones = ((1.0,) * task.horizon,) * len(task.levels)
    return Calibration(task.levels, ones, 0, end, note)

"""Metrics: one small class each, from cells of error to a score with its break-downs.

A metric says what one cell (one origin, one step) loses and how much the cell weighs; how
cells become a number is written once, in :meth:`Metric.compute`. Cells whose actual value
is missing weigh nothing. A score that is undefined (a training series that never changes,
a target that is zero throughout) is NaN: never 0, never infinite.

Shapes: O origins, H horizon, Q quantiles, S series. Nothing here knows a model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Floats, Ints, Panel

ROUNDED = 1e-9  # of a spread: an error below is no error but the arithmetic
EXACT = 1e-13  # of the largest value: a few digits short of what a float holds


@dataclass(frozen=True, eq=False)
class Scales:
    """What errors are divided by, from the training data of each origin's fit.

    Parameters
    ----------
    absolute : [O] float64
        Mean of \\|y_t - y_{t-m}\\|; NaN where undefined (no such pair, or all zero).
    squared : [O] float64
        Mean of (y_t - y_{t-m})²; NaN where undefined.
    """

    absolute: Floats
    squared: Floats


@dataclass(frozen=True, eq=False)
class Cells:
    """What each cell loses, and its weight; a score is Σ loss / Σ weight."""

    loss: Floats  # [O, H], 0 where weight is 0
    weight: Floats  # [O, H]


@dataclass(frozen=True, eq=False)
class Scores:
    """A metric's value over all cells, at each step and for each series; NaN if undefined."""

    overall: float
    by_step: Floats  # [H]
    by_series: Floats  # [S]


def seasonal_scales(panel: Panel, until: Ints, season: int) -> Scales:
    """[S] scales from the rows of each series before ``until`` (Hyndman & Koehler 2006).

    Parameters
    ----------
    panel : Panel
    until : [S] int64
        Absolute end row (exclusive) of each series' training data.
    season : int
        m, in steps. Pairs with a missing end are left out of the mean. A series that repeats
        itself to the last digits changes by rounding alone, which is no scale.
    """
    absolute = np.full(panel.n_series, np.nan)
    squared = np.full(panel.n_series, np.nan)
    for s, (start, end) in enumerate(zip(panel.starts, until, strict=True)):
        seen = panel.target[start:end]
        change = seen[season:] - seen[:-season]  # [T - m]
        change = change[np.isfinite(change)]
        if np.any(np.abs(change) > rounding(seen)):
            absolute[s] = np.mean(np.abs(change))
            squared[s] = np.mean(change**2)
    return Scales(absolute, squared)


def rounding(values: Floats) -> float:
    """What is no more than rounding, beside values [...] of one series; NaN are left out."""
    seen = values[np.isfinite(values)]
    largest = float(np.abs(seen).max(initial=0))
    if largest == 0:
        return 0.0
    return largest * max(ROUNDED * float((seen / largest).std()), EXACT)  # no square overflows


class Metric(ABC):
    """A score, lower is better unless it describes intervals.

    ``root`` scores are the square root of a mean; ``by_series_first`` scores are computed
    for each series and then averaged with equal weight, so that a series with more origins,
    or fewer gaps, counts no more than another.
    """

    name: str
    root: ClassVar[bool] = False
    by_series_first: ClassVar[bool] = False

    @abstractmethod
    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        """Loss and weight of every cell.

        Parameters
        ----------
        actual : [O, H] float64
            NaN where nothing was observed.
        forecast : [O, H, Q] float64
        quantiles : tuple of float, Q
            Ascending; 0.5, the point forecast, is among them.
        scales : Scales
            [O] each.
        """

    def compute(
        self,
        *,
        actual: Floats,
        forecast: Floats,
        quantiles: tuple[float, ...],
        scales: Scales,
        series: Ints,
        n_series: int,
    ) -> Scores:
        """The score over all cells, by step and by series.

        Parameters
        ----------
        actual, forecast, quantiles, scales
            As in :meth:`cells`.
        series : [O] int64
            Which series each origin belongs to.
        n_series : int
            S. Series without an origin score NaN and enter no mean.
        """
        cells = self.cells(actual=actual, forecast=forecast, quantiles=quantiles, scales=scales)
        loss = _sum_by(series, n_series, cells.loss)  # [S, H]
        weight = _sum_by(series, n_series, cells.weight)  # [S, H]
        by_series = self.finish(loss.sum(axis=1), weight.sum(axis=1))  # [S]
        if self.by_series_first:
            by_step = _mean_of_defined(self.finish(loss, weight))  # [H]
            overall = float(_mean_of_defined(by_series))
        else:
            by_step = self.finish(loss.sum(axis=0), weight.sum(axis=0))  # [H]
            overall = float(self.finish(loss.sum(), weight.sum()))
        return Scores(overall, by_step, by_series)

    def finish(self, loss: npt.ArrayLike, weight: npt.ArrayLike) -> Floats:
        """From sums of loss and weight to the score; NaN where nothing weighs."""
        top, bottom = np.asarray(loss, dtype=float), np.asarray(weight, dtype=float)
        mean = np.full_like(top, np.nan)
        np.divide(top, bottom, out=mean, where=bottom > 0)
        return np.sqrt(mean) if self.root else mean


class MAE(Metric):
    """Mean \\|y - f\\| over all cells, in the target's units; f is the median."""

    name = "mae"

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        return _equal_weights(np.abs(actual - _point(forecast, quantiles)))


class RMSE(Metric):
    """Root of the mean (y - f)² over all cells, in the target's units."""

    name = "rmse"
    root = True

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        return _equal_weights((actual - _point(forecast, quantiles)) ** 2)


class MASE(Metric):
    """Mean \\|y - f\\| / scale for each series, then the mean over series.

    The scale is the mean \\|y_t - y_{t-m}\\| of the training data (Hyndman & Koehler 2006).
    Series whose scale is undefined score NaN and are left out of the mean.
    """

    name = "mase"
    by_series_first = True

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        error = np.abs(actual - _point(forecast, quantiles))
        return _equal_weights(error / scales.absolute[:, None])


class RMSSE(Metric):
    """Root of the mean (y - f)² / scale for each series, then the mean over series.

    The scale is the mean (y_t - y_{t-m})² of the training data, with the season m of MASE
    (the M5 competition, whose name it is, used m = 1).
    """

    name = "rmsse"
    root = True
    by_series_first = True

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        error = (actual - _point(forecast, quantiles)) ** 2
        return _equal_weights(error / scales.squared[:, None])


class SMAPE(Metric):
    """Mean 200 \\|y - f\\| / (\\|y\\| + \\|f\\|) over all cells, in per cent (M4 competition).

    A cell whose actual and forecast are both zero is forecast exactly, and loses 0.
    """

    name = "smape"

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        point = _point(forecast, quantiles)
        size = np.abs(actual) + np.abs(point)
        size[size == 0] = 1
        return _equal_weights(200 * np.abs(actual - point) / size)


class WQL(Metric):
    """Weighted quantile loss: 2 Σ pinball / Σ \\|y\\| over all cells, averaged over Q.

    The pinball loss at level q is q (y - f) above the forecast and (1 - q) (f - y) below.
    With the median alone it is Σ \\|y - f\\| / Σ \\|y\\|.
    """

    name = "wql"

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        loss = np.zeros_like(actual)
        for k, q in enumerate(quantiles):  # one level at a time: [O, H, Q] once is enough
            error = actual - forecast[:, :, k]
            loss += np.maximum(q * error, (q - 1) * error)
        seen = np.isfinite(loss)
        return Cells(
            np.where(seen, 2 * loss / len(quantiles), 0), np.where(seen, np.abs(actual), 0)
        )


class Coverage(Metric):
    """Share of cells inside the interval of a level, its ends included."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.name = f"coverage_{level}"

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        lower, upper = _interval(forecast, quantiles, self.level)
        inside = (lower <= actual) & (actual <= upper)
        return _equal_weights(np.where(np.isfinite(actual), inside, np.nan))


class Width(Metric):
    """Mean width of the interval of a level over the scored cells, in the target's units."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.name = f"width_{level}"

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        lower, upper = _interval(forecast, quantiles, self.level)
        return _equal_weights(np.where(np.isfinite(actual), upper - lower, np.nan))


class MSIS(Metric):
    """Mean interval score of a level / scale for each series, then the mean over series.

    The interval score is the width, and 2 / a times how far a value lies outside, with a the
    share that may (Gneiting & Raftery 2007); the scale is that of MASE (M4 competition).
    """

    by_series_first = True

    def __init__(self, level: int) -> None:
        self.level = level
        self.name = f"msis_{level}"

    def cells(
        self, *, actual: Floats, forecast: Floats, quantiles: tuple[float, ...], scales: Scales
    ) -> Cells:
        lower, upper = _interval(forecast, quantiles, self.level)
        outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
        score = upper - lower + 2 / (1 - self.level / 100) * outside
        return _equal_weights(score / scales.absolute[:, None])


RANKING: Mapping[str, Metric] = {
    metric.name: metric for metric in (MASE(), RMSSE(), MAE(), RMSE(), SMAPE(), WQL())
}
"""The metrics that can rank models: lower is better."""

LABELS = {
    "mase": "MASE",
    "rmsse": "RMSSE",
    "mae": "MAE",
    "rmse": "RMSE",
    "smape": "sMAPE",
    "wql": "WQL",
}
"""How a person writes them."""


def levels_of(quantiles: tuple[float, ...]) -> dict[int, tuple[int, int]]:
    """The central intervals that a quantile grid holds: level to its two positions in Q.

    Examples
    --------
    >>> levels_of((0.025, 0.1, 0.5, 0.9, 0.975))
    {80: (1, 3), 95: (0, 4)}
    """
    middle = quantiles.index(0.5)
    return {
        round(100 * (quantiles[-1 - k] - quantiles[k])): (k, len(quantiles) - 1 - k)
        for k in reversed(range(middle))
    }


def metrics_for(quantiles: tuple[float, ...]) -> dict[str, Metric]:
    """Every metric that forecasts on this quantile grid can be given, by name."""
    levels = levels_of(quantiles)
    described: list[Metric] = [Coverage(level) for level in levels]
    described += [Width(level) for level in levels]
    described += [MSIS(level) for level in levels]
    return {**RANKING, **{metric.name: metric for metric in described}}


def _point(forecast: Floats, quantiles: tuple[float, ...]) -> Floats:
    return forecast[:, :, quantiles.index(0.5)]  # [O, H]


def _interval(forecast: Floats, quantiles: tuple[float, ...], level: int) -> tuple[Floats, Floats]:
    low, high = levels_of(quantiles)[level]
    return forecast[:, :, low], forecast[:, :, high]


def _equal_weights(loss: Floats) -> Cells:
    """One a cell; none where the loss is NaN: nothing observed, or no scale."""
    seen = np.isfinite(loss)
    return Cells(np.where(seen, loss, 0), seen.astype(float))


def _sum_by(group: Ints, n_groups: int, cells: Floats) -> Floats:
    """[n_groups, H] sums of the rows of each group."""
    horizon = cells.shape[1]
    slot = group[:, None] * horizon + np.arange(horizon)  # [O, H]
    total: Floats = np.bincount(
        slot.ravel(), weights=cells.ravel(), minlength=n_groups * horizon
    ).astype(float)  # [n_groups * H]
    return total.reshape(n_groups, horizon)


def _mean_of_defined(values: Floats) -> Floats:
    """Mean over axis 0 of what is not NaN; NaN where nothing is left."""
    seen = np.isfinite(values)
    count = seen.sum(axis=0)
    total = np.where(seen, values, 0).sum(axis=0)
    mean = np.full(count.shape, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean

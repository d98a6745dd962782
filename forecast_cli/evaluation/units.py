"""What counts as one independent comparison, and what each model loses in it.

Forecasts that overlap in time, or that were made at the same moment, err together: a thousand
of them may hold the evidence of ten. A *unit* is what can be taken as one piece of evidence: a
moment (origins at least a horizon apart), or a series. Notable: the mean of a model's unit
losses *is* its score over these cells, for every metric, so that a test of the mean is a test
of the figure that the report prints; and no unit stands out for what it weighs alone, as where
some series end before others. No test is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecast_cli.comparison import ForecastTable
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.evaluation.metrics import RANKING, Metric, Scales

FEWEST_UNITS = 20  # below it no test that is known holds its level on forecasts of one series

Kind = Literal["series", "origins"]


@dataclass(frozen=True, eq=False)
class Units:
    """One way of dividing the origins into pieces of evidence."""

    kind: Kind
    of_origin: Ints  # [O] the unit of each origin, -1 where it is in none; moments ascend in time
    count: int


@dataclass(frozen=True, eq=False)
class UnitLosses:
    """What every model lost in each unit, for each way of dividing.

    Parameters
    ----------
    kinds : tuple of str, K
    of_model : mapping of model name to K arrays [U]
        NaN where nothing could be scored. The mean of the rest is the model's score.
    """

    kinds: tuple[Kind, ...]
    of_model: Mapping[str, tuple[Floats, ...]]

    @property
    def scarcest(self) -> tuple[int, Kind]:
        """The fewest units that any way of dividing leaves, and their kind."""
        for losses in self.of_model.values():
            counts = (int(np.isfinite(loss).sum()) for loss in losses)
            return min(zip(counts, self.kinds, strict=True))
        return 0, "origins"


def independent_units(table: ForecastTable, stride: int) -> tuple[Units, ...]:
    """The ways of dividing that evidence has to survive; one or two.

    Fewer than twenty series: moments. Twenty and more: series; and moments too where time is a
    calendar, since what happens at a moment happens to all series (a holiday, a crisis): two
    hundred series forecast from one moment are no more than one piece of evidence about the
    next. Where time is a plain step nothing says that two series share a moment.
    """
    series, position = np.unique(table.series, return_inverse=True)
    if len(series) < FEWEST_UNITS:
        return (_moments(table, stride, position),)
    each = Units("series", position.astype(np.int64), len(series))
    if table.clock.freq is None:
        return (each,)
    return _moments(table, stride, position), each


def unit_losses(
    table: ForecastTable, units: Sequence[Units], scales: Scales, metric: str
) -> UnitLosses:
    """What every model of the table lost in each unit.

    Parameters
    ----------
    table : ForecastTable
    units : sequence of Units, K
    scales : Scales
        [O] each.
    metric : str
        A name of ``RANKING``.
    """
    found = {
        name: _losses(RANKING[metric], table, forecast, units, scales)
        for name, forecast in table.forecasts.items()
    }
    return UnitLosses(tuple(each.kind for each in units), found)


def _moments(table: ForecastTable, stride: int, position: Ints) -> Units:
    """Origin times at least a horizon apart.

    Without a calendar, the k-th origins from the end of each series make a moment. Where origins
    overlap (stride < H), every ⌈H / stride⌉-th moment is kept, counted back from the last.
    """
    moments = table.origin_times  # [O]
    if table.clock.freq is None:
        latest_first = np.lexsort((-table.origin_times, position))
        firsts = np.cumsum(np.bincount(position)) - np.bincount(position)  # [S]
        moments = np.empty(len(position), dtype=np.int64)
        moments[latest_first] = firsts[position[latest_first]] - np.arange(len(position))
    distinct, order = np.unique(moments, return_inverse=True)
    back = len(distinct) - 1 - order  # [O] 0 at the last moment
    apart = -(-table.actual.shape[1] // stride)
    count = -(-len(distinct) // apart)
    return Units("origins", np.where(back % apart == 0, count - 1 - back // apart, -1), count)


def _losses(
    metric: Metric,
    table: ForecastTable,
    forecast: Floats,
    units: Sequence[Units],
    scales: Scales,
) -> tuple[Floats, ...]:
    """[U] for each way of dividing; the cells are looked at once."""
    cells = metric.cells(
        actual=table.actual, forecast=forecast, quantiles=table.quantiles, scales=scales
    )
    observed = np.isfinite(table.actual).any(axis=1)  # [O]
    group = table.series if metric.by_series_first else np.zeros_like(table.series)  # [O]
    loss, weight = cells.loss.sum(axis=1), cells.weight.sum(axis=1)  # [O]
    return tuple(
        _by_unit(metric, each, group, np.where(observed, loss, np.nan), weight) for each in units
    )


def _by_unit(metric: Metric, units: Units, group: Ints, loss: Floats, weight: Floats) -> Floats:
    """[U] the score, and on top of it what each unit adds to it, times the number of units.

    A score is a mean over groups (series, or all as one) of ratios R = Σ loss / Σ weight, or of
    their roots. An origin moves its group's ratio by (loss - R weight) / Σ weight (the influence
    function of a ratio, Hampel 1974): zero on average whatever it weighs, so that moments at
    which few series stand are not told apart from those at which many do. The root is taken
    along its tangent. Where units are series, a group is a unit, and adds its own score.

    Parameters
    ----------
    group : [O] int64
    loss, weight : [O] float64
        Sums over the horizon; the loss is NaN where nothing was observed.
    """
    inside = np.flatnonzero((units.of_origin >= 0) & np.isfinite(loss))
    whole = np.bincount(group[inside], weight[inside]).astype(float)  # [G]
    score = metric.finish(np.bincount(group[inside], loss[inside]), whole)  # [G]
    scored = inside[whole[group[inside]] > 0]
    unit, own = units.of_origin[scored], group[scored]
    present = np.bincount(unit, minlength=units.count) > 0
    if units.kind == "series" and metric.by_series_first:
        of_unit = np.full(units.count, np.nan)
        of_unit[unit] = score[own]
        return of_unit
    ratio = score[own] ** 2 if metric.root else score[own]
    added = (loss[scored] - ratio * weight[scored]) / whole[own]
    if metric.root:
        added /= 2 * np.where(score > 0, score, 1)[own]
    groups = whole > 0
    share = present.sum() / max(groups.sum(), 1)
    moved = np.bincount(unit, added, units.count) * share  # [U]
    return np.where(present, score[groups].sum() / max(groups.sum(), 1) + moved, np.nan)

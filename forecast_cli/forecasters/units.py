"""The unit that a model of many series sees each in: how much it usually moves.

Up to every row, so that a series that was never met has a unit too, from its past alone; and
of a whole history, for those that were. Knows no model.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.history import running_sum, seen
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel


def running_scale(panel: Panel, season: int, still: float = 1.0) -> Floats:
    """[rows] the unit of each series, from its target up to each row.

    The mean absolute change over a season, which is what forecasts are judged in (the
    scale of MASE), but at least a hundredth of the standard deviation, for a series that
    repeats itself, and the whole of it until a first season is over; ``still`` where both are
    0 or unknown: 1 to divide by, 0 for how far a series may be expected to move that never
    did, in whatever unit.
    """
    known = seen(panel)
    place = np.arange(panel.n_rows) - np.repeat(panel.starts, panel.lengths)
    earlier = np.maximum(np.arange(panel.n_rows) - season, 0)
    paired = known & known[earlier] & (place >= season)
    change = np.where(paired, np.abs(panel.target - panel.target[earlier]), 0.0)
    typical = _running_mean(panel, change, paired)
    first = np.minimum.reduceat(
        np.append(np.where(known, np.arange(panel.n_rows), panel.n_rows), panel.n_rows),
        panel.starts,
    )
    anchor = np.append(panel.target, np.nan)[np.repeat(first, panel.lengths)]
    moved = np.where(known, panel.target - anchor, 0.0)  # from the first value, to keep digits
    power = _running_mean(panel, moved**2, known)
    variance = power - _running_mean(panel, moved, known) ** 2
    deviation = np.sqrt(np.where(variance > 1e-12 * power, variance, 0.0))
    seasons = running_sum(panel, paired.astype(np.float64)) > 0
    scale = np.maximum(typical, np.where(seasons, 0.01, 1.0) * deviation)
    return np.where(scale > 0, scale, still)


def only_one(panel: Panel, origins: Origins) -> Bools:
    """[O] where a single value was observed up to the origin: nothing is known of its moves."""
    count = running_sum(panel, seen(panel).astype(np.float64))[origins.rows]  # [O]
    return np.asarray(count == 1, dtype=np.bool_)


def series_units(past: Panel, season: int) -> tuple[Floats, Ints]:
    """The unit of each series from all of its history, 1 where there is none.

    Returns
    -------
    scale : [S] float64
    met : [n] int64
        The series whose unit is known: one of which less than a season was seen is as good
        as new.
    """
    scale = np.ones(past.n_series)
    usable = past.lengths > 0
    scale[usable] = running_scale(past, season)[past.ends[usable] - 1]
    count = np.bincount(past.series_of_row, weights=seen(past), minlength=past.n_series)
    return scale, np.flatnonzero(count > season)


def _running_mean(panel: Panel, values: Floats, counted: Bools) -> Floats:
    """[rows] the mean up to each row of the values that count (the others are 0)."""
    count = running_sum(panel, counted.astype(np.float64))
    mean: Floats = running_sum(panel, values) / np.maximum(count, 1.0)
    return mean

"""Causal scaling: every series on its own centre and spread, measured before a cutoff.

A series that was fitted keeps the numbers of its training rows. One that was never seen is
measured on its own history up to each origin, so that even there nothing of the future
enters. Scaled values of fitted series are kept on a grid of 2⁻²⁰ spreads: a·y + b is another
rounding of the same numbers, and must not lead the training another way. Which series enter as
logarithms is decided elsewhere (networks/logs.py) and is a given here: their floors.

All in float64 on the host; the network never meets a value in its own units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.data.history import running_sum
from forecast_cli.data.panel import Floats, Ints, Origins, Panel

GRID = 2.0**-20
GOLDEN = 0.5 * (5**0.5 - 1)


@dataclass(frozen=True, eq=False)
class Scaling:
    """Centres and spreads, all float64.

    Parameters
    ----------
    centre, spread : [S]
        Mean and standard deviation of each series' target, or of its logarithm. A series that
        never moved takes the median spread of the others, and 1 where none moved. The centre
        is NaN where nothing was observed.
    floor : [S]
        A series enters as log(max(y, floor)), and its forecasts leave through exp; as it is
        where the floor is NaN.
    covariate_centre, covariate_spread : [C]
        Of each channel over all series (entry 0, the target, is unused): a covariate means
        the same in every series.
    static_centre, static_spread : [F]
    """

    centre: Floats
    spread: Floats
    floor: Floats
    covariate_centre: Floats
    covariate_spread: Floats
    static_centre: Floats
    static_spread: Floats

    @property
    def own_spread(self) -> Floats:
        """[S] the spreads in the unit of each series, to first order where it is a logarithm."""
        return _own_spread(self.centre, self.spread, self.floor)

    def arrays(self) -> dict[str, Floats]:
        """By name, for the disk."""
        return {f"scaling.{f.name}": getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Scaling:
        return cls(**{f.name: arrays[f"scaling.{f.name}"] for f in fields(cls)})


def fit_scaling(panel: Panel, ends: Ints, floor: Floats | None = None) -> Scaling:
    """Measure the observed rows of each series before the absolute rows ``ends`` [S].

    ``floor`` [S] is that of :class:`Scaling`; without it every series enters as it is.
    """
    floor = np.full(panel.n_series, np.nan) if floor is None else floor
    centre, spread = _target_moments(panel, ends, floor)
    before = np.arange(panel.n_rows) < ends[panel.series_of_row]
    covariate = np.zeros((2, len(panel.channels)))
    for channel in range(1, len(panel.channels)):  # one at a time: rows may be many
        values = panel.values[before & panel.observed[:, channel], channel]
        covariate[:, [channel]] = moments(values, np.zeros(len(values), dtype=np.int64), 1)
    known = np.nonzero(np.isfinite(panel.static))
    static = moments(panel.static[known], known[1], len(panel.static_names))
    return Scaling(
        centre=centre,
        spread=spread,
        floor=floor,
        covariate_centre=covariate[0],
        covariate_spread=np.where(covariate[1] > 0, covariate[1], 1.0),
        static_centre=static[0],
        static_spread=np.where(static[1] > 0, static[1], 1.0),
    )


def canonical_order(panel: Panel, ends: Ints) -> Ints:
    """[S] the series in an order that their rows before ``ends`` [S] decide, and nothing else.

    Whatever is drawn or summed series by series comes out the same, however the series are
    named and in whatever order they were read. The order is that of sums of the scaled rows,
    each row with a weight of its own, and not of a digest: a digest of the same numbers in
    another unit is another digest. Series that agree in all of it are interchangeable.
    """
    owner = panel.series_of_row
    place = np.arange(panel.n_rows) - panel.starts[owner]
    before = place < (ends - panel.starts)[owner]
    weight = np.modf((place + 1) * GOLDEN)[0]  # [rows]
    centre, spread = _target_moments(panel, ends, np.full(panel.n_series, np.nan))
    keys: list[npt.NDArray[Any]] = [ends - panel.starts]
    for channel in range(len(panel.channels)):
        rows = np.flatnonzero(before & panel.observed[:, channel])
        series, values = owner[rows], panel.values[rows, channel]
        if channel == 0:
            values = to_grid((values - centre[series]) / spread[series]).astype(np.float64)
        keys.append(np.bincount(series, weight[rows] * values, minlength=panel.n_series))
        keys.append(np.bincount(series, weight[rows], minlength=panel.n_series))
    first = np.zeros(panel.n_series, dtype=np.int64)
    filled = panel.lengths > 0
    first[filled] = panel.times[panel.starts[filled]]
    keys += [*panel.static.T, first, centre]
    return np.lexsort(keys[::-1])


def to_grid(scaled: Floats) -> npt.NDArray[np.float32]:
    """float32 on the grid of 2⁻²⁰ (a no-op beyond 16 spreads, where float32 is coarser)."""
    ticks = scaled / GRID  # the one copy: rows may be many
    np.round(ticks, out=ticks)
    with np.errstate(over="ignore"):
        return np.multiply(ticks, GRID, out=ticks).astype(np.float32)


@dataclass(frozen=True, eq=False)
class OwnHistory:
    """Centre and spread of a series' past at each of O origins, all [O] float64.

    ``centre`` is NaN where nothing was observed up to the origin.
    """

    centre: Floats
    spread: Floats


def own_history(panel: Panel, origins: Origins, anchor: Floats, fallback: float) -> OwnHistory:
    """Measure each origin's own past, for series that were not fitted.

    Parameters
    ----------
    anchor : [S] float64
        A value near which each series lies; sums are taken about it, which keeps the tenths
        of a meter that stands at millions.
    fallback : float
        Spread of a past that never moved.
    """
    seen = panel.observed[:, 0]
    with np.errstate(over="ignore", invalid="ignore"):  # in rows that no origin looks back on
        about = np.where(seen, panel.target - anchor[panel.series_of_row], 0.0)  # [rows]
        count, total, squares = (
            running_sum(panel, terms)[origins.rows]
            for terms in (seen.astype(np.float64), about, about**2)
        )
    some = np.maximum(count, 1)
    mean, square = total / some, squares / some
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    moved = deviation > 1e-7 * np.sqrt(square)  # less is the rounding of a constant
    return OwnHistory(
        centre=np.where(count > 0, anchor[origins.series] + mean, np.nan),
        spread=np.where(moved, deviation, fallback),
    )


def first_observed(panel: Panel) -> Floats:
    """[S] the first observed target of each series; 0 where there is none."""
    rows = np.flatnonzero(panel.observed[:, 0])
    series = panel.series_of_row[rows]
    first = np.flatnonzero(np.diff(series, prepend=-1))  # in order, so that none need be sorted
    anchor = np.zeros(panel.n_series)
    anchor[series[first]] = panel.target[rows[first]]
    return anchor


def entering(values: Floats, series: Ints, floor: Floats) -> Floats:
    """[n] what is centred and scaled: a value, or its logarithm where its series has a floor.

    Parameters
    ----------
    values : [n] float64
        NaN stays NaN.
    series : [n] int64
        The series of each value, in the order of ``floor``.
    floor : [S] float64
        As in :class:`Scaling`.

    Examples
    --------
    >>> entering(np.array([0.0, 1.0]), np.array([0, 1]), np.array([1.0, np.nan])).tolist()
    [0.0, 1.0]
    """
    if np.isnan(floor).all():  # spares three copies of the rows
        return values
    least = floor[series]
    return np.log(np.maximum(values, least), out=values.copy(), where=~np.isnan(least))


def moments(values: Floats, group: Ints, groups: int) -> tuple[Floats, Floats]:
    """Mean and deviation of each group, in two passes; 0 where a group is empty."""
    count = np.maximum(np.bincount(group, minlength=groups), 1)
    mean = np.bincount(group, values, minlength=groups) / count
    rest = values - mean[group]
    spread = np.sqrt(np.bincount(group, rest**2, minlength=groups) / count)
    dust = spread <= 1e-12 * np.abs(mean)  # the rounding of a constant is not a spread
    return mean, np.where(dust, 0.0, spread)


def _target_moments(panel: Panel, ends: Ints, floor: Floats) -> tuple[Floats, Floats]:
    """Centre and spread of each series' target before ``ends``, as :class:`Scaling` has them."""
    owner = panel.series_of_row
    rows = np.flatnonzero(panel.observed[:, 0] & (np.arange(panel.n_rows) < ends[owner]))
    values = entering(panel.target[rows], owner[rows], floor)
    centre, spread = moments(values, owner[rows], panel.n_series)
    centre[np.bincount(owner[rows], minlength=panel.n_series) == 0] = np.nan
    moving, logs = spread > 0, ~np.isnan(floor)
    fallback = np.where(
        logs,
        _median(spread[moving & logs]),
        _median(_own_spread(centre, spread, floor)[moving]),
    )
    return centre, np.where(moving, spread, fallback)


def _own_spread(centre: Floats, spread: Floats, floor: Floats) -> Floats:
    """[S] as :attr:`Scaling.own_spread`."""
    return spread * np.exp(np.where(np.isnan(floor), 0.0, centre))


def _median(values: Floats) -> float:
    """1 where there are none."""
    return float(np.median(values)) if len(values) else 1.0

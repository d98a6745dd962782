"""Whether the series of a panel are read as logarithms: one vote of the panel, no validation.

Sales, demand or traffic of many sizes move by per cents: a large month swings more than a
small one, and an error counts by its share. In logarithms such series are alike, and one
network serves them all. The panel votes as a whole, since its series share that network:

- It has 20 series or more. A few series say little about each other, and in logarithms a
  forecast no longer follows a shift of the data.
- Its season has seven rows or more. What quarters or years differ by within a few rows is
  their trend: such panels would take the logarithm, and in it a trend runs away.
- 80 % of them are far from zero: every training value is positive, and half of them at least
  lie within 1000 times the smallest. The logarithm of a value near zero is far from everything.
- Of these, the ones three seasons long have a vote: for logarithms where, from season to
  season, the deviation is steadier as a share of the mean than by itself (Guerrero 1993:
  the coefficient of variation of the deviation over mean^(1 - λ), here for λ = 0 and
  λ = 1). Their median decides.

Where the vote is for logarithms, every series far from zero takes them, short ones too; the
others are read as they are. Array work throughout: no loop over series.

Source: V. M. Guerrero, "Time-series analysis supported by power transformations", Journal of
Forecasting 12 (1993).
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints, Panel
from forecast_cli.networks.scale import moments

FEWEST_SERIES = 20
SHORTEST_SEASON = 7
SHARE = 0.8
FAR = 1000.0  # times the smallest value, within which half of the values lie
SEASONS = 3
FLOOR = 0.5  # of the smallest training value: what lies below counts as that


def choose_floors(panel: Panel, ends: Ints, season: int) -> Floats:
    """The least value of each series that has a logarithm of its own.

    Parameters
    ----------
    panel : Panel
    ends : [S] int64
        Absolute rows; only the rows of each series before its own are looked at.
    season : int
        In rows; 1 where there is none.

    Returns
    -------
    [S] float64
        In the unit of the series; NaN for a series that is read as it is.
    """
    raw = np.full(panel.n_series, np.nan)
    if panel.n_series < FEWEST_SERIES or season < SHORTEST_SEASON:
        return raw
    owner = panel.series_of_row
    rows = np.flatnonzero(panel.observed[:, 0] & (np.arange(panel.n_rows) < ends[owner]))
    series, values = owner[rows], panel.target[rows]  # [n], in the order of the series
    count = np.bincount(series, minlength=panel.n_series)
    smallest = _smallest(series, values, count)
    far = _far_from_zero(series, values, count, smallest)
    voters = far & (count >= SEASONS * season)
    if far.sum() < SHARE * (count > 0).sum() or voters.sum() < FEWEST_SERIES:
        return raw
    before_end = ends[series] - 1 - rows  # [n] whole seasons are cut from the end
    steadier = _preference(series, before_end, values, season, panel.n_series)[voters]
    steadier = steadier[np.isfinite(steadier)]  # a series that never moves has no opinion
    if not (len(steadier) and np.median(steadier) < 0):
        return raw
    return np.where(far, FLOOR * smallest, np.nan)


def _smallest(series: Ints, values: Floats, count: Ints) -> Floats:
    """[S] the smallest value of each series; NaN where there is none."""
    smallest = np.full(len(count), np.nan)
    first = np.flatnonzero(np.diff(series, prepend=-1))
    if len(first):
        smallest[count > 0] = np.minimum.reduceat(values, first)
    return smallest


def _far_from_zero(series: Ints, values: Floats, count: Ints, smallest: Floats) -> Bools:
    """[S] positive, and half of the values within :data:`FAR` times the smallest."""
    near = np.bincount(series, values <= FAR * smallest[series], minlength=len(count))
    return (smallest > 0) & (2 * near >= count)


def _preference(
    series: Ints, before_end: Ints, values: Floats, season: int, n_series: int
) -> Floats:
    """[S] log of Guerrero's coefficient for logarithms over that for raw values.

    Seasons count where half of their rows were observed. NaN or infinite where either
    coefficient is 0 or undefined.
    """
    # Rows ascend, so that a season's stand together: a new one where series or season changes.
    back = before_end // season  # [n]
    blocks = series * (int(back.max()) + 1) - back
    block = np.cumsum(np.diff(blocks, prepend=blocks[0]) != 0)  # [n], from 0
    n_blocks = int(block[-1]) + 1
    seen = np.bincount(block, minlength=n_blocks)
    whose = series[np.flatnonzero(np.diff(block, prepend=-1))]  # [blocks]
    mean, deviation = moments(values, block, n_blocks)
    full = 2 * seen >= season

    def variation(ratio: Floats) -> Floats:
        """[S] deviation over mean, across the seasons of a series"""
        centre, spread = moments(ratio[full], whose[full], n_series)
        return spread / centre

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(variation(deviation / mean) / variation(deviation))

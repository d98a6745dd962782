"""How a season moved since its model was estimated, from each origin's own past.

A season that was estimated before a cutoff grows old: months later a day has another shape.
What is left of a series without its seasons then still repeats itself. Its deviations from
the mean of the last cycle are smoothed by phase, as exponential smoothing with a season does
(Winters 1960), from the cutoff on; at the cutoff itself nothing is added. One filter over the
cycles serves all origins.

Knows nothing of where the seasons came from.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats, Ints

WEIGHT = 1 / 6  # of the last cycle: the memory of the eleven cycles of an STL window


def follow_seasons(
    rest: Floats, cutoff: int, seasons: tuple[int, ...], at: Ints, horizon: int
) -> tuple[Floats, Floats]:
    """Take off what repeats itself since the cutoff, and carry it on.

    Parameters
    ----------
    rest : [T] float64
        A series without its seasons, gaps filled from the past.
    cutoff : int
        Rows before it teach nothing: the seasons know them. May lie outside of the rows.
    seasons : tuple of int
        Steps of each; one after the other is taken off.
    at : [O] int64
        Rows to forecast from.
    horizon : int

    Returns
    -------
    rest : [T] float64
        Each value without what was known of its phase one cycle before.
    ahead : [O, H] float64
        What is to be added to forecasts.
    """
    ahead = np.zeros((len(at), horizon))
    begin = max(cutoff, 0)
    if begin >= len(rest):
        return rest, ahead
    steps = np.arange(1, horizon + 1)
    for m in seasons:
        moved = by_phase(rest, begin, m)
        rest = rest - np.concatenate([np.zeros(m), moved[:-m]])[: len(rest)]
        last_cycle = at[:, None] + steps - m * -(-steps // m)  # [O, H], row of the same phase
        ahead += np.where(last_cycle >= 0, moved[np.maximum(last_cycle, 0)], 0.0)
    return rest, ahead


def by_phase(rest: Floats, begin: int, season: int) -> Floats:
    """[T] smoothed deviations of each row's phase, up to the row, from row ``begin`` on."""
    from scipy.signal import lfilter

    row = np.arange(len(rest))
    total = np.concatenate([[0.0], np.cumsum(rest)])
    mean = (total[row + 1] - total[np.maximum(row + 1 - season, 0)]) / season
    new = np.where(row >= max(begin, season - 1), rest - mean, 0.0)
    padded = np.concatenate([new, np.zeros(-len(rest) % season)])
    cycles = padded.reshape(-1, season)  # one phase a column
    smoothed = lfilter([WEIGHT], [1.0, WEIGHT - 1.0], cycles, axis=0)
    return np.asarray(smoothed).ravel()[: len(rest)]

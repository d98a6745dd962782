"""How wide to forecast: quantiles of a model's own errors, by series and step.

The errors are those of forecasts made from many origins before the cutoff. They know nothing
of why a model errs; a series with too few of them has no answer here (NaN), and its model
says what it does instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from forecast_cli.data.history import seen
from forecast_cli.data.panel import Floats, Ints, Origins, Panel

ORIGINS_PER_SERIES = 500  # overlapping errors add little beyond this
FEWEST_ERRORS = 40  # below this a 95 % interval would rest on one error on each side
BLOCK_CELLS = 4_000_000  # errors held at once, 32 MB


def spread_origins(past: Panel, horizon: int) -> Iterator[tuple[Ints, Panel, Origins]]:
    """Origins spread evenly over each series' history, a block of series at a time.

    A block is a panel of its own, so that work on it costs no more than it holds.

    Yields
    ------
    block : [B] int64
        Series whose forecasts are asked for together.
    part : Panel
        These series of ``past``.
    origins : Origins, B x n
        n of every series of ``part``, in order. A short series has some of them twice; those
        count once in :func:`error_quantiles`.
    """
    n = min(ORIGINS_PER_SERIES, int(past.lengths.max(initial=0)))
    if n == 0:
        return
    width = max(1, BLOCK_CELLS // (n * horizon))
    usable = np.flatnonzero(past.lengths > 0)
    share = (np.arange(n) + 0.5) / n  # [n]
    for begin in range(0, len(usable), width):
        block = usable[begin : begin + width]
        part = past.select(block)
        rows = part.starts[:, None] + np.floor(share * part.lengths[:, None])
        owner = np.repeat(np.arange(part.n_series), n)
        yield block, part, Origins(owner, rows.astype(np.int64).ravel())


def error_quantiles(
    part: Panel, origins: Origins, point: Floats, quantiles: Sequence[float]
) -> Floats:
    """Empirical quantiles of the errors of point forecasts.

    Parameters
    ----------
    part : Panel
    origins : Origins, B x n
        Both from :func:`spread_origins`.
    point : [B x n, H] float64
        NaN where the model did not answer.
    quantiles : sequence of float, Q

    Returns
    -------
    [B, H, Q] float64
        NaN where fewer than ``FEWEST_ERRORS`` errors, or fewer than two spans of h steps, are
        known. The lower quantiles are at most 0, the upper at least 0: an interval holds its
        own point forecast.
    """
    horizon = point.shape[1]
    n = len(origins) // len(np.unique(origins.series))
    wanted = origins.rows[:, None] + np.arange(1, horizon + 1)  # [B x n, H]
    inside = wanted < part.ends[origins.series][:, None]
    rows = np.where(inside, wanted, 0)
    actual = np.where(inside & seen(part)[rows], part.target[rows], np.nan)
    error = actual - point
    error[1:][np.diff(origins.rows) == 0] = np.nan  # asked twice, counted once
    ordered = np.sort(error.reshape(-1, n, horizon), axis=1)  # [B, n, H], NaN last
    count = np.isfinite(ordered).sum(axis=1)  # [B, H]
    steps = np.arange(1, horizon + 1)
    length = part.lengths[origins.series[::n]]  # [B]
    enough = (count >= FEWEST_ERRORS) & (length[:, None] >= 3 * steps)
    result = np.full((*count.shape, len(quantiles)), np.nan)
    for k, q in enumerate(quantiles):
        place = np.clip((count + 1) * q - 1, 0, np.maximum(count - 1, 0))  # [B, H]
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        below = np.take_along_axis(ordered, low[:, None], axis=1)[:, 0]
        above = np.take_along_axis(ordered, high[:, None], axis=1)[:, 0]
        value = below + (place - low) * (above - below)
        side = np.minimum if q < 0.5 else np.maximum
        result[:, :, k] = np.where(enough, side(value, 0.0), np.nan)
    return result


def normal_quantiles(quantiles: Sequence[float]) -> Floats:
    """[Q] quantiles of the standard normal distribution.

    Examples
    --------
    >>> normal_quantiles([0.025, 0.5]).round(2).tolist()
    [-1.96, 0.0]
    """
    from statistics import NormalDist

    normal = NormalDist()
    return np.array([normal.inv_cdf(q) for q in quantiles])

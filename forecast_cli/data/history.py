"""The past as a model sees it: which value was last known, at any row, at any phase.

Everything here looks backwards only, row by row and never across series, so that what comes
after an origin cannot reach what is said at it. All of it is array work: thousands of
origins cost no loop.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Bools, Floats, Ints, Panel


def seen(panel: Panel, channel: int = 0) -> Bools:
    """[rows] where a channel, the target by default, is a number that was observed."""
    return panel.observed[:, channel] & np.isfinite(panel.values[:, channel])


def last_seen(panel: Panel, season: int = 1, channel: int = 0) -> Ints:
    """[rows] the latest row, at or before each one and of its phase, that was observed.

    Parameters
    ----------
    panel : Panel
    season : int
        Rows a whole number of seasons apart share a phase; 1 puts all rows in one phase.
    channel : int
        The target by default.

    Returns
    -------
    [rows] int64
        Absolute rows; -1 where nothing was observed.
    """
    position = np.arange(panel.n_rows) - np.repeat(panel.starts, panel.lengths)  # [rows]
    strand = panel.series_of_row * season + position % season  # [rows] series and phase
    order = np.argsort(strand, kind="stable")  # keeps time within a strand
    marks = np.where(seen(panel, channel)[order], np.arange(panel.n_rows), -1)
    latest = np.maximum.accumulate(marks)
    new = np.diff(strand[order], prepend=-1) != 0
    first = np.maximum.accumulate(np.where(new, np.arange(panel.n_rows), 0))  # of each strand
    rows = np.full(panel.n_rows, -1, dtype=np.int64)
    rows[order] = np.where(latest >= first, order[latest], -1)
    return rows


def take(values: Floats, rows: Ints) -> Floats:
    """``values[rows]``, NaN where a row is -1."""
    if values.size == 0:
        return np.full(rows.shape, np.nan)
    return np.where(rows >= 0, values[np.maximum(rows, 0)], np.nan)


def running_sum(panel: Panel, values: Floats) -> Floats:
    """[rows] the sum of ``values`` from the start of each series to each row, inclusive.

    Each series is summed by itself: a difference of sums over the whole panel would lose the
    digits of one series to the size of another. Series of one length are summed at once.
    """
    total = np.empty(panel.n_rows)
    for length in np.unique(panel.lengths):
        starts = panel.starts[panel.lengths == length]  # [n]
        rows = starts[:, None] + np.arange(length)  # [n, length]
        total[rows] = np.cumsum(values[rows], axis=1)
    return total


def positions(known: tuple[str, ...], ids: tuple[str, ...]) -> Ints:
    """[S] where each id stands among the ``known`` ones; -1 for one that is not there."""
    place = {name: i for i, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in ids], dtype=np.int64)


def name_some(names: npt.ArrayLike, limit: int = 5) -> str:
    """A few names and how many more there are.

    Examples
    --------
    >>> name_some(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    listed = [str(name) for name in np.asarray(names).ravel()]
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more

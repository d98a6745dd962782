"""Which rows a network reads to answer at a moment, and which moments share a reading.

A history of ordinary length is read from its start. A long one is cut at fixed places, every
``carried`` rows; an answer's pass begins ``warm`` rows before the last such place at or before
its moment. So an answer depends on its moment and on what was before it, never on which others are
asked; and a year of hours is learned from in many sequences. On a regular series the places are
those of the clock, the same in a longer or shorter file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Ints, Origins, Panel

WHOLE = 1024  # rows of a history that is read from its start, however many are answered


@dataclass(frozen=True)
class Reach:
    """How far back is read.

    Parameters
    ----------
    warm : int
        Rows before the first answer of a pass, where the history has them.
    carried : int
        Rows between two fixed places.
    regular : bool
        Whether places are those of the clock, and not of the history's start.
    """

    warm: int = WHOLE // 2
    carried: int = WHOLE // 2
    regular: bool = False

    @classmethod
    def of(cls, seasons: tuple[int, ...], horizon: int) -> Reach:
        """For a regular series: its longest season or what is asked, within bounds.

        Examples
        --------
        >>> Reach.of((24, 168), 24)
        Reach(warm=168, carried=168, regular=True)
        """
        span = min(max(*seasons, horizon, 64), WHOLE // 2)
        return cls(span, span, regular=True)


@dataclass(frozen=True, eq=False)
class Passes:
    """R sequences, and where in them the M moments are answered.

    Parameters
    ----------
    series, first, lengths : [R] int64
        Each pass's entity, its first row and its rows.
    each, at : [M] int64
        The pass of each moment, and the step in it.
    """

    series: Ints
    first: Ints
    lengths: Ints
    each: Ints
    at: Ints


def passes_of(panel: Panel, moments: Origins, reach: Reach) -> Passes:
    """The passes that answer at these moments; each ends with the last of its own."""
    start = panel.starts[moments.series]  # [M]
    place = moments.rows - start
    shift = _shift(panel, reach)[moments.series]
    block = (place + shift) // reach.carried
    first = np.maximum(block * reach.carried - shift - reach.warm, 0)
    if not reach.regular:
        whole = place < WHOLE
        block, first = np.where(whole, -1, block), np.where(whole, 0, first)
    keys, leader, each = np.unique(
        np.stack([moments.series, block]), axis=1, return_index=True, return_inverse=True
    )
    each = each.reshape(-1)
    last = np.zeros(keys.shape[1], dtype=np.int64)
    np.maximum.at(last, each, place)
    begin = first[leader]  # [R]
    series = moments.series[leader]
    return Passes(
        series=series,
        first=panel.starts[series] + begin,
        lengths=last - begin + 1,
        each=each,
        at=place - begin[each],
    )


def _shift(panel: Panel, reach: Reach) -> Ints:
    """[S] where each series' first row stands between two places of the clock."""
    shift = np.zeros(panel.n_series, dtype=np.int64)
    if reach.regular:
        filled = panel.lengths > 0
        shift[filled] = panel.clock.index(panel.times[panel.starts[filled]]) % reach.carried
    return shift

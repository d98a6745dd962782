"""What of a history has been so far: running aggregates of every column, at any moment.

They are the wide half of a network of events: what a regression on aggregates reads, beside the
state that reads the rows one by one. All look back from their moment only. Series of one
length are worked out at once, so many histories cost few calls. It knows columns, not channels.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel

NAMES = ("mean", "least", "most", "first", "last", "slope", "deviation", "count", "since")
CELLS = 4_000_000  # of one block of histories: bounds the memory


def running_aggregates(
    panel: Panel, values: Floats, there: Bools, times: Floats, moments: Origins
) -> Floats:
    """The aggregates of each column from the start of its history to each moment.

    Parameters
    ----------
    panel : Panel
        Whose histories they are.
    values : [rows, C] float64
        0 where not ``there``.
    there : [rows, C] bool
    times : [rows] float64
        In any unit, from the start of each history.
    moments : Origins

    Returns
    -------
    [M, 9, C] float64
        In the order of ``NAMES``. Counts and times are logarithms of 1 + x. NaN where nothing
        was there yet, but for the count (0) and the time since (since the start).
    """
    answers = np.empty((len(moments), len(NAMES), values.shape[1]))
    if not answers.size:
        return answers
    # Nothing after a history's last moment is needed.
    reach = np.zeros(panel.n_series, dtype=np.int64)
    np.maximum.at(reach, moments.series, moments.rows - panel.starts[moments.series] + 1)
    order = np.lexsort([moments.series, reach[moments.series]])
    for some in _blocks(reach[moments.series][order], moments.series[order], values.shape[1]):
        asked = moments[order[some]]
        series, each = np.unique(asked.series, return_inverse=True)
        length = int(reach[series[0]])
        rows = panel.starts[series][:, None] + np.arange(length)  # [n, T]
        place = asked.rows - panel.starts[asked.series]
        answers[order[some]] = _of_block(values[rows], there[rows], times[rows], each, place)
    return answers


def _blocks(length: Ints, series: Ints, width: int) -> list[slice]:
    """Runs of moments whose histories have one length, never apart within one history."""
    blocks, begin = [], 0
    new = np.flatnonzero(np.diff(series, prepend=-1) != 0)  # where each history's moments begin
    histories = 0
    for at in (*new.tolist(), len(series)):
        ends = at == len(series)
        if at > begin and (
            ends or length[at] != length[begin] or (histories + 1) * length[begin] * width > CELLS
        ):
            blocks.append(slice(begin, at))
            begin, histories = at, 0
        histories += 1
    return blocks


def _of_block(values: Floats, there: Bools, times: Floats, each: Ints, place: Ints) -> Floats:
    """[m, 9, C] of m moments in n histories of one length.

    Parameters
    ----------
    values, there : [n, T, C]
    times : [n, T]
    each, place : [m] int64
        The history of each moment, and its row in it.
    """
    at = (each, place)
    t = times[..., None]  # [n, T, 1]
    tick = there * t
    count = np.cumsum(there, axis=1)[at].astype(np.float64)  # [m, C]
    some = np.maximum(count, 1)
    mean = np.cumsum(values, axis=1)[at] / some
    variance = np.maximum(np.cumsum(values**2, axis=1)[at] / some - mean**2, 0.0)
    time = np.cumsum(tick, axis=1)[at] / some
    span = np.maximum(np.cumsum(tick * t, axis=1)[at] / some - time**2, 0.0)
    both = np.cumsum(values * tick, axis=1)[at] / some - mean * time
    steady = span <= 1e-9 * np.maximum(time**2, 1e-300)  # one moment: rounding is no slope
    slope = np.where(steady, 0.0, both / np.where(steady, 1.0, np.sqrt(span)))
    least = np.minimum.accumulate(np.where(there, values, np.inf), axis=1)[at]
    most = np.maximum.accumulate(np.where(there, values, -np.inf), axis=1)[at]
    row = np.arange(values.shape[1])[:, None]  # [T, 1]
    last = np.maximum.accumulate(np.where(there, row, -1), axis=1)[at]  # [m, C]
    first = np.argmax(there, axis=1)[each]  # [m, C]; 0 where there is none
    column = np.arange(values.shape[2])
    nothing = count == 0
    since = times[at][:, None] - np.where(nothing, 0.0, times[each[:, None], np.maximum(last, 0)])
    parts = [
        mean,
        least,
        most,
        values[each[:, None], first, column],
        values[each[:, None], np.maximum(last, 0), column],
        slope,
        np.sqrt(variance),
    ]
    parts = [np.where(nothing, np.nan, part) for part in parts]
    return np.stack([*parts, np.log1p(count), np.log1p(since)], axis=1)

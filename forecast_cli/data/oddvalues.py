"""Values that are there but can hardly be meant: far outside all others, stuck, or filled in.

A factor of a thousand in the units, a meter that repeats itself, a gap that somebody closed
with a straight line: such values are kept as they are, and named with their count and first
line. Notable: the rules are blunt on purpose, so that sound data hear nothing. Of more than
:data:`MOST` series none is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Floats, Ints

MOST = 10_000  # series
_FAR = 100  # times the range of nine tenths of the values, counted from their median
_LEAST = 30  # values of a series that is judged
_RUN = 12  # values on one straight line, level or not
_USUAL = 0.02  # of the values may lie so by themselves, and then such runs are no sign


def warn_of_odd_values(
    values: Floats, entity: Ints, names: Sequence[str], place: Callable[[int], str], notes: Notes
) -> None:
    """Name the values that are far outside, and the runs that are stuck or filled in.

    Parameters
    ----------
    values : [rows, V] float64
        The targets and covariates, NaN where missing.
    entity : [rows] int64
        Ascending; rows of one entity in order of time.
    names : sequence of str, V
    place : callable
        From a row to its line in a file.
    notes : Notes
    """
    starts = np.flatnonzero(np.r_[True, np.diff(entity) > 0])
    if starts.size > MOST:
        return
    ends = np.r_[starts[1:], len(entity)]
    for column, name in enumerate(names):
        far, stuck = [], []
        for start, end in zip(starts, ends, strict=True):
            rows = start + np.flatnonzero(np.isfinite(values[start:end, column]))
            if rows.size >= _LEAST:
                own = values[rows, column]
                far.append(rows[far_outside(own)])
                stuck.append(rows[on_a_line(own)])
        _tell(
            name,
            far,
            "far outside all others (wrong units, or a mark for missing values?)",
            place,
            notes,
        )
        _tell(name, stuck, "stuck, or filled in along a straight line", place, notes)


def far_outside(values: Floats) -> Bools:
    """[T] the values further from the median than a hundred times the range of most."""
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    with np.errstate(over="ignore"):
        spread = high - low
        return np.asarray((spread > 0) & (np.abs(values - middle) > _FAR * spread))


def on_a_line(values: Floats) -> Bools:
    """[T] the values in runs of a dozen on one straight line, where that is not usual.

    A level that is the least or the largest value is a limit, as the sun's is at night.
    """
    size = float(np.max(np.abs(values)))
    bend = np.abs(np.diff(values, 2)) <= 1e-9 * size  # [T-2] whether three lie on a line
    edges = np.flatnonzero(np.diff(np.r_[False, bend, False]))
    begins, ends = edges[::2], edges[1::2]  # of runs of such threes
    long = ends - begins + 2 >= _RUN
    found = np.zeros(len(values), dtype=np.bool_)
    alone = int((ends - begins)[~long].sum())
    if size == 0 or alone > _USUAL * len(values) or (ends - begins)[long].sum() > len(values) / 2:
        return found
    limits = (values.min(), values.max())
    for begin, end in zip(begins[long], ends[long], strict=True):
        found[begin : end + 2] = values[begin] != values[end + 1] or values[begin] not in limits
    return found


def _tell(
    name: str, rows: Sequence[Ints], what: str, place: Callable[[int], str], notes: Notes
) -> None:
    found = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
    if found.size:
        many = "1 value is" if found.size == 1 else f"{found.size} values are"
        notes.warn(f'column "{name}": {many} {what} (first: {place(int(found.min()))})')

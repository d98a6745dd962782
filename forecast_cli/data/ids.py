"""Which column tells series apart, where the user names none.

The sign is that times come again: a column is an id if its values tell the rows of one time
apart. Notable: where most times come only once, a changed clock or a corrected row shows the
same sign, and more is asked of a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints
from forecast_cli.data.table import Table

_ID_NAME = re.compile(
    r"(^|_|\b)(id|ids|code|key|name|series|store|shop|item|product|sku|meter|customer|client|"
    r"station|sensor|unit|machine|engine|site|zone|region|sequence|household|symbol|ticker)s?"
    r"($|_|\b)|id$",
    re.I,
)
_MOSTLY_ONCE = 0.6  # of the rows have a time of their own: the file may hold one series
_CLOCK = 0.005  # of the rows may be doubled by clocks that were set back
_MOST = 12  # columns, of which up to three are tried together
_LEFT = 0.05  # of the doubled rows may stay doubled within an id
_TORN = 1.3  # times the steps from row to row that all rows together have


def find_entity(
    table: Table, times: Ints, used: Iterable[str], options: DataOptions, notes: Notes
) -> tuple[str, ...]:
    """The column or columns that tell series apart, where times come again.

    Columns qualify that leave hardly any of the doubled times doubled. Where most times come
    only once, there must be more doubled ones than a clock explains, and each series must be
    about as free of gaps as all rows together.
    """
    import pandas as pd

    if options.id is not None:
        return (options.id,)
    steps = np.diff(times)
    if np.all(steps > 0) or np.all(steps < 0):  # no time comes again
        return ()
    codes, distinct = pd.factorize(times)
    rows = np.flatnonzero(np.bincount(codes)[codes] > 1)  # that share their time
    few = len(distinct) > _MOSTLY_ONCE * len(times)
    if few and rows.size:  # the same row twice is no sign of two series
        rows = rows[~table.frame.iloc[rows].duplicated().to_numpy()]
    again = rows.size - len(pd.unique(codes[rows]))
    if again <= (_CLOCK * len(times) if few else 0):
        return ()
    used = {*used, *options.target, *options.past, *options.future, *options.static}
    candidates = _candidates(table, used)[:_MOST]
    for size in (1, 2, 3):
        scores = []
        for group in combinations(candidates, size):
            key = _joined(group)
            pairs = np.column_stack([codes[rows], pd.factorize(key[rows])[0]]) @ [len(times), 1]
            left = (rows.size - len(pd.unique(pairs))) / again
            if left <= _LEFT and not (few and _tears(times, key)):
                names = tuple(name for name, _, _ in group)
                unlikely = sum(not _ID_NAME.search(name) for name in names)
                scores.append((round(left, 3), unlikely, np.prod([n for _, _, n in group]), names))
        if scores:
            names = min(scores, key=lambda score: score[:3])[3]
            option = f'--id "{names[0]}"' if size == 1 else "--id COLUMN"
            words = " + ".join(f'"{name}"' for name in names)
            notes.guess("id", words, option, "its values share times")
            return names
    return ()


def _candidates(table: Table, used: Iterable[str]) -> list[tuple[str, Ints, int]]:
    """Columns that may tell series apart: name, [rows] codes, and how many there are."""
    import pandas as pd

    taken, found = set(used), []
    for name in table.names:
        column = table.frame[name]
        if name in taken or column.dtype.kind in "fb" or table.is_boolean(name):
            continue
        ids, uniques = pd.factorize(column)
        if not 2 <= len(uniques) <= len(ids) / 2 or (ids < 0).any():
            continue
        blocks = int((np.diff(ids) != 0).sum()) < 2 * len(uniques)
        if column.dtype.kind in "iu" and not (_ID_NAME.search(name) or blocks):
            continue
        found.append((name, ids, len(uniques)))
    return found


def _joined(group: Iterable[tuple[str, Ints, int]]) -> Ints:
    """[rows] one code for the values of several columns together."""
    key = np.zeros(1, dtype=np.int64)
    for _, ids, n in group:
        key = key * n + ids
    return key


def _tears(times: Ints, key: Ints) -> bool:
    """Whether telling rows apart by ``key`` makes series with far more gaps than all together."""
    order = np.lexsort((times, key))
    steps, same = np.diff(times[order]), np.diff(key[order]) == 0
    whole = np.diff(np.unique(times))
    step = np.median(whole)
    apart = np.sum(steps[same]) / step / max(same.sum(), 1)  # steps from one row to the next
    together = np.sum(whole) / step / len(whole)
    return bool(apart > _TORN * together)

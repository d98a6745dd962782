"""Rows in order: by entity, by time, and what becomes of rows at one time.

Rows of one entity at one time that contradict each other in no cell are one row: a laboratory
may report its values one by one. Rows that do contradict each other stay, one after the
other, in the order of their values; so the order of the file never matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.data.repair import sort_rows


@dataclass(frozen=True, eq=False)
class Ordered:
    """Rows by entity, then time.

    Parameters
    ----------
    entity, times : [rows] int64
    values : [rows, C] float64
    """

    entity: Ints
    times: Ints
    values: Floats


@dataclass(frozen=True, eq=False)
class Cells:
    """Single values of name/value files: whose, when, of which variable.

    Parameters
    ----------
    entity, times, variables : [cells] int64
    values : [cells] float64
    """

    entity: Ints
    times: Ints
    variables: Ints
    values: Floats

    def take(self, chosen: Ints) -> Cells:
        """Some of the cells."""
        return Cells(
            self.entity[chosen], self.times[chosen], self.variables[chosen], self.values[chosen]
        )


def order(
    entity: Ints, times: Ints, values: Floats, place: Callable[[int], str], notes: Notes
) -> Ordered:
    """Sort wide rows, and merge those at one time that go together.

    Parameters
    ----------
    entity, times : [rows] int64
    values : [rows, C] float64
    place : callable
        File and line of a row.
    notes : Notes
    """
    by_time = sort_rows(entity, times, place, notes)
    entity, times, values = entity[by_time], times[by_time], values[by_time]
    same = (np.diff(entity) == 0) & (np.diff(times) == 0)
    if not same.any():
        return Ordered(entity, times, values)
    tied = np.r_[False, same] | np.r_[same, False]  # [rows]
    rows = np.flatnonzero(tied)
    group = np.cumsum(np.r_[True, ~same])[rows]  # [ties] ascending
    group = np.unique(group, return_inverse=True)[1]
    keys = np.where(np.isnan(values[rows]), np.inf, values[rows])  # [ties, C]
    ranked = np.lexsort((*keys.T[::-1], group))
    values[rows] = values[rows[ranked]]
    starts = np.flatnonzero(np.r_[True, np.diff(group) > 0])
    low = np.fmin.reduceat(values[rows], starts, axis=0)  # [groups, C]
    high = np.fmax.reduceat(values[rows], starts, axis=0)
    at_odds = np.any(low < high, axis=1)
    values[rows[starts[~at_odds]]] = low[~at_odds]
    kept = np.ones(len(times), dtype=np.bool_)
    kept[rows] = at_odds[group]
    kept[rows[starts]] = True
    first = place(int(by_time[rows[0]]))
    _tell(int((~kept).sum()), int((at_odds[group]).sum()), first, notes)
    return Ordered(entity[kept], times[kept], values[kept])


def sort_cells(cells: Cells, place: Callable[[int], str], notes: Notes) -> Cells:
    """The cells by entity, time, variable and value, without those that say the same twice.

    Cells without a value are left out.

    Parameters
    ----------
    cells : Cells
    place : callable
        File and line of a cell.
    notes : Notes
    """
    by_value = _by_value(cells)
    by_value = by_value[np.isfinite(cells.values[by_value])]
    cells = cells.take(by_value)
    same = ~_new(cells.entity, cells.times, cells.variables)
    twice = same.copy()
    twice[1:] &= np.diff(cells.values) == 0
    first = place(int(by_value[np.flatnonzero(same)[0]])) if same.any() else ""
    _tell(int(twice.sum()), int((same & ~twice).sum()), first, notes)
    return cells.take(np.flatnonzero(~twice)) if twice.any() else cells


def _by_value(cells: Cells) -> Ints:
    """[cells] the order by entity, time, variable, value.

    Archives are nearly in order: one stable sort of one number a cell, and of the values only
    among cells of the same one, takes a fraction of the time and room of sorting by all four.
    """
    import pandas as pd

    key, moments = pd.factorize(cells.times, sort=True)
    key = key + cells.entity * len(moments)
    key *= int(cells.variables.max(initial=0)) + 1
    key += cells.variables
    order = np.argsort(key, kind="stable")
    key = key[order]
    again = np.zeros(len(key), dtype=np.bool_)
    again[1:] = key[1:] == key[:-1]
    tied = again.copy()
    tied[:-1] |= again[1:]
    rows = np.flatnonzero(tied)
    order[rows] = order[rows][np.lexsort((cells.values[order[rows]], key[rows]))]
    return order


def unfold(cells: Cells, columns: Ints, width: int) -> Ordered:
    """Put sorted cells into rows, one for each time of an entity.

    Parameters
    ----------
    cells : Cells
    columns : [V] int64
        The column of each variable; -1: it only makes its time known.
    width : int
    """
    new = _new(cells.entity, cells.times, cells.variables)
    run = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    again = np.arange(len(new)) - run  # [cells] how often the variable came before at this time
    column = columns[cells.variables]  # [cells]
    again[column < 0] = 0
    new_time = _new(cells.entity, cells.times)
    starts = np.flatnonzero(new_time)
    depth = np.maximum.reduceat(again, starts) + 1  # [times] rows that each time needs
    rows_before = np.concatenate([[0], np.cumsum(depth)])
    row = rows_before[np.cumsum(new_time) - 1] + again  # [cells]
    values = np.full((int(rows_before[-1]), width), np.nan)
    kept = np.flatnonzero(column >= 0)
    values.ravel()[row[kept] * width + column[kept]] = cells.values[kept]
    entity, times = cells.entity[starts], cells.times[starts]
    return Ordered(np.repeat(entity, depth), np.repeat(times, depth), values)


def _new(*keys: Ints) -> Bools:
    """[n] where any of the keys differs from the one before."""
    new = np.zeros(len(keys[0]), dtype=np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def _tell(merged: int, kept: int, first: str, notes: Notes) -> None:
    notes.repair(
        "rows at one time joined",
        merged,
        f"rows of one entity and time that contradict nowhere became one (first: {first})",
    )
    notes.repair(
        "rows at one time kept",
        kept,
        f"they contradict each other, and stand in the order of their values (first: {first})",
    )

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
from forecast_cli.data.panel import Floats, Ints
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


def unfold(
    entity: Ints,
    times: Ints,
    variable: Ints,
    value: Floats,
    width: int,
    place: Callable[[int], str],
    notes: Notes,
) -> Ordered:
    """Put cells of a name/value file into rows, one for each time of an entity.

    Parameters
    ----------
    entity, times, variable : [cells] int64
    value : [cells] float64
        None is NaN.
    width : int
        C, the number of variables.
    place : callable
        File and line of a cell.
    notes : Notes
    """
    by_cell = np.lexsort((value, variable, times, entity))
    entity, times = entity[by_cell], times[by_cell]
    variable, value = variable[by_cell], value[by_cell]
    new_time = np.r_[True, (np.diff(entity) != 0) | (np.diff(times) != 0)][: len(value)]
    new = new_time | np.r_[True, np.diff(variable) != 0][: len(value)]
    twice = ~new & np.r_[False, np.diff(value) == 0][: len(value)]
    doubled = np.flatnonzero(~new)
    first = place(int(by_cell[doubled[0]])) if doubled.size else ""
    if twice.any():
        left = ~twice
        entity, times, variable, value = entity[left], times[left], variable[left], value[left]
        new_time, new = new_time[left], new[left]
    _tell(int(twice.sum()), int((~new).sum()), first, notes)
    run = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    again = np.arange(len(new)) - run  # [cells] how often the variable came before at this time
    starts = np.flatnonzero(new_time)
    depth = np.maximum.reduceat(again, starts) + 1  # [times] rows that each time needs
    rows_before = np.concatenate([[0], np.cumsum(depth)])
    row = rows_before[np.cumsum(new_time) - 1] + again  # [cells]
    values = np.full((int(rows_before[-1]), width), np.nan)
    values[row, variable] = value
    return Ordered(np.repeat(entity[starts], depth), np.repeat(times[starts], depth), values)


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

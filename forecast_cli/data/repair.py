"""Rows put on their grid: sorted, doubles merged, strays snapped, gaps made visible.

Everything is done on flat arrays over all series at once and counted; the caller tells. A
gap becomes rows in which nothing was observed; no value is ever made up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.data.frequency import Grid
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.errors import DataError

_ROOM = 200  # grid rows for each row of data, at most
_ROOM_FLOOR = 2_000_000
_LONG_GAP = 10  # times the rows of the series
_LEAST_ROWS = 20  # after a long gap, for the rest to be left out


@dataclass(frozen=True, eq=False)
class Regular:
    """Entities on their grid, ragged: entity e owns rows ``offsets[e]:offsets[e+1]``.

    Parameters
    ----------
    values : [rows, V] float64
    times : [rows] int64
    offsets : [E+1] int64
    """

    values: Floats
    times: Ints
    offsets: Ints


def sort_rows(entity: Ints, times: Ints, place: Callable[[int], str], notes: Notes) -> Ints:
    """[rows] the order by entity, then time; says where rows were out of order."""
    mixed = bool((np.diff(entity) < 0).any())  # rows of several entities lie between each other
    read = np.argsort(entity, kind="stable") if mixed else np.arange(len(times))
    later = np.diff(entity[read]) == 0
    back = later & (np.diff(times[read]) < 0)
    if not back.any() and not mixed:
        return read
    if back.any():
        if back.sum() > 0.9 * later.sum():
            notes.repair("sorted", int(back.sum()), "rows ran from newest to oldest, turned round")
        else:
            first = place(int(read[1:][back].min()))
            notes.repair("sorted", int(back.sum()), f"rows were not in time order (first: {first})")
    return np.lexsort((times, entity))


def regularise(
    values: Floats,
    entity: Ints,
    times: Ints,
    grid: Grid,
    clock: Clock,
    notes: Notes,
    place: Callable[[int], str],
) -> Regular:
    """Put sorted rows on the grid.

    Parameters
    ----------
    values : [rows, V] float64
    entity, times : [rows] int64
        Sorted by entity, then time; every entity from 0 to the last has a row.
    grid : Grid
    clock : Clock
        For messages.
    notes : Notes
    place : callable
        From a row to its line in a file.

    Raises
    ------
    DataError
        The grid would be absurdly larger than the data.
    """

    def show(time: int) -> str:
        return clock.show([time])[0]

    position = grid.position(times, entity)
    strays = grid.times(position, entity) != times
    _tell_strays(grid, strays, times, notes, lambda row: _where(row, times, show, place))
    rows_of = np.arange(len(times))
    same = (np.diff(entity) == 0) & (np.diff(position) == 0)
    if same.any():
        _tell_doubles(values, times, same, grid, notes, place)
        first = np.flatnonzero(np.r_[True, ~same])
        values = _merged(values, first)
        entity, position, times, rows_of = (
            entity[first],
            position[first],
            times[first],
            rows_of[first],
        )
    recent = _after_long_gaps(entity, position, times, notes, show)
    if recent.size < len(entity):
        entity, position, times, values, rows_of = (
            entity[recent],
            position[recent],
            times[recent],
            values[recent],
            rows_of[recent],
        )
    starts = np.flatnonzero(np.r_[True, np.diff(entity) > 0])
    ends = np.r_[starts[1:], len(entity)] - 1
    lengths = position[ends] - position[starts] + 1
    _check_room(lengths, len(values), len(strays), times, grid, show)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    rows = offsets[entity] + position - position[starts][entity]
    dense = np.full((int(offsets[-1]), values.shape[1]), np.nan)
    dense[rows] = values
    _tell_gaps(entity, position, times, notes, show, lambda row: place(int(rows_of[row])))
    owner = np.repeat(np.arange(len(lengths)), lengths)
    every = np.arange(offsets[-1]) - offsets[owner] + position[starts][owner]
    return Regular(dense, grid.times(every, owner), offsets)


def _where(row: int, times: Ints, show: Callable[[int], str], place: Callable[[int], str]) -> str:
    """A row by its time and its line."""
    return f"{show(int(times[row]))}, {place(row)}"


def _after_long_gaps(
    entity: Ints, position: Ints, times: Ints, notes: Notes, show: Callable[[int], str]
) -> Ints:
    """The rows after the last gap that dwarfs its series; all rows where there is none.

    What lies before a gap of ten times all that was observed cannot inform a forecast from
    the end, and its grid would be almost empty.
    """
    counts = np.bincount(entity)
    jump = np.where(np.diff(entity) == 0, np.diff(position) - 1, 0)
    keep = np.ones(len(entity), dtype=np.bool_)
    ends = np.cumsum(counts)
    for before in np.flatnonzero(jump > _LONG_GAP * counts[entity[1:]]):
        e = entity[before]
        if ends[e] - before - 1 >= max(counts[e] / 4, _LEAST_ROWS):
            keep[ends[e] - counts[e] : before + 1] = False
            notes.warn(
                f"nothing was observed from {show(int(times[before]))} to "
                f"{show(int(times[before + 1]))}: only the rows after are used"
            )
    notes.repair("rows before a long gap", int((~keep).sum()), "left out")
    return np.flatnonzero(keep)


def _merged(values: Floats, first: Ints) -> Floats:
    """The mean of each run of rows that starts at ``first``, missing cells aside."""
    seen = np.isfinite(values)
    total = np.add.reduceat(np.where(seen, values, 0.0), first, axis=0)
    count = np.add.reduceat(seen, first, axis=0)
    single = np.diff(np.r_[first, len(values)]) == 1
    with np.errstate(invalid="ignore"):
        mean = total / np.where(count == 0, np.nan, count)
    mean[single] = values[first[single]]
    return mean


def _tell_strays(
    grid: Grid, strays: np.ndarray, times: Ints, notes: Notes, where: Callable[[int], str]
) -> None:
    if not strays.any() or grid.coarser:
        return
    share = float(strays.mean())
    first = where(int(np.flatnonzero(strays)[0]))
    if grid.kind == "month":
        day = "last" if grid.at_end else "first"
        notes.repair(
            "days of the month",
            int(strays.sum()),
            f"dates moved to the {day} day of their month (first: {first}); forecasts are dated so",
            "--freq",
        )
        return
    notes.repair(
        "off-grid times", int(strays.sum()), f"moved to the nearest step (first: {first})", "--freq"
    )
    if share > 0.3 and grid.share < 0.9 and grid.kind == "tick":
        notes.warn(
            f"times are irregular: {share:.0%} lie off any grid of {grid.freq or 'steps'}; "
            "--freq names a step to average to"
        )


def _tell_doubles(
    values: Floats,
    times: Ints,
    same: np.ndarray,
    grid: Grid,
    notes: Notes,
    place: Callable[[int], str],
) -> None:
    again = np.flatnonzero(same) + 1
    if grid.coarser:
        notes.repair("averaged", len(times), f"finer rows were averaged to {grid.freq}", "--freq")
        return
    now, before = values[again], values[again - 1]
    identical = np.all((now == before) | (np.isnan(now) & np.isnan(before)), axis=1)

    def first(rows: np.ndarray) -> str:
        return place(int(again[rows][0])) if rows.any() else ""

    notes.repair(
        "identical duplicates",
        int(identical.sum()),
        f"the same row twice, one kept (first: {first(identical)})",
    )
    notes.repair(
        "duplicates merged",
        int((~identical).sum()),
        f"several rows for one time, replaced by their mean (first: {first(~identical)})",
    )
    if len(again) > 0.2 * len(times):
        notes.warn(
            f"{len(again)} of {len(times)} rows share their time with another row; "
            "--id names the column that tells series apart"
        )


def _tell_gaps(
    entity: Ints,
    position: Ints,
    times: Ints,
    notes: Notes,
    show: Callable[[int], str],
    place: Callable[[int], str],
) -> None:
    jump = np.where(np.diff(entity) == 0, np.diff(position) - 1, 0)
    gaps = np.flatnonzero(jump > 0)
    if not gaps.size:
        return
    missing = int(jump[gaps].sum())
    many = "1 gap" if gaps.size == 1 else f"{gaps.size} gaps"
    notes.repair(
        "gaps",
        missing,
        f"missing rows in {many} (first: after {show(int(times[gaps[0]]))}, {place(int(gaps[0]))})",
    )
    longest = int(gaps[np.argmax(jump[gaps])])
    if missing > len(times):
        notes.warn(
            f"more rows are missing ({missing}) than are there ({len(times)}): the longest gap "
            f"runs from {show(int(times[longest]))} to {show(int(times[longest + 1]))}"
        )


def _check_room(
    lengths: Ints, kept: int, rows: int, times: Ints, grid: Grid, show: Callable[[int], str]
) -> None:
    total = int(lengths.sum())
    if total <= _ROOM * kept + _ROOM_FLOOR and lengths.min() > 0:
        return
    span = f"{show(int(times.min()))} to {show(int(times.max()))}"
    part = f"the last {kept} of {rows}" if kept < rows else f"{rows}"
    raise DataError(
        f"{part} rows would need {total} steps of {grid.freq or grid.step} ({span})",
        "look for a wrong date, or name the step with --freq",
    )

"""When each row was: a date, a span such as 47:20, a number such as a cycle, or its place.

Dates are read as those of regular series are. What is added here are the other two ways in
which histories count time, and the unit in which their gaps are told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.config import DataOptions
from forecast_cli.data.assemble import read_stamps
from forecast_cli.data.axis import TimeColumns, find_time
from forecast_cli.data.columns import number_columns
from forecast_cli.data.formats import epoch_unit, likely_formats
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table
from forecast_cli.data.times import NAT, Stamps
from forecast_cli.errors import DataError
from forecast_cli.events import TimeScale

SECOND = 10**9
HOUR, DAY = 3_600 * SECOND, 86_400 * SECOND
_DAYS = DAY // 2  # a median gap from here on is told in days
_FINEST = 6  # decimals of a time that is a number
_SPAN = re.compile(r"-?\d{1,6}:\d{2}(:\d{2})?")
_NUMBERED = re.compile(
    r"^(t|times?|time_?steps?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|weeks?|months?|years?|"
    r"yrs?|cycles?|steps?|ticks?|visit_?(day|time|week|month|no|nr|number))$"
    r"|[_. ](day|days|hours?|minutes?|weeks?|months?)$",
    re.I,
)
_UNITS = (
    ("day", re.compile(r"(^|[_. ])days?$", re.I)),
    ("hour", re.compile(r"(^|[_. ])(hours?|hrs?)$", re.I)),
    ("minute", re.compile(r"(^|[_. ])(minutes?|mins?)$", re.I)),
    ("second", re.compile(r"(^|[_. ])(seconds?|secs?)$", re.I)),
    ("week", re.compile(r"(^|[_. ])weeks?$", re.I)),
    ("month", re.compile(r"(^|[_. ])months?$", re.I)),
    ("year", re.compile(r"(^|[_. ])(years?|yrs?)$", re.I)),
    ("cycle", re.compile(r"(^|[_. ])cycles?$", re.I)),
)


def choose_time(
    table: Table, column: str | None, options: DataOptions, used: Sequence[str], notes: Notes
) -> TimeColumns:
    """The column or columns of times.

    Parameters
    ----------
    table : Table
    column : str or None
        Of the ids, where it is known: a time differs from row to row of an entity.
    options : DataOptions
    used : sequence of str
        Columns that have another role.
    notes : Notes
    """
    if options.time:
        return find_time(table, options, notes)
    taken = {*used, *options.past, options.id, column, options.variable, options.value}
    free = [name for name in table.names if name not in taken]
    spans = [name for name in free if _is_span(table, name)]
    fixed = [name for name in used if name in table.names]
    for _ in free:  # a date that is one for all rows of an entity is none of theirs
        tried = Notes()
        asked = options.model_copy(update={"id": options.id or column, "static": tuple(fixed)})
        found = find_time(table, asked, tried)
        if found.kind == "none" or any(_moves(table, name, column) for name in found.names):
            break
        fixed += found.names
    if found.kind == "none" or (spans and not _calendar(table, found)):
        numbered = [n for n in free if _NUMBERED.search(n) and _is_number(table, n)]
        moving = [name for name in (*spans, *numbered) if _moves(table, name, column)]
        if moving:
            notes.resolve("time", (moving[0],))
            notes.guess("time", f'"{moving[0]}"', f'--time "{moving[0]}"')
            return TimeColumns("column", (moving[0],))
    notes.inferred += tried.inferred
    notes.resolved |= tried.resolved
    return found


def read_times(
    table: Table, where: TimeColumns, options: DataOptions, known: TimeScale | None, notes: Notes
) -> tuple[Stamps, TimeScale]:
    """The times as integers, and how they are counted; dates have their unit from ``told_in``.

    Parameters
    ----------
    table : Table
    where : TimeColumns
    options : DataOptions
    known : TimeScale or None
        That of a run, by which newer numbers are counted too.
    notes : Notes

    Raises
    ------
    DataError
        Cells that are no times, or other times than those of the run.
    """
    name = " ".join(where.names) if where.kind != "none" else "row"
    if where.kind == "none":
        stamps, scale = _by_place(table), TimeScale(clock=Clock(name=name))
    elif where.kind == "column" and _is_span(table, name):
        stamps = Stamps(_spans(table, name), False, "hours:minutes")
        scale = TimeScale("duration", HOUR, "hour", Clock(name=name))
        notes.guess("time format", "hours:minutes since the start", "--time COLUMN")
    elif where.kind == "column" and not _calendar(table, where) and not options.date_format:
        values, ticks = _ticks(table, name, known, notes)
        unit = next((unit for unit, pattern in _UNITS if pattern.search(name)), "step")
        stamps = Stamps(values, False, "numbers")
        scale = TimeScale("number", ticks, unit, Clock(name=name))
    else:
        stamps = read_stamps(table, where, options, notes)
        scale = TimeScale("date" if stamps.calendar else "number", 1, "step", Clock(name=name))
    if known is not None and known.kind != scale.kind:
        raise DataError(
            f'the times of "{name}" are {scale.kind}s, and the run was trained on {known.kind}s',
            "--time names the column of times",
        )
    return stamps, scale


def told_in(
    scale: TimeScale, times: Ints, same: np.ndarray, zone: str | None, date_only: bool
) -> TimeScale:
    """The scale with the unit that suits the gaps, and the clock that shows its dates.

    Parameters
    ----------
    scale : TimeScale
    times : [rows] int64
        In order.
    same : [rows - 1] bool
        Whether a row is of the same entity as the one before it.
    zone : str or None
    date_only : bool
    """
    if scale.kind == "number":
        return scale
    gaps = np.diff(times)[same]
    gaps = gaps[gaps > 0]
    days = bool(gaps.size and np.median(gaps) >= _DAYS)
    clock = scale.clock
    if scale.kind == "date":
        clock = replace(clock, freq="D" if days else "h", tz=zone, date_only=date_only)
    return TimeScale(scale.kind, DAY if days else HOUR, "day" if days else "hour", clock)


def _by_place(table: Table) -> Stamps:
    return Stamps(np.arange(len(table.frame), dtype=np.int64), False, "order of rows")


def _calendar(table: Table, where: TimeColumns) -> bool:
    """Whether the columns hold dates, and not numbers that count."""
    if where.kind != "column":
        return where.kind != "none"
    column = table.frame[where.names[0]]
    if column.dtype.kind not in "iuf":
        return not _is_number(table, where.names[0])
    known = column.dropna().to_numpy()
    if not known.size or (known != np.floor(known)).any():
        return False
    whole = known.astype(np.int64)
    return bool(epoch_unit(whole) or likely_formats([str(v) for v in whole[:200]]))


def _is_number(table: Table, name: str) -> bool:
    kind = table.frame[name].dtype.kind
    return kind in "iuf" or (kind != "b" and not table.is_text(name) and not table.is_boolean(name))


def _is_span(table: Table, name: str) -> bool:
    """Whether cells are such as 00:00 and 47:20, spans and no times of a day."""
    if table.frame[name].dtype.kind in "iufb":
        return False
    head = table.text(name).dropna()
    if not all(_SPAN.fullmatch(str(cell)) for cell in head.iloc[:200]):
        return False
    return bool(len(head)) and bool(head.drop_duplicates().str.fullmatch(_SPAN).all())


def _moves(table: Table, name: str, column: str | None) -> bool:
    """Whether a column differs within an entity."""
    if column is None:
        return int(table.frame[name].nunique()) > 1
    pairs = table.frame[[column, name]].drop_duplicates()
    return bool(pairs[column].duplicated().any())


def _spans(table: Table, name: str) -> Ints:
    """[rows] nanoseconds; each distinct cell is read once."""
    codes, cells = table.text(name).factorize()
    read = np.array([_nanoseconds(str(cell)) for cell in cells], dtype=np.int64)
    return np.where(codes < 0, NAT, np.append(read, NAT)[codes])


def _nanoseconds(cell: str) -> int:
    hours, minutes, *seconds = cell.lstrip("-").split(":")
    total = int(hours) * 3600 + int(minutes) * 60 + sum(map(int, seconds))
    return (-total if cell.startswith("-") else total) * SECOND


def _ticks(table: Table, name: str, known: TimeScale | None, notes: Notes) -> tuple[Ints, int]:
    """[rows] numbers as whole ticks, and how many ticks make 1."""
    values = number_columns(table, (name,), notes)[name]
    seen = values[np.isfinite(values)]
    ticks = known.unit if known is not None else _finest(seen)
    if seen.size and np.abs(seen).max() * ticks >= 2**53:
        raise DataError(
            f'column "{name}": {np.abs(seen).max():g} is too large for a time', "--time"
        )
    whole = np.rint(np.where(np.isfinite(values), values, 0) * ticks).astype(np.int64)
    return np.where(np.isfinite(values), whole, NAT), ticks


def _finest(values: Floats) -> int:
    """The least power of ten that makes all whole."""
    for power in range(_FINEST):
        scaled = values * 10**power
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-6 * np.maximum(1.0, np.abs(values))):
            return int(10**power)
    return int(10**_FINEST)

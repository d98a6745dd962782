"""Where the time stands: one column, date and clock, year to minute in parts, or nowhere.

The choice is made from names and from how the first cells look; reading them is done
elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.formats import (
    epoch_unit,
    has_clock,
    is_time_of_day,
    is_years,
    likely_formats,
    month_number,
    recognise,
)
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools
from forecast_cli.data.table import Table
from forecast_cli.errors import brief

if TYPE_CHECKING:
    import pandas as pd

_TIME_NAME = re.compile(
    r"time|date|stamp|epoch|unix|utc|datum|yyyy|^ts$|^ds$|day|month|period", re.I
)
_PLAIN_NAME = re.compile(
    r"^(t|ds|ts|time|date|datum|datetime|date_?time|time_?stamp|epoch|unix_?time)s?$", re.I
)
_STEP_NAME = re.compile(
    r"^(t|time|step|steps|time_?step|cycle|tick|period|index|idx|no|nr|instant|obs|row|seq|ds|"
    r"unnamed.*)$",
    re.I,
)
_PARTS = (
    ("year", re.compile(r"^(year|yr|yyyy|jahr|ann[ée]e)$", re.I), 1700, 2200),
    ("month", re.compile(r"^(month|mo|mon|mm|monat|mois)$", re.I), 1, 12),
    ("day", re.compile(r"^(day|dd|dom|tag|jour|mday|day_?of_?month)$", re.I), 1, 31),
    ("hour", re.compile(r"^(hour|hr|hh|stunde|heure|hour_?of_?day)$", re.I), 0, 24),
    ("minute", re.compile(r"^(minute|min|mi)$", re.I), 0, 59),
)


@dataclass(frozen=True)
class TimeColumns:
    """Where the time stands: ``kind`` is "column", "pair", "parts" or "none"."""

    kind: str
    names: tuple[str, ...] = ()


def find_time(table: Table, options: DataOptions, notes: Notes) -> TimeColumns:
    """Choose the time column or columns."""
    if options.time:
        kind = {1: "column", 2: "pair"}.get(len(options.time), "parts")
        if kind == "pair" and _parts(table, options.time) == options.time:
            kind = "parts"
        return TimeColumns(kind, options.time)
    used = {options.id, options.variable, options.value, *options.target, *options.past}
    used |= {*options.future, *options.static}
    free = [name for name in table.names if name not in used]
    found = _stamps(table, free) or _numeric_time(table, free) or TimeColumns("none")
    notes.resolve("time", found.names or None)
    words = " + ".join(f'"{name}"' for name in found.names)
    if found.kind == "none":
        notes.guess("time", "none: rows are steps 0, 1, 2, …", "--time COLUMN")
    else:
        notes.guess("time", words, " ".join(f'--time "{name}"' for name in found.names))
    _tell_unread(table, free, found, notes)
    return found


def is_unread_time(table: Table, name: str) -> bool:
    """Whether a column is named like a time and goes one way, but is no time that can be read."""
    column = table.frame[name]
    if not _PLAIN_NAME.match(name) or column.dtype.kind != "f":
        return False
    steps = np.diff(column.to_numpy())
    return bool(steps.size and (np.all(steps > 0) or np.all(steps < 0)))


def _tell_unread(table: Table, free: Sequence[str], found: TimeColumns, notes: Notes) -> None:
    """Warn of a column that is named like a time where none such is used."""
    if any(_PLAIN_NAME.match(name) for name in found.names):
        return
    for name in free:
        if _PLAIN_NAME.match(name) and name not in found.names:
            cells = table.text(name).dropna()
            shown = f' (first cell: "{brief(cells.iloc[0])}")' if len(cells) else ""
            notes.warn(
                f'column "{name}" is named like a time but cannot be read as one{shown}; '
                f'--time "{name}" --date-format FORMAT says how it is written'
            )


def _stamps(table: Table, free: Sequence[str]) -> TimeColumns | None:
    """A column of dates with a time of day, or dates and clock in two columns, or parts."""
    dates, clocks = [], []
    for name in free:
        if table.frame[name].dtype.kind in "iufb":
            continue
        cells = [str(c) for c in table.text(name).dropna().iloc[:200]]
        if is_time_of_day(cells):
            clocks.append(name)
            continue
        formats = likely_formats(cells)
        if formats:
            dates.append((name, has_clock(formats)))
    full = [name for name, clock in dates if clock]
    if full:
        full.sort(key=lambda name: "utc" not in name.lower())
        return TimeColumns("column", (full[0],))
    if dates:
        date = dates[0][0]
        if clocks:
            return TimeColumns("pair", (date, clocks[0]))
        repeats = table.frame[date].nunique() < 0.6 * len(table.frame)
        hours = [n for n in free if _part(table, n, "hour")] if repeats else []
        return TimeColumns("pair", (date, hours[0])) if hours else TimeColumns("column", (date,))
    parts = _parts(table, free)
    return TimeColumns("parts", parts) if len(parts) >= 3 else None


def _parts(table: Table, free: Sequence[str]) -> tuple[str, ...]:
    """The columns of year, month, day, hour and minute, as far as they go."""
    parts: list[str] = []
    for part, *_ in _PARTS:
        match = [name for name in free if _part(table, name, part)]
        if not match:
            break
        parts.append(match[0])
    return tuple(parts)


def _part(table: Table, name: str, part: str) -> bool:
    pattern, low, high = next(entry[1:] for entry in _PARTS if entry[0] == part)
    if not pattern.match(name):
        return False
    column = table.frame[name]
    if column.dtype.kind not in "iuf":
        cells = table.text(name).dropna().unique()[:30]
        return part == "month" and sum(map(bool, map(month_number, cells))) > 0.9 * len(cells)
    return bool(column.min() >= low and column.max() <= high)


def _numeric_time(table: Table, free: Sequence[str]) -> TimeColumns | None:
    """Epochs, YYYYMMDD, years, or a column that counts steps."""
    integers = [name for name in free if table.frame[name].dtype.kind in "iu"]
    for name in integers:
        values = table.frame[name].to_numpy(dtype=np.int64)
        hinted = bool(_TIME_NAME.search(name)) or name == table.names[0]
        if hinted and epoch_unit(values):
            return TimeColumns("column", (name,))
        if hinted and recognise([str(v) for v in values[:200]]) and values[0] >= 18000000:
            return TimeColumns("column", (name,))
    parts = _parts(table, free)
    if len(parts) == 2:
        return TimeColumns("parts", parts)
    for name in integers:
        year = re.match(r"^(year|yr|jahr|jaar|date|time|period)$", name, re.I)
        if year and is_years(table.frame[name].to_numpy(dtype=np.int64)):
            return TimeColumns("column", (name,))
    named = [name for name in integers if _STEP_NAME.match(name)]
    rising = [name for name in integers if _goes_one_way(table, name)]
    steps = [n for n in named if n in rising or _counts_in_blocks(table, n, 0.5)]
    if len(table.names) > 1:
        steps += [name for name in rising if name == table.names[0]]
    steps += [name for name in named if _counts(table, name, 0.5)]
    steps += [name for name in integers if _counts_in_blocks(table, name, 0.9)]
    steps += named
    return TimeColumns("column", (steps[0],)) if steps else None


def _goes_one_way(table: Table, name: str) -> bool:
    """Whether a column of integers always rises, or always falls, mostly by one step."""
    steps = np.diff(table.frame[name].to_numpy(dtype=np.int64))
    if steps.size < 2 or not (np.all(steps > 0) or np.all(steps < 0)):
        return False
    return bool(np.mean(steps == np.median(steps)) > 0.5)


def _counts_in_blocks(table: Table, name: str, share: float) -> bool:
    """Whether a column counts up one by one, and starts again only where another changes."""
    if not _counts(table, name, share):
        return False
    again = np.diff(table.frame[name].to_numpy()) != 1
    others = (table.frame[other] for other in table.names if other != name)
    return bool(again.any()) and any(_marks_blocks(other, again) for other in others)


def _marks_blocks(column: pd.Series, again: Bools) -> bool:
    """Whether a column changes exactly where a count starts again."""
    if column.dtype.kind == "f":
        return False
    codes = column.factorize()[0]
    return bool(np.array_equal(np.diff(codes) != 0, again))


def _counts(table: Table, name: str, share: float) -> bool:
    """Whether a column counts up, one by one, starting again at most now and then."""
    values = table.frame[name].to_numpy()
    if values.dtype.kind not in "iu" or len(values) < 3:
        return False
    return bool(np.mean(np.diff(values) == 1) >= share)

"""Cells to times, a whole column at once.

Where a format leaves open which is the day and which the month, all cells decide. Results
are int64 nanoseconds (naive, or UTC where the cells carry offsets) or integer steps. Zones
of naive times are the concern of zones.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from forecast_cli.data.formats import (
    CLOCK,
    EPOCHS,
    ISO,
    QUARTER,
    WEEK,
    epoch_unit,
    is_years,
    likely_formats,
    month_number,
)
from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError, brief

if TYPE_CHECKING:
    import pandas as pd

_ZONED = r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$"
NAT = np.iinfo(np.int64).min
DAY = 86_400 * 10**9
_FURTHEST = 2.0**61  # steps further off could not be subtracted from each other
_PAIRED = " + time of day"  # after the format of a date whose clock stands in another column


@dataclass(frozen=True, eq=False)
class Stamps:
    """A time for every row.

    Parameters
    ----------
    values : [rows] int64
        Nanoseconds since the epoch, or steps; ``NAT`` where the cell is empty.
    calendar : bool
        Whether they are nanoseconds.
    format : str
        How the cells are written, for print.
    aware : bool
        Whether the cells named offsets from UTC, so that values are UTC.
    offsets : [rows] int64 or None
        Nanoseconds east of UTC that each cell named.
    date_only : bool
        Whether no cell holds a time of day.
    why : str
        How an ambiguous format was decided.
    """

    values: Ints
    calendar: bool
    format: str
    aware: bool = False
    offsets: Ints | None = None
    date_only: bool = False
    why: str = ""

    @property
    def date_format(self) -> str | None:
        """The value of --date-format that reads these cells; None where none does."""
        pattern = self.format.removesuffix(_PAIRED)
        return pattern if "%" in pattern or pattern == ISO else None

    def take(self, rows: Ints) -> Stamps:
        """The same for some rows."""
        offsets = None if self.offsets is None else self.offsets[rows]
        return replace(self, values=self.values[rows], offsets=offsets)


def parse_column(table: Table, name: str, given: str | None) -> Stamps:
    """Read one column as times.

    Raises
    ------
    DataError
        Cells that are no times, listed by line.
    """
    text = table.text(name)
    if given is not None:
        return _parse(table, name, text, (given,), given=True)
    cells = [str(cell) for cell in text.dropna().iloc[:200]]
    formats = likely_formats(cells)
    if formats:
        return _parse(table, name, text, formats)
    if table.frame[name].dtype.kind in "iuf":
        return _from_numbers(table, name)
    raise DataError(
        f'column "{name}": "{brief(cells[0]) if cells else ""}" is not a time in a known format',
        f'--date-format "%d.%m.%Y %H:%M" says how "{name}" is written, --time names another',
    )


def parse_pair(table: Table, date: str, clock: str, given: str | None) -> Stamps:
    """Read a date and a time of day (or an hour number) in two columns."""
    days = parse_column(table, date, _date_part(given) if given else None)
    text = table.text(clock)
    codes, uniques = text.factorize()
    nanos = np.array([_nanoseconds(str(cell)) for cell in uniques], dtype=np.int64)
    if table.frame[clock].dtype.kind in "iuf" and nanos.size and nanos.max() == DAY:
        nanos -= DAY // 24  # hours numbered 1 to 24 are named by their end
    wrong = np.isin(codes, np.flatnonzero(nanos < 0))
    if wrong.any():
        _refuse(table, clock, text, wrong)
    missing = (codes < 0) | (days.values == NAT)
    shift = nanos[np.maximum(codes, 0)] if nanos.size else np.zeros(len(codes), dtype=np.int64)
    values = np.where(missing, NAT, days.values + shift)
    return Stamps(values, True, f"{days.format}{_PAIRED}", date_only=False, why=days.why)


def _date_part(form: str) -> str:
    """The date in a format that may go on with a time of day."""
    return form.split("%H")[0].split("%I")[0].rstrip("T_ ")


def parse_parts(table: Table, parts: Sequence[str]) -> Stamps:
    """Read year, month[, day[, hour[, minute]]] columns; months may be names."""
    numbers = [table.numbers(name)[0] for name in parts]
    numbers[1] = _months(table, parts[1])
    missing = np.any([np.isnan(n) for n in numbers], axis=0)
    year, month, *finer = [np.where(missing, 1, n).astype(np.int64) for n in numbers]
    day, clock = (finer[0], finer[1:]) if finer else (np.ones_like(month), [])
    year = np.where(missing, 1970, np.where(year < 100, year + 2000, year))
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    wrong = (month < 1) | (month > 12) | (day < 1) | (day > _month_days(months))
    wrong |= (year < 1678) | (year > 2261)
    if wrong.any():
        _refuse(table, parts[-1], table.text(parts[-1]), wrong)
    values = (first.astype(np.int64) + day - 1) * DAY
    for part, unit in zip(clock, (DAY // 24, DAY // 1440, DAY // 86400), strict=False):
        values = values + part * unit
    values = np.where(missing, NAT, values)
    return Stamps(values, True, ", ".join(parts), date_only=not clock)


def _months(table: Table, name: str) -> Floats:
    """[rows] month numbers of a column of numbers or names; NaN where a cell is empty."""
    codes, uniques = table.text(name).factorize()
    known = np.array([month_number(str(cell)) for cell in uniques], dtype=np.int64)
    wrong = np.isin(codes, np.flatnonzero(known == 0))
    if wrong.any():
        _refuse(table, name, table.text(name), wrong, kind="month")
    return np.where(codes < 0, np.nan, np.r_[known, 0][codes])


def _month_days(months: Ints) -> Ints:
    start = months.astype("datetime64[M]")
    days = (start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")
    return np.asarray(days.astype(np.int64))


def _parse(
    table: Table, name: str, text: pd.Series, formats: tuple[str, ...], given: bool = False
) -> Stamps:
    if formats == ("%Y-Q",):
        return _periods(table, name, text, _quarter, "year and quarter")
    if formats == ("%G-W%V",):
        return _periods(table, name, text, _week, "year and week")
    leap = _leap_seconds(table, text)
    fits = []
    for one in formats:
        parsed = _to_datetime(text, one)
        bad = (parsed.values == NAT) & text.notna().to_numpy()
        if bad.any():  # blanks around a cell far down
            parsed = _to_datetime(text.str.strip(), one)
            bad &= parsed.values == NAT
        bad |= leap
        fits.append((int(bad.sum()), one, parsed, bad))
    wrong, form, parsed, bad = min(fits, key=lambda fit: fit[0])
    why = ""
    perfect = [fit for fit in fits if fit[0] == 0]
    if len(perfect) > 1:
        # Both orders can be read: believe the one whose steps are the more regular.
        shares = [_regularity(fit[2].values) for fit in perfect]
        _, form, parsed, bad = perfect[int(np.argmax(shares))]
        why = "day and month could be swapped; chosen for regular steps"
    elif len(fits) > 1 and wrong == 0:
        why = "a value above 12 tells day from month"
    if wrong:
        _refuse(table, name, text, bad, fix=_mend(text, bad, form, given))
    return Stamps(parsed.values, True, form, parsed.aware, parsed.offsets, parsed.date_only, why)


def _leap_seconds(table: Table, text: pd.Series) -> Bools:
    """[rows] the cells such as 23:59:60, which parsing would move to the second after."""
    if not any(b":60" in sheet.content or b":61" in sheet.content for sheet in table.sheets):
        return np.zeros(len(text), dtype=np.bool_)
    return np.asarray(text.str.contains(r":\d{2}:6[01]").fillna(False), dtype=np.bool_)


def _to_datetime(text: pd.Series, form: str) -> Stamps:
    """Parse with one format; NAT where a cell is missing or does not fit."""
    import pandas as pd

    sample = text.dropna().iloc[:200].astype("str")
    zoned = sample.str.contains(_ZONED).any() and ("%z" in form or form == ISO)
    if zoned:
        text = text.str.replace(r"\s?(?:UTC|GMT)$", "Z", regex=True)
        text = text.where(text.str.contains(_ZONED).fillna(False))  # none is taken for UTC
    elif form == ISO:
        text = text.where(~text.str.contains(r":.*" + _ZONED).fillna(False))
    try:
        parsed = pd.to_datetime(text, format=form, errors="coerce", utc=bool(zoned))
    except ValueError as cause:
        raise DataError(f'"{form}" is not a date format ({cause})', "see strftime(3)") from cause
    values = _nanos(parsed)
    offsets = None
    if zoned:
        bare = text.str.replace(r"\s?(?:Z|[+-]\d{2}:?\d{2})$", "", regex=True)
        local = _nanos(pd.to_datetime(bare, format=form.replace("%z", ""), errors="coerce"))
        offsets = np.where(values == NAT, 0, local - values)
    local_values = values if offsets is None else values + offsets
    whole_days = bool(np.all((local_values % DAY == 0) | (values == NAT)))
    if zoned and whole_days:  # dates that carry a zone are dates: offsets would tear them apart
        return Stamps(np.where(values == NAT, NAT, local_values), True, form, date_only=True)
    return Stamps(values, True, form, bool(zoned), offsets, whole_days)


def _nanos(parsed: pd.Series) -> Ints:
    """Nanoseconds; NAT where a date is missing or further off than they reach (1677, 2262)."""
    import pandas as pd

    flat = parsed.dt.tz_localize(None) if parsed.dt.tz is not None else parsed
    if flat.dt.unit == "ns":
        return np.asarray(flat.to_numpy().view("int64"))
    whole = flat.to_numpy().view("int64")
    scale = pd.Timedelta(1, flat.dt.unit).value
    most = np.iinfo(np.int64).max // scale
    return np.where((whole >= -most) & (whole <= most), whole * scale, NAT)


def _periods(
    table: Table, name: str, text: pd.Series, start: Callable[[str], str], words: str
) -> Stamps:
    """Periods of which each distinct cell is read by itself, such as 2020Q1."""
    codes, uniques = text.factorize()
    starts = np.array([start(str(cell)) for cell in uniques], dtype="datetime64[ns]")
    values = np.where(codes < 0, NAT, starts.view(np.int64)[codes])
    bad = (values == NAT) & (codes >= 0)
    if bad.any():
        _refuse(table, name, text, bad)
    return Stamps(values, True, words, date_only=True)


def _quarter(cell: str) -> str:
    """The first day of a quarter such as 2020Q1."""
    found = QUARTER.fullmatch(cell)
    return f"{found[1]}-{3 * int(found[2]) - 2:02d}-01" if found else "NaT"


def _week(cell: str) -> str:
    """The Monday of an ISO week such as 2020-W02, or the day that it names."""
    found = WEEK.fullmatch(cell)
    try:
        year, week, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
        return date.fromisocalendar(year, week, day).isoformat()
    except ValueError:
        return "NaT"


def _from_numbers(table: Table, name: str) -> Stamps:
    values, _ = table.numbers(name)
    missing = np.isnan(values)
    known = values[~missing]
    unit = epoch_unit(known.astype(np.int64)) if known.size else None
    if unit is not None:
        scale = next(scale for u, _, scale in EPOCHS if u == unit)
        column = table.frame[name]
        if column.dtype.kind == "i":
            nanos = column.to_numpy(dtype=np.int64) * scale
        else:
            nanos = np.where(missing, NAT, np.round(np.where(missing, 0, values) * scale))
        return Stamps(nanos.astype(np.int64), True, f"{unit} since 1970")
    if known.size and np.all(known == np.floor(known)):
        if is_years(known):
            months = ((np.where(missing, 1970, values) - 1970) * 12).astype(np.int64)
            nanos = months.astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64)
            return Stamps(np.where(missing, NAT, nanos), True, "%Y", date_only=True)
        if np.abs(known).max() < _FURTHEST:
            return Stamps(_whole(table.frame[name], values, missing), False, "integer steps")
    odd = (values != np.floor(values)) | (np.abs(values) >= _FURTHEST)
    row = int(np.argmax(odd & ~missing)) if known.size else 0
    raise DataError(
        f'{table.place(row)}, column "{name}": {values[row]:g} is not a time',
        "--time names the column of times",
    )


def _whole(column: pd.Series, values: Floats, missing: Bools) -> Ints:
    """[rows] integers to the last digit, which a float has not beyond 2**53."""
    if column.dtype.kind == "i":
        return np.asarray(column.to_numpy(dtype=np.int64))
    return np.where(missing, NAT, np.where(missing, 0, values).astype(np.int64))


def _nanoseconds(cell: str) -> int:
    """A time of day in nanoseconds; -1 where the cell is none. 24:00 ends the day."""
    if cell.isdigit() and int(cell) <= 24:
        return int(cell) * DAY // 24
    found = CLOCK.fullmatch(cell)
    if not found or int(found[1]) > 24 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return -1
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    return seconds * 10**9 + int((found[4] or "0").ljust(9, "0"))


def _regularity(values: Ints) -> float:
    """The share of the most common step among those between distinct times."""
    steps = np.diff(np.unique(values[values != NAT]))
    if steps.size == 0:
        return 0.0
    _, counts = np.unique(steps, return_counts=True)
    return float(counts.max() / steps.size)


def _refuse(
    table: Table, name: str, text: pd.Series, bad: Bools, kind: str = "date", fix: str = ""
) -> NoReturn:
    rows = np.flatnonzero(bad)
    problems = [
        f'{table.place(int(row))}, column "{name}": "{brief(text.iloc[int(row)])}" is not a {kind}'
        for row in rows[:5]
    ]
    more = f" (and {rows.size - 1} more)" if rows.size > 1 else ""
    fix = fix or "mend the cell, or --time names another column"
    raise DataError(problems[0] + more, fix, problems[1:])


def _mend(text: pd.Series, bad: Bools, form: str, given: bool) -> str:
    """What can be done about cells that a format does not fit."""
    fits = int((text.notna().to_numpy() & ~bad).sum())
    if given:
        return f'--date-format "{form}" fits {fits} cells; "%d.%m.%Y %H:%M" is how one is written'
    zoned = text.str.contains(":.*" + _ZONED).fillna(False).to_numpy()
    if zoned[bad].all() != zoned[~bad].any():
        return "times with an offset from UTC and times without do not go together; mend them"
    written = "ISO 8601" if form == ISO else f'"{form}"'
    return (
        f"{fits} cells are written {written}; mend the others, "
        "or say with --date-format how they are all written"
    )

"""Cells to times: formats recognised on the whole column, then parsed at once.

A column of times is recognised by the shape of its first cells; day-first or month-first is
decided on all of them. Results are int64 nanoseconds (naive, or UTC where the cells carry
offsets) or integer steps. Zones of naive times are the concern of zones.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.data.panel import Bools, Ints
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

NAT = np.iinfo(np.int64).min
DAY = 86_400 * 10**9
ISO = "ISO8601"

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?")
_STAMP = re.compile(
    r"(?P<date>.+?)"
    r"(?:(?P<gap>[T_]|\s+)(?P<clock>\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)(?P<fraction>[.,]\d+)?"
    r"(?P<half>\s?[AaPp][Mm])?\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
_DATES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), formats)
    for pattern, formats in (
        (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)),
        (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
        (r"\d{4}\.\d{1,2}\.\d{1,2}", ("%Y.%m.%d",)),
        (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y", "%m.%d.%Y")),
        (r"\d{1,2}/\d{1,2}/\d{4}", ("%d/%m/%Y", "%m/%d/%Y")),
        (r"\d{1,2}-\d{1,2}-\d{4}", ("%d-%m-%Y", "%m-%d-%Y")),
        (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y",)),
        (r"\d{1,2}/\d{1,2}/\d{2}", ("%d/%m/%y", "%m/%d/%y")),
        (r"\d{1,2}-\d{1,2}-\d{2}", ("%d-%m-%y", "%m-%d-%y")),
        (r"(1[89]|20|21)\d{6}", ("%Y%m%d",)),
        (r"(1[89]|20|21)\d{8}", ("%Y%m%d%H",)),
        (r"(1[89]|20|21)\d{10}", ("%Y%m%d%H%M",)),
        (r"(1[89]|20|21)\d{12}", ("%Y%m%d%H%M%S",)),
        (r"\d{1,2}-[A-Za-z]{3}-\d{4}", ("%d-%b-%Y",)),
        (r"\d{1,2}-[A-Za-z]{3}-\d{2}", ("%d-%b-%y",)),
        (r"\d{1,2} [A-Za-z]{3} \d{4}", ("%d %b %Y",)),
        (r"\d{1,2} [A-Za-z]{4,9} \d{4}", ("%d %B %Y",)),
        (r"[A-Za-z]{3} \d{1,2}, \d{4}", ("%b %d, %Y",)),
        (r"[A-Za-z]{3,9} \d{1,2}, \d{4}", ("%B %d, %Y",)),
        (r"\d{4}-\d{1,2}", ("%Y-%m",)),
        (r"\d{4}/\d{1,2}", ("%Y/%m",)),
        (r"\d{1,2}/\d{4}", ("%m/%Y",)),
        (r"\d{4}[Mm]\d{1,2}", ("%YM%m",)),
        (r"[A-Za-z]{3} \d{4}", ("%b %Y",)),
        (r"[A-Za-z]{3}-\d{4}", ("%b-%Y",)),
        (r"[A-Za-z]{3}-\d{2}", ("%b-%y",)),
        (r"[A-Za-z]{4,9} \d{4}", ("%B %Y",)),
        (r"\d{4} [A-Za-z]{3}", ("%Y %b",)),
        (r"\d{4}-[A-Za-z]{3}", ("%Y-%b",)),
    )
)
_EPOCHS = (("s", 10**8, 10**9), ("ms", 10**11, 10**6), ("us", 10**14, 10**3), ("ns", 10**17, 1))


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


def recognise(cells: Sequence[str]) -> tuple[str, ...]:
    """The formats that these cells may be written in; none where they are no times.

    Examples
    --------
    >>> recognise(["31.12.2020 23:00"])
    ('%d.%m.%Y %H:%M', '%m.%d.%Y %H:%M')
    """
    if not cells:
        return ()
    if all(_QUARTER.fullmatch(cell) for cell in cells):
        return ("%Y-Q",)
    found = [_formats(cell) for cell in cells]
    first = found[0]
    if all(one == first for one in found):
        return first
    dates = {tuple(f.split("%H")[0].split("%I")[0].strip("T ") for f in one) for one in found}
    if dates == {("%Y-%m-%d",)}:
        return (ISO,)  # written with and without a time of day, or of a fraction
    return ()


def is_time_of_day(cells: Sequence[str]) -> bool:
    """Whether all cells are such as 18:00, 18:00:00 or 18.00.00."""
    return bool(cells) and all(
        (m := _CLOCK.fullmatch(cell)) and int(m[1]) <= 24 and int(m[2]) < 60 for cell in cells
    )


def epoch_unit(values: Ints) -> str | None:
    """The unit in which these integers count from 1970, by their size; None if in none."""
    low, high = int(values.min()), int(values.max())
    for unit, floor, _ in _EPOCHS:
        if floor <= low and high < floor * 100:
            return unit
    return None


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
    formats = recognise(cells)
    if formats:
        return _parse(table, name, text, formats)
    if table.frame[name].dtype.kind in "if":
        return _from_numbers(table, name)
    odd = _most_common_format(cells)
    if odd:
        return _parse(table, name, text, odd)
    raise DataError(
        f'column "{name}": "{cells[0] if cells else ""}" is not a time in a known format',
        f'--date-format "%d.%m.%Y %H:%M" says how "{name}" is written, --time names another',
    )


def parse_pair(table: Table, date: str, clock: str, given: str | None) -> Stamps:
    """Read a date and a time of day (or an hour number) in two columns."""
    both = " ".join(given.split()[:1]) if given and " " in given else given
    days = parse_column(table, date, both)
    text = table.text(clock)
    codes, uniques = text.factorize()
    nanos = np.array([_nanoseconds(str(cell)) for cell in uniques], dtype=np.int64)
    if table.frame[clock].dtype.kind in "if" and nanos.size and nanos.max() == 24 * DAY // 24:
        nanos -= DAY // 24  # hours numbered 1 to 24 are hour-ending
    wrong = np.isin(codes, np.flatnonzero(nanos < 0))
    if wrong.any():
        _refuse(table, clock, text, wrong)
    missing = (codes < 0) | (days.values == NAT)
    shift = nanos[np.maximum(codes, 0)] if nanos.size else np.zeros(len(codes), dtype=np.int64)
    values = np.where(missing, NAT, days.values + shift)
    return Stamps(values, True, f"{days.format} + time of day", date_only=False, why=days.why)


def parse_parts(table: Table, parts: Sequence[str]) -> Stamps:
    """Read year, month, day[, hour[, minute]] columns."""
    numbers = [table.numbers(name)[0] for name in parts]
    missing = np.any([np.isnan(n) for n in numbers], axis=0)
    year, month, day, *clock = [np.where(missing, 1, n).astype(np.int64) for n in numbers]
    year = np.where(missing, 1970, np.where(year < 100, year + 2000, year))
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    wrong = (month < 1) | (month > 12) | (day < 1) | (day > _month_days(months))
    if wrong.any():
        _refuse(table, parts[2], table.text(parts[2]), wrong)
    values = (first.astype(np.int64) + day - 1) * DAY
    for part, unit in zip(clock, (DAY // 24, DAY // 1440, DAY // 86400), strict=False):
        values = values + part * unit
    values = np.where(missing, NAT, values)
    return Stamps(values, True, ", ".join(parts), date_only=not clock)


def _month_days(months: Ints) -> Ints:
    start = months.astype("datetime64[M]")
    return ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64)


def _formats(cell: str) -> tuple[str, ...]:
    whole = _STAMP.fullmatch(cell)
    if not whole:
        return ()
    for pattern, formats in _DATES:
        if pattern.fullmatch(whole["date"]):
            break
    else:
        return ()
    tail = ""
    if whole["clock"]:
        mark = "." if "." in whole["clock"] else ":"
        hour = "%I" if whole["half"] else "%H"
        parts = [hour, "%M", "%S"][: whole["clock"].count(mark) + 1]
        gap = whole["gap"] if whole["gap"] in "T_" else " "
        tail = gap + mark.join(parts) + (f"{whole['fraction'][0]}%f" if whole["fraction"] else "")
        if whole["half"]:
            tail += (" " if whole["half"][0] == " " else "") + "%p"
    if whole["zone"]:
        tail += "%z"
    if formats == ("%Y-%m-%d",) and (whole["zone"] or whole["fraction"]) and ":" in tail:
        return (ISO,)
    return tuple(f + tail for f in formats)


def _most_common_format(cells: Sequence[str]) -> tuple[str, ...]:
    """The format of most cells, so that the few others can be shown as wrong."""
    found = [_formats(cell) for cell in cells]
    common = max(set(found), key=found.count, default=())
    return common if found.count(common) > len(found) / 2 else ()


def _parse(
    table: Table, name: str, text: pd.Series, formats: tuple[str, ...], given: bool = False
) -> Stamps:
    if formats == ("%Y-Q",):
        return _quarters(table, name, text)
    fits = []
    for one in formats:
        parsed = _to_datetime(text, one)
        bad = (parsed.values == NAT) & text.notna().to_numpy()
        if bad.any():  # blanks around a cell far down
            parsed = _to_datetime(text.str.strip(), one)
            bad &= parsed.values == NAT
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
        _refuse(table, name, text, bad, form if not given else "")
    return Stamps(
        parsed.values, True, form, parsed.aware, parsed.offsets, parsed.date_only, why
    )


def _to_datetime(text: pd.Series, form: str) -> Stamps:
    """Parse with one format; NAT where a cell is missing or does not fit."""
    import pandas as pd

    sample = text.dropna().iloc[:200].astype("str")
    zoned = sample.str.contains(r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$").any() and ("%z" in form or form == ISO)
    if zoned:
        text = text.str.replace(r"\s?(?:UTC|GMT)$", "Z", regex=True)
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
    flat = parsed.dt.tz_localize(None) if parsed.dt.tz is not None else parsed
    return flat.dt.as_unit("ns").to_numpy().view("int64")


def _quarters(table: Table, name: str, text: pd.Series) -> Stamps:
    codes, uniques = text.factorize()
    starts = np.full(len(uniques), NAT, dtype=np.int64)
    for i, cell in enumerate(uniques):
        found = _QUARTER.fullmatch(str(cell))
        if found:
            month = (int(found[1]) - 1970) * 12 + 3 * (int(found[2]) - 1)
            starts[i] = np.datetime64(month, "M").astype("datetime64[ns]").astype(np.int64)
    values = np.where(codes < 0, NAT, starts[codes])
    bad = (values == NAT) & (codes >= 0)
    if bad.any():
        _refuse(table, name, text, bad)
    return Stamps(values, True, "year and quarter", date_only=True)


def _from_numbers(table: Table, name: str) -> Stamps:
    values, _ = table.numbers(name)
    missing = np.isnan(values)
    known = values[~missing]
    unit = epoch_unit(known.astype(np.int64)) if known.size else None
    if unit is not None:
        scale = next(scale for u, _, scale in _EPOCHS if u == unit)
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
        steps = np.where(missing, NAT, np.where(missing, 0, values).astype(np.int64))
        return Stamps(steps, False, "integer steps")
    row = int(np.flatnonzero(~missing)[0]) if known.size else 0
    raise DataError(
        f'{table.place(row)}, column "{name}": {known[0] if known.size else ""} is not a time',
        "--time names the column of times",
    )


def is_years(values: np.ndarray) -> bool:
    """Whether numbers look like years: 1700 to 2200, most one apart."""
    distinct = np.unique(values)
    inside = distinct[0] >= 1700 and distinct[-1] <= 2200
    return bool(inside and distinct.size > 2 and np.median(np.diff(distinct)) == 1)


def _nanoseconds(cell: str) -> int:
    """A time of day in nanoseconds; -1 where the cell is none. 24:00 ends the day."""
    if cell.isdigit() and int(cell) <= 24:
        return int(cell) * DAY // 24
    found = _CLOCK.fullmatch(cell)
    if not found or int(found[1]) > 24 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return -1
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    return seconds * 10**9 + int((found[4] or "0").ljust(9, "0"))


def _regularity(values: Ints) -> float:
    """The share of the most common step among all steps, in file order."""
    steps = np.abs(np.diff(values[values != NAT]))
    if steps.size == 0:
        return 0.0
    _, counts = np.unique(steps, return_counts=True)
    return float(counts.max() / steps.size)


def _refuse(table: Table, name: str, text: pd.Series, bad: Bools, form: str = "") -> None:
    rows = np.flatnonzero(bad)
    problems = [
        f'{table.place(int(row))}, column "{name}": "{text.iloc[int(row)]}" is not a date'
        for row in rows[:5]
    ]
    more = f" (and {rows.size - 1} more)" if rows.size > 1 else ""
    fix = '--date-format says how times are written, such as "%Y-%d-%m"'
    if form:
        fix += f'; "{form}" fits the others'
    raise DataError(problems[0] + more, fix, problems)

"""How times are written: from the look of some cells to the formats they may have.

Nothing is parsed here; a format is a strptime pattern or a word of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from forecast_cli.data.panel import Floats, Ints

ISO = "ISO8601"

CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?")
_STAMP = re.compile(
    r"(?P<date>.+?)"
    r"(?:(?P<gap>[T_]|\s+)(?P<clock>\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)(?P<fraction>[.,]\d+)?"
    r"(?P<half>\s?[AaPp][Mm])?\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
WEEK = re.compile(r"(\d{4})-?[Ww](\d{2})(?:-?([1-7]))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|"
    r"oct(ober)?|nov(ember)?|dec(ember)?",
    re.I,
)
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
EPOCHS = (("s", 10**8, 10**9), ("ms", 10**11, 10**6), ("us", 10**14, 10**3), ("ns", 10**17, 1))


def recognise(cells: Sequence[str]) -> tuple[str, ...]:
    """The formats that these cells may be written in; none where they are no times.

    Examples
    --------
    >>> recognise(["31.12.2020 23:00"])
    ('%d.%m.%Y %H:%M', '%m.%d.%Y %H:%M')
    """
    if not cells:
        return ()
    if all(QUARTER.fullmatch(cell) for cell in cells):
        return ("%Y-Q",)
    if all(WEEK.fullmatch(cell) for cell in cells):
        return ("%G-W%V",)
    found = [_formats(cell) for cell in cells]
    first = found[0]
    if all(one == first for one in found):
        return first
    dates = {tuple(f.split("%H")[0].split("%I")[0].strip("T ") for f in one) for one in found}
    if dates == {("%Y-%m-%d",)}:
        return (ISO,)  # written with and without a time of day, or of a fraction
    return ()


def likely_formats(cells: Sequence[str]) -> tuple[str, ...]:
    """The most common formats where most cells are times, so that the others can be shown."""
    formats = recognise(cells)
    if formats or not cells:
        return formats
    found = [_formats(cell) for cell in cells]
    times = [formats for formats in found if formats]
    if len(times) <= len(found) / 2:
        return ()
    return max(dict.fromkeys(times), key=times.count)


def has_clock(formats: Sequence[str]) -> bool:
    """Whether the formats hold a time of day.

    Examples
    --------
    >>> has_clock(["%d.%m.%Y %H:%M"]), has_clock(["%Y-%m"])
    (True, False)
    """
    return any(mark in form for form in formats for mark in ("%H", "%I", ISO))


def is_time_of_day(cells: Sequence[str]) -> bool:
    """Whether all cells are such as 18:00, 18:00:00 or 18.00.00."""
    return bool(cells) and all(
        (m := CLOCK.fullmatch(cell)) and int(m[1]) <= 24 and int(m[2]) < 60 for cell in cells
    )


def month_number(cell: str) -> int:
    """The month of a number or an English name; 0 where the cell is none.

    Examples
    --------
    >>> month_number("Sept"), month_number("july"), month_number("03"), month_number("north")
    (9, 7, 3, 0)
    """
    if cell.isdecimal():
        return int(cell) if 1 <= int(cell) <= 12 else 0
    named = _MONTH.fullmatch(cell.rstrip("."))
    return _MONTHS.index(cell[:3].lower()) + 1 if named else 0


def epoch_unit(values: Ints) -> str | None:
    """The unit in which these integers count from 1970, by their size; None if in none."""
    low, high = int(values.min()), int(values.max())
    for unit, floor, _ in EPOCHS:
        if floor <= low and high < floor * 100:
            return unit
    return None


def is_years(values: Ints | Floats) -> bool:
    """Whether numbers look like years: 1700 to 2200, most one apart."""
    distinct = np.unique(values)
    inside = distinct[0] >= 1700 and distinct[-1] <= 2200
    return bool(inside and distinct.size > 2 and np.median(np.diff(distinct)) == 1)


def _formats(cell: str) -> tuple[str, ...]:
    whole = _STAMP.fullmatch(cell)
    if not whole:
        return ()
    formats = next((f for pattern, f in _DATES if pattern.fullmatch(whole["date"])), ())
    if not formats:
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

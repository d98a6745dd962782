"""Which column is what: targets, covariates, and what is left out.

Options are obeyed; what they leave open is inferred from names and cells. Every column that
ends up unused is named with the reason. Cells are parsed elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.axis import is_unread_time
from forecast_cli.data.formats import likely_formats
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Floats
from forecast_cli.data.table import LARGEST, Table
from forecast_cli.errors import DataError, UsageError, brief, did_you_mean

_CALENDAR_NAME = re.compile(
    r"^(year|yr|month|mnth|day|dom|hour|hr|minute|weekday|dow|day_?of_?week|quarter|week|"
    r"week_?of_?year|day_?of_?year|weekstatus)$",
    re.I,
)
_IDENTIFIER = re.compile(r"^id$|[_. ]id$|(?<=[a-z])I[dD]$|^(master|sample|record|user)id$", re.I)
_LOOKED_AT = 200  # columns of text, where none is a number
_CONSTANT = "constant columns"
_EMPTY = "columns without a value"
_FLAGS = "true/false columns"
_IDS = "identifier columns"
_UNREAD = "times that are not read"
_TEXT = "text columns"
_MIXED = "columns with text among numbers"
_VARIABLE_NAME = re.compile(
    r"^(variable|parameter|param|measure|measurement|metric|quantity|signal|channel|name|item|"
    r"attribute|feature|indicator|tag)s?(_?name)?$",
    re.I,
)
_NUMBERED = re.compile(r"(\D*)(\d+)")


@dataclass(frozen=True)
class Roles:
    """What each used column is for."""

    targets: tuple[str, ...]
    entity: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    several: bool = False  # targets were, even if one is left: ids then name them


def check_names(table: Table, options: DataOptions) -> None:
    """Refuse options that name a column which is not there, or one column twice.

    Raises
    ------
    UsageError
    """
    named = {
        "--time": options.time,
        "--target": options.target,
        "--id": () if options.id is None else (options.id,),
        "--variable": (options.variable,) if options.variable else (),
        "--value": (options.value,) if options.value else (),
        "--static": options.static,
    }
    if options.variable is None:
        named |= {"--past": options.past, "--future": options.future}
    else:
        named.pop("--target")
    seen: dict[str, str] = {}
    for option, columns in named.items():
        for name in columns:
            if name not in table.names:
                raise UsageError(f'{option}: no column "{name}"', did_you_mean(name, table.names))
            if name in seen:
                raise UsageError(
                    f'column "{name}" is named by {seen[name]} and by {option}',
                    "a column can have one role",
                )
            seen[name] = option
    if bool(options.variable) != bool(options.value):
        raise UsageError("--variable and --value belong together", "name both columns, or neither")


def find_roles(
    table: Table, entity: tuple[str, ...], used: Iterable[str], options: DataOptions, notes: Notes
) -> Roles:
    """Choose the targets, and name every column that is left out.

    Raises
    ------
    DataError
        No column can be forecast.
    """
    taken = {*used, *entity, *options.past, *options.future, *options.static}
    roles = (entity, options.past, options.future, options.static)
    if options.target:
        _tell_unused(table, {*taken, *options.target}, notes)
        return Roles(options.target, *roles)
    targets: list[str] = []
    left: dict[str, list[str]] = {}
    for name in table.names:
        if name in taken:
            continue
        reason = _no_target(table, name)
        if reason:
            left.setdefault(reason, []).append(name)
        else:
            targets.append(name)
    if not targets and _FLAGS in left:
        targets = left.pop(_FLAGS)
    elif not targets and _CONSTANT in left:
        targets = left.pop(_CONSTANT)
        notes.warn("all values are the same: there is nothing to learn from them")
    _tell_mixed(table, left.get(_MIXED, []), notes)
    for reason, names in left.items():
        shown = ", ".join(f'"{n}"' for n in names[:8]) + (" …" if len(names) > 8 else "")
        notes.repair(reason, len(names), f"left out: {shown}", "--target COLUMN")
    if not targets and (left.get(_MIXED) or (left.get(_TEXT) and not left.get(_EMPTY))):
        _refuse_text(table, (*left.get(_MIXED, ()), *left.get(_TEXT, ())))
    if not targets and left.get(_EMPTY):
        raise DataError(
            f'{table.sheets[0].source.name}: column "{left[_EMPTY][0]}" has no value at all, and '
            "no other is left to forecast",
            "--target names another column; --na says what counts as missing",
        )
    if not targets:
        why = "; ".join(f"{reason}: " + ", ".join(names[:8]) for reason, names in left.items())
        raise DataError(
            f"{table.sheets[0].source.name}: no column of numbers is left to forecast"
            + (f" ({why})" if why else ""),
            "--target names one; columns are " + ", ".join(table.names[:12]),
        )
    if not entity:
        _suggest_layout(table, targets, left, set(used), notes)
    several = f"{len(targets)} columns, each a series" if len(targets) > 1 else f'"{targets[0]}"'
    notes.guess("target", several, f'--target "{targets[-1]}"')
    return Roles(tuple(targets), *roles)


def _tell_unused(table: Table, used: set[str], notes: Notes) -> None:
    """Name the columns of numbers that were not asked for."""
    idle = [n for n in table.names if n not in used and table.frame[n].dtype.kind in "iuf"]
    if idle:
        shown = ", ".join(f'"{name}"' for name in idle[:8]) + (" …" if len(idle) > 8 else "")
        notes.guess("not used", shown, f'--past "{idle[0]}"', "columns of numbers, not named")


def _suggest_layout(
    table: Table,
    targets: Sequence[str],
    left: Mapping[str, Sequence[str]],
    times: set[str],
    notes: Notes,
) -> None:
    """Warn where a file that is read as one series looks like many, one below the other.

    Times that come again would have told them apart; these are for files without.
    """
    texts = left.get(_TEXT, ())
    ids = (*left.get(_IDS, ()), *filter(_IDENTIFIER.search, texts))
    stacked = [name for name in ids if _in_blocks(table, name)]
    labels = [name for name in texts if not times and _are_labels(table, name)]
    options = [f'--id "{stacked[0]}"'] if stacked else []
    if len(targets) == 1 and labels and (stacked or _VARIABLE_NAME.match(labels[0])):
        options.append(f'--variable "{labels[0]}" --value "{targets[0]}"')
    if options:
        notes.warn(
            "rows are read as one long series, but this looks like many series one below the "
            f"other; if so: {' '.join(options)}"
        )


def _in_blocks(table: Table, name: str) -> bool:
    """Whether each value of a column fills consecutive rows, several of them on average."""
    codes, uniques = table.labels(name).factorize()
    changes = int((np.diff(codes) != 0).sum())
    return 2 <= len(uniques) <= len(codes) / 2 and changes == len(uniques) - 1


def _are_labels(table: Table, name: str) -> bool:
    """Whether a column of text holds few values that come again and again."""
    codes, uniques = table.labels(name).factorize()
    return 2 <= len(uniques) <= min(200, len(codes) / 10)


def _tell_mixed(table: Table, names: Sequence[str], notes: Notes) -> None:
    """Show the text in columns that are numbers otherwise."""
    for name in names[:3]:
        bad = table.numbers(name)[1]
        count = int(bad.sum())
        what = "cells is no number" if count == 1 else "cells are no numbers"
        row = int(np.flatnonzero(bad)[0])
        cell = brief(table.frame[name].iloc[row])
        notes.warn(
            f'column "{name}" is left out: {count} of its {what} '
            f'(first: {table.place(row)}, "{cell}"); --na "{cell}" makes them missing'
        )


def _no_target(table: Table, name: str) -> str:
    """Why a column is no target; empty where it is one."""
    column = table.frame[name]
    if column.isna().all():
        return _EMPTY
    if table.is_boolean(name):
        return _FLAGS
    if table.is_text(name):
        return _TEXT
    if is_unread_time(table, name):
        return _UNREAD
    values, bad = table.numbers(name)
    known = values[np.isfinite(values)]
    if bad.any():
        return _TEXT if bad.sum() > known.size else _MIXED
    if len(table.frame) > 1 and known.size and known.min() == known.max():
        return _CONSTANT
    if known.size and np.all((known == 0) | (known == 1)):
        return _FLAGS
    if column.dtype.kind in "iu":
        if name == table.names[0] and len(known) > 2 and np.all(np.diff(known) == 1):
            return "row counters"
        if _CALENDAR_NAME.match(name):
            return "calendar columns"
        if _IDENTIFIER.search(name):
            return _IDS
    return ""


def series_in_rows(table: Table, options: DataOptions) -> bool:
    """Whether each row is a series: a unique name, then numbered columns (M4's layout)."""
    names = table.names
    asked = (options.time, options.target, options.past, options.future, options.static)
    if any(asked) or options.variable or options.id not in (None, names[0]) or len(names) < 6:
        return False
    first = table.frame[names[0]]
    if first.dtype.kind in "iufb" or not first.is_unique or first.isna().any():
        return False
    if any(table.frame[name].dtype.kind not in "iuf" for name in names[1:]):
        return False
    if likely_formats([str(cell) for cell in first.iloc[:50]]):
        return False
    numbered = [_NUMBERED.fullmatch(name) for name in names[1:]]
    if not all(numbered) or len({m[1] for m in numbered if m}) != 1:
        return False
    return bool(np.all(np.diff([int(m[2]) for m in numbered if m]) == 1))


def number_columns(table: Table, names: Iterable[str], notes: Notes) -> dict[str, Floats]:
    """The numbers of the named columns.

    Raises
    ------
    DataError
        Cells of a column that was asked for are no numbers.
    """
    columns: dict[str, Floats] = {}
    for name in names:
        values, bad = table.numbers(name)
        if bad.any():
            _refuse_cells(table, name, bad)
        if table.is_boolean(name):
            notes.guess(f'column "{name}"', "true = 1, false = 0", "--target COLUMN")
        columns[name] = values
    return columns


def _refuse_text(table: Table, names: Sequence[str]) -> NoReturn:
    """Refuse a file of text; shows the column that has most numbers, or looks most like them."""
    names = names[:_LOOKED_AT]
    wrong = {name: table.numbers(name)[1] for name in names}
    digits = {name: _with_digits(table, name) for name in names}
    name = min(names, key=lambda name: (float(wrong[name].mean()), -digits[name]))
    if wrong[name].all() and digits[name] < 0.5:
        raise DataError(
            f"{table.sheets[0].source.name}: no column of numbers is left to forecast (text: "
            + ", ".join(f'"{name}"' for name in names[:8])
            + ")",
            "name a file with a column of numbers, or its separator with --sep",
        )
    _refuse_cells(table, name, wrong[name])


def _with_digits(table: Table, name: str) -> float:
    """The share of the first cells that hold a digit."""
    return float(table.text(name).dropna().iloc[:100].str.contains(r"\d").mean())


def _refuse_cells(table: Table, name: str, bad: Bools) -> NoReturn:
    """Show the first cells of a column that are no numbers."""
    rows = np.flatnonzero(bad)
    cells = [brief(cell) for cell in table.frame[name].iloc[rows[:5]]]
    large = table.frame[name].dtype.kind in "iuf"
    word = f"is beyond {LARGEST:g}" if large else "is not a number"
    problems = [
        f'{table.place(int(row))}, column "{name}": "{cell}" {word}'
        for row, cell in zip(rows, cells, strict=False)
    ]
    more = f" (and {rows.size - 1} more)" if rows.size > 1 else ""
    if large:
        fix = "divide the column by a power of ten"
    elif rows.size > 0.2 * bad.size:
        fix = "write plain numbers, such as -1234.5: no %, no currency, no other signs"
    else:
        fix = f'--na "{cells[0]}" makes such cells missing'
    raise DataError(problems[0] + more, fix, problems[1:])

"""Which column is what: ids, targets, covariates, and what is left out.

Options are obeyed; what they leave open is inferred from names and cells. Every column that
ends up unused is named with the reason. Cells are parsed elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.formats import likely_formats
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError, UsageError, did_you_mean

_ID_NAME = re.compile(
    r"(^|_|\b)(id|ids|code|key|name|series|store|shop|item|product|sku|meter|customer|client|"
    r"station|sensor|unit|machine|engine|site|zone|region|sequence|household|symbol|ticker)s?"
    r"($|_|\b)|id$",
    re.I,
)
_CALENDAR_NAME = re.compile(
    r"^(year|yr|month|mnth|day|dom|hour|hr|minute|weekday|dow|day_?of_?week|quarter|week|"
    r"week_?of_?year|day_?of_?year|weekstatus)$",
    re.I,
)
_IDENTIFIER = re.compile(r"^id$|[_. ]id$|(?<=[a-z])I[dD]$|^(master|sample|record|user)id$", re.I)
_CONSTANT = "constant columns"
_FLAGS = "true/false columns"
_MIXED = "columns with text among numbers"
_NUMBERED = re.compile(r"(\D*)(\d+)")


@dataclass(frozen=True)
class Roles:
    """What each used column is for."""

    targets: tuple[str, ...]
    entity: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()


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


def find_entity(
    table: Table, times: Ints, used: Iterable[str], options: DataOptions, notes: Notes
) -> tuple[str, ...]:
    """The column or columns that tell series apart, where the same times come again and again."""
    import pandas as pd

    if options.id is not None:
        return (options.id,)
    rows = len(times)
    codes, distinct = pd.factorize(times)
    if len(distinct) > 0.6 * rows:
        return ()
    used = {*used, *options.target, *options.past, *options.future, *options.static}
    found: list[tuple[str, Ints, int]] = []
    for name in table.names:
        column = table.frame[name]
        if name in used or column.dtype.kind in "fb" or table.is_boolean(name):
            continue
        ids, uniques = pd.factorize(column)
        if not 2 <= len(uniques) <= rows / 2 or (ids < 0).any():
            continue
        blocks = int((np.diff(ids) != 0).sum()) < 2 * len(uniques)
        if column.dtype.kind in "iu" and not (_ID_NAME.search(name) or blocks):
            continue
        found.append((name, ids, len(uniques)))
    best: tuple[tuple[float, ...], tuple[str, ...]] | None = None
    for size in (1, 2, 3):
        for group in combinations(found[:12], size):
            key = codes.astype(np.int64)
            for _, ids, n in group:
                key = key * n + ids
            repeats = 1 - len(pd.unique(key)) / rows
            if repeats <= 0.02:
                hint = sum(not _ID_NAME.search(name) for name, _, _ in group)
                score = (round(repeats, 3), hint, float(np.prod([n for _, _, n in group])))
                if best is None or score < best[0]:
                    best = (score, tuple(name for name, _, _ in group))
        if best is not None:
            break
    if best is None:
        return ()
    names = best[1]
    option = f'--id "{names[0]}"' if len(names) == 1 else "--id COLUMN"
    notes.guess("id", " + ".join(f'"{n}"' for n in names), option, "its values share times")
    return names


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
    if not targets:
        raise DataError(
            f"{table.sheets[0].source.name}: no column of numbers is left to forecast",
            "--target names one; columns are " + ", ".join(table.names[:12]),
        )
    several = f"{len(targets)} columns, each a series" if len(targets) > 1 else f'"{targets[0]}"'
    notes.guess("target", several, f'--target "{targets[-1]}"')
    return Roles(tuple(targets), *roles)


def _tell_mixed(table: Table, names: Sequence[str], notes: Notes) -> None:
    """Show the text in columns that are numbers otherwise."""
    for name in names[:3]:
        bad = table.numbers(name)[1]
        row = int(np.flatnonzero(bad)[0])
        cell = table.frame[name].iloc[row]
        notes.warn(
            f'column "{name}" is left out: {int(bad.sum())} of its cells are no numbers '
            f'(first: {table.place(row)}, "{cell}"); --na "{cell}" makes them missing'
        )


def _no_target(table: Table, name: str) -> str:
    """Why a column is no target; empty where it is one."""
    column = table.frame[name]
    if column.isna().all():
        return "columns without a value"
    if table.is_boolean(name):
        return _FLAGS
    if table.is_text(name):
        return "text columns"
    values, bad = table.numbers(name)
    known = values[np.isfinite(values)]
    if bad.any():
        return "text columns" if bad.sum() > known.size else _MIXED
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
            return "identifier columns"
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
            rows = np.flatnonzero(bad)
            cells = table.frame[name]
            problems = [
                f'{table.place(int(r))}, column "{name}": "{cells.iloc[int(r)]}" is not a number'
                for r in rows[:5]
            ]
            more = f" (and {rows.size - 1} more)" if rows.size > 1 else ""
            raise DataError(
                problems[0] + more,
                f'--na "{cells.iloc[int(rows[0])]}" makes such cells missing',
                problems,
            )
        if table.is_boolean(name):
            notes.guess(f'column "{name}"', "true = 1, false = 0", "--target COLUMN")
        columns[name] = values
    return columns

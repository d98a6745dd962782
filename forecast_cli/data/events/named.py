"""Name/value histories: a row for each value, which says of what variable it is.

Nothing here loops over entities, nor over rows: an archive of millions of cells is put into
rows by one sort.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.columns import number_columns
from forecast_cli.data.entities import NAMELESS, Entities, natural
from forecast_cli.data.events.encode import Encoder
from forecast_cli.data.events.measured import TEXT_SHARE, Measured, parted
from forecast_cli.data.events.order import Ordered, unfold
from forecast_cli.data.events.whose import plain
from forecast_cli.data.missing import mark_missing
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.data.table import Table

_VARIABLE = re.compile(
    r"^(variable|parameter|param|measurement|measure|metric|quantity|signal|channel|attribute|"
    r"feature|indicator|item|code|test|analyte)s?(_?(name|code|id))?$",
    re.I,
)
_VALUE = re.compile(r"^(value|val|result|reading|value_?num|measured_?value)s?$", re.I)


def guess_layout(table: Table, options: DataOptions, notes: Notes) -> DataOptions:
    """The options with the columns of names and values where the header is plain.

    Examples of a plain header: Parameter and Value, variable and value, test and result.
    """
    if options.variable or options.value or options.past:
        return options
    named = [n for n in table.names if _VARIABLE.match(n) and table.is_text(n)]
    valued = [n for n in table.names if _VALUE.match(n) and n not in named]
    if len(named) != 1 or len(valued) != 1 or len(table.names) > 6:
        return options
    found = {"variable": named[0], "value": valued[0]}
    for role, name in found.items():
        notes.resolve(role, name)
    notes.guess(
        "layout",
        f'name/value: names in "{named[0]}", values in "{valued[0]}"',
        f'--variable "{named[0]}" --value "{valued[0]}"',
    )
    return options.model_copy(update=found)


def measure_named(
    table: Table,
    times: Ints,
    entities: Entities,
    label: str | None,
    options: DataOptions,
    encoder: Encoder,
) -> Measured:
    """A row for each value, and a column that says of what.

    Variables that ``options.static`` names, and those that each entity has once, with its first
    time, are fixed; their first known value counts.

    Raises
    ------
    DataError, UsageError
    """
    import pandas as pd

    notes, variable = encoder.notes, str(options.variable)
    codes, found = pd.factorize(table.labels(variable).fillna(NAMELESS))
    places = sorted(range(len(found)), key=lambda i: natural(str(found[i])))
    names = [str(found[i]) for i in places]  # [V] in natural order
    codes = np.argsort(places)[codes]  # [cells]
    values, texts = _cells(table, codes, names, label, options, encoder)
    seen = np.isfinite(values)
    notes.repair("cells without a value", int((~seen).sum()), "of a variable, left out")
    cells = np.flatnonzero(seen)
    rows = unfold(
        entities.codes[cells],
        times[cells],
        codes[cells],
        values[cells],
        len(names),
        lambda cell: table.place(int(cells[cell])),
        notes,
    )
    fixed = _fixed(rows, names, label, options, encoder.known is None, notes)
    dropped = _is_id(names, entities.column)
    notes.repair("identifier variables", len(dropped), "left out: " + ", ".join(dropped))
    wanted = options.past or [n for n in names if n not in fixed and n not in dropped]
    wanted = [name for name in wanted if name != label]
    spare = [n for n in names if n not in {*wanted, *fixed, *dropped, label}]
    notes.repair("variables not used", len(spare), "left out: " + ", ".join(spare[:8]), "--past")
    static = np.column_stack(
        [_firsts(rows, names, name, len(entities.names)) for name in fixed]
        or [np.zeros((len(entities.names), 0))]
    )
    columns = [_column(rows.values, names, name) for name in wanted]
    last = _column(rows.values, names, label)
    kept = Ordered(rows.entity, rows.times, np.column_stack([*columns, last]))
    labels = _named_labels(last, label, texts)
    codes_of = {text: code for code, text in enumerate(labels)}
    if label is not None and label not in texts:
        kept.values[:, -1] = [codes_of.get(f"{v:g}", np.nan) for v in last]
    notes.guess("layout", f"name/value, {len(names)} variables", "--variable --value")
    return parted(kept, tuple(wanted), label, labels, static, tuple(fixed))


def _cells(
    table: Table,
    codes: Ints,
    names: Sequence[str],
    label: str | None,
    options: DataOptions,
    encoder: Encoder,
) -> tuple[Floats, dict[str, tuple[str, ...]]]:
    """[cells] numbers, or codes of the variables that are text; and the labels of those."""
    value = str(options.value)
    values, bad = table.numbers(value)
    texts: dict[str, tuple[str, ...]] = {}
    known = encoder.known or {}
    wrong = np.bincount(codes[bad], minlength=len(names))
    filled = np.bincount(codes[bad | np.isfinite(values)], minlength=len(names))
    if bad.any() or known:
        values = values.copy()
        for v, name in enumerate(names):
            if name in known or wrong[v] > TEXT_SHARE * filled[v]:
                mine = np.flatnonzero(codes == v)
                values[mine] = encoder.codes(name, table.take(mine).text(value))
                texts[name] = encoder.notes.labels[name]
                if name == label:
                    del encoder.notes.labels[name]
                bad[mine] = False
    if bad.any():
        number_columns(table, (value,), encoder.notes)  # which shows the cells
    by_name = {n: values[codes == v] for v, n in enumerate(names) if n not in texts and n != label}
    marked = mark_missing(by_name, options.na, encoder.notes)
    for v, name in enumerate(names):
        if name in marked and marked[name] is not by_name[name]:
            values[codes == v] = marked[name]
    return values, texts


def _fixed(
    rows: Ordered,
    names: Sequence[str],
    label: str | None,
    options: DataOptions,
    infer: bool,
    notes: Notes,
) -> list[str]:
    """The variables that are fixed: named so, or each entity has them once, at its first time."""
    named = [name for name in options.static if name in names]
    if not infer:
        return named
    _, firsts = np.unique(rows.entity, return_index=True)
    start = np.zeros(len(rows.times), dtype=np.int64)
    start[firsts] = 1
    first_time = rows.times[firsts][np.cumsum(start) - 1]  # [rows]
    changing = np.maximum.reduceat(rows.times, firsts) > rows.times[firsts]  # [E]
    found = []
    for v, name in enumerate(names):
        seen: Bools = np.isfinite(rows.values[:, v])
        owners = rows.entity[seen]
        once = len(np.unique(owners)) == len(owners)
        early = bool(np.all(rows.times[seen] == first_time[seen]))
        if once and early and 2 * len(owners) >= len(firsts) and changing.mean() >= 0.5:
            found.append(name)
    skipped = {*named, *options.past, label, *_is_id(names, options.id or "")}
    guessed = [name for name in found if name not in skipped]
    if guessed:
        shown = ", ".join(guessed)
        notes.guess(
            "statics", shown, "--past VARIABLE", "each entity has them once, at its first time"
        )
    return [*named, *guessed]


def _firsts(rows: Ordered, names: Sequence[str], name: str, n_entities: int) -> Floats:
    """[E] the first known value of a variable."""
    values = rows.values[:, names.index(name)]
    seen = np.flatnonzero(np.isfinite(values))
    owners, first = np.unique(rows.entity[seen], return_index=True)
    fixed = np.full(n_entities, np.nan)
    fixed[owners] = values[seen[first]]
    return fixed


def _is_id(names: Sequence[str], column: str) -> list[str]:
    """Variables that repeat the id, as the descriptors of some archives do."""
    return [name for name in names if plain(name) == plain(column)]


def _column(values: Floats, names: Sequence[str], name: str | None) -> Floats:
    """[rows] a variable; NaN where the file has none of that name."""
    if name is None or name not in names:
        return np.full(len(values), np.nan)
    return values[:, names.index(name)]


def _named_labels(
    column: Floats, label: str | None, texts: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    if label is None:
        return ()
    if label in texts:
        return texts[label]
    known = np.unique(column[np.isfinite(column)])
    return tuple(f"{value:g}" for value in known)

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
from forecast_cli.data.events.measured import TEXT_SHARE, Measured
from forecast_cli.data.events.order import Cells, Ordered, sort_cells, unfold
from forecast_cli.data.events.whose import plain
from forecast_cli.data.missing import mark_missing
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError, UsageError, did_you_mean

_VARIABLE = re.compile(
    r"^(variable|parameter|param|measurement|measure|metric|quantity|signal|channel|attribute|"
    r"feature|indicator|item|code|test|analyte)s?(_?(name|code|id))?$",
    re.I,
)
_VALUE = re.compile(r"^(value|val|result|reading|value_?num|measured_?value)s?$", re.I)
_CHANGING = 0.5  # of the entities must have several times for "first" to mean anything
_COMMON = 0.5  # of the entities must have a variable that is inferred to be fixed


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
    values, texts = _numbers(table, codes, names, label, options, encoder)
    empty = int(np.isnan(values).sum())
    notes.repair("cells without a value", empty, "left out")
    dropped = [name for name in names if plain(name) == plain(entities.column)]
    notes.repair("identifier variables", len(dropped), "left out: " + ", ".join(dropped))
    values[np.isin(codes, [names.index(name) for name in dropped])] = np.nan
    notes.guess("layout", f"name/value, {len(names)} variables", "--variable --value")
    cells = sort_cells(Cells(entities.codes, times, codes, values), table.place, notes)
    fixed = [name for name in options.static if name in names]
    if encoder.known is None:
        skipped = {*fixed, *dropped, *options.past, label}
        fixed += _once_at_first(cells, names, skipped, notes)
    wanted = options.past or tuple(n for n in names if n not in {*fixed, *dropped, label})
    if not wanted:
        raise DataError("no variable is left to learn from", "--past names the variables to use")
    spare = [n for n in names if n not in {*wanted, *fixed, *dropped, label}]
    notes.repair("variables not used", len(spare), "left out: " + ", ".join(spare[:8]), "--past")
    used = np.array([name in {*wanted, *fixed, *dropped, label} for name in names])
    cells = cells if used.all() else cells.take(np.flatnonzero(used[cells.variables]))
    place = {name: column for column, name in enumerate(wanted)}
    rows = unfold(cells, np.array([place.get(name, -1) for name in names]), len(wanted))
    static = np.full((len(entities.names), len(fixed)), np.nan)
    for i, name in enumerate(fixed):
        static[:, i] = _firsts(cells, names.index(name), len(entities.names))
    answers, labels = _answers(cells, rows, names, label, texts)
    return Measured(rows, wanted, answers, labels, static, tuple(fixed))


def _numbers(
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
    values = values.copy()  # the table keeps its own
    if bad.any() or known:
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


def _once_at_first(
    cells: Cells, names: Sequence[str], skipped: set[str | None], notes: Notes
) -> list[str]:
    """The variables that most entities have, once, and none but at its first time."""
    entities, firsts = np.unique(cells.entity, return_index=True)
    width = len(names)
    owner = np.searchsorted(entities, cells.entity)
    counts = np.bincount(owner * width + cells.variables, minlength=len(entities) * width)
    counts = counts.reshape(len(entities), width)  # [E, V]
    starts = cells.times[firsts]  # [E]
    ends = cells.times[np.append(firsts[1:], len(owner)) - 1]
    if np.mean(ends > starts) < _CHANGING:
        return []
    late = np.bincount(cells.variables[cells.times > starts[owner]], minlength=width)  # [V]
    fixed = (counts <= 1).all(axis=0) & (late == 0) & (counts.mean(axis=0) >= _COMMON)
    found = [name for v, name in enumerate(names) if fixed[v] and name not in skipped]
    if found:
        why = "entities have them once, at their first time"
        notes.guess("statics", ", ".join(found), "--past VARIABLE", why)
    return found


def _firsts(cells: Cells, variable: int, n_entities: int) -> Floats:
    """[E] the first known value of a variable."""
    mine = np.flatnonzero(cells.variables == variable)
    owners, first = np.unique(cells.entity[mine], return_index=True)
    fixed = np.full(n_entities, np.nan)
    fixed[owners] = cells.values[mine[first]]
    return fixed


def _answers(
    cells: Cells,
    rows: Ordered,
    names: Sequence[str],
    label: str | None,
    texts: dict[str, tuple[str, ...]],
) -> tuple[Floats | None, tuple[str, ...]]:
    """[rows] codes of the variable that is the label, at the last row of its time; its labels.

    Raises
    ------
    UsageError
        There is no such variable.
    """
    if label is None:
        return None, ()
    if label not in names:
        raise UsageError(f'--label: no variable "{label}"', did_you_mean(label, names))
    mine = cells.take(np.flatnonzero(cells.variables == names.index(label)))
    labels, codes = texts.get(label, ()), mine.values
    if label not in texts:
        distinct = np.unique(mine.values)
        codes = np.searchsorted(distinct, mine.values).astype(np.float64)
        labels = tuple(f"{value:.10g}" for value in distinct)
    times, which = np.unique(np.concatenate([rows.times, mine.times]), return_inverse=True)
    moment = np.concatenate([rows.entity, mine.entity]) * len(times) + which  # ascending in rows
    at = np.searchsorted(moment[: len(rows.times)], moment[len(rows.times) :], side="right") - 1
    answers = np.full(len(rows.times), np.nan)
    answers[at] = codes
    return answers, labels

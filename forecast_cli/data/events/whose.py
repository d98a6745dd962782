"""Which entity each row belongs to: a column, or the file that it stands in.

Where nobody names the column it is looked for: the column that a file of labels shares, one
with a name such as "patient", or a first column whose values come in blocks. Times need not
come again here, as they do where many regular series lie in one file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.columns import IDENTIFIER
from forecast_cli.data.entities import Entities, find_entities, tell_ids
from forecast_cli.data.formats import likely_formats
from forecast_cli.data.ids import find_entity
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints
from forecast_cli.data.table import Table

FILE = "file"  # the name of the id where the files are the entities
_ENTITY_NAME = re.compile(
    r"(^|_|\b)(patient|subject|person|participant|case|record|stay|admission|encounter|user|"
    r"account|member|customer|client|device|machine|engine|unit|pump|vehicle|sequence|series|"
    r"entity|household|employee|student)s?(_?(id|no|nr|number|key|code))?$",
    re.I,
)
_TIME_NAME = re.compile(r"time|date|stamp|day|hour|month|year", re.I)
_SUFFIX = re.compile(r"\.(csv|tsv|txt|psv|dat|data|parquet)?(\.(gz|zip|zst))?$", re.I)


def plain(name: str) -> str:
    """A column's name as far as two files may be expected to agree on it.

    Examples
    --------
    >>> plain("#sequence_ID") == plain("Sequence Id")
    True
    """
    return re.sub(r"[^0-9a-z]", "", name.lower())


def guess_id(
    table: Table, options: DataOptions, shared: Collection[str], used: Collection[str], notes: Notes
) -> str | None:
    """The id column, as far as it can be told without times.

    Parameters
    ----------
    table : Table
    options : DataOptions
    shared : collection of str
        First columns of the files of labels and statics.
    used : collection of str
        Columns that have another role.
    notes : Notes
    """
    if options.id is not None:
        return options.id
    taken = {*used, *options.time, *options.past, options.variable, options.value}
    free = [name for name in table.names if name not in taken]
    joins = {plain(name) for name in shared}
    for name in free:
        if plain(name) in joins:
            return _said(name, "as the file of labels or statics calls it", notes)
    for name in free:
        if (_ENTITY_NAME.search(name) or IDENTIFIER.search(name)) and _comes_again(table, name):
            return _said(name, "named like one, and its values come again", notes)
    first = next(iter(free), None)
    if first is not None and not _is_time(table, first) and _in_blocks(table, first):
        return _said(first, "first column, and each value fills rows in a row", notes)
    return None


def whose(
    table: Table,
    times: Ints,
    column: str | None,
    used: Sequence[str],
    options: DataOptions,
    notes: Notes,
) -> Entities:
    """Number the rows by entity, in natural order of the ids.

    Parameters
    ----------
    table : Table
    times : [rows] int64
        For columns that tell rows of one time apart, where ``column`` is None.
    column : str or None
        As ``guess_id`` found it.
    used : sequence of str
    options : DataOptions
    notes : Notes
    """
    names = (column,) if column else find_entity(table, times, used, options, notes)
    if len(names) == 1 and not table.frame[names[0]].isna().any():  # each id is looked at once
        codes = table.frame[names[0]].factorize()[0]
        once = table.take(np.unique(codes, return_index=True)[1])
        entities = find_entities(once, names)
        entities = replace(entities, codes=entities.codes[codes])
        table = once
    else:
        entities = find_entities(table, names)
    tell_ids(table, names, notes)
    if len(names) == 1:
        notes.resolve("id", names[0])
    return entities


def by_file(table: Table, notes: Notes) -> Entities:
    """Every file is an entity, called by its name without the suffix."""
    names = _stems([sheet.source.name for sheet in table.sheets])
    file_of = np.repeat(np.arange(len(names)), [sheet.rows for sheet in table.sheets])
    read = file_of[table.frame.index.to_numpy()]  # [rows]
    frame = table.frame[[]].assign(**{FILE: np.array(names)[read]})
    notes.resolve("id", FILE)
    notes.guess("id", "each file is an entity, called by its name", "--id COLUMN")
    return replace(find_entities(replace(table, frame=frame), (FILE,)), column=FILE)


def are_files(table: Table, column: str | None, options: DataOptions) -> bool:
    """Whether the files are the entities: several, and no column tells any apart."""
    if options.id == FILE:  # as an earlier reading settled it
        return FILE not in table.names
    return column is None and len(table.sheets) > 1


def _said(name: str, why: str, notes: Notes) -> str:
    notes.guess("id", f'"{name}"', f'--id "{name}"', why)
    return name


def _comes_again(table: Table, name: str) -> bool:
    column = table.frame[name]
    if column.dtype.kind == "b" or (column.dtype.kind == "f" and (column % 1 != 0).any()):
        return False
    return 2 <= int(column.nunique()) < len(column)


def _is_time(table: Table, name: str) -> bool:
    cells = [str(cell) for cell in table.text(name).dropna().iloc[:50]]
    return bool(_TIME_NAME.search(name) or (likely_formats(cells) and len(cells[0]) > 5))


def _in_blocks(table: Table, name: str) -> bool:
    codes, uniques = table.labels(name).factorize()
    changes = int((np.diff(codes) != 0).sum())
    return bool(2 <= len(uniques) <= len(codes) / 2 and changes == len(uniques) - 1)


def _stems(files: Sequence[str]) -> list[str]:
    """Names without folder and suffix; with the folder where two would be the same."""
    stems = [_SUFFIX.sub("", PurePath(name).name) for name in files]
    if max(Counter(stems).values()) > 1:
        stems = [_SUFFIX.sub("", name) for name in files]
    return stems

"""A file beside the histories: one row an entity, joined on the id.

Labels and statics that have a file of their own come through here. Ids that only one of the
two files has are counted and said, never filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.entities import Entities
from forecast_cli.data.events.whose import plain
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import Source, read_sources
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError


@dataclass(frozen=True, eq=False)
class Side:
    """A file of labels or statics, not yet joined."""

    what: str  # "label" or "static"
    sources: tuple[Source, ...]
    table: Table

    @property
    def name(self) -> str:
        return self.sources[0].name

    def id_column(self, id_name: str) -> str:
        """The column of ids: the one that is called as in the histories, else the first."""
        same = [name for name in self.table.names if plain(name) == plain(id_name)]
        return same[0] if same else self.table.names[0]


@dataclass(frozen=True, eq=False)
class Joined:
    """The rows of a side file that have a history.

    Parameters
    ----------
    table : Table
    entities : Entities
        As of the histories; ``codes`` are of the rows of this table.
    column : str
        Of the ids.
    """

    table: Table
    entities: Entities
    column: str


def open_side(name: str, what: str, notes: Notes) -> Side:
    """Read a side file; its repairs are said with its name."""
    own = Notes()
    sources = read_sources((name,))
    table = read_table(sources, DataOptions(data=(name,)), own)
    for repair in own.repairs:
        notes.repair(repair.kind, repair.count, f"{name}: {repair.detail}")
    for warning in own.warnings:
        notes.warn(f"{name}: {warning}")
    return Side(what, sources, table)


def join(side: Side, entities: Entities, notes: Notes) -> Joined:
    """Find the history of each row.

    Raises
    ------
    DataError
        No id of the file is an id of the histories.
    """
    column = side.id_column(entities.column)
    place = {name: e for e, name in enumerate(entities.names)}
    ids = side.table.labels(column)
    codes = np.array([place.get(str(name).strip(), -1) for name in ids], dtype=np.int64)
    codes, padded = _without_zeros(codes, [str(name).strip() for name in ids], entities.names)
    if not np.any(codes >= 0):
        raise DataError(
            f'{side.name}: no id in column "{column}" is one of the histories '
            f'(first: "{ids.iloc[0]}", and "{entities.names[0]}" in column "{entities.column}")',
            "--id names the column of ids, which has the same name in both files",
        )
    zeros = "" if padded is None else f'"{padded[0]}" is "{padded[1]}"'
    joined = f'{side.name}, joined on "{column}"'
    notes.guess(f"{side.what}s", joined, f"--{side.what}s FILE", zeros)
    alone = np.flatnonzero(codes < 0)
    first = f' (first: "{ids.iloc[int(alone[0])]}")' if alone.size else ""
    notes.repair(f"{side.what}s without a history", alone.size, f"left out{first}")
    bare_ones = np.setdiff1d(np.arange(len(entities.names)), codes)
    first = f' (first: "{entities.names[int(bare_ones[0])]}")' if bare_ones.size else ""
    so = "they are no examples" if side.what == "label" else "they count as unknown"
    notes.repair(f"histories without a {side.what}", bare_ones.size, f"{so}{first}")
    rows: Ints = np.flatnonzero(codes >= 0)
    return Joined(side.table.take(rows), replace(entities, codes=codes[rows]), column)


def _without_zeros(
    codes: Ints, ids: Sequence[str], names: Sequence[str]
) -> tuple[Ints, tuple[str, str] | None]:
    """Join ids that differ by leading zeros alone: 007 in one file, 7 in the other.

    Only where exactly one id of each file is meant, and neither was joined as it is written.

    Returns
    -------
    codes : [rows] int64
        With those that were found.
    example : (id of the file, id of the histories) or None
        The first that was joined so.
    """
    met = {names[code] for code in codes if code >= 0}
    theirs = _by_number(name for name in names if name not in met)
    ours = _by_number(one for one, code in zip(ids, codes, strict=True) if code < 0)
    pairs = {ours[number]: theirs[number] for number in ours if ours[number] and theirs.get(number)}
    if not pairs:
        return codes, None
    place = {name: e for e, name in enumerate(names)}
    found = [place[pairs[one]] if one in pairs else -1 for one in ids]
    return np.where(codes < 0, np.array(found, dtype=np.int64), codes), next(iter(pairs.items()))


def _by_number(names: Iterable[str]) -> dict[str, str]:
    """The id of each whole number; empty text where several are written for it."""
    found: dict[str, str] = {}
    for name in names:
        if name.isdecimal():
            number = name.lstrip("0") or "0"
            found[number] = name if found.get(number, name) == name else ""
    return found

"""The things that a file tells apart, such as meters or shops, and what is fixed about them.

An entity is one value of the id column; a file without one is a single nameless entity.
Entities come in natural order of their names, so that the order of rows does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table

NAMELESS = "(missing)"


@dataclass(frozen=True, eq=False)
class Entities:
    """Which entity each row belongs to.

    Parameters
    ----------
    codes : [rows] int64
    names : tuple of str, E
        In natural order; one nameless entity where the file tells none apart.
    column : str
        The user's name of the id column.
    """

    codes: Ints
    names: tuple[str, ...]
    column: str


def find_entities(table: Table, columns: Sequence[str]) -> Entities:
    """Number the rows by the values of the id columns."""
    import pandas as pd

    if not columns:
        return Entities(np.zeros(len(table.frame), dtype=np.int64), ("",), "series")
    text = table.labels(columns[0]).fillna(NAMELESS)
    for name in columns[1:]:
        text = text + "/" + table.labels(name).fillna(NAMELESS)
    codes, uniques = pd.factorize(text)
    codes, stripped = (
        pd.factorize(uniques.astype("str").str.strip())[0][codes],
        pd.unique(uniques.astype("str").str.strip()),
    )
    names = [str(name) for name in stripped]
    order = sorted(range(len(names)), key=lambda i: natural(names[i]))
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    column = columns[0] if len(columns) == 1 else "/".join(columns)
    return Entities(rank[codes], tuple(names[i] for i in order), column)


def tell_ids(table: Table, columns: Sequence[str], notes: Notes) -> None:
    """Say which ids were empty, and which became one when the blanks around them went."""
    for name in columns:
        cells = table.labels(name)
        notes.repair(
            "rows without an id",
            int(cells.isna().sum()),
            f'their "{name}" is empty: together they are the series "{NAMELESS}"',
            "--id COLUMN",
        )
        if table.frame[name].dtype.kind in "iufb":
            continue
        known = {str(cell) for cell in cells.dropna().unique()}
        joined = [cell for cell in table.padded(name) if cell.strip() in known]
        notes.repair(
            "ids with blanks around them",
            len(joined),
            f'read without the blanks, as in "{joined[0]}"' if joined else "",
            "--id COLUMN",
        )


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that puts H2 before H10.

    Examples
    --------
    >>> sorted(["H10", "H2", "G"], key=natural)
    ['G', 'H2', 'H10']
    """
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts)


def static_features(
    table: Table,
    names: Sequence[str],
    entities: Entities,
    notes: Notes,
    known: Mapping[str, tuple[str, ...]] | None = None,
) -> Floats:
    """[E, F] one value an entity: the first that is known; text becomes codes.

    Parameters
    ----------
    table : Table
    names : sequence of str, F
    entities : Entities
    notes : Notes
        Learns the labels that the codes stand for.
    known : mapping of column to labels, optional
        Of an earlier reading, whose codes hold: a label that is not among them is unknown.
        None: this is the first reading, and makes the codes.
    """
    import pandas as pd

    features = np.full((len(entities.names), len(names)), np.nan)
    for i, name in enumerate(names):
        values, bad = table.numbers(name)
        if known is not None and (bad.any() or name in known):
            values = _coded(table, name, known.get(name, ()), values, notes)
        elif bad.any():
            values = _coded(table, name, _labels(table, name), values, notes)
            shown = ", ".join(f"{label} = {c}" for c, label in enumerate(notes.labels[name][:5]))
            notes.guess(f'static "{name}"', f"codes: {shown}", "--static COLUMN")
        per_entity = pd.Series(values).groupby(entities.codes)
        features[:, i] = per_entity.first().reindex(range(len(entities.names))).to_numpy()
        varying = int((per_entity.max() > per_entity.min()).sum())
        notes.repair(
            "static values that vary",
            varying,
            f'series in which "{name}" changes; its first value is used',
            "--past",
        )
    return features


def _labels(table: Table, name: str) -> tuple[str, ...]:
    return tuple(sorted(str(label) for label in table.text(name).dropna().unique()))


def _coded(
    table: Table, name: str, labels: tuple[str, ...], numbers: Floats, notes: Notes
) -> Floats:
    """[rows] the place of each cell among the labels; NaN where it is none of them.

    Without labels the column was one of numbers, and what is no number is unknown.
    """
    import pandas as pd

    text, values = table.text(name), numbers
    if labels:
        codes = pd.Index(labels).get_indexer(pd.Index(text))
        values = np.where(codes == -1, np.nan, codes.astype(np.float64))
    unknown = text.notna().to_numpy() & np.isnan(values)
    if unknown.any():
        new = text[unknown].unique()
        shown = ", ".join(f'"{label}"' for label in new[:5]) + (", …" if len(new) > 5 else "")
        notes.warn(
            f'static "{name}": {int(unknown.sum())} rows hold a value that the training did not '
            f"have ({shown}); it counts as unknown"
        )
    if labels:
        notes.labels[name] = labels
    return values

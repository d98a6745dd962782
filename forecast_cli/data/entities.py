"""The things that a file tells apart, such as meters or shops, and what is fixed about them.

An entity is one value of the id column; a file without one is a single nameless entity.
Entities come in natural order of their names, so that the order of rows does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table


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
    text = table.text(columns[0])
    for name in columns[1:]:
        text = text + "/" + table.text(name)
    codes, uniques = pd.factorize(text.fillna("(missing)"))
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


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that puts H2 before H10.

    Examples
    --------
    >>> sorted(["H10", "H2", "G"], key=natural)
    ['G', 'H2', 'H10']
    """
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts)


def static_features(table: Table, names: Sequence[str], entities: Entities, notes: Notes) -> Floats:
    """[E, F] one value an entity: the first that is known; text becomes codes."""
    import pandas as pd

    features = np.full((len(entities.names), len(names)), np.nan)
    for i, name in enumerate(names):
        values, bad = table.numbers(name)
        if bad.any():
            codes, labels = pd.factorize(table.text(name), sort=True)
            values = np.where(codes < 0, np.nan, codes.astype(np.float64))
            shown = ", ".join(f"{label} = {c}" for c, label in enumerate(labels[:5]))
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

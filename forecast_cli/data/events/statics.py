"""What is fixed about an entity: named columns, columns that never change, a file of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecast_cli.data.entities import Entities, static_features
from forecast_cli.data.events.measured import Measured
from forecast_cli.data.events.order import Ordered
from forecast_cli.data.events.side import Joined
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table
from forecast_cli.errors import UsageError, did_you_mean

_OFTEN = 0.5  # of the entities must show a value twice for it to count as fixed


def from_rows(
    table: Table,
    times: Ints,
    entities: Entities,
    names: Sequence[str],
    known: Mapping[str, tuple[str, ...]] | None,
    notes: Notes,
) -> Floats:
    """[E, F] columns of the rows themselves: the first known value of each entity counts."""
    if not names:
        return np.zeros((len(entities.names), 0))
    by_time = np.lexsort((times, entities.codes))
    ordered = replace(entities, codes=entities.codes[by_time])
    return static_features(table.take(by_time), names, ordered, notes, known)


def never_changing(measured: Measured, notes: Notes) -> list[str]:
    """The channels that stay the same within every entity, and differ between them."""
    rows = measured.rows
    _, firsts = np.unique(rows.entity, return_index=True)
    if len(firsts) < 2:
        return []
    low = np.fmin.reduceat(rows.values, firsts, axis=0)  # [E, C]
    high = np.fmax.reduceat(rows.values, firsts, axis=0)
    seen = np.add.reduceat(np.isfinite(rows.values).astype(np.int64), firsts, axis=0)
    steady = np.all((low == high) | (seen == 0), axis=0)  # [C]
    shown = np.mean(seen >= 2, axis=0) >= _OFTEN
    fixed = [name for c, name in enumerate(measured.channels) if steady[c] and shown[c]]
    if fixed and len(fixed) < len(measured.channels):
        more = ", …" if len(fixed) > 8 else ""
        notes.guess(
            "statics",
            ", ".join(fixed[:8]) + more,
            "--past COLUMN",
            "they never change within an entity",
        )
        return fixed
    return []


def without(measured: Measured, names: Sequence[str], n_entities: int) -> Measured:
    """The same with some channels made statics: the first known value of each entity."""
    if not names:
        return measured
    rows = measured.rows
    fixed = np.full((n_entities, len(names)), np.nan)
    for i, name in enumerate(names):
        column = rows.values[:, measured.channels.index(name)]
        seen = np.flatnonzero(np.isfinite(column))
        owners, first = np.unique(rows.entity[seen], return_index=True)
        fixed[owners, i] = column[seen[first]]
    left = [c for c, name in enumerate(measured.channels) if name not in names]
    return replace(
        measured,
        rows=Ordered(rows.entity, rows.times, rows.values[:, left]),
        channels=tuple(measured.channels[c] for c in left),
        static=np.column_stack([measured.static, fixed]),
        static_names=(*measured.static_names, *names),
    )


def from_file(
    joined: Joined,
    named: Sequence[str],
    taken: Sequence[str],
    known: Mapping[str, tuple[str, ...]] | None,
    notes: Notes,
) -> tuple[Floats, tuple[str, ...]]:
    """[E, F] the columns of a file of statics, and their names.

    Parameters
    ----------
    joined : Joined
    named : sequence of str
        As ``--static`` asks for them; where none is in the file, all its columns are taken.
    taken : sequence of str
        Statics and channels that the histories hold, and the label.
    known : mapping of column to labels, or None
    notes : Notes
    """
    free = [n for n in joined.table.names if n != joined.column and n not in taken]
    asked = [name for name in named if name in free]
    names = tuple(asked or free)
    return static_features(joined.table, names, joined.entities, notes, known), names


def with_unknown(
    static: Floats, names: Sequence[str], wanted: Sequence[str], notes: Notes
) -> tuple[Floats, tuple[str, ...]]:
    """[E, F] the statics of a run, in its order; NaN where a name/value file has none of them."""
    absent = [name for name in wanted if name not in names]
    if absent:
        notes.warn(f"no entity has a value of {', '.join(absent)}: they count as unknown")
    columns = [*static.T, *np.full((len(absent), len(static)), np.nan)]
    place = {name: column for column, name in enumerate((*names, *absent))}
    ordered = [columns[place[name]] for name in wanted]
    return np.column_stack(ordered) if ordered else static[:, :0], tuple(wanted)


def check_named(named: Sequence[str], found: Sequence[str], with_file: bool) -> None:
    """Refuse a static that is nowhere.

    Raises
    ------
    UsageError
    """
    for name in named:
        if name not in found:
            file = "" if with_file else "; --statics FILE where it has a file of its own"
            raise UsageError(
                f'--static: no column or variable "{name}"', did_you_mean(name, found) + file
            )

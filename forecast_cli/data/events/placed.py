"""Whose each row is and when it was: the first half of reading, before any value is looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from forecast_cli.config import DataOptions
from forecast_cli.data.assemble import to_utc, with_time
from forecast_cli.data.entities import Entities
from forecast_cli.data.events.times import choose_time, read_times
from forecast_cli.data.events.whose import are_files, by_file, guess_id, whose
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints
from forecast_cli.data.table import Table
from forecast_cli.events import TimeScale


@dataclass(frozen=True, eq=False)
class Placed:
    """Rows with an entity and a time.

    Parameters
    ----------
    table : Table
        Without the rows that have no time.
    entities : Entities
    times : [rows] int64
    scale : TimeScale
        Its unit is settled when the rows are in order (``times.told_in``).
    used : tuple of str
        Columns that these took.
    date_only : bool
    zone : str or None
    """

    table: Table
    entities: Entities
    times: Ints
    scale: TimeScale
    used: tuple[str, ...]
    date_only: bool = False
    zone: str | None = None


def place_rows(
    table: Table,
    options: DataOptions,
    shared: Collection[str],
    other: Collection[str],
    known: TimeScale | None,
    notes: Notes,
) -> Placed:
    """Find entity and time of every row.

    Parameters
    ----------
    table : Table
    options : DataOptions
    shared : collection of str
        First columns of the files of labels and statics, where the id is called so too.
    other : collection of str
        Columns that have another role: labels, statics.
    known : TimeScale or None
        Of a run.
    notes : Notes

    Raises
    ------
    DataError
    """
    column = None if options.id and options.id not in table.names else options.id
    column = column or guess_id(
        table, options.model_copy(update={"id": column}), shared, other, notes
    )
    files = are_files(table, column, options)
    where = choose_time(table, column, options, tuple(other), notes)
    stamps, scale = read_times(table, where, options, known, notes)
    table, stamps = with_time(table, stamps, where, notes)
    if files:
        entities = by_file(table, notes)
    else:
        entities = whose(table, stamps.values, column, (*where.names, *other), options, notes)
    used = {*where.names, column, options.variable, options.value, *entities.column.split("/")}
    names = tuple(name for name in table.names if name in used)
    if scale.kind != "date":
        return Placed(table, entities, stamps.values, scale, names)
    times, zone = to_utc(stamps, entities, options, notes)
    notes.resolve("tz", zone)
    return Placed(table, entities, times, scale, names, stamps.date_only, zone)

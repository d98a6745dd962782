"""From one table to the panel: the steps of reading, in order.

Whatever its layout, a file becomes entities with times and a few columns of numbers; these
are put on a grid, and every pair of an entity and a target is a series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.config import DataOptions
from forecast_cli.data.axis import TimeColumns, find_time
from forecast_cli.data.columns import (
    Roles,
    check_names,
    find_roles,
    number_columns,
    series_in_rows,
)
from forecast_cli.data.doubles import warn_of_unlike_doubles
from forecast_cli.data.entities import Entities, find_entities, static_features, tell_ids
from forecast_cli.data.formats import ISO
from forecast_cli.data.frequency import Grid, describe, infer_grid, step_grid
from forecast_cli.data.ids import find_entity
from forecast_cli.data.layouts import from_rows, unfold
from forecast_cli.data.limits import Limits
from forecast_cli.data.missing import mark_missing
from forecast_cli.data.notes import Notes
from forecast_cli.data.oddvalues import warn_of_odd_values
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.data.repair import regularise, sort_rows
from forecast_cli.data.series import make_panel
from forecast_cli.data.table import Table
from forecast_cli.data.times import NAT, Stamps, parse_column, parse_pair, parse_parts
from forecast_cli.data.zones import check_zone, localise, longest, offset_zone, saving_marks
from forecast_cli.errors import DataError, UsageError


def assemble(
    table: Table,
    options: DataOptions,
    notes: Notes,
    labels: Mapping[str, tuple[str, ...]] | None = None,
    several: bool = False,
) -> tuple[Panel, Grid]:
    """Make the panel of a table, and the grid that it lies on.

    Parameters
    ----------
    table : Table
    options : DataOptions
    notes : Notes
    labels : mapping of column to labels, optional
        Of the text statics, as an earlier reading knew them.
    several : bool
        Series are named by their targets even if there is but one.

    Raises
    ------
    DataError, UsageError
    """
    check_names(table, options)
    if series_in_rows(table, options):
        _refuse_calendar_options(options)
        return from_rows(table, notes), step_grid()
    where = find_time(table, options, notes)
    stamps = _stamps(table, where, options, notes)
    if not stamps.calendar:
        _refuse_calendar_options(options)
    table, stamps = _with_time(table, stamps, where, notes)
    if options.variable:
        entities = find_entities(table, (options.id,) if options.id else ())
        roles, columns, rows = unfold(table, entities.codes, stamps.values, options, notes)
        table, stamps = table.take(rows), stamps.take(rows)
        entities = replace(entities, codes=entities.codes[rows])
    else:
        entity = find_entity(table, stamps.values, where.names, options, notes)
        notes.resolve("id", entity[0] if len(entity) == 1 else None)
        roles = find_roles(table, entity, where.names, options, notes)
        entities = find_entities(table, entity)
        tell_ids(table, entity, notes)
        layout = f"long, {len(entities.names)} ids" if entity else "wide"
        notes.guess("layout", layout, "--id COLUMN")
        columns = number_columns(table, (*roles.targets, *roles.past, *roles.future), notes)
    columns = mark_missing(columns, options.na, notes, table.place)
    roles = _without_missing(table, replace(roles, several=several), columns, notes)
    notes.resolve("target", roles.targets)
    static = static_features(table, roles.static, entities, notes, labels)
    return _on_grid(table, where, stamps, entities, roles, columns, static, options, notes)


def _on_grid(
    table: Table,
    where: TimeColumns,
    stamps: Stamps,
    entities: Entities,
    roles: Roles,
    columns: dict[str, Floats],
    static: Floats,
    options: DataOptions,
    notes: Notes,
) -> tuple[Panel, Grid]:
    """Zone, order, step, grid: then every pair of entity and target is a series."""
    table.forget(where.names)
    times, zone = _utc(stamps, entities, options, notes)
    order = sort_rows(entities.codes, times, table.place, notes)
    entity, times = entities.codes[order], times[order]
    grid = infer_grid(times, entity, stamps.calendar, options.freq)
    notes.resolve("freq", grid.freq)
    notes.resolve("tz", zone)
    named = {"none": "step", "parts": "time"}
    clock = Clock(
        freq=grid.freq,
        tz=zone,
        name=named.get(where.kind, " ".join(where.names)),
        date_only=stamps.date_only,
        step=1 if grid.freq else grid.step,
    )
    option = f"--freq {grid.freq}" if grid.freq else "--time COLUMN"
    why = "as given" if options.freq else f"{grid.share:.1%} of the steps"
    notes.guess("frequency", describe(grid), option, why)
    if stamps.calendar and zone is None and not stamps.date_only and grid.kind == "tick":
        _look_for_saving(times, entity, grid, notes)
    names = (*roles.targets, *roles.past, *roles.future)
    values = np.column_stack([columns[n] for n in names])  # [rows, V]
    columns.clear()  # nothing is held twice that a large file would feel
    table.forget({*names} & {*table.names})
    if np.any(np.diff(order) != 1):
        values = values[order]
    used = {*where.names, *roles.targets, *roles.entity, *roles.past, *roles.future, *roles.static}
    used |= {name for name in (options.variable, options.value) if name}
    warn_of_unlike_doubles(table, order, used, entity, times, values, notes)
    name, limits = table.sheets[0].source.name, Limits(options.limits)
    limits.check(name, series=len(entities.names) * len(roles.targets))

    def place(row: int) -> str:
        return table.place(int(order[row]))

    warn_of_odd_values(values, entity, names, place, notes)
    regular = regularise(values, entity, times, grid, clock, notes, place)
    del values
    limits.check(name, rows=len(regular.times) * len(roles.targets))
    return make_panel(regular, entities, roles, static, clock, notes), grid


def _stamps(table: Table, where: TimeColumns, options: DataOptions, notes: Notes) -> Stamps:
    if where.kind == "none":
        return Stamps(np.arange(len(table.frame), dtype=np.int64), False, "row numbers")
    if where.kind == "column":
        stamps = parse_column(table, where.names[0], options.date_format)
    elif where.kind == "pair":
        stamps = parse_pair(table, where.names[0], where.names[1], options.date_format)
    else:
        stamps = parse_parts(table, where.names)
    notes.resolve("date_format", stamps.date_format)
    if "%" in stamps.format or stamps.format == ISO:
        notes.guess("time format", stamps.format, "--date-format FORMAT", stamps.why)
    else:
        notes.guess("time format", stamps.format, "--time COLUMN", stamps.why)
    return stamps


def _utc(
    stamps: Stamps, entities: Entities, options: DataOptions, notes: Notes
) -> tuple[Ints, str | None]:
    """[rows] times in UTC where a zone is known, and that zone."""
    if options.tz:
        check_zone(options.tz)
    if not stamps.calendar or (stamps.date_only and not stamps.aware):
        if options.tz:
            notes.warn("these times are dates, which have no zone: --tz is not used")
        return stamps.values, None
    if stamps.aware and stamps.offsets is not None:
        if options.tz:
            return stamps.values, options.tz
        return stamps.values, offset_zone(stamps.offsets, stamps.values, notes)
    if options.tz is None:
        return stamps.values, None
    if stamps.format.endswith("since 1970"):
        return stamps.values, options.tz
    return localise(stamps.values, entities.codes, options.tz, notes), options.tz


def _look_for_saving(times: Ints, entity: Ints, grid: Grid, notes: Notes) -> None:
    """Look for daylight saving in the longest entity."""
    saving_marks(*longest(times, entity), grid.step, notes)


def _refuse_calendar_options(options: DataOptions) -> None:
    """Options about dates make no sense where time is a count of steps."""
    for option, value in (("--freq", options.freq), ("--tz", options.tz)):
        if value:
            raise UsageError(
                f"{option} {value}: time is a count of steps in these data",
                f"leave {option} out, or name a column of dates with --time",
            )


def _with_time(
    table: Table, stamps: Stamps, where: TimeColumns, notes: Notes
) -> tuple[Table, Stamps]:
    """Leave out the rows that have no time."""
    known = stamps.values != NAT
    if known.all():
        return table, stamps
    if not known.any():
        raise DataError(f'column "{where.names[0]}" holds no time', "--time names another column")
    first = table.place(int(np.flatnonzero(~known)[0]))
    notes.repair("rows without a time", int((~known).sum()), f"left out (first: {first})", "--time")
    rows = np.flatnonzero(known)
    return table.take(rows), stamps.take(rows)


def _without_missing(table: Table, roles: Roles, columns: dict[str, Floats], notes: Notes) -> Roles:
    """Leave out targets without a single value; refuse if none is left."""
    empty = [name for name in roles.targets if np.isnan(columns[name]).all()]
    if not empty:
        return roles
    if len(empty) == len(roles.targets):
        raise DataError(
            f'{table.sheets[0].source.name}: target "{empty[0]}" has no value at all',
            "--target names another column; --na says what counts as missing",
        )
    notes.repair("columns without a value", len(empty), "left out: " + ", ".join(empty[:8]))
    return replace(roles, targets=tuple(name for name in roles.targets if name not in empty))

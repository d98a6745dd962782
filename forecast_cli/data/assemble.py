"""From one table to the panel: layouts become series on a grid.

A wide file (several targets), a long file (an id column), a name/value file and a file with
one series a row all end as the same thing: entities on a grid with a few columns, and one
series for each entity and target.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.config import DataOptions
from forecast_cli.data.columns import (
    Roles,
    TimeColumns,
    check_names,
    find_entity,
    find_roles,
    find_time,
    series_in_rows,
)
from forecast_cli.data.frequency import Grid, describe, infer_grid
from forecast_cli.data.missing import mark_missing
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints, Panel, Role
from forecast_cli.data.repair import Regular, regularise, sort_rows
from forecast_cli.data.table import Table
from forecast_cli.data.times import ISO, NAT, Stamps, parse_column, parse_pair, parse_parts
from forecast_cli.data.zones import localise, offset_zone, saving_marks
from forecast_cli.errors import DataError, UsageError, did_you_mean


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


def assemble(table: Table, options: DataOptions, notes: Notes) -> tuple[Panel, Grid]:
    """Make the panel of a table, and the grid that it lies on.

    Raises
    ------
    DataError, UsageError
    """
    check_names(table, options)
    if series_in_rows(table, options):
        return _from_rows(table, notes)
    where = find_time(table, options, notes)
    stamps = _stamps(table, where, options, notes)
    table, stamps = _with_time(table, stamps, where, notes)
    if options.variable and options.value:
        return _name_value(table, where, stamps, options, notes)
    entity = find_entity(table, stamps.values, {*where.names, *options.target}, options, notes)
    roles = find_roles(table, entity, where.names, options, notes)
    entities = _entities(table, entity)
    layout = f"long, {len(entities.names)} ids" if entity else "wide"
    notes.guess("layout", layout, "--id COLUMN", "one column tells series apart" if entity else "")
    columns = _columns(table, roles, notes, options)
    columns = mark_missing(columns, options.na, notes)
    roles, columns = _without_missing(table, roles, columns, options, notes)
    return _build(table, where, stamps, entities, roles, columns, options, notes)


def _build(
    table: Table,
    where: TimeColumns,
    stamps: Stamps,
    entities: Entities,
    roles: Roles,
    columns: dict[str, Floats],
    options: DataOptions,
    notes: Notes,
) -> tuple[Panel, Grid]:
    times, zone = _utc(stamps, entities, options, notes)
    order = sort_rows(entities.codes, times, table.place, notes)
    entity, times = entities.codes[order], times[order]
    grid = infer_grid(times, entity, stamps.calendar, options.freq)
    clock = Clock(
        freq=grid.freq,
        tz=zone,
        name=" ".join(where.names) if where.kind != "parts" else "time",
        date_only=stamps.date_only,
        step=1 if grid.freq else grid.step,
    )
    if not where.names:
        clock = Clock(freq=None, name="step", step=1)
    option = f"--freq {grid.freq}" if grid.freq else "--time COLUMN"
    notes.guess("frequency", describe(grid), option, f"{grid.share:.1%} of the steps")
    if stamps.calendar and zone is None and not stamps.date_only and grid.kind == "tick":
        _look_for_saving(times, entity, grid, notes)
    values = np.column_stack([columns[n] for n in (*roles.targets, *roles.past, *roles.future)])
    show = lambda time: clock.show([time])[0]  # noqa: E731
    regular = regularise(values[order], entity, times, grid, notes, show)
    static = _static(table, roles.static, entities, notes)
    return _panel(regular, entities, roles, static, clock, notes), grid


def _stamps(table: Table, where: TimeColumns, options: DataOptions, notes: Notes) -> Stamps:
    if where.kind == "none":
        return Stamps(np.arange(len(table.frame), dtype=np.int64), False, "row numbers")
    if where.kind == "column":
        stamps = parse_column(table, where.names[0], options.date_format)
    elif where.kind == "pair":
        stamps = parse_pair(table, where.names[0], where.names[1], options.date_format)
    else:
        stamps = parse_parts(table, where.names)
    if "%" in stamps.format or stamps.format == ISO:
        notes.guess("time format", stamps.format, "--date-format FORMAT", stamps.why)
    else:
        notes.guess("time format", stamps.format, "--time COLUMN", stamps.why)
    return stamps


def _with_time(
    table: Table, stamps: Stamps, where: TimeColumns, notes: Notes
) -> tuple[Table, Stamps]:
    """Leave out the rows that have no time."""
    known = stamps.values != NAT
    if known.all():
        return table, stamps
    first = table.place(int(np.flatnonzero(~known)[0]))
    notes.repair("rows without a time", int((~known).sum()), f"left out (first: {first})", "--time")
    if not known.any():
        raise DataError(f'column "{where.names[0]}" holds no time', "--time names another column")
    offsets = None if stamps.offsets is None else stamps.offsets[known]
    kept = Stamps(
        stamps.values[known],
        stamps.calendar,
        stamps.format,
        stamps.aware,
        offsets,
        stamps.date_only,
        stamps.why,
    )
    return Table(table.frame[known], table.sheets, table.rows), kept


def _utc(
    stamps: Stamps, entities: Entities, options: DataOptions, notes: Notes
) -> tuple[Ints, str | None]:
    """[rows] times in UTC where a zone is known, and that zone."""
    if not stamps.calendar or (stamps.date_only and not stamps.aware):
        return stamps.values, None
    if stamps.aware and stamps.offsets is not None:
        if options.tz:
            return stamps.values, options.tz
        known = np.ones(len(stamps.values), dtype=np.bool_)
        return stamps.values, offset_zone(stamps.offsets, known, stamps.values, notes)
    if options.tz is None:
        return stamps.values, None
    if stamps.format.endswith("since 1970"):
        return stamps.values, options.tz
    return localise(stamps.values, entities.codes, options.tz, notes), options.tz


def _look_for_saving(times: Ints, entity: Ints, grid: Grid, notes: Notes) -> None:
    """Look for daylight saving in the longest entity."""
    longest = int(np.argmax(np.bincount(entity)))
    own = times[entity == longest]
    distinct, counts = np.unique(own, return_counts=True)
    saving_marks(distinct, counts, grid.step, notes)


def _entities(table: Table, columns: Sequence[str]) -> Entities:
    import pandas as pd

    if not columns:
        return Entities(np.zeros(len(table.frame), dtype=np.int64), ("",), "series")
    text = table.text(columns[0])
    for name in columns[1:]:
        text = text + "/" + table.text(name)
    codes, uniques = pd.factorize(text.fillna("(missing)"))
    codes, stripped = pd.factorize(uniques.astype("str").str.strip())[0][codes], pd.unique(
        uniques.astype("str").str.strip()
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


def _columns(
    table: Table, roles: Roles, notes: Notes, options: DataOptions
) -> dict[str, Floats]:
    """The numbers of every column that has a role.

    Raises
    ------
    DataError
        Cells of a column that was asked for are no numbers.
    """
    columns: dict[str, Floats] = {}
    for name in (*roles.targets, *roles.past, *roles.future):
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
            notes.guess(f'column "{name}"', "true = 1, false = 0", "")
        columns[name] = values
    return columns


def _without_missing(
    table: Table,
    roles: Roles,
    columns: dict[str, Floats],
    options: DataOptions,
    notes: Notes,
) -> tuple[Roles, dict[str, Floats]]:
    """Leave out targets without a single value; refuse if none is left."""
    empty = [name for name in roles.targets if np.isnan(columns[name]).all()]
    if not empty:
        return roles, columns
    targets = tuple(name for name in roles.targets if name not in empty)
    if not targets:
        raise DataError(
            f'{table.sheets[0].source.name}: target "{empty[0]}" has no value at all',
            "--target names another column; --na says what counts as missing",
        )
    notes.repair("targets without a value", len(empty), "left out: " + ", ".join(empty[:8]))
    return Roles(targets, roles.entity, roles.past, roles.future, roles.static), columns


def _static(
    table: Table, names: Sequence[str], entities: Entities, notes: Notes
) -> tuple[Floats, tuple[str, ...]]:
    """[E, F] one value an entity: the first that is known; text becomes codes."""
    import pandas as pd

    features = np.full((len(entities.names), len(names)), np.nan)
    for i, name in enumerate(names):
        values, bad = table.numbers(name)
        if bad.any():
            codes, labels = pd.factorize(table.text(name), sort=True)
            values = np.where(codes < 0, np.nan, codes.astype(np.float64))
            shown = ", ".join(f"{label} = {c}" for c, label in enumerate(labels[:5]))
            notes.guess(f'static "{name}"', f"codes: {shown}", "")
        per_entity = pd.Series(values).groupby(entities.codes)
        features[:, i] = per_entity.first().reindex(range(len(entities.names))).to_numpy()
        varying = int((per_entity.nunique() > 1).sum())
        notes.repair(
            "static values that vary",
            varying,
            f'series in which "{name}" changes; its first value is used',
            "--past",
        )
    return features, tuple(names)


def _panel(
    regular: Regular,
    entities: Entities,
    roles: Roles,
    static: tuple[Floats, tuple[str, ...]],
    clock: Clock,
    notes: Notes,
) -> Panel:
    """One series for each entity and target."""
    n_targets, n_entities = len(roles.targets), len(entities.names)
    covariates = np.arange(n_targets, n_targets + len(roles.past) + len(roles.future))
    owner = np.repeat(np.arange(n_entities), np.diff(regular.offsets))
    blocks, times, lengths, futures, trimmed, dropped = [], [], [], [], 0, 0
    ids: list[str] = []
    of_entity: list[Ints] = []
    for t, target in enumerate(roles.targets):
        seen = np.isfinite(regular.values[:, t])
        first = _first_seen(seen, regular.offsets)
        last = _last_seen(seen, regular.offsets)
        row = np.arange(len(seen))
        keep = row >= first[owner]
        alive = np.flatnonzero(first < regular.offsets[1:])
        trimmed += int((~keep & np.isin(owner, alive)).sum())
        dropped += n_entities - alive.size
        blocks.append(regular.values[keep][:, [t, *covariates]])
        times.append(regular.times[keep])
        lengths.append(np.bincount(owner[keep], minlength=n_entities)[alive])
        futures.append(_future_rows(regular, roles, n_targets, last)[alive])
        ids += [_series_id(entities.names[e], target, n_entities, n_targets) for e in alive]
        of_entity.append(alive)
    notes.repair(
        "leading rows", trimmed, "before a series' first value, left out"
    )
    notes.repair("series without a value", dropped, "left out")
    if not ids:
        raise DataError("no series has a value", "--target names another column")
    values = np.concatenate(blocks)
    entity = np.concatenate(of_entity)
    roles_of = ("target", *["past"] * len(roles.past), *["future"] * len(roles.future))
    panel = Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.concatenate(times),
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64),
        ids=tuple(ids),
        channels=(
            roles.targets[0] if n_targets == 1 else "value",
            *roles.past,
            *roles.future,
        ),
        roles=_as_roles(roles_of),
        static=static[0][entity],
        static_names=static[1],
        clock=clock,
        id_name=entities.column,
        future_rows=np.concatenate(futures),
    )
    if n_entities > 1 and n_targets > 1:
        panel = panel.select(np.argsort(entity, kind="stable"))
    return panel


def _as_roles(names: Sequence[str]) -> tuple[Role, ...]:
    known: dict[str, Role] = {"target": "target", "past": "past", "future": "future"}
    return tuple(known[name] for name in names)


def _first_seen(seen: np.ndarray, offsets: Ints) -> Ints:
    """[E] the first marked row of each entity; its end where none is."""
    n = len(seen)
    nearest = np.where(seen, np.arange(n), n)
    firsts = np.minimum.reduceat(nearest, offsets[:-1])
    return np.minimum(firsts, offsets[1:])


def _last_seen(seen: np.ndarray, offsets: Ints) -> Ints:
    """[E] the last marked row of each entity; before its start where none is."""
    nearest = np.where(seen, np.arange(len(seen)), -1)
    return np.maximum.reduceat(nearest, offsets[:-1])


def _future_rows(regular: Regular, roles: Roles, n_targets: int, last: Ints) -> Ints:
    """[E] trailing rows that hold future covariates after the last target."""
    if not roles.future:
        return np.zeros(len(last), dtype=np.int64)
    start = n_targets + len(roles.past)
    known = np.isfinite(regular.values[:, start:]).any(axis=1)
    end = regular.offsets[1:]
    ahead = _last_seen(known, regular.offsets) > last
    return np.where(ahead, end - 1 - last, 0)


def _series_id(entity: str, target: str, n_entities: int, n_targets: int) -> str:
    if not entity:
        return target
    return f"{entity}/{target}" if n_targets > 1 else entity


def _name_value(
    table: Table,
    where: TimeColumns,
    stamps: Stamps,
    options: DataOptions,
    notes: Notes,
) -> tuple[Panel, Grid]:
    """A long file of names and values: every name becomes a column."""
    import pandas as pd

    variable, value = str(options.variable), str(options.value)
    entities = _entities(table, (options.id,) if options.id else ())
    values = _columns(table, Roles((value,)), notes, options)[value]
    values = mark_missing({value: values}, options.na, notes)[value]
    codes, labels = pd.factorize(table.text(variable))
    names = [str(label) for label in labels]
    for option, asked in (
        ("--target", options.target),
        ("--past", options.past),
        ("--future", options.future),
    ):
        for name in asked:
            if name not in names:
                raise UsageError(
                    f'{option}: no variable "{name}" in column "{variable}"',
                    did_you_mean(name, names),
                )
    covariates = {*options.past, *options.future}
    targets = options.target or tuple(
        sorted((n for n in names if n not in covariates), key=natural)
    )
    wanted = [*targets, *options.past, *options.future]
    notes.guess("layout", f"name/value, {len(names)} variables", "--variable --value")
    # A variable that comes twice at a time needs two rows: the grid merges and counts them.
    frame = pd.DataFrame({"e": entities.codes, "t": stamps.values, "v": codes})
    frame["again"] = frame.groupby(["e", "t", "v"]).cumcount()
    row = frame.groupby(["e", "t", "again"], sort=True).ngroup().to_numpy()
    first = np.unique(row, return_index=True)[1]
    columns = {}
    for name in wanted:
        column = np.full(len(first), np.nan)
        mine = codes == names.index(name)
        column[row[mine]] = values[mine]
        columns[name] = column
    shorter = Table(table.frame.iloc[first], table.sheets, table.rows)
    stamps = Stamps(
        stamps.values[first],
        stamps.calendar,
        stamps.format,
        stamps.aware,
        None if stamps.offsets is None else stamps.offsets[first],
        stamps.date_only,
        stamps.why,
    )
    entities = Entities(entities.codes[first], entities.names, entities.column)
    roles = Roles(targets, (), options.past, options.future, options.static)
    roles, columns = _without_missing(shorter, roles, columns, options, notes)
    return _build(shorter, where, stamps, entities, roles, columns, options, notes)


def _from_rows(table: Table, notes: Notes) -> tuple[Panel, Grid]:
    """One series a row: its name, then its values; what is missing at the end has ended."""
    names = [str(name) for name in table.text(table.names[0])]
    values = table.frame[table.names[1:]].to_numpy(dtype=np.float64)  # [S, T]
    seen = np.isfinite(values)
    filled = seen.any(axis=1)
    lengths = np.where(filled, values.shape[1] - np.argmax(seen[:, ::-1], axis=1), 0)
    starts = np.where(filled, np.argmax(seen, axis=1), 0)
    notes.guess("layout", f"one series a row, {len(names)} series", "--time COLUMN")
    notes.guess("id", f'"{table.names[0]}"', "--id COLUMN", "unique names")
    notes.guess("time", "none: values are steps 0, 1, 2, …", "--time COLUMN")
    notes.repair("series without a value", int((~filled).sum()), "left out")
    notes.repair("leading cells", int(starts.sum()), "before a series' first value, left out")
    if not filled.any():
        raise DataError("no series has a value", "look at the file")
    step = np.arange(values.shape[1])
    inside = (step >= starts[:, None]) & (step < lengths[:, None])
    kept = (lengths - starts)[filled]
    flat = values[inside][:, None]
    panel = Panel(
        values=flat,
        observed=np.isfinite(flat),
        times=np.broadcast_to(step, values.shape)[inside].astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(kept)]).astype(np.int64),
        ids=tuple(name for name, some in zip(names, filled, strict=True) if some),
        clock=Clock(name="step"),
        id_name=table.names[0],
    )
    return panel, Grid(None, "tick", 1, np.zeros(1, dtype=np.int64))

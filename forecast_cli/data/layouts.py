"""Files that are neither wide nor long: names and values, and one series a row."""

from __future__ import annotations

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.config import DataOptions
from forecast_cli.data.columns import Roles, number_columns
from forecast_cli.data.entities import NAMELESS, natural
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.data.table import LARGEST, Table
from forecast_cli.errors import DataError, UsageError, did_you_mean


def unfold(
    table: Table, entity: Ints, times: Ints, options: DataOptions, notes: Notes
) -> tuple[Roles, dict[str, Floats], Ints]:
    """Turn a column of variable names and one of values into a column for each name.

    Parameters
    ----------
    table : Table
    entity, times : [rows] int64
    options : DataOptions
        ``variable`` and ``value`` are given.
    notes : Notes

    Returns
    -------
    roles : Roles
    columns : mapping of variable to [rows'] float64
    rows : [rows'] int64
        A row of the table for each of the new, shorter rows: its entity, time and statics.

    Raises
    ------
    UsageError
        A variable that is not in the file.
    """
    import pandas as pd

    variable, value = str(options.variable), str(options.value)
    values = number_columns(table, (value,), notes)[value]
    codes, labels = pd.factorize(table.labels(variable).fillna(NAMELESS))
    names = [str(label) for label in labels]
    asked = {"--target": options.target, "--past": options.past, "--future": options.future}
    for option, wanted in asked.items():
        for name in wanted:
            if name not in names:
                raise UsageError(
                    f'{option}: no variable "{name}" in column "{variable}"',
                    did_you_mean(name, names),
                )
    covariates = (*options.past, *options.future)
    targets = options.target or tuple(
        sorted((name for name in names if name not in covariates), key=natural)
    )
    notes.guess("layout", f"name/value, {len(names)} variables", "--variable --value", "as given")
    # A variable that comes twice at one time needs two rows: the grid merges and counts them.
    frame = pd.DataFrame({"e": entity, "t": times, "v": codes})
    frame["again"] = frame.groupby(["e", "t", "v"]).cumcount()
    row = frame.groupby(["e", "t", "again"]).ngroup().to_numpy()
    first = np.unique(row, return_index=True)[1]
    columns = {}
    for name in (*targets, *covariates):
        mine = codes == names.index(name)
        columns[name] = np.full(len(first), np.nan)
        columns[name][row[mine]] = values[mine]
    roles = Roles(targets, (), options.past, options.future, options.static)
    return roles, columns, first


def from_rows(table: Table, notes: Notes) -> Panel:
    """One series a row: its name, then its values; what is missing at the end has ended."""
    names = [str(name) for name in table.labels(table.names[0])]
    values = table.frame[table.names[1:]].to_numpy(dtype=np.float64)  # [S, T]
    if (np.abs(values) > LARGEST).any():
        number_columns(table, table.names[1:], notes)  # which shows the cells
    seen = np.isfinite(values)
    filled = seen.any(axis=1)
    lengths = np.where(filled, values.shape[1] - np.argmax(seen[:, ::-1], axis=1), 0)
    starts = np.where(filled, np.argmax(seen, axis=1), 0)
    notes.guess("layout", f"one series a row, {len(names)} series", "--time COLUMN")
    notes.resolve("id", table.names[0])
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
    return Panel(
        values=flat,
        observed=np.isfinite(flat),
        times=np.broadcast_to(step, values.shape)[inside].astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(kept)]).astype(np.int64),
        ids=tuple(name for name, some in zip(names, filled, strict=True) if some),
        clock=Clock(name="step"),
        id_name=table.names[0],
    )

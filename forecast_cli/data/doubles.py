"""Rows of one time that may be two series: what to say before their mean hides it.

Rows that share series and time are merged where the grid is made. Where they differ in value
and in a text column that nobody uses, that column may have told series apart. Nothing is
changed here.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table


def warn_of_unlike_doubles(
    table: Table,
    order: Ints,
    used: Collection[str],
    entity: Ints,
    times: Ints,
    values: Floats,
    notes: Notes,
) -> None:
    """Name the unused text columns in which rows of one series and time differ.

    Parameters
    ----------
    table : Table
    order : [rows] int64
        The row of the table that each of the following is.
    used : collection of str
        Columns that have a role already.
    entity, times : [rows] int64
        Sorted by entity, then time.
    values : [rows, V] float64
    notes : Notes
    """
    doubled = np.flatnonzero((np.diff(entity) == 0) & (np.diff(times) == 0))
    before, now = values[doubled], values[doubled + 1]
    unlike = ((before != now) & ~(np.isnan(before) & np.isnan(now))).any(axis=1)
    doubled = doubled[unlike]
    if not doubled.size:
        return
    for name in table.names:
        column = table.frame[name]
        if name in used or column.dtype.kind in "iufb" or table.is_boolean(name):
            continue
        first, second = column.iloc[order[doubled]], column.iloc[order[doubled + 1]]
        told = np.flatnonzero(first.to_numpy(dtype=object) != second.to_numpy(dtype=object))
        told = told[first.iloc[told].notna().to_numpy() & second.iloc[told].notna().to_numpy()]
        if told.size:
            example = f'"{first.iloc[told[0]]}", "{second.iloc[told[0]]}"'
            rows = "1 row shares its" if told.size == 1 else f"{told.size} rows share their"
            notes.warn(
                f'{rows} time with another but differ in value and in column "{name}" '
                f'({example}), and are merged to their mean; if these are series, --id "{name}" '
                "tells them apart"
            )

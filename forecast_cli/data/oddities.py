"""What is odd in the lines of a file, for print: a preamble, missing marks, short rows.

The table shows none of these any more, so the lines themselves are looked at again. Nothing
is changed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.dialect import MISSING, SPACES, lines_of
from forecast_cli.data.lines import Sheet, cells_of, line_of
from forecast_cli.data.notes import Notes
from forecast_cli.data.table import Table

_MARK_SAMPLE = 300  # missing cells that are looked at, about


def tell_preamble(sheets: Sequence[Sheet], notes: Notes) -> None:
    for sheet in sheets:
        lines = islice(lines_of(sheet.content), max(sheet.dialect.skip - 1, 0))
        before = [line for line in lines if line.strip()]
        notes.repair(
            "preamble",
            len(before),
            f"lines before the header of {sheet.source.name} were skipped",
        )


def tell_marks(table: Table, options: DataOptions, notes: Notes) -> None:
    """Name the missing marks that occur, as the lines of some missing cells show them."""
    marks = {*MISSING, *options.na}
    missing = table.frame.isna()
    names = [name for name in table.names if missing[name].any()]
    if not names:
        return
    chosen: set[int] = set()
    for name in names:
        rows = np.flatnonzero(missing[name].to_numpy())
        few = max(_MARK_SAMPLE // len(names), 1)
        chosen |= {int(row) for row in rows[:: max(rows.size // few, 1)]}
    found: dict[str, None] = {}
    first = 0
    for sheet in table.sheets:
        columns = [sheet.dialect.names.index(name) for name in names]
        own = table.frame.index[sorted(chosen)].to_numpy() - first
        for row in cells_of(sheet, own[(own >= 0) & (own < sheet.rows)]):
            found |= {row[c].strip(): None for c in columns if c < len(row)}
        first += sheet.rows
    bare = np.flatnonzero(missing[names].to_numpy().any(axis=1))
    cells = int(missing[names].to_numpy().sum())
    why = f"{cells} cell{'s' * (cells != 1)}, first: {table.place(int(bare[0]))}"
    named = ["empty cells" if mark == "" else mark for mark in found if mark in marks]
    notes.guess("missing marks", ", ".join(named or ["empty cells"]), "--na MARK", why)


def tell_ragged(table: Table, notes: Notes) -> None:
    """Count the rows that end before the last column."""
    last = table.names[-1]
    index = table.frame.index[table.frame[last].isna().to_numpy()].to_numpy()
    count, place, first = 0, "", 0
    for sheet in table.sheets:
        sep, width = sheet.dialect.sep, len(sheet.dialect.names)
        full = sep != SPACES and sheet.content.count(sep.encode()) == (sheet.rows + 1) * (width - 1)
        own = index[(index >= first) & (index < first + sheet.rows)] - first
        if own.size and not full:
            column = sheet.dialect.names.index(last)
            short = [len(row) <= column for row in cells_of(sheet, own)]
            if any(short) and not place:
                place = f"{sheet.source.name}:{line_of(sheet, int(own[short.index(True)]))}"
            count += sum(short)
        first += sheet.rows
    notes.repair(
        "rows with too few fields", count, f"their last columns are missing (first: {place})"
    )

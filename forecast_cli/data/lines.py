"""From a row of the table back to its line in a file.

Rows are numbered as they were read; a line is found by walking the file again, which is done
only where something has to be shown.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from forecast_cli.data.dialect import SPACES, Dialect, lines_of
from forecast_cli.data.panel import Ints
from forecast_cli.data.read import Source

_BLANKS = " \t\n"  # what the parser takes for blanks; Python knows more of them


@dataclass(frozen=True, eq=False)
class Sheet:
    """Where the rows of one file lie in the table."""

    source: Source
    content: bytes = field(repr=False)
    dialect: Dialect
    rows: int


def offset_of(content: bytes, lines: int) -> int:
    """Where line number ``lines`` (from 0) begins."""
    at = 0
    for _ in range(lines):
        at = content.index(b"\n", at) + 1
    return at


def line_of(sheet: Sheet, row: int) -> int:
    """The line, from 1, on which a row of the file starts; walks the file."""
    skip = sheet.dialect.skip
    lines = islice(lines_of(sheet.content), skip, None)
    if sheet.dialect.sep == SPACES:
        filled = (i for i, line in enumerate(lines) if line.strip(_BLANKS))
        return skip + next(islice(filled, row, None)) + 1
    reader = csv.reader(lines, delimiter=sheet.dialect.sep, skipinitialspace=True)
    start, seen = 0, -1
    for cells in reader:
        seen += bool(cells)
        if seen == row and cells:
            break
        start = reader.line_num
    return skip + start + 1


def cells_of(sheet: Sheet, rows: Ints) -> list[list[str]]:
    """Some rows as text, found by counting lines: blank lines put it off, harmlessly."""
    ends = np.flatnonzero(np.frombuffer(sheet.content, dtype=np.uint8) == ord("\n"))
    ends = np.r_[ends, len(sheet.content)]
    lines = []
    for row in rows:
        line = min(int(row) + sheet.dialect.skip, len(ends) - 1)
        start = int(ends[line - 1]) + 1 if line else 0
        lines.append(sheet.content[start : int(ends[line])].decode("utf-8", "replace"))
    if sheet.dialect.sep == SPACES:
        return [line.split() for line in lines]
    return list(csv.reader(lines, delimiter=sheet.dialect.sep, skipinitialspace=True))

"""The table: all rows as they were read, each column asked for as text or as numbers.

A column of text is never altered; what it says as numbers, and which of its cells are none,
is worked out when it is asked for. A row can be traced to its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.data.dialect import MISSING, SPACES
from forecast_cli.data.lines import Sheet, line_of, offset_of
from forecast_cli.data.panel import Bools, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 1e100  # beyond it squares overflow: no measured value, and no number to compute with
_WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}


@dataclass(frozen=True, eq=False)
class Table:
    """All rows of all files.

    ``frame`` has numeric, boolean or text columns; its index numbers the rows as read, so
    that a row can be traced to its line after others were dropped.
    """

    frame: pd.DataFrame
    sheets: tuple[Sheet, ...]
    rows: int  # as read, empty ones included
    marks: tuple[str, ...] = MISSING  # what is missing in a column of text

    @property
    def names(self) -> list[str]:
        return list(self.frame.columns)

    def place(self, row: int) -> str:
        """``file:line`` of a row of the frame (by position)."""
        index = int(self.frame.index[row])
        for sheet in self.sheets:
            if index < sheet.rows:
                return f"{sheet.source.name}:{line_of(sheet, index)}"
            index -= sheet.rows
        raise IndexError(row)

    def take(self, rows: Ints) -> Table:
        """The same with some of the rows."""
        return replace(self, frame=self.frame.iloc[rows])

    def forget(self, names: Iterable[str]) -> None:
        """Let go of columns that were read: their text is most of what a long table takes.

        All who hold this table see it; a copy would hold what is to be let go.
        """
        object.__setattr__(self, "frame", self.frame.drop(columns=list(names)))

    def text(self, name: str) -> pd.Series:
        """A column as text, missing where a mark says so; stripped where its head is padded."""
        column = self.labels(name)
        marked = column.isin(self.marks)
        return column.mask(marked) if marked.any() else column

    def labels(self, name: str) -> pd.Series:
        """A column as it is written, where only an empty cell is missing: NA may be Namibia."""
        column = self.frame[name]
        if column.dtype.kind == "f":
            whole = column.dropna()
            if (whole == np.floor(whole)).all() and (whole.abs() < 2**53).all():
                column = column.astype("Int64")
        if column.dtype.kind in "iufb" or column.dtype == "Int64":
            return column.astype("str")
        head = column.iloc[:1000]
        return column if head.equals(head.str.strip()) else column.str.strip()

    def padded(self, name: str) -> list[str]:
        """The distinct cells of a column with the blanks around them that parsing takes off."""
        cells = {str(cell) for cell in self.frame[name].dropna().unique()}
        for sheet in self.sheets:
            sep, column = sheet.dialect.sep, sheet.dialect.names.index(name)
            mark = (sep if column else "\n").encode() + b" "
            if sep == SPACES or mark not in sheet.content:
                continue
            body = sheet.content[offset_of(sheet.content, sheet.dialect.skip) :].decode()
            rows = csv.reader(io.StringIO(body, newline="\n"), delimiter=sep)
            cells |= {row[column] for row in rows if column < len(row)}
        return sorted(cell for cell in cells if cell.strip() and cell != cell.strip())

    def numbers(self, name: str) -> tuple[Floats, Bools]:
        """[rows] a column as numbers, and [rows] which of its cells are not numbers."""
        import pandas as pd

        column = self.frame[name]
        if pd.api.types.is_numeric_dtype(column):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            bad = np.abs(values) > LARGEST
            return (np.where(bad, np.nan, values) if bad.any() else values), bad
        text = column.str.strip()
        text = text.where(~text.isin(self.marks))
        if self.is_boolean(name):
            return text.str.lower().map(_WORDS).to_numpy(dtype=np.float64), np.zeros(
                len(text), dtype=np.bool_
            )
        dialect = self.sheets[0].dialect
        if dialect.thousands:
            text = text.str.replace(dialect.thousands, "", regex=False)
        if dialect.decimal == ",":
            text = text.str.replace(",", ".", regex=False)
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, copy=True)
        bad = text.notna().to_numpy() & ~(np.abs(values) <= LARGEST)
        values[bad] = np.nan
        return values, bad

    def is_text(self, name: str) -> bool:
        """Whether the first cells are mostly no numbers."""
        if self.frame[name].dtype.kind in "iufb":
            return False
        head = replace(self, frame=self.text(name).dropna().iloc[:1000].to_frame())
        return bool(len(head.frame) and np.mean(head.numbers(name)[1]) > 0.9)

    def is_boolean(self, name: str) -> bool:
        """Whether the cells are true/false or yes/no."""
        column = self.frame[name]
        if column.dtype.kind == "b":
            return True
        if column.dtype.kind in "iuf":
            return False
        cells = [str(v).strip() for v in column.dropna().unique()[:20]]
        found = {cell.lower() for cell in cells if cell not in self.marks}
        return 0 < len(found) <= 2 and found <= set(_WORDS)

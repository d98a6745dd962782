"""Files to one table: numbers parsed where a column is numbers, text left as text.

The C engine of pandas parses the numbers; which columns it may try is decided on the first
rows, so that identifiers such as ``2e06918610327a`` or ``007`` stay text. A column whose
text parsed to infinity is read again as text.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.dialect import MISSING, SPACES, Dialect, decode, detect, lines_of, tell
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.data.read import Source
from forecast_cli.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_LEADING_ZERO = re.compile(r"[-+]?0\d+")
_MARK_SAMPLE = 300  # missing cells that are looked at, about
_WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}


@dataclass(frozen=True, eq=False)
class Sheet:
    """Where the rows of one file lie in the table."""

    source: Source
    content: bytes = field(repr=False)
    dialect: Dialect
    rows: int


@dataclass(frozen=True, eq=False)
class Table:
    """All rows of all files.

    ``frame`` has numeric, boolean or text columns; its index numbers the rows as read, so
    that a row can be traced to its line after others were dropped.
    """

    frame: pd.DataFrame
    sheets: tuple[Sheet, ...]
    rows: int  # as read, empty ones included

    @property
    def names(self) -> list[str]:
        return list(self.frame.columns)

    def place(self, row: int) -> str:
        """``file:line`` of a row of the frame (by position)."""
        index = int(self.frame.index[row])
        for sheet in self.sheets:
            if index < sheet.rows:
                return f"{sheet.source.name}:{_line_of(sheet, index)}"
            index -= sheet.rows
        raise IndexError(row)

    def take(self, rows: Ints) -> Table:
        """The same with some of the rows."""
        return replace(self, frame=self.frame.iloc[rows])

    def text(self, name: str) -> pd.Series:
        """A column as text, missing where it is missing; stripped where its head is padded."""
        column = self.frame[name]
        if column.dtype.kind == "f":
            whole = column.dropna()
            if (whole == np.floor(whole)).all() and (whole.abs() < 2**53).all():
                column = column.astype("Int64")
        if column.dtype.kind in "iufb" or column.dtype == "Int64":
            return column.astype("str")
        head = column.iloc[:1000]
        return column if head.equals(head.str.strip()) else column.str.strip()

    def numbers(self, name: str) -> tuple[Floats, Bools]:
        """[rows] a column as numbers, and [rows] which of its cells are not numbers."""
        import pandas as pd

        column = self.frame[name]
        if pd.api.types.is_numeric_dtype(column):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            return values, np.zeros(len(values), dtype=np.bool_)
        text = column.str.strip()
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
        bad = text.notna().to_numpy() & ~np.isfinite(values)
        values[bad] = np.nan
        return values, bad

    def is_text(self, name: str) -> bool:
        """Whether the first cells are mostly no numbers."""
        if self.frame[name].dtype.kind in "iufb":
            return False
        head = replace(self, frame=self.frame[[name]].dropna().iloc[:1000])
        return bool(np.mean(head.numbers(name)[1]) > 0.9)

    def is_boolean(self, name: str) -> bool:
        """Whether the cells are true/false or yes/no."""
        column = self.frame[name]
        if column.dtype.kind == "b":
            return True
        if column.dtype.kind in "iuf":
            return False
        found = {str(v).strip().lower() for v in column.dropna().unique()[:5]}
        return 0 < len(found) <= 2 and found <= set(_WORDS)


def read_table(sources: Sequence[Source], options: DataOptions, notes: Notes) -> Table:
    """Read all files, which must have the same columns, one below the other.

    Raises
    ------
    DataError
        A file that cannot be understood, or files that disagree.
    """
    import pandas as pd

    sheets, frames = [], []
    for source in sources:
        content, encoding = decode(source, options.encoding)
        dialect = detect(source, content, encoding, options)
        frame = _parse(source, content, dialect, options)
        sheets.append(Sheet(source, content, dialect, len(frame)))
        frames.append(frame)
        if set(frame.columns) != set(frames[0].columns):
            raise DataError(
                f"{source.name}: its columns differ from those of {sources[0].name}",
                "read files of different layout one at a time",
                [f"only in {source.name}: {n}" for n in frame if n not in frames[0]]
                + [f"only in {sources[0].name}: {n}" for n in frames[0] if n not in frame],
            )
    tell(sheets[0].dialect, notes)
    if len(sources) > 1:
        notes.guess("files", f"{len(sources)}, joined", "name one file only")
    _tell_preamble(sheets, notes)
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    table = Table(frame, tuple(sheets), len(frame))
    table = _without_empty(table, notes)
    _tell_marks(table, options, notes)
    return table


def _parse(source: Source, content: bytes, dialect: Dialect, options: DataOptions) -> pd.DataFrame:
    import pandas as pd

    text = _text_columns(dialect, options)
    arguments: dict[str, Any] = {
        "sep": dialect.sep,
        "header": None,
        "names": list(dialect.names),
        "index_col": False,
        "na_values": [*MISSING, *(na for na in options.na if na.lower() != "none")],
        "keep_default_na": False,
        "skipinitialspace": dialect.sep != SPACES,
        "decimal": dialect.decimal,
        "thousands": dialect.thousands,
        "low_memory": False,
        "encoding": "utf-8",
    }
    body = memoryview(content)[_offset(content, dialect.skip) :]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = _read_csv(body, text, arguments)
    except pd.errors.ParserWarning as cause:
        raise DataError(
            f"{source.name}: rows have more fields than the header has names",
            "mend the header, or name the separator with --sep",
        ) from cause
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as cause:
        raise _unparsed(source, dialect, cause) from cause
    for name in frame.columns:  # a text cell far down made a column of mixed objects
        if frame[name].dtype == object:
            frame[name] = frame[name].astype("str").where(frame[name].notna())
    return frame


def _read_csv(body: memoryview, text: list[str], arguments: dict[str, Any]) -> pd.DataFrame:
    """Parse, and parse again as text the columns in which text became infinity."""
    import pandas as pd

    frame = pd.read_csv(io.BytesIO(body), dtype=dict.fromkeys(text, "str"), **arguments)
    endless = [
        name
        for name in frame.columns
        if frame[name].dtype.kind == "f" and np.isinf(frame[name].to_numpy()).any()
    ]
    if endless:
        types = dict.fromkeys(endless, "str")
        kept = pd.read_csv(io.BytesIO(body), dtype=types, usecols=endless, **arguments)
        frame[endless] = kept[endless]
    return frame


def _text_columns(dialect: Dialect, options: DataOptions) -> list[str]:
    """The columns that must not be parsed as numbers."""
    asked = {options.id, options.variable}
    text = []
    for i, name in enumerate(dialect.names):
        cells = [row[i] for row in dialect.sample if row[i] not in MISSING]
        if name in asked or not all(_is_number(cell, dialect) for cell in cells):
            text.append(name)
    return text


def _is_number(cell: str, dialect: Dialect) -> bool:
    if _LEADING_ZERO.fullmatch(cell):
        return False
    if dialect.thousands:
        cell = cell.replace(dialect.thousands, "")
    try:
        return bool(np.isfinite(float(cell.replace(",", ".") if dialect.decimal == "," else cell)))
    except ValueError:
        return False


def _offset(content: bytes, lines: int) -> int:
    """Where line number ``lines`` (from 0) begins."""
    at = 0
    for _ in range(lines):
        at = content.index(b"\n", at) + 1
    return at


def _unparsed(source: Source, dialect: Dialect, cause: Exception) -> DataError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(cause))
    if "EOF inside string" in str(cause):
        return DataError(
            f"{source.name}: a quotation mark is opened and never closed", "close or remove it"
        )
    if not found:
        return DataError(f"{source.name}: cannot be read as a table ({cause})", "name its --sep")
    expected, line, saw = map(int, found.groups())
    return DataError(
        f"{source.name}:{line + dialect.skip}: {saw} fields where {expected} are expected",
        "mend the line, or name the separator with --sep",
    )


def _line_of(sheet: Sheet, row: int) -> int:
    """The line, from 1, on which a row of the file starts; walks the file."""
    lines = lines_of(sheet.content)[sheet.dialect.skip :]
    if sheet.dialect.sep == SPACES:
        filled = [i for i, line in enumerate(lines) if line.strip()]
        return sheet.dialect.skip + filled[row] + 1
    reader = csv.reader(lines, delimiter=sheet.dialect.sep, skipinitialspace=True)
    start, seen = 0, -1
    for cells in reader:
        seen += bool(cells)
        if seen == row and cells:
            break
        start = reader.line_num
    return sheet.dialect.skip + start + 1


def _tell_preamble(sheets: Sequence[Sheet], notes: Notes) -> None:
    for sheet in sheets:
        lines = lines_of(sheet.content[:1_000_000])
        before = [line for line in lines[: max(sheet.dialect.skip - 1, 0)] if line.strip()]
        notes.repair(
            "preamble",
            len(before),
            f"lines before the header of {sheet.source.name} were skipped",
        )


def _tell_marks(table: Table, options: DataOptions, notes: Notes) -> None:
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
        for row in _cells(sheet, own[(own >= 0) & (own < sheet.rows)]):
            found |= {row[c].strip(): None for c in columns if c < len(row)}
        first += sheet.rows
    named = ["empty cells" if mark == "" else mark for mark in found if mark in marks]
    notes.guess("missing marks", ", ".join(named or ["empty cells"]), "--na MARK")


def _cells(sheet: Sheet, rows: Ints) -> list[list[str]]:
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


def _without_empty(table: Table, notes: Notes) -> Table:
    """Leave out nameless empty columns and rows without any cell."""
    frame = table.frame
    nameless = [
        name
        for i, name in enumerate(frame.columns)
        if name == f"column{i + 1}" and frame[name].isna().all()
    ]
    frame = frame.drop(columns=nameless)
    notes.repair("empty columns", len(nameless), "without a name or a value, left out")
    if frame.iloc[:, 0].isna().any():
        empty = frame.isna().all(axis=1).to_numpy()
        notes.repair("empty rows", int(empty.sum()), "without any cell, left out")
        frame = frame[~empty]
    if frame.empty:
        raise DataError(
            f"{table.sheets[0].source.name}: has no rows with values",
            "name a file with data below its header",
        )
    return Table(frame, table.sheets, table.rows)

"""Files to one table: numbers parsed where a column is numbers, text left as text.

The C engine of pandas parses the numbers; which columns it may try is decided on the first
rows, so that identifiers such as ``2e06918610327a`` or ``007`` stay text. A column whose
text parsed to infinity is read again as text.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.cells import as_text, fixed_widths
from forecast_cli.data.dialect import MISSING, SPACES, Dialect, decode, detect, tell
from forecast_cli.data.limits import Limits
from forecast_cli.data.lines import Sheet, offset_of
from forecast_cli.data.missing import blank_marks, numeric_marks
from forecast_cli.data.notes import Notes
from forecast_cli.data.oddities import tell_marks, tell_preamble, tell_ragged
from forecast_cli.data.read import Source
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_LEADING_ZERO = re.compile(r"[-+]?0\d+")


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
        limits = Limits(options.limits)
        limits.check(source.name, columns=len(dialect.names))
        limits.check(source.name, rows=content.count(b"\n") + 1 - dialect.skip)
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
    tell_preamble(sheets, notes)
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    frame = blank_marks(frame, options.na, notes)
    table = Table(frame, tuple(sheets), len(frame), (*MISSING, *_words(options)))
    table = _without_empty(table, notes)
    tell_ragged(table, notes)
    tell_marks(table, options, notes)
    return table


def _parse(source: Source, content: bytes, dialect: Dialect, options: DataOptions) -> pd.DataFrame:
    import pandas as pd

    text = _text_columns(dialect, options)
    arguments: dict[str, Any] = {
        "sep": dialect.sep,
        "header": None,
        "names": list(dialect.names),
        "index_col": False,
        "na_values": {
            name: [""] if name in text else [*MISSING, *_words(options)] for name in dialect.names
        },
        "keep_default_na": False,
        "skipinitialspace": dialect.sep != SPACES,
        "decimal": dialect.decimal,
        "thousands": dialect.thousands,
        "low_memory": False,
        "encoding": "utf-8",
    }
    body = io.BytesIO(content)  # which shares the bytes, where a slice of them would be a copy
    begin = offset_of(content, dialect.skip)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = _read_csv(body, begin, text, fixed_widths(content, dialect, text), arguments)
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


def _words(options: DataOptions) -> list[str]:
    """The missing marks that are no numbers: those are blanked later, and counted."""
    return [mark for mark in options.na if mark.lower() != "none" and not numeric_marks([mark])]


def _read_csv(
    body: io.BytesIO,
    begin: int,
    text: list[str],
    widths: dict[str, int],
    arguments: dict[str, Any],
) -> pd.DataFrame:
    """Parse, and parse again as written the columns that turn out to be text below the sample.

    In some of these text became infinity, in others cells such as NA were taken for missing.
    Columns with ``widths`` are read so many bytes wide, and again where that cut a cell.
    """
    import pandas as pd

    def parse(types: dict[str, str], **given: Any) -> pd.DataFrame:
        body.seek(begin)
        return pd.read_csv(body, dtype=types, **given)

    types = dict.fromkeys(text, "str") | {name: f"S{width}" for name, width in widths.items()}
    frame = parse(types, **arguments)
    if not as_text(frame, widths):
        frame = parse(dict.fromkeys(text, "str"), **arguments)
    endless = [
        name
        for name in frame.columns
        if frame[name].dtype.kind == "f" and np.isinf(frame[name].to_numpy()).any()
    ]
    endless += [
        name
        for name in frame.columns
        if name not in text and frame[name].dtype == "str" and frame[name].isna().any()
    ]
    if endless:
        types = dict.fromkeys(endless, "str")
        marks = arguments["na_values"] | {name: [""] for name in endless}
        again = {**arguments, "na_values": marks}
        kept = parse(types, usecols=endless, **again)
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


def _without_empty(table: Table, notes: Notes) -> Table:
    """Leave out nameless empty columns and rows without any cell."""
    frame = table.frame
    nameless = [
        name
        for i, name in enumerate(frame.columns)
        if name == f"column{i + 1}" and frame[name].isna().all()
    ]
    if len(nameless) == len(frame.columns):
        raise DataError(
            f"{table.sheets[0].source.name}: has no cell with a value",
            "name a file with data below its header",
        )
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
    return replace(table, frame=frame)

"""Forecasts as CSV, in the units and words of the user's own file.

Notable: the table of a comparison can hold millions of rows, so it is streamed one model
and one block of origins at a time; times are turned to text once per distinct time. Floats
are the shortest text that reads back to the same bits, and a cell of text that a
spreadsheet would run as a formula is disarmed. The file appears whole or not at all.
"""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import numpy as np

from forecast_cli.comparison import ForecastTable
from forecast_cli.errors import UsageError
from forecast_cli.report.derived import levels, median_position
from forecast_cli.results import Floats, PredictResult

CHUNK_ROWS = 100_000


def write_forecasts(table: ForecastTable, path: str | os.PathLike[str]) -> None:
    """Write every forecast in long form, in original units.

    Columns: series, origin, step, time, model, actual, forecast, then ``lo_80, hi_80, …``
    for each interval of the table. Missing numbers are empty cells.

    Parameters
    ----------
    path : path
        A name that ends in ``.gz`` is compressed.

    Raises
    ------
    UsageError
        Where the file cannot be written.
    """
    intervals = levels(table.quantiles)
    header = ["series", "origin", "step", "time", "model", "actual", "forecast"]
    header += [f"{side}_{level}" for level, _, _ in intervals for side in ("lo", "hi")]
    bounds = [k for _, low, high in intervals for k in (low, high)]
    order = [median_position(table.quantiles), *bounds]
    horizon = table.times.shape[1]
    block = max(1, CHUNK_ROWS // max(1, horizon))
    names = [cell(name) for name in table.ids]
    try:
        with whole_file(Path(path)) as out:
            out.write(",".join(header) + "\n")
            for start in range(0, len(table.series), block):
                rows = slice(start, start + block)
                stems, tails = _stems(table, rows, names)
                for model, forecasts in table.forecasts.items():
                    cells = number_rows(forecasts[rows][:, :, order])  # [rows × (1 + bounds)]
                    middle = f",{cell(model)},"
                    out.writelines(
                        f"{stem}{middle}{tail},{numbers}\n"
                        for stem, tail, numbers in zip(stems, tails, cells, strict=True)
                    )
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror or error})",
            "name a folder that exists and can be written: --forecasts FILE.csv",
        ) from error


def predict_csv(result: PredictResult) -> str:
    """A forecast as CSV, with the user's own names of the id and time columns.

    Columns: id, time, ``forecast``, then ``lo_80, hi_80, …`` by level.
    """
    out = io.StringIO()
    bounds = [f"{side}_{level}" for level in result.levels for side in ("lo", "hi")]
    header = [cell(result.id_name), cell(result.time_name), "forecast", *bounds]
    out.write(",".join(header) + "\n")
    for series in result.series:
        sides = [s[level] for level in result.levels for s in (series.lower, series.upper)]
        cells = number_rows(np.stack([series.forecast, *sides], axis=-1))
        name = cell(series.id)
        for time, numbers in zip(series.times, cells, strict=True):
            out.write(f"{name},{cell(time)},{numbers}\n")
    return out.getvalue()


def _stems(table: ForecastTable, rows: slice, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """What does not depend on the model: "series,origin,step,time" and "actual" of each row."""
    times, origins = table.times[rows], table.origin_times[rows]
    unique, where = np.unique(np.concatenate([origins, times.ravel()]), return_inverse=True)
    shown = [cell(text) for text in table.clock.show(unique)]
    texts = [shown[k] for k in where.tolist()]
    n, horizon = times.shape
    stems = [
        f"{names[s]},{texts[o]},{h + 1},{texts[n + o * horizon + h]}"
        for o, s in enumerate(table.series[rows].tolist())
        for h in range(horizon)
    ]
    return stems, number_rows(table.actual[rows][:, :, None])


def number_rows(values: Floats) -> list[str]:
    """[..., columns] to one text of joined cells for each row; NaN is an empty cell."""
    flat = values.reshape(-1, values.shape[-1])
    rows = [",".join(map(repr, row)) for row in flat.tolist()]
    for k in np.flatnonzero(~np.isfinite(flat).all(axis=1)).tolist():
        rows[k] = ",".join(repr(v) if np.isfinite(v) else "" for v in flat[k].tolist())
    return rows


def cell(text: str) -> str:
    """One cell of text: quoted where CSV asks for it, disarmed where it could be a formula.

    A spreadsheet runs text that starts with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
    return; an apostrophe in front makes it text. A number keeps its sign.

    Examples
    --------
    >>> print(cell("=1+1"), cell("-5"), cell("a,b"))
    '=1+1 -5 "a,b"
    """
    if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(text):
        text = "'" + text
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair has no UTF-8
    if any(sign in text for sign in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A text file that takes its name only when all of it is on the disk."""
    if path.exists() and not path.is_file():  # a pipe or a device has no name to keep
        with path.open("w", encoding="utf-8", newline="") as out:
            yield out
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("xb") as raw, _text(raw, path.suffix == ".gz") as out:
            yield out
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _text(raw: BinaryIO, compressed: bool) -> Iterator[TextIO]:
    """Text over bytes, synced to the disk at the end."""
    # No name and no time in the gzip header: the same forecasts give the same bytes.
    body = gzip.GzipFile("", "wb", 6, raw, mtime=0) if compressed else raw
    out = io.TextIOWrapper(cast("BinaryIO", body), "utf-8", newline="")
    yield out
    out.flush()
    out.detach()
    if body is not raw:
        body.close()
    raw.flush()
    os.fsync(raw.fileno())

"""From names on the command line to bytes: files, globs, standard input, compression.

A file is recognised by its first bytes, not by its name, so that ``zcat x.gz | forecast``
and a misnamed download both work. A Parquet table is turned into the CSV that would say the
same, so that one way of reading serves both. What the text means is no concern of this file.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import sys
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from forecast_cli.errors import DataError, UsageError

STDIN = "-"
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"%PDF": "a PDF document",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
}


@dataclass(frozen=True, eq=False)
class Source:
    """One file: its name for messages, its bytes as stored, and decompressed."""

    name: str
    stored: bytes = field(repr=False)
    content: bytes = field(repr=False)


def read_sources(patterns: Sequence[str]) -> tuple[Source, ...]:
    """Read every file that the names and globs stand for, in order.

    Raises
    ------
    UsageError
        No name was given.
    DataError
        A file that is missing, a folder, empty, damaged, or no text.
    """
    if not patterns:
        raise UsageError("no data were named", "name a CSV file, or - for standard input")
    return tuple(_read(name) for pattern in patterns for name in _expand(pattern))


def fingerprint(sources: Iterable[Source]) -> str:
    """The SHA-256 of the stored bytes of all files, in hexadecimal."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.stored)
    return digest.hexdigest()


def _expand(pattern: str) -> list[str]:
    if pattern == STDIN or Path(pattern).exists() or not glob.has_magic(pattern):
        return [pattern]
    found = sorted(name for name in glob.glob(pattern, recursive=True) if Path(name).is_file())
    if not found:
        raise DataError(f"{pattern}: no file matches", "check the folder and the pattern")
    return found


def _read(name: str) -> Source:
    if name == STDIN:
        return _source("stdin", sys.stdin.buffer.read())
    if not name.strip():
        raise UsageError("a name of a file is empty", "name a CSV file, or - for standard input")
    path = Path(name)
    if path.is_dir():
        raise DataError(f"{name}: is a folder, not a file", f'name its files: "{path}/*.csv"')
    try:
        return _source(name, path.read_bytes())
    except FileNotFoundError as cause:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        near = get_close_matches(path.name, siblings, n=1)
        fix = f'did you mean "{path.parent / near[0]}"?' if near else "check the name and folder"
        raise DataError(f"{name}: there is no such file", fix) from cause
    except OSError as cause:
        raise DataError(f"{name}: cannot be read ({cause.strerror})", "check its rights") from cause


def _source(name: str, stored: bytes) -> Source:
    try:
        content = _decompressed(name, stored)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as cause:
        raise DataError(
            f"{name}: the compressed file is damaged ({cause})", "download or pack it again"
        ) from cause
    if not content.strip():
        raise DataError(f"{name}: the file is empty", "name a file with a header and rows")
    for magic, kind in _FOREIGN.items():
        if content.startswith(magic):
            raise DataError(f"{name}: is {kind}, not text", "save it as CSV")
    return Source(name, stored, content)


def _decompressed(name: str, stored: bytes) -> bytes:
    if stored.startswith(b"\x1f\x8b"):
        return gzip.decompress(stored)
    if stored.startswith(b"PK\x03\x04"):
        return _unzipped(name, stored)
    if stored.startswith(b"\x28\xb5\x2f\xfd"):
        return _unzstd(name, stored)
    if stored.startswith(b"PAR1"):
        return _from_parquet(name, stored)
    return stored


def _unzipped(name: str, stored: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        members = [
            m for m in archive.namelist() if not m.endswith("/") and not m.startswith("__MACOSX/")
        ]
        if "[Content_Types].xml" in members:
            raise DataError(f"{name}: is an Excel workbook, not text", "save the sheet as CSV")
        if len(members) != 1:
            raise DataError(
                f"{name}: holds {len(members)} files, one is needed",
                "unpack it and name the file",
                members,
            )
        return archive.read(members[0])


def _unzstd(name: str, stored: bytes) -> bytes:
    try:
        import zstandard
    except ImportError as cause:
        raise _needs(name, "zstandard", "zstd") from cause
    try:
        with zstandard.ZstdDecompressor().stream_reader(stored) as reader:
            return bytes(reader.read())
    except zstandard.ZstdError as cause:
        raise DataError(
            f"{name}: the compressed file is damaged ({cause})", "download or pack it again"
        ) from cause


def _from_parquet(name: str, stored: bytes) -> bytes:
    try:
        import pyarrow
    except ImportError as cause:
        raise _needs(name, "pyarrow", "parquet") from cause
    import pandas as pd

    try:
        frame = pd.read_parquet(io.BytesIO(stored))
    except (pyarrow.ArrowException, ValueError) as cause:
        reason = str(cause).splitlines()[0]
        raise DataError(f"{name}: the Parquet file is damaged ({reason})", "save it again") from (
            cause
        )
    named = any(level is not None for level in frame.index.names)  # an index that means something
    return bytes(frame.to_csv(index=named).encode())


def _needs(name: str, package: str, extra: str) -> DataError:
    return DataError(
        f"{name}: {package} is needed to read this file", f'pip install "forecast-cli[{extra}]"'
    )

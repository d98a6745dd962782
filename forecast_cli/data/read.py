"""From names on the command line to bytes: files, globs, standard input, compression.

A file is recognised by its first bytes, not by its name, so that ``zcat x.gz | forecast``
and a misnamed download both work. A Parquet table is turned into the CSV that would say the
same, so that one way of reading serves both. Whatever is named, reading it ends: sizes have a
limit, what is packed may not unpack to far more, devices are refused, and a pipe into which
nothing writes is not waited for. What the text means is no concern of this file.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import lzma
import os
import select
import stat
import sys
import time
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import IO, BinaryIO

from forecast_cli.data.limits import PLAIN, Limits
from forecast_cli.errors import DataError, UsageError

STDIN = "-"
_PATIENCE = 5.0  # seconds for a first writer to open a pipe
_CHUNK = 2**20
_UNPACKED_FREELY = 2**28  # bytes; beyond, what is packed may unpack to so many times its size
_UNPACKED_TIMES = 100
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


def read_sources(patterns: Sequence[str], limits: Limits = PLAIN) -> tuple[Source, ...]:
    """Read every file that the names and globs stand for, in order.

    Parameters
    ----------
    patterns : sequence of str
    limits : Limits
        Its bytes hold for all files together.

    Raises
    ------
    UsageError
        No name was given.
    DataError
        A file that is missing, a folder, a device, empty, damaged, too large, or no text.
    """
    if not patterns:
        raise UsageError("no data were named", "name a CSV file, or - for standard input")
    sources: list[Source] = []
    for name in (name for pattern in patterns for name in _expand(pattern)):
        sources.append(_read(name, limits, limits.bytes - sum(len(s.content) for s in sources)))
    return tuple(sources)


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


def _read(name: str, limits: Limits, left: int) -> Source:
    """One file, of which at most ``left`` bytes may be read."""
    room = _Room(name, limits, left)
    if name == STDIN:
        return _source("stdin", _all_of(sys.stdin.buffer, room), room)
    if not name.strip():
        raise UsageError("a name of a file is empty", "name a CSV file, or - for standard input")
    path = Path(name)
    try:
        return _source(name, _stored(path, name, room), room)
    except FileNotFoundError as cause:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        near = get_close_matches(path.name, siblings, n=1)
        fix = f'did you mean "{path.parent / near[0]}"?' if near else "check the name and folder"
        raise DataError(f"{name}: there is no such file", fix) from cause
    except (OSError, ValueError) as cause:  # a name that holds a NUL is a ValueError
        reason = cause.strerror if isinstance(cause, OSError) else cause
        raise DataError(f"{name}: cannot be read ({reason})", "check its rights") from cause


@dataclass(frozen=True)
class _Room:
    """How much of one file may be read."""

    name: str
    limits: Limits
    left: int

    def check(self, size: int) -> None:
        if size > self.left:
            raise self.limits.refuse(self.name, f"{self.limits.bytes / 1e9:g} GB of text", "holds")

    def check_unpacked(self, size: int, stored: int) -> None:
        """What is packed well beyond what a table can be is a bomb, or may be one."""
        self.check(size)
        most = max(_UNPACKED_FREELY, _UNPACKED_TIMES * stored) * self.limits.times
        if size > most:
            what = f"{most / 1e6:.0f} MB, far larger than the {stored / 1e6:.1f} MB it has"
            raise self.limits.refuse(self.name, what, "would take, unpacked,")


def _stored(path: Path, name: str, room: _Room) -> bytes:
    """The bytes of a file or a pipe."""
    kind = path.stat()
    if stat.S_ISDIR(kind.st_mode):
        raise DataError(f"{name}: is a folder, not a file", f'name its files: "{path}/*.csv"')
    if stat.S_ISCHR(kind.st_mode) or stat.S_ISBLK(kind.st_mode):
        raise DataError(f"{name}: is a device, not a file", "name a file, or - for standard input")
    if stat.S_ISFIFO(kind.st_mode):
        return _piped(path, name, room)
    room.check(kind.st_size)
    with path.open("rb") as file:
        return _all_of(file, room, kind.st_size)


def _piped(path: Path, name: str, room: _Room) -> bytes:
    """All that is written into a pipe, if anybody has it open or opens it soon."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as pipe:
        until = time.monotonic() + _PATIENCE
        parts: list[bytes] = []
        size = 0
        while True:
            part = pipe.read(_CHUNK)  # None: somebody has it open, and has yet to write
            if part:
                parts.append(part)
                size += len(part)
                room.check(size)
            elif part is None:
                until = 0.0  # the writer was there: its going is the end
                select.select([pipe], [], [])
            elif parts or time.monotonic() > until > 0 or not until:
                break
            else:
                time.sleep(0.05)
        if not parts and until:
            raise DataError(f"{name}: nothing writes into this pipe", "start what writes into it")
        return b"".join(parts)


def _all_of(file: BinaryIO, room: _Room, size: int = 0) -> bytes:
    """What a file of about ``size`` bytes holds, at once where that is so, and what follows."""
    parts = [file.read(size)] if size else []
    total = size
    while part := file.read(_CHUNK):
        parts.append(part)
        total += len(part)
        room.check(total)
    return b"".join(parts)


def _source(name: str, stored: bytes, room: _Room) -> Source:
    try:
        content = _decompressed(name, stored, room)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as cause:
        raise DataError(
            f"{name}: the compressed file is damaged ({cause})", "download or pack it again"
        ) from cause
    if not content.strip():
        raise DataError(f"{name}: the file is empty", "name a file with a header and rows")
    for magic, kind in _FOREIGN.items():
        if content.startswith(magic):
            raise DataError(f"{name}: is {kind}, not text", "save it as CSV")
    return Source(name, stored, content)


def _decompressed(name: str, stored: bytes, room: _Room) -> bytes:
    if stored.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(stored)) as file:
            return _unpacked(file, len(stored), room)
    if stored.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unzipped(name, stored, room)
    if stored.startswith(b"\x28\xb5\x2f\xfd"):
        return _unzstd(name, stored, room)
    if stored.startswith(b"PAR1"):
        return _from_parquet(name, stored)
    return stored


def _unpacked(file: IO[bytes] | gzip.GzipFile, stored: int, room: _Room) -> bytes:
    """All that a packed file holds, part by part, so that a bomb is refused while it is small."""
    parts: list[bytes] = []
    size = 0
    while part := file.read(_CHUNK):
        parts.append(part)
        size += len(part)
        room.check_unpacked(size, stored)
    return b"".join(parts)


def _unzipped(name: str, stored: bytes, room: _Room) -> bytes:
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
        try:
            with archive.open(members[0]) as member:
                return _unpacked(member, len(stored), room)
        except (RuntimeError, NotImplementedError) as cause:  # a password, an unknown packing
            reason = str(cause).replace(members[0], "its file")
            raise DataError(
                f"{name}: cannot be unpacked ({reason})", "unpack it and name the file"
            ) from cause


def _unzstd(name: str, stored: bytes, room: _Room) -> bytes:
    try:
        import zstandard
    except ImportError as cause:
        raise _needs(name, "zstandard", "zstd") from cause
    try:
        with zstandard.ZstdDecompressor().stream_reader(stored) as reader:
            return _unpacked(reader, len(stored), room)
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
    except (pyarrow.ArrowException, ValueError, OSError) as cause:
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

"""Files that no loss of power tears, and that are read as if a stranger had made them.

What is written is synced before anybody can see it under its name. What is read has to be a
plain file (no link, pipe or device) of bounded size, and JSON of bounded depth and number of
values, each name once, without numbers that JSON does not have. Notable: every call that can
fail is one of ``os``, so that tests can let each of them fail. Nothing here knows runs.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

MOST_BYTES = 64 * 2**20  # of a file of text
MOST_VALUES = 1_500_000  # of a file of JSON: some 100 bytes of memory each
# A link is not followed, and a pipe without a writer does not keep one waiting.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)  # of Windows
_NOT_PLAIN = {errno.ELOOP, errno.EMLINK, errno.ENXIO}  # a link, or a socket
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}  # some network drives have none


def put(path: Path, data: bytes) -> None:
    """Write a new file, and sync it.

    Raises
    ------
    OSError
        It exists already, or cannot be written whole; then some of it may be there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Write a file in place of the one of this name: there is the old one or the new one.

    Raises
    ------
    OSError
        It cannot be written; the old one is as it was.
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)  # of a process that was killed
        put(fresh, data)
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder safe against a loss of power, where that is possible.

    Raises
    ------
    OSError
    """
    if os.name == "nt":
        return  # Windows cannot open folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as cause:
        if cause.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def opened(path: Path, most: int | None = None) -> Iterator[tuple[BufferedReader, int]]:
    """A plain file, to be read, and its size; raises as :func:`contents`."""
    try:
        descriptor = os.open(path, _READ | _BINARY)
    except OSError as cause:
        if cause.errno in _NOT_PLAIN:
            raise ValueError(f"{path.name} is no plain file") from None
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise ValueError(f"{path.name} is no plain file")
    with os.fdopen(descriptor, "rb") as file:
        if most is not None and found.st_size > most:
            raise ValueError(f"{path.name} is larger than the {most} bytes that it may have")
        yield file, found.st_size


def contents(path: Path, most: int = MOST_BYTES) -> bytes:
    """All bytes of a plain file.

    Raises
    ------
    ValueError
        It is something else, or larger than ``most`` bytes; the message begins with its name.
    OSError
        It cannot be read.
    """
    with opened(path, most) as (file, size):
        return file.read(size)  # one that grows is read no further


def sha256(path: Path, most: int | None = None) -> str:
    """The checksum of a plain file, in hexadecimal; raises as :func:`contents`."""
    with opened(path, most) as (file, _):
        return hashlib.file_digest(file, "sha256").hexdigest()


def json_object(data: bytes, name: str) -> dict[str, Any]:
    """The JSON object that a file of this name holds.

    Raises
    ------
    ValueError
        It holds something else, names something twice, or more than anyone would write; the
        message begins with ``name``.
    """
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError(f"{name} holds more than {MOST_VALUES} values")
    try:
        found = json.loads(
            data.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_number
        )
    except RecursionError:
        raise ValueError(f"{name} is nested too deeply") from None
    except ValueError as cause:
        raise ValueError(f"{name} is not JSON ({cause})") from None
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no JSON object")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")

"""Files that a verb is told to write, looked at before it begins to work.

A comparison may take an hour: a file that could not be written, or that would replace the
data or another output, is refused before anything is read or fitted. What is written into the
files is not known here.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

from forecast_cli.errors import UsageError


def require_writable(outputs: Mapping[str, str], data: Iterable[str]) -> None:
    """Refuse output files that cannot be written, or that are an input or each other.

    Parameters
    ----------
    outputs : mapping
        Option to the name of the file, such as ``{"--report": "report.html"}``.
    data : iterable of str
        Names and globs of what is read; "-" is standard input.

    Raises
    ------
    UsageError
    """
    inputs = [
        name
        for pattern in data
        if pattern != "-"
        for name in (pattern, *glob.glob(pattern, recursive=True))
    ]
    for option, name in outputs.items():
        _require_file(option, Path(name))
        for read in inputs:
            if _same(name, read):
                raise UsageError(
                    f"{option} {name}: is the data themselves, which would be lost",
                    f"name another file with {option}",
                )
    for (one, first), (other, second) in combinations(outputs.items(), 2):
        if _same(first, second):
            raise UsageError(
                f"{one} and {other} name the same file, {first}", f"name another with {other}"
            )


def _require_file(option: str, path: Path) -> None:
    fix = f"name a file with {option}, in a folder that can be written"
    folder = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{option} {path}: is a folder, not a file", fix)
    if not folder.is_dir():
        raise UsageError(f"{option} {path}: its folder does not exist", fix)
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UsageError(f"{option} {path}: cannot be written (no right to)", fix)


def _same(one: str, other: str) -> bool:
    """Whether two names lead to one file, through links and letter case too."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return Path(one).resolve() == Path(other).resolve()

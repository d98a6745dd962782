"""Every file ends as a result, or as one line with cause, place and fix.

Files made by hand, each with what has to come of it: read with so many rows and series, or
refused with a message that says so. `forecast inspect` is run on each in a process of its own
with 3 GiB of address space and 60 seconds of the processor. It has to end with exit code 0, or
with 3 (2 where an option is wrong), one line `error:` and one line `fix:`. A traceback, a signal,
another code or another result than the expected one is a failure.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.torture.corpus import cells, encodings, foreign, moments, shapes
from tests.torture.corpus.base import File, Reads
from tests.torture.frame import Outcome
from tests.torture.worker import Ended, run_all

TITLE = "No file breaks it"
FILES: tuple[File, ...] = (
    *encodings.FILES,
    *shapes.FILES,
    *cells.FILES,
    *moments.FILES,
    *foreign.FILES,
)
EVERY = 7  # in the short form one of so many is tried


def measure(short: bool) -> Outcome:
    """Try all files, or one of seven."""
    files = FILES[::EVERY] if short else FILES
    with tempfile.TemporaryDirectory() as folder:
        ends = try_all(files, Path(folder))
    failures = [
        f"{file.name}: {why}"
        for file, end in zip(files, ends, strict=True)
        if (why := wrong(file, end))
    ]
    slowest = max(range(len(files)), key=lambda i: ends[i].seconds)
    largest = max(range(len(files)), key=lambda i: ends[i].megabytes)
    return Outcome.of(
        len(files),
        failures,
        read=str(sum(end.code == 0 for end in ends)),
        refused=str(sum(end.code in (2, 3) for end in ends)),
        slowest=f"{ends[slowest].seconds:.1f} s ({files[slowest].name})",
        most_memory=f"{ends[largest].megabytes:.0f} MB ({files[largest].name})",
    )


def try_all(files: Sequence[File], folder: Path) -> list[Ended]:
    """Make each file and inspect it."""

    def commands() -> Iterable[list[str]]:
        for file in files:
            path = file.make(folder)
            yield ["inspect", *file.words, "--format", "json", "--", path.name]
            if path.is_file() and not path.is_symlink():
                path.unlink()

    return list(run_all(commands(), folder))


def wrong(file: File, end: Ended) -> str:
    """Why a file did not end as it should; empty where it did."""
    if end.wrong:
        return end.wrong
    said = next((line for line in end.err.splitlines() if line.startswith("error: ")), "")
    if isinstance(file.expected, Reads):
        if end.code:
            return f"should be read; {said}"
        data = json.loads(end.out)["data"]
        for word in ("rows", "series"):
            wanted = getattr(file.expected, word)
            if wanted is not None and data[word] != wanted:
                return f"{data[word]} {word}, should be {wanted}"
        return ""
    if not end.code:
        data = json.loads(end.out)["data"]
        return f"should be refused; read as {data['rows']} rows, {data['series']} series"
    return "" if file.expected.part in end.err else f'says no "{file.expected.part}"; {said}'

"""What a hand-made file is: a name, how it is made, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Reads:
    """It is read: so many rows of the file, and so many series; None where either is open."""

    rows: int | None = None
    series: int | None = 1


@dataclass(frozen=True)
class Refused:
    """It is refused, with these words in the message."""

    part: str


@dataclass(frozen=True)
class File:
    """One file.

    Parameters
    ----------
    name : str
        Of the file, and of the case.
    content : bytes or callable
        What is in it, or a function that makes it (or something else) at the path it is given.
    expected : Reads or Refused
    words : tuple of str
        Options of ``forecast inspect`` beside the name.
    """

    name: str
    content: bytes | Callable[[Path], object]
    expected: Reads | Refused
    words: tuple[str, ...] = ()

    def make(self, folder: Path) -> Path:
        """Write it into a folder."""
        path = folder / self.name
        if callable(self.content):
            self.content(path)
        else:
            path.write_bytes(self.content)
        return path


N = 24
DAYS = tuple((date(2024, 1, 1) + timedelta(days=i)).isoformat() for i in range(N))
VALUES = tuple(f"{(7 * i) % 10 + i / 8:g}" for i in range(N))


def table(
    times: Iterable[object] = DAYS,
    values: Iterable[object] = VALUES,
    header: str = "time,y",
    sep: str = ",",
    end: str = "\n",
) -> str:
    """CSV of two columns; with an empty ``header`` there is none."""
    lines = [header] * bool(header)
    lines += [f"{t}{sep}{v}" for t, v in zip(times, values, strict=False)]
    return end.join(lines) + end


def with_cell(cell: str, at: int = 10, of: Iterable[str] = VALUES) -> list[str]:
    """Values of which one is something else."""
    cells = list(of)
    cells[at] = cell
    return cells


PLAIN = table()

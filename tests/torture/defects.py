"""Nothing is altered silently: what is wrong in a file is told, with its count and first line.

One defect of known size is planted at random into sound series: rows dropped, doubled, swapped,
turned round or moved in time; cells emptied, cut off, overwritten by a mark for missing values,
by text or by a value without bounds; values stuck, filled in along a straight line, or a
thousand times too large. Reading has to say how many there are and on which line the first
stands, and every value that was not touched has to come out of the reader to the last bit.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.errors import DataError
from tests.torture.frame import Outcome

TITLE = "Nothing altered silently"
SEEDS = 8  # of each kind of defect
ROWS = 400
NAME = "data.csv"


@dataclass
class Planted:
    """A file with a defect.

    ``rows`` are its cells below the header; ``touched`` the clean rows that it concerns, whose
    values need not come out; ``told``, ``count`` and ``line`` what has to be said.
    """

    rows: list[list[str]]
    told: str
    count: int
    line: int
    touched: set[int] = field(default_factory=set)


def _clean(rng: random.Random) -> list[list[str]]:
    """Hours with two columns of numbers, each value different from its neighbours."""
    start = datetime(2024, 1, 1)
    return [
        [
            (start + timedelta(hours=t)).strftime("%Y-%m-%d %H:%M"),
            f"{50 + 10 * np.sin(t / 4) + rng.gauss(0, 1):.4f}",
            f"{5 + rng.gauss(0, 1):.4f}",
        ]
        for t in range(ROWS)
    ]


def _apart(rng: random.Random) -> list[int]:
    """Some rows inside, no two of them neighbours, ascending."""
    return sorted(rng.sample(range(20, ROWS - 20, 5), rng.randint(2, 8)))


def _line(row: int) -> int:
    return row + 2


def _dropped(rows: list[list[str]], rng: random.Random) -> Planted:
    gone = _apart(rng)
    kept = [row for i, row in enumerate(rows) if i not in gone]
    return Planted(kept, "gaps", len(gone), _line(gone[0] - 1), set(gone))


def _doubled(rows: list[list[str]], rng: random.Random) -> Planted:
    again = _apart(rng)
    made = [row for i, row in enumerate(rows) for _ in range(1 + (i in again))]
    return Planted(made, "identical duplicates", len(again), _line(again[0] + 1))


def _contradicted(rows: list[list[str]], rng: random.Random) -> Planted:
    again = _apart(rng)
    made = []
    for i, row in enumerate(rows):
        made += [row, [row[0], "57.25", row[2]]] if i in again else [row]
    return Planted(made, "duplicates merged", len(again), _line(again[0] + 1), set(again))


def _swapped(rows: list[list[str]], rng: random.Random) -> Planted:
    pairs = _apart(rng)
    for i in pairs:
        rows[i], rows[i + 1] = rows[i + 1], rows[i]
    return Planted(rows, "sorted", len(pairs), _line(pairs[0] + 1))


def _moved(rows: list[list[str]], rng: random.Random) -> Planted:
    strays = _apart(rng)
    for i in strays:
        rows[i][0] = rows[i][0][:-2] + "07"
    return Planted(rows, "off-grid times", len(strays), _line(strays[0]))


def _emptied(rows: list[list[str]], rng: random.Random) -> Planted:
    bare = _apart(rng)
    for i in bare:
        rows[i][1] = rng.choice(("", "NA", "null"))
    return Planted(rows, "missing marks", len(bare), _line(bare[0]), set(bare))


def _cut(rows: list[list[str]], rng: random.Random) -> Planted:
    short = _apart(rng)
    for i in short:
        del rows[i][2]
    return Planted(rows, "rows with too few fields", len(short), _line(short[0]), set(short))


def _marked(rows: list[list[str]], rng: random.Random) -> Planted:
    marked = _apart(rng)
    mark = rng.choice(("-999", "-9999", "-99999"))
    for i in marked:
        rows[i][1] = mark
    return Planted(rows, "missing marks", len(marked), _line(marked[0]), set(marked))


def _text(rows: list[list[str]], rng: random.Random) -> Planted:
    bad = _apart(rng)
    for i in bad:
        rows[i][1] = "error"
    return Planted(rows, "left out", len(bad), _line(bad[0]), set(range(ROWS)))


def _timeless(rows: list[list[str]], rng: random.Random) -> Planted:
    bad = _apart(rng)
    for i in bad:
        rows[i][0] = ""
    return Planted(rows, "rows without a time", len(bad), _line(bad[0]), set(bad))


def _unbounded(rows: list[list[str]], rng: random.Random) -> Planted:
    bad = _apart(rng)
    for i in bad:
        rows[i][1] = rng.choice(("1e15", "-3e12", "99999999"))
    return Planted(rows, "far outside", len(bad), _line(bad[0]), set(bad))


def _block(rng: random.Random) -> range:
    start = rng.randrange(30, ROWS - 60)
    return range(start, start + rng.randint(14, 18))


def _units(rows: list[list[str]], rng: random.Random) -> Planted:
    wrong = _block(rng)
    for i in wrong:
        rows[i][1] = f"{float(rows[i][1]) * 1000:.1f}"
    return Planted(rows, "far outside", len(wrong), _line(wrong[0]), set(wrong))


def _stuck(rows: list[list[str]], rng: random.Random) -> Planted:
    same = _block(rng)
    for i in same:
        rows[i][1] = rows[same[0]][1]
    return Planted(rows, "stuck", len(same), _line(same[0]), set(same))


def _filled(rows: list[list[str]], rng: random.Random) -> Planted:
    ends = _block(rng)
    values = np.linspace(float(rows[ends[0]][1]), float(rows[ends[-1]][1]), len(ends))
    for i, value in zip(ends, values, strict=True):
        rows[i][1] = repr(float(value))
    return Planted(rows, "straight line", len(ends), _line(ends[0]), set(ends))


DEFECTS: tuple[Callable[[list[list[str]], random.Random], Planted], ...] = (
    _dropped,
    _doubled,
    _contradicted,
    _swapped,
    _moved,
    _emptied,
    _cut,
    _marked,
    _text,
    _timeless,
    _unbounded,
    _units,
    _stuck,
    _filled,
)


def measure(short: bool) -> Outcome:
    """Plant each kind of defect with several seeds."""
    failures = []
    cases = [(plant, seed) for plant in DEFECTS for seed in range(1 if short else SEEDS)]
    with tempfile.TemporaryDirectory() as folder:
        for plant, seed in cases:
            why = silent(plant, seed, Path(folder))
            failures += [f"{plant.__name__.strip('_')}, seed {seed}: {why}"] * bool(why)
    return Outcome.of(len(cases), failures, kinds=str(len(DEFECTS)))


def silent(
    plant: Callable[[list[list[str]], random.Random], Planted], seed: int, folder: Path
) -> str:
    """What reading kept to itself, or altered; empty where nothing."""
    clean = _clean(random.Random(seed))
    planted = plant([list(row) for row in clean], random.Random(seed + 1000))
    path = folder / NAME
    path.write_text("\n".join(["time,y,z", *(",".join(row) for row in planted.rows)]) + "\n")
    try:
        dataset = load(DataOptions(data=(str(path),)))
    except DataError as cause:
        return f"refused: {cause.message}"
    said = _said(dataset)
    wanted = re.compile(rf"\b{planted.count}\b")
    if not any(
        planted.told in line and wanted.search(line) and re.search(rf":{planted.line}\b", line)
        for line in said
    ):
        near = [line for line in said if planted.told in line]
        return f"should say {planted.count} {planted.told}, line {planted.line}; said {near}"
    return _altered(dataset, clean, planted.touched)


def _said(dataset: Dataset) -> list[str]:
    """All that reading said, a line each."""
    return [
        *(f"{r.kind} {r.count} {r.detail}" for r in dataset.summary.repairs),
        *(f"{i.name} {i.value} {i.why}" for i in dataset.summary.inferred),
        *dataset.warnings,
    ]


def _altered(dataset: Dataset, clean: list[list[str]], touched: set[int]) -> str:
    """Which value that was not touched came out otherwise."""
    panel = dataset.panel
    for s, name in enumerate(panel.ids):
        own = slice(panel.starts[s], panel.ends[s])
        shown = panel.clock.show(panel.times[own])
        read = dict(zip((text[:16] for text in shown), panel.target[own], strict=True))
        for i, row in enumerate(clean):
            if i not in touched and read.get(row[0]) != float(row[1 if name == "y" else 2]):
                return f"{name} at {row[0]} was {row[1:]}, came out as {read.get(row[0])}"
    return ""

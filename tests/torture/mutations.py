"""Files changed at random end as a result or in words, like those made by hand.

Twenty thousand inputs, drawn with fixed seeds: a sound file of one of several layouts, in which
one to six things are changed that know the structure of a table (a header name, a cell, a
separator, a row, a line end, the encoding) or know nothing (a byte, a cut, a block doubled).
They are inspected in forked processes, fifty to a process; where one of these dies or says
something unexpected, its inputs are tried one by one.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.torture.corpus.base import DAYS, VALUES, N, table
from tests.torture.frame import Outcome
from tests.torture.worker import EACH, Ended, run_all

TITLE = "Twenty thousand mutated files do not break it"
CASES, FEW = 20_000, 300
BATCH = 50

_WRITTEN = """ |NA|nan|inf|-inf|1e999|-1e308|5e-324|0|-0|00|007|1,5|1.234.567,8|1,234,567.8|0x1F|1_0
|true|FALSE|yes|%|12%|$5|€|½|٣|😀|"|""|"x|'|#|=1+1|<b>|[red]|{0}|%s|../..|2e06918610327a|2024-01-01
|0001-01-01|9999-12-31|2024-02-30|2024-01-01 23:59:60|2024-01-01T00:00:00Z|2024-01-01T00:00+05:30
|31.12.2024|12/31/2024|1/2/3|2024-W60|2024Q5|1704067200|1704067200000000000|25:61|Jan|today
|-9223372036854775808|9223372036854775808"""
_UNWRITTEN = ("", "\u202e", "\u200b", "\0", "\x1b[2J", "\\", "9" * 30, "9" * 400)
_CELLS = (*_WRITTEN.replace("\n", "").split("|"), *_UNWRITTEN)
_SEPARATORS = (",", ";", "\t", "|", " ", ":", "^", "\x1f", "~", "")
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp500")
_NAMES = (
    "time",
    "y",
    "id",
    "",
    " ",
    "y.2",
    "column1",
    "date",
    "year",
    "month",
    "day",
    "hour",
    "ds",
    "series",
    "forecast",
    "value",
    "variable",
    "é",
    "\n",
    '"',
    "x" * 300,
)


def _seeds() -> list[str]:
    """Sound files, one of each layout."""
    pairs = list(zip(DAYS, VALUES, strict=True))
    long = [f"{who},{t},{v}" for who in ("a", "b7", "c") for t, v in pairs]
    wide = [f"{t},{v},{i % 5},{i * 3 % 7}.25" for i, (t, v) in enumerate(pairs)]
    parts = [f"2022,{i // 28 + 1},{i % 28 + 1},{v}" for i, (_, v) in enumerate(pairs)]
    series = [f"T{s}," + ",".join(VALUES) for s in range(4)]
    hours = [f"2024-03-31 {i:02d}:00" for i in range(N)]
    return [
        table(),
        table(hours),
        table(range(N)),
        table([1_704_067_200 + 3600 * i for i in range(N)]),
        table(sep=";", header="time;y", values=[v.replace(".", ",") for v in VALUES]),
        "\n".join(["id,time,y", *long]) + "\n",
        "\n".join(["time,y,a,b", *wide]) + "\n",
        "\n".join(["year,month,day,y", *parts]) + "\n",
        "\n".join(["id," + ",".join(f"V{i}" for i in range(1, N + 1)), *series]) + "\n",
        "\n".join(["time,variable,value", *(f"{t},{n},{v}" for t, v in pairs for n in "pq")])
        + "\n",
    ]


SEEDS = tuple(_seeds())


def mutated(number: int) -> bytes:
    """Input ``number``: the same bytes on every machine."""
    rng = random.Random(number)
    text = rng.choice(SEEDS)
    for _ in range(rng.randint(1, 6)):
        text = _change_text(text, rng)
    content = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.25:
        encoding = rng.choice(_ENCODINGS)
        content = text.encode(encoding, "replace")
    for _ in range(rng.choice((0, 0, 0, 1, 1, 3))):
        content = _change_bytes(content, rng)
    return (
        gzip.compress(content, mtime=0)[: rng.choice((None, -9))]
        if rng.random() < 0.03
        else content
    )


def _change_text(text: str, rng: random.Random) -> str:
    """One change that knows of rows and cells."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    sep = max(",;\t", key=lines[0].count)
    cells = lines[at].split(sep)
    kind = rng.randrange(14)
    if kind <= 3:
        cells[rng.randrange(len(cells))] = rng.choice(_CELLS)
        lines[at] = sep.join(cells)
    elif kind == 4:
        names = lines[0].split(sep)
        names[rng.randrange(len(names))] = rng.choice(_NAMES)
        lines[0] = sep.join(names)
    elif kind == 5:  # a whole column
        place, cell = rng.randrange(len(cells)), rng.choice(_CELLS)
        rows = [line.split(sep) for line in lines]
        lines = [
            sep.join([*row[:place], cell, *row[place + 1 :]]) if i else lines[0]
            for i, row in enumerate(rows)
        ]
    elif kind == 6:
        del lines[at]
    elif kind == 7:
        lines[at:at] = [lines[at]] * rng.choice((1, 2, 50))
    elif kind == 8:
        lines.insert(at, rng.choice(("", " ", "# a comment", "Total,5", sep * 3, '"', "a;b,c\td")))
    elif kind == 9:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 10:
        return text.replace(sep, rng.choice(_SEPARATORS))
    elif kind == 11:
        return text.replace("\n", rng.choice(("\r", "\r\n", "\n\n", "\r\r\n", "\x0b", "\u2028")))
    elif kind == 12:
        lines[at] = sep.join(cells + [rng.choice(_CELLS)] * rng.choice((1, 3, 200)))
    else:
        lines[at] = sep.join(cells[: rng.randrange(len(cells) + 1)])
    return "\n".join(lines)


def _change_bytes(content: bytes, rng: random.Random) -> bytes:
    """One change that knows nothing."""
    at = rng.randrange(len(content) + 1)
    kind = rng.randrange(5)
    if kind == 0:
        return content[:at] + rng.randbytes(1) + content[at + 1 :]
    if kind == 1:
        return content[:at]
    if kind == 2:
        return content[:at] + rng.randbytes(rng.randrange(1, 9)) + content[at:]
    if kind == 3:
        end = min(at + rng.randrange(1, 400), len(content))
        return content[:end] + content[at:end] + content[end:]
    return content[:at] + content[at + rng.randrange(1, 40) :]


def measure(short: bool) -> Outcome:
    """Inspect all of them."""
    count = FEW if short else CASES
    failures: list[str] = []
    read, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for numbers, end in _ends(range(count), BATCH, folder):
            if end.code == 0 and not end.wrong:
                read += sum(answer["code"] == 0 for answer in json.loads(end.out))
                slowest = max(slowest, *(answer["seconds"] for answer in json.loads(end.out)))
                failures += [
                    f"input {n}: {a['wrong']}"
                    for n, a in zip(numbers, json.loads(end.out), strict=True)
                    if a["wrong"]
                ]
                continue
            for (number,), alone in _ends(numbers, 1, folder):
                answer = json.loads(alone.out)[0] if alone.code == 0 else {"wrong": alone.wrong}
                failures += [f"input {number}: {answer['wrong']}"] * bool(answer["wrong"])
                read += answer.get("code") == 0
    return Outcome.of(
        count,
        failures,
        read=f"{read:,}",
        refused=f"{count - read - len(failures):,}",
        slowest=f"{slowest:.1f} s",
    )


def _ends(
    numbers: Iterable[int], size: int, folder: Path
) -> Iterable[tuple[tuple[int, ...], Ended]]:
    """Write inputs, inspect them in one child, and give the numbers with how it ended."""
    numbers = list(numbers)
    batches = [tuple(numbers[i : i + size]) for i in range(0, len(numbers), size)]

    def commands() -> Iterable[list[str]]:
        for batch in batches:
            for number in batch:
                (folder / f"{number}.csv").write_bytes(mutated(number))
            yield [EACH, *(f"{number}.csv" for number in batch)]
            for number in batch:
                (folder / f"{number}.csv").unlink()

    return zip(batches, run_all(commands(), folder), strict=True)

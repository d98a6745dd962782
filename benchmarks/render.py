"""Write docs/benchmarks.md from the result files and the remarks; no figure is typed by hand.

    python benchmarks/render.py

A result file is what a script wrote (frame.py). ``remarks.toml`` holds words only: for a row
that missed its mark, what was tried and why it stops there.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from frame import REPOSITORY, RESULTS, Measured, Results, Row, Stamp, number, read

PAGE = REPOSITORY / "docs" / "benchmarks.md"
REMARKS = Path(__file__).resolve().parent / "remarks.toml"
ORDER = (
    "ett",
    "m4_hourly",
    "nn5",
    "m3_monthly",
    "epf",
    "vic_elec",
    "short_series",
    "events",
    "coverage",
    "peers",
    "speed",
    "step",
    "gpu",
    "false_wins",
)
"""The scripts in the order of the page; others follow by name."""

INTRODUCTION = """\
# Benchmarks

<!-- Written by benchmarks/render.py from benchmarks/results/; measure, then run that again. -->

Every figure was measured by a script of [benchmarks/](../benchmarks) with default settings, or
is published and names its source. *Ours* is the network, *classical* the best simple model of
this package on the same question, *peers* are other libraries that were run beside it.
`make bench` measures the quick part again, `make bench-all` everything.

Some defaults were chosen with figures of these test blocks in view, beside those of the
validation blocks: take a small margin on a set of this page as optimistic. Seconds of training
of the accuracy tables were taken with other work on the same cores: they are upper bounds.
"""


@dataclass(frozen=True)
class Remark:
    """Words on rows that missed their mark; on every metric of the row where it names none."""

    table: str
    row: str
    text: str
    metric: str = ""

    def is_about(self, row: Row) -> bool:
        return (self.table, self.row) == (row.table, row.row) and self.metric in ("", row.metric)


def remarks(path: Path = REMARKS) -> tuple[Remark, ...]:
    """What was remarked on."""
    return tuple(
        Remark(**entry) for entry in tomllib.loads(path.read_text("utf-8")).get("remark", [])
    )


def results(folder: Path = RESULTS) -> tuple[Results, ...]:
    """All result files, in the order of the page."""
    paths = {path.stem: path for path in sorted(folder.glob("*.json"))}
    stems = [stem for stem in ORDER if stem in paths]
    return tuple(read(paths[stem]) for stem in [*stems, *sorted(set(paths) - set(stems))])


def pointless(said: Iterable[Remark], rows: Sequence[Row]) -> list[Remark]:
    """The remarks on rows that do not exist."""
    return [remark for remark in said if not any(remark.is_about(row) for row in rows)]


def page(measured: Sequence[Results], said: Sequence[Remark]) -> str:
    """The whole document."""
    runs = [run for each in measured for run in each.runs]
    rows = [row for run in runs for row in run.rows]
    abouts: dict[str, str] = {}  # the words of a script stand above the first of its tables
    for each in measured:
        titles = dict.fromkeys(row.table for run in each.runs for row in run.rows)
        for place, title in enumerate(titles):
            abouts.setdefault(title, each.about if place == 0 else "")
    sections = [_section(title, about, runs, said) for title, about in abouts.items()]
    return "\n".join([INTRODUCTION, _summary(rows), *sections])


def _summary(rows: Sequence[Row]) -> str:
    """How many marks there are, how many were reached, and which not."""
    marked = [row for row in rows if row.reached is not None]
    if not marked:
        return "Nothing has been measured yet.\n"
    missed = [row for row in marked if not row.reached]
    lead = f"**{len(marked) - len(missed)} of {len(marked)} marks reached.**"
    if not missed:
        return f"{lead}\n"
    by: dict[str, list[str]] = {}  # who missed each mark
    for row in missed:
        line = f"- [{row.table}](#{_anchor(row.table)}): {row.row}, {row.metric}"
        by.setdefault(line, []).append(row.who)
    listed = "\n".join(
        f"{line} ({', '.join(who)})" if len(who) > 1 else line for line, who in by.items()
    )
    return f"{lead} Missed:\n\n{listed}\n"


def _section(title: str, about: str, runs: Sequence[Measured], said: Sequence[Remark]) -> str:
    """One table, its remarks, its sources, where it was measured, and every figure behind it.

    Rows of any script may belong to it: peers are measured by another one than ours.
    """
    inside = [row for run in runs for row in run.rows if row.table == title]
    sources = list(dict.fromkeys(row.source for row in inside if row.source))
    questions: dict[tuple[str, str, str], list[Row]] = {}
    for row in inside:
        questions.setdefault(row.question, []).append(row)
    lines = [
        f"## {title}\n",
        *([f"{about}\n"] if about else []),
        "| asked | metric | ours | mark | classical | peers | published | training |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
        *_lines(list(questions.values()), sources),
        "",
        *_remarked(inside, said),
        *(f"{place}. {source}" for place, source in enumerate(sources, start=1)),
        *([""] if sources else []),
        *(_provenance(run.stamp) for run in runs if any(row.table == title for row in run.rows)),
        *_every_figure(inside),
    ]
    return "\n".join(lines) + "\n"


def _lines(groups: Sequence[Sequence[Row]], sources: Sequence[str]) -> list[str]:
    """A line a question; what was asked is named once for all its metrics."""
    asked = [group[0].row for group in groups]
    named = ["" if i and row == asked[i - 1] else row for i, row in enumerate(asked)]
    return [_line(name, group, sources) for name, group in zip(named, groups, strict=True)]


def _line(name: str, group: Sequence[Row], sources: Sequence[str]) -> str:
    """One question: our figures, the mark, and the best of each other kind."""
    ours = [row for row in group if row.kind == "ours"]
    seconds = [row.seconds for row in ours if row.seconds is not None]
    cells = [
        name,
        group[0].metric,
        "<br>".join(
            f"**{number(row.value)}**" + (f" {row.who}" if len(ours) > 1 else "") for row in ours
        )
        or "–",
        "<br>".join(_mark(row) for row in ours if row.target is not None) or "–",
        _best(group, "classical", sources),
        _best(group, "peer", sources),
        _best(group, "published", sources),
        f"{max(seconds):.1f} s" if seconds else "–",
    ]
    return _cells(cells)


def _mark(row: Row) -> str:
    sign = "≤" if row.better == "lower" else "≥"
    assert row.target is not None
    said = f"{sign} {number(row.target)} {'✓ reached' if row.reached else '✗ **missed**'}"
    return f"{said}<br>{row.target_note}" if row.target_note else said


def _best(group: Sequence[Row], kind: str, sources: Sequence[str]) -> str:
    """The best of a kind with its name; a number in brackets leads to its source."""
    found = [row for row in group if row.kind == kind and row.value == row.value]
    if not found:
        return "–"
    sign = 1 if found[0].better == "lower" else -1
    best = min(found, key=lambda row: sign * row.value)
    reference = f" [{sources.index(best.source) + 1}]" if best.source else ""
    return f"{number(best.value)} {best.who}{reference}"


def _remarked(rows: Sequence[Row], said: Sequence[Remark]) -> list[str]:
    """What is to be said of the rows that missed their mark; each remark once."""
    missed = [row for row in rows if row.reached is False]
    found: dict[str, list[str]] = {}
    for row in missed:
        texts = [remark.text.strip() for remark in said if remark.is_about(row)]
        for text in texts or ["no remark yet."]:
            found.setdefault(text, []).append(f"{row.row}, {row.metric}")
    lines = [f"- **{'; '.join(names)}**: {text}" for text, names in found.items()]
    return ["Missed, and why:\n", *lines, ""] if lines else []


def _provenance(stamp: Stamp) -> str:
    """When, where and on what the rows were measured."""
    machine = stamp.machine
    parts = [machine["processor"], f"{machine['cores']} cores", machine["memory"]]
    graphics = machine["GPU"]
    parts.append("no GPU" if graphics == "none" else f"{graphics}, driver {machine['driver']}")
    versions = ", ".join(f"{name} {version}" for name, version in stamp.versions.items())
    return (
        f"Measured {stamp.date} UTC by `{stamp.command}`, commit {stamp.commit}, on "
        f"{', '.join(parts)}; {versions}.\n"
    )


def _every_figure(rows: Sequence[Row]) -> list[str]:
    """All rows, folded away."""
    lines = [
        _cells((row.row, row.metric, row.who, number(row.value), _seconds(row), row.note))
        for row in rows
    ]
    head = ["| asked | metric | model | value | training | note |", "|---|---|---|---:|---:|---|"]
    return ["<details><summary>Every figure</summary>", "", *head, *lines, "", "</details>"]


def _seconds(row: Row) -> str:
    if row.kind == "published":
        return "published"
    return "" if row.seconds is None else f"{row.seconds:.1f} s"


def _cells(cells: Sequence[str]) -> str:
    """A line of a table; a bar within a cell would end it."""
    plain = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(plain)} |"


def _anchor(title: str) -> str:
    """The anchor that a heading gets on the usual hosts."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def main() -> None:
    measured, said = results(), remarks()
    rows = [row for each in measured for run in each.runs for row in run.rows]
    for remark in pointless(said, rows):
        print(f"remark on a row that does not exist: {remark.table}, {remark.row}", file=sys.stderr)
    PAGE.write_text(page(measured, said), encoding="utf-8")
    print(f"written: {PAGE.relative_to(REPOSITORY)}, {len(rows)} figures")


if __name__ == "__main__":
    main()

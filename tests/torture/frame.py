"""What every promise of docs/reliability.md shares: its outcome, its result file, its page.

A promise is a module ``tests/torture/<name>.py`` with a docstring, which stands on the page, a
``TITLE``, and a function ``measure(short)`` that counts its cases and returns an
:class:`Outcome`. ``python -m tests.torture`` measures the promises of :data:`PROMISES` whole,
writes ``benchmarks/results/torture/<name>.json`` for each, and renders the page from these
files, so that no figure is typed by hand. ``tests/torture/test_<name>.py`` runs the short form
in ``make test``.

To add one: write the module and its test, and add the name to :data:`PROMISES`. Nothing here
knows what a promise is about.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "torture"
PAGE = ROOT / "docs" / "reliability.md"

sys.path.append(str(ROOT / "benchmarks"))  # for the stamp, which is a benchmark's as well

PROMISES = (
    "files",
    "mutations",
    "defects",
    "bounds",
    "hostile_runs",
    "kills",
    "resume",
    "faults",
    "divergence",
    "same_bytes",
    "crowds",
)
"""In the order of the page. A name whose module is not there yet is passed over."""

SHOWN = 5  # failures on the page

_INTRODUCTION = """\
# Reliability

<!-- Written by `make torture` from benchmarks/results/torture/; measure, then render again. -->

What a file or a fault may do to this tool, and what it may not. Each promise is a program that
counts: so many cases were tried, so many held. `make torture` measures all of them again and
writes this page; `make test` runs a short form of each. Who could want to do harm, and what is
not promised, is told in [SECURITY.md](../SECURITY.md).
"""


@dataclass(frozen=True)
class Outcome:
    """What came of a promise.

    Parameters
    ----------
    cases, passed : int
        How many were tried, and how many held.
    measured : mapping of words to figures
        What else was measured, such as "slowest case" and "2.1 s"; in the order of the page.
    failures : tuple of str
        The cases that did not hold, one line each.
    """

    cases: int
    passed: int
    measured: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    @classmethod
    def of(cls, cases: int, failures: Iterable[str], **measured: str) -> Outcome:
        """The outcome where each failure is one case; underscores in names become blanks."""
        failed = tuple(failures)
        named = {name.replace("_", " "): value for name, value in measured.items()}
        return cls(cases, cases - len(failed), named, failed)


Measure = Callable[[bool], Outcome]


@dataclass(frozen=True)
class Result:
    """A result file: the outcome, the words of the page, and where it was measured."""

    promise: str
    about: str
    cases: int
    passed: int
    measured: Mapping[str, str]
    failures: tuple[str, ...]
    seconds: float
    stamp: Mapping[str, Any]


def result(module: Any, outcome: Outcome, seconds: float) -> Result:
    """What a promise's file holds."""
    from stamp import stamp

    made = asdict(stamp()) | {"command": f"python -m tests.torture {Path(module.__file__).stem}"}
    about = _prose(module.__doc__)
    return Result(module.TITLE, about, **asdict(outcome), seconds=round(seconds, 1), stamp=made)


def save(name: str, found: Result, folder: Path = RESULTS) -> None:
    """Write ``<name>.json`` in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{name}.tmp"
    draft.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    draft.replace(folder / f"{name}.json")


def read(folder: Path = RESULTS) -> tuple[Result, ...]:
    """All results there are, in the order of the page."""
    paths = (folder / f"{name}.json" for name in PROMISES)
    found = (json.loads(path.read_text("utf-8")) for path in paths if path.is_file())
    return tuple(Result(**{**each, "failures": tuple(each["failures"])}) for each in found)


def page(results: Iterable[Result]) -> str:
    """The whole document."""
    results = tuple(results)
    lines = [
        _INTRODUCTION,
        "| promise | cases | held | seconds |",
        "|---|--:|--:|--:|",
        *(
            f"| [{r.promise}](#{_anchor(r.promise)}) | {r.cases:,} | {_held(r)} | {r.seconds:,} |"
            for r in results
        ),
        "",
    ]
    for each in results:
        lines += [f"## {each.promise}", "", each.about, "", *_figures(each)]
    return "\n".join(lines).rstrip() + "\n"


def _held(found: Result) -> str:
    return "all" if found.passed == found.cases else f"**{found.passed:,}**"


def _figures(found: Result) -> list[str]:
    """The figures of one promise, what failed, and where it was measured."""
    rows = {"cases": f"{found.cases:,}", "held": f"{found.passed:,}", **found.measured}
    lines = ["| measured | |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows.items()), ""]
    if found.failures:
        lines += ["Not held:", ""]
        lines += [f"- {_plain(failure)}" for failure in found.failures[:SHOWN]]
        more = len(found.failures) - SHOWN
        lines += [f"- and {more} more"] * (more > 0) + [""]
    made = found.stamp
    machine, versions = made["machine"], made["versions"]
    lines += [
        f"`{made['command']}`, {made['date']} UTC, commit {made['commit']}, Python "
        f"{versions['python']}, {machine['cores']} cores, {machine['memory']}.",
        "",
    ]
    return lines


def _plain(text: str) -> str:
    """A line that holds no markup, whatever case it speaks of."""
    shown = "".join(c if c.isprintable() else "�" for c in text)[:300]
    return f"`{shown.replace('`', chr(39))}`"


def _anchor(title: str) -> str:
    """The link to a heading.

    Examples
    --------
    >>> _anchor("Kill it anywhere: old run, or new run")
    'kill-it-anywhere-old-run-or-new-run'
    """
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _prose(doc: str | None) -> str:
    """A docstring as paragraphs."""
    return "\n\n".join(block.strip() for block in (doc or "").strip().split("\n\n"))

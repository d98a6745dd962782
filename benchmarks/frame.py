"""What every benchmark shares: its options, its rows, its table on the screen, its result file.

A script makes rows; :func:`finish` prints them and writes ``results/<script>.json`` with the
machine, the date, the commit and the versions they were measured on. ``render.py`` makes
docs/benchmarks.md of these files, so that no figure is ever typed by hand. A script that
measured only some of its rows replaces only those, and every row keeps the stamp of its own
run. Nothing here knows a model or a data set.

    given = frame.options(__doc__).parse_args()
    folder = frame.data_set(given, "nn5")
    rows = [frame.Row("NN5 daily", "56 ahead", "sMAPE", "lstm", "ours", 21.5, target=22.0)]
    frame.finish(rows, given)
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from stamp import REPOSITORY as REPOSITORY
from stamp import Stamp as Stamp
from stamp import machine as machine
from stamp import stamp as stamp

RESULTS = Path(__file__).resolve().parent / "results"

Kind = Literal["ours", "classical", "peer", "published"]


@dataclass(frozen=True)
class Row:
    """One figure of one table.

    Parameters
    ----------
    table : str
        The table of docs/benchmarks.md that it belongs to, such as "ETT".
    row : str
        What was asked, such as "ETTh1, 96 ahead".
    metric : str
        What the value is, such as "MSE" or "forecasts a second".
    who : str
        The name of the model, the peer or the published method.
    kind : Kind
        Ours (a network of this package), a classical model of this package, a peer that was
        measured beside it, or a published figure.
    value : float
        NaN where it was tried and gave no number; ``note`` then says why.
    better : "lower" or "higher"
    target : float or None
        The mark to reach, for our rows; None where there is none.
    target_note : str
        Where the mark comes from.
    seconds : float or None
        Training time.
    note : str
        What else a reader has to know to read the figure, such as what the model has seen.
    source : str
        The citation of a published figure.
    """

    table: str
    row: str
    metric: str
    who: str
    kind: Kind
    value: float
    better: Literal["lower", "higher"] = "lower"
    target: float | None = None
    target_note: str = ""
    seconds: float | None = None
    note: str = ""
    source: str = ""

    @property
    def question(self) -> tuple[str, str, str]:
        """What rows share that answer the same question."""
        return self.table, self.row, self.metric

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Nothing is measured twice under one key."""
        return *self.question, self.kind, self.who

    @property
    def reached(self) -> bool | None:
        """Whether the mark was reached; None where there is none."""
        if self.target is None:
            return None
        below, at = self.value < self.target, self.value == self.target
        return at or (below == (self.better == "lower") and math.isfinite(self.value))


@dataclass(frozen=True)
class Measured:
    """The rows of one run, with its stamp."""

    stamp: Stamp
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Results:
    """A result file: what the script says of itself, and its runs, oldest first."""

    about: str
    runs: tuple[Measured, ...]


def options(doc: str | None, *, quick: str = "", seed: bool = True) -> argparse.ArgumentParser:
    """The options that all benchmarks have.

    Parameters
    ----------
    doc : str
        The docstring of the script; its first line describes it.
    quick : str
        What ``--quick`` does; there is no such option where it is empty.
    seed : bool
        Whether anything is drawn at random.
    """
    parser = argparse.ArgumentParser(description=(doc or "").strip().partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of the data sets", default=_data())
    if quick:
        parser.add_argument("--quick", action="store_true", help=quick)
    if seed:
        parser.add_argument("--seed", type=int, default=0, help="seed of all random draws")
    # For trying out a script: too few steps for a figure, so nothing is written.
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    return parser


def data_set(given: argparse.Namespace, name: str) -> Path:
    """The folder of one data set. Where it is absent the script ends, and no figure changes."""
    folder: Path = given.data / name
    if not folder.is_dir():
        print(
            f"nothing measured: the data set {name} is not in {given.data} "
            "(name its folder with --data or FORECAST_SHARED_DATA)"
        )
        raise SystemExit(0)
    return folder


def finish(rows: Sequence[Row], given: argparse.Namespace, *, partial: bool | None = None) -> None:
    """Print the rows and write the result file of the running script.

    Parameters
    ----------
    rows : sequence of Row
    given : Namespace
        As parsed. With ``--steps`` nothing is written.
    partial : bool, optional
        Whether rows of earlier runs that were not measured now are kept; with ``--quick`` they
        are.
    """
    show(rows)
    _refuse_twins(rows)
    if getattr(given, "steps", None):
        print("nothing written: trained for a few steps only")
        return
    keep = getattr(given, "quick", False) if partial is None else partial
    about = prose(sys.modules["__main__"].__doc__)
    path = RESULTS / f"{Path(sys.argv[0]).stem}.json"
    save(path, rows, stamp(), about=about, partial=keep)
    print(f"written: {path.relative_to(REPOSITORY)}")


def show(rows: Sequence[Row]) -> None:
    """Print the rows: a heading for each table, and a block for each question."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    widest = max((len(row.who) for row in rows), default=0)
    heading = ""
    for question in dict.fromkeys(row.question for row in rows):
        title, asked, metric = question
        if title != heading:
            console.print(f"\n[bold]{title}[/bold]")
            heading = title
        block = Table(box=None, title=f"\n{asked}: {metric}", title_justify="left", pad_edge=False)
        block.add_column("", no_wrap=True, min_width=widest)
        block.add_column("value", justify="right", no_wrap=True, min_width=8)
        block.add_column("mark", no_wrap=True, min_width=14)
        block.add_column("seconds", justify="right", no_wrap=True)
        block.add_column("note")
        for row in (row for row in rows if row.question == question):
            sign = {None: "", True: " reached", False: " missed"}[row.reached]
            block.add_row(
                row.who,
                number(row.value),
                "" if row.target is None else f"{number(row.target)}{sign}",
                "" if row.seconds is None else f"{row.seconds:.1f}",
                "published" if row.kind == "published" else row.note,
            )
        console.print(block)


def number(value: float) -> str:
    """Four significant digits: as many as such figures bear.

    Examples
    --------
    >>> number(0.36041), number(13.887), number(121034.0), number(float("nan"))
    ('0.3604', '13.89', '121 034', '–')
    """
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    digits = 3 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:.{min(max(digits, 0), 4)}f}"


def prose(doc: str | None) -> str:
    """A docstring without its indented blocks: what stands above a script's table on the page.

    Examples
    --------
    >>> prose("What it is.\\n\\nHow it\\nis done.\\n\\n    python it.py\\n")
    'What it is.\\n\\nHow it\\nis done.'
    """
    blocks = (doc or "").strip().split("\n\n")
    return "\n\n".join(block.strip() for block in blocks if not block.startswith(" "))


def save(
    path: Path, rows: Sequence[Row], made: Stamp, *, about: str = "", partial: bool = False
) -> None:
    """Write rows as JSON; if ``partial``, beside those of earlier runs that they do not replace."""
    _refuse_twins(rows)
    new = {row.key for row in rows}
    earlier = read(path).runs if partial and path.is_file() else ()
    kept = [
        Measured(run.stamp, left)
        for run in earlier
        if (left := tuple(row for row in run.rows if row.key not in new))
    ]
    runs = [*kept, Measured(made, tuple(rows))]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    content = {"about": about, "runs": [_as_json(run) for run in runs]}
    draft.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> Results:
    """What :func:`save` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    runs = (
        Measured(Stamp(**run["stamp"]), tuple(_row_from_json(row) for row in run["rows"]))
        for run in content["runs"]
    )
    return Results(content["about"], tuple(runs))


def _data() -> Path:
    """Where the data sets are by default, as in tests/conftest.py."""
    named = os.environ.get("FORECAST_SHARED_DATA")
    return Path(named) if named else REPOSITORY.parent / "shared" / "data"


def _refuse_twins(rows: Sequence[Row]) -> None:
    twice = [key for key, count in Counter(row.key for row in rows).items() if count > 1]
    if twice:
        raise ValueError(f"measured twice: {twice}")


def _as_json(run: Measured) -> dict[str, Any]:
    rows = [
        {name: value for name, value in asdict(row).items() if value not in (None, "")}
        | {"value": row.value if math.isfinite(row.value) else None}
        for row in run.rows
    ]
    return {"stamp": asdict(run.stamp), "rows": rows}


def _row_from_json(values: dict[str, Any]) -> Row:
    value = values["value"]
    return Row(**values | {"value": math.nan if value is None else value})

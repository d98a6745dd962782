"""The ranking in the terminal: a table that keeps what decides, however narrow it gets.

Notable: a column that finds no room is left out whole and named below the table, with where it
can be seen. Skill has its interval and the decision beside it where they were tested.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.comparison import CompareResult, ModelScore, Versus
from forecast_cli.report.derived import failed, interval_levels, problem, remarks, succeeded
from forecast_cli.report.grid import Column, Grid, bar, fitting, heading
from forecast_cli.report.words import (
    NONE,
    clean,
    decimals,
    duration,
    metric_name,
    number,
    numbers,
    percent,
    whole_percent,
)

BAR_CELLS = 9  # room for the word "reference"
NAME_WIDTH = 20
INTERVAL = "interval, %"

# Which columns of the ranking give way first on a narrow terminal (the largest number).
DROP = {"decision": 1, "interval": 2, "fit": 3, "bar": 4, "mae": 5, "kind": 6, "coverage": 7}
DROP |= {"wql": 8, "seeds": 9, "mase": 10, "smape": 11, "rmsse": 12, "rmse": 13}
ELSEWHERE = "a wider terminal, --report FILE.html and --format json have them"
DECISIONS = {"better": "green", "worse": "red", "reference": "dim"}


def ranking(result: CompareResult, width: int) -> list[RenderableType]:
    """The table with what its columns mean, what found no room, and what went wrong."""
    columns = ranking_columns(result)
    shown = {column.header for column in fitting(columns, width)}
    levels = [f"{level} %" for level in interval_levels(result) if f"{level} %" in shown]
    key = [f"{' and '.join(levels)}: share of values inside the interval"] if levels else []
    key += ["±: standard deviation over seeds"] if "±" in shown else []
    reference = clean(result.protocol.reference)
    key += [f"interval: 95 %, of skill against {reference}"] if INTERVAL in shown else []
    return [
        heading("Ranking", f"by {metric_name(result.protocol.metric)}, lower is better"),
        Grid(columns),
        *([Text("; ".join(key), style="dim")] if key else []),
        *left_out(columns, width),
        *(Text(clean(problem(score)), style="red") for score in failed(result)),
        *(
            Text(f"{clean(score.name)}: {clean(said)}", style="yellow")
            for score in succeeded(result)
            for said in remarks(score)
        ),
    ]


def ranking_columns(result: CompareResult) -> list[Column]:
    """The ranked table, failures last; the metric that ranks stands first."""
    scores = (*succeeded(result), *failed(result))
    main = result.protocol.metric
    values = numbers([s.metrics.get(main) for s in scores])
    places = decimals(s.metrics.get(main, math.nan) for s in scores)
    columns = [
        Column("#", [str(s.rank) if s.rank else NONE for s in scores]),
        Column("model", [_name(s) for s in scores], right=False),
        Column("kind", [s.kind for s in scores], drop=DROP["kind"], right=False, style="dim"),
        Column(metric_name(main), _or_failed(scores, values), style="bold"),
    ]
    if any(s.seed_spread is not None for s in scores):
        spread = ["" if s.seed_spread is None else number(s.seed_spread, places) for s in scores]
        columns.append(Column("±", spread, drop=DROP["seeds"]))
    columns.append(Column("skill", [_skill(s) for s in scores]))
    if any(s.versus_reference for s in scores):
        tests = [s.versus_reference for s in scores]
        decisions = [_decision(test) for test in tests]
        columns.append(Column(INTERVAL, [_interval(test) for test in tests], DROP["interval"]))
        columns.append(Column("decision", decisions, drop=DROP["decision"], right=False))
    bars = [_bar(s, result.protocol.reference) for s in scores]
    columns.append(Column("", bars, drop=DROP["bar"], right=False))
    for metric in ("mase", "rmsse", "mae", "rmse", "smape", "wql"):
        if metric != main:
            cells = numbers([s.metrics.get(metric) for s in scores])
            columns.append(Column(metric_name(metric), cells, drop=DROP[metric]))
    columns += [
        Column(f"{level} %", coverage_cells(scores, level), drop=DROP["coverage"])
        for level in interval_levels(result)
    ]
    columns.append(Column("fit", [duration(s.fit_seconds) for s in scores], drop=DROP["fit"]))
    return columns


def _or_failed(scores: Sequence[ModelScore], cells: Sequence[str]) -> list[str]:
    return [c if s.status == "ok" else s.status for c, s in zip(cells, scores, strict=True)]


def _name(score: ModelScore) -> Text:
    style = "red" if score.status != "ok" else "bold cyan" if score.kind == "network" else ""
    return Text(clean(score.name, NAME_WIDTH), style=style)


def _skill(score: ModelScore) -> Text:
    skill = score.skill
    known = skill is not None and math.isfinite(skill) and round(skill, 3) != 0
    style = "" if skill is None or not known else "green" if skill > 0 else "red"
    return Text(percent(skill, signed=True), style=style)


def _interval(found: Versus | None) -> str:
    """Whole per cent, without the sign of per cent, which stands in the header."""
    if found is None or found.decision == "reference" or not all(map(math.isfinite, found.ci95)):
        return ""
    low, high = map(whole_percent, found.ci95)
    return f"{low} to {high}"


def _decision(found: Versus | None) -> Text:
    return Text(found.decision, DECISIONS.get(found.decision, "")) if found else Text("")


def left_out(columns: Sequence[Column], width: int) -> list[RenderableType]:
    """Which columns found no room, and where they are."""
    shown = fitting(columns, width)
    gone = [c.header for c in columns if c not in shown and c.header]
    names = ", ".join(gone).replace(" %", "\N{NO-BREAK SPACE}%")
    return [Text(f"no room for {names}: {ELSEWHERE}", style="dim")] if gone else []


def _bar(score: ModelScore, reference: str) -> Text:
    """Gains are full blocks and losses hollow: told apart without colour."""
    skill = score.skill
    if score.name == reference:
        return Text("reference", style="dim")
    if skill is None or not math.isfinite(skill):
        return Text("")
    if skill >= 0:
        return Text(bar(skill, BAR_CELLS), style="green")
    return Text("░" * max(1, round(min(1.0, -skill) * BAR_CELLS)), style="red")


def coverage_cells(scores: Sequence[ModelScore], level: int) -> list[str]:
    """Measured coverage of each model, in per cent."""
    shares = [s.metrics.get(f"coverage_{level}") for s in scores]
    return [number(None if share is None else 100 * share, 1) for share in shares]

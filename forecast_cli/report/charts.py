"""Which charts a result deserves: error, skill, calibration, cost, loss.

Notable: what one model does very badly is cut, and said to be, so that it does not flatten
the picture of the others. Each chart is followed by its numbers as a table, folded away, for
those who cannot see it and those who want to copy it. Nothing is scored here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from forecast_cli.comparison import CompareResult, ModelScore
from forecast_cli.report.derived import (
    coloured,
    interval_levels,
    judged,
    ladder,
    model_named,
    step_ticks,
    succeeded,
)
from forecast_cli.report.forest import Row, forest_chart
from forecast_cli.report.page import details, table
from forecast_cli.report.svg import INK, Axis, Line, Point, line_chart, scatter_chart
from forecast_cli.report.words import (
    duration,
    metric_name,
    number,
    numbers,
    percent,
    whole_percent,
)

LEAST_SECONDS = 1e-3  # the logarithmic axis starts somewhere
WORST_SKILL = -100.0  # per cent
WORST_ERROR = 3.0  # times that of the reference, beyond which an error is not drawn
LOSSES = {"loss": "training block", "val_loss": "validation block"}
NUMBERS = "The numbers of this picture"


def error_chart(result: CompareResult) -> str:
    """The metric that ranks (MAE where it has no steps) at each step of the horizon."""
    metric = result.protocol.metric
    if not any(metric in score.by_step for score in succeeded(result)):
        metric = "mae"
    values = {s.name: s.by_step[metric] for s in succeeded(result) if metric in s.by_step}
    reference = [v for v in values.get(result.protocol.reference, ()) if math.isfinite(v)]
    most = WORST_ERROR * max(reference) if reference else math.inf
    shown = {name: [v if v <= most else math.nan for v in row] for name, row in values.items()}
    title = f"{metric_name(metric)} at each step; lower is better"
    if any(v > most for name in coloured(result) for v in values.get(name, ())):
        title += f"; more than {WORST_ERROR:g} times that of the reference is not drawn"
    chart = _by_step(result, title, Axis(metric_name(metric)), shown)
    return chart and chart + _step_numbers(metric_name(metric), values)


def skill_chart(result: CompareResult) -> str:
    """Skill at each step of the horizon."""
    values = {s.name: s.skill_by_step for s in succeeded(result) if s.skill_by_step}
    values.pop(result.protocol.reference, None)
    shown = {name: [max(100 * v, WORST_SKILL) for v in row] for name, row in values.items()}
    title = f"Skill at each step, against {result.protocol.reference} (dotted: 0)"
    if any(WORST_SKILL in shown.get(name, ()) for name in coloured(result)):
        title += f"; lines are cut at {number(WORST_SKILL, 0)} %"
    chart = _by_step(result, title, Axis("skill, %"), shown, rule=0.0)
    hundredfold = {name: tuple(100 * v for v in row) for name, row in values.items()}
    return chart and chart + _step_numbers("Skill in %", hundredfold)


def forest(result: CompareResult) -> str:
    """Skill with its interval, a row for each model but the reference."""
    rows = [
        Row(
            score.name,
            100 * found.skill,
            100 * found.ci95[0],
            100 * found.ci95[1],
            found.decision,
            score.kind == "network",
            f"{percent(found.skill, signed=True)} {_whole_range(found.ci95)}{found.decision}",
        )
        for score, found in judged(result)
        if found.decision != "reference"
    ]
    if not rows:
        return ""
    title = f"Skill against {result.protocol.reference}, with its 95 % interval"
    title += " (discs: networks, squares: baselines)"
    return forest_chart(title, "skill, %", rows)


def quantile_chart(result: CompareResult) -> str:
    """For each quantile, how often the value came at or below it."""
    quantiles = result.protocol.quantiles
    shares = {c.model: c.shares for c in result.calibration if len(c.shares) == len(quantiles)}
    colours = coloured(result)
    lines = [
        Line(name, list(quantiles), list(shares[name]), k, _is_baseline(result, name))
        for name, k in colours.items()
        if name in shares
    ]
    if not lines:
        return ""
    lines.append(Line("as it should be", [0.0, 1.0], [0.0, 1.0], INK, dashed=True))
    title = (
        "Share of values at or below each quantile; above the diagonal: the quantile is too high"
    )
    whole = [(k / 5, f"{k / 5:g}") for k in range(6)]
    chart = line_chart(title, Axis("quantile", whole), Axis("share at or below", whole), lines)
    rows = [[name, *(number(share, 3) for share in row)] for name, row in shares.items()]
    header = ["model", *(f"{q:g}" for q in quantiles)]
    return chart + details(NUMBERS, table("Share of values at or below.", header, rows))


def coverage_chart(result: CompareResult) -> str:
    """Measured coverage at each step of the horizon, of the narrowest interval."""
    levels = interval_levels(result)
    if not levels:
        return ""
    level = levels[0]
    values = {
        s.name: [100 * share for share in s.by_step[f"coverage_{level}"]]
        for s in succeeded(result)
        if f"coverage_{level}" in s.by_step
    }
    title = f"Values inside the {level} % interval, at each step (dotted: {level} %)"
    chart = _by_step(result, title, Axis("inside, %"), values, rule=float(level))
    return chart and chart + _step_numbers(f"Inside the {level} % interval, in %", values)


def cost_chart(result: CompareResult) -> str:
    """Skill against time, with the ladder of those that no cheaper model equals."""
    points = [
        Point(
            s.name,
            _seconds(s),
            max(100 * s.skill, WORST_SKILL),
            s.kind == "network",
            f"{s.name}: {percent(s.skill, signed=True)} skill, fit {duration(s.fit_seconds)}, "
            f"forecast {duration(s.forecast_seconds)}",
        )
        for s in succeeded(result)
        if s.skill is not None and math.isfinite(s.skill + s.fit_seconds + s.forecast_seconds)
    ]
    if not points:
        return ""
    title = "Skill against time to fit and forecast (discs: networks, squares: baselines)"
    title += "; the stairs: no cheaper model does as well"
    if any(point.y == WORST_SKILL for point in points):
        title += f"; worse than {number(WORST_SKILL, 0)} % is drawn at it"
    stairs = [(_seconds(s), max(100 * (s.skill or 0.0), WORST_SKILL)) for s in ladder(result)]
    seconds = Axis("seconds, logarithmic", log=True)
    return scatter_chart(title, seconds, Axis("skill, %"), points, 0.0, stairs)


def loss_chart(history: Sequence[Mapping[str, float]]) -> str:
    """Every loss of a training against the step."""
    keys = dict.fromkeys(key for row in history for key in row)
    names = [key for key in keys if "loss" in key]
    lines = []
    for k, name in enumerate(names):
        rows = [row for row in history if name in row]
        xs = [row.get("step", float(n + 1)) for n, row in enumerate(rows)]
        lines.append(Line(LOSSES.get(name, name), xs, [row[name] for row in rows], k, k > 0))
    return line_chart("Loss while training", Axis("step"), Axis("loss"), lines) if lines else ""


def _whole_range(ends: tuple[float, float]) -> str:
    """An interval in whole per cent, for words that have little room; empty without one."""
    if not all(map(math.isfinite, ends)):
        return ""
    low, high = map(whole_percent, ends)
    return f"({low} to {high} %) "


def _by_step(
    result: CompareResult,
    title: str,
    y: Axis,
    values: dict[str, list[float]],
    rule: float | None = None,
) -> str:
    """A line for each model that has a colour; nothing where there is one step only."""
    lines = [
        Line(
            name, list(range(1, len(values[name]) + 1)), values[name], k, _is_baseline(result, name)
        )
        for name, k in coloured(result).items()
        if name in values
    ]
    if not lines or result.protocol.horizon < 2:
        return ""
    labels = [(float(h), str(h)) for h in step_ticks(result.protocol.horizon)]
    return line_chart(title, Axis("step of the horizon", labels), y, lines, rule=rule)


def _step_numbers(what: str, values: Mapping[str, Sequence[float]]) -> str:
    """Every step of every model, steps downwards."""
    columns = [numbers(list(row)) for row in values.values()]
    rows = [[str(k + 1), *cells] for k, cells in enumerate(zip(*columns, strict=True))]
    return details(NUMBERS, table(f"{what} at each step.", ["step", *values], rows))


def _is_baseline(result: CompareResult, name: str) -> bool:
    score = model_named(result, name)
    return score is not None and score.kind != "network"


def _seconds(score: ModelScore) -> float:
    return max(LEAST_SECONDS, score.fit_seconds + score.forecast_seconds)

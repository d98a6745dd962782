"""Which charts a result deserves: skill, coverage, cost, examples, loss.

Notable: what one model does very badly is cut, and said to be, so that it does not flatten
the picture of the others. The examples are read from the table of forecasts; nothing is
scored here.
"""

from __future__ import annotations

import math

import numpy as np

from forecast_cli.comparison import CompareResult, ForecastTable, ModelScore
from forecast_cli.report.derived import (
    horizon_profile,
    interval_levels,
    levels,
    median_position,
    model_named,
    step_ticks,
    succeeded,
)
from forecast_cli.report.svg import INK, Area, Axis, Line, Point, line_chart, scatter_chart
from forecast_cli.report.words import duration, metric_name, number, percent, short_times
from forecast_cli.results import Floats, Ints, TrainResult

LINES_SHOWN = 5
EXAMPLES = 3
TIME_LABELS = 4
LEAST_SECONDS = 1e-3  # the logarithmic axis starts somewhere
WORST_SKILL = -100.0  # per cent
LOSSES = {"loss": "training block", "val_loss": "validation block"}


def skill_chart(result: CompareResult) -> str:
    if result.protocol.horizon < 2:
        return ""
    profile = horizon_profile(result)
    metric = result.protocol.metric
    lines: list[Line] = []
    for score in succeeded(result):
        values = score.skill_by_step if profile.is_skill else score.by_step.get(metric, ())
        if values and score.name != result.protocol.reference and len(lines) < LINES_SHOWN:
            ys = [max(100 * v, WORST_SKILL) if profile.is_skill else v for v in values]
            where = list(range(1, len(ys) + 1))
            k = len(lines)
            lines.append(Line(score.name, where, ys, k, dashed=score.kind != "network"))
    if not lines:
        return ""
    if profile.is_skill:
        cut = any(WORST_SKILL in line.ys for line in lines)
        title = f"Skill at each step, against {result.protocol.reference} (dotted: 0)"
        title += f"; lines are cut at {number(WORST_SKILL, 0)} %" if cut else ""
        y = Axis("skill, %")
    else:
        title, y = f"{metric_name(metric)} at each step", Axis(metric_name(metric))
    rule = 0.0 if profile.is_skill else None
    return line_chart(title, _step_axis(result), y, lines, rule=rule)


def coverage_chart(result: CompareResult) -> str:
    if result.protocol.horizon < 2 or not interval_levels(result):
        return ""
    level = interval_levels(result)[0]
    lines: list[Line] = []
    for score in succeeded(result):
        shares = score.by_step.get(f"coverage_{level}", ())
        if shares and len(lines) < LINES_SHOWN:
            ys = [100 * share for share in shares]
            where, dashed = list(range(1, len(ys) + 1)), score.kind != "network"
            lines.append(Line(score.name, where, ys, len(lines), dashed))
    title = f"Values inside the {level} % interval, at each step (dotted: {level} %)"
    y = Axis("inside, %")
    return line_chart(title, _step_axis(result), y, lines, rule=float(level)) if lines else ""


def cost_chart(result: CompareResult) -> str:
    points = [
        Point(
            s.name,
            max(LEAST_SECONDS, s.fit_seconds + s.forecast_seconds),
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
    if any(point.y == WORST_SKILL for point in points):
        title += f"; worse than {number(WORST_SKILL, 0)} % is drawn at it"
    seconds = Axis("seconds, logarithmic", log=True)
    return scatter_chart(title, seconds, Axis("skill, %"), points, 0.0)


def examples(result: CompareResult) -> list[str]:
    """The last origin of a few series: the best model with its intervals, and its best rival."""
    ran = [s for s in succeeded(result) if s.name in result.table.forecasts]
    best = model_named(result, result.verdict.best) or (ran[0] if ran else None)
    if best is None or best.name not in result.table.forecasts:
        return []
    rival = next((s for s in ran if s.kind != best.kind), None)
    present = np.unique(result.table.series)
    chosen = present[np.linspace(0, len(present) - 1, min(EXAMPLES, len(present))).astype(int)]
    return [_example(result, int(series), best, rival) for series in chosen]


def _example(result: CompareResult, series: int, best: ModelScore, rival: ModelScore | None) -> str:
    t = result.table
    rows = np.flatnonzero(t.series == series)
    last = int(rows[np.argmax(t.origin_times[rows])])
    ahead = t.times[last]  # [H]
    past, known = _recent_past(t, series, last)
    moments = np.concatenate([past, ahead])
    q = t.forecasts[best.name][last]  # [H, Q]
    middle = median_position(t.quantiles)
    where = ahead.tolist()
    areas = [
        Area(f"{best.name}, {level} % interval", where, q[:, low].tolist(), q[:, high].tolist(), 0)
        for level, low, high in reversed(levels(t.quantiles))
    ]
    lines = [
        Line("actual", moments.tolist(), np.concatenate([known, t.actual[last]]).tolist(), INK),
        Line(best.name, where, q[:, middle].tolist(), 0),
    ]
    if rival is not None:
        other = t.forecasts[rival.name][last, :, middle].tolist()
        lines.append(Line(rival.name, where, other, 1, dashed=True))
    picks = np.unique(np.linspace(0, len(moments) - 1, 2 * TIME_LABELS + 1)[1::2].astype(int))
    shown = short_times(t.clock.show(moments[picks]))
    x = Axis(t.clock.name, list(zip(moments[picks].tolist(), shown, strict=True)))
    origin = int(t.origin_times[last])
    title = f"{t.ids[series]}, from the last origin, {t.clock.show([origin])[0]}"
    return line_chart(title, x, Axis("value"), lines, areas, mark=origin)


def _recent_past(t: ForecastTable, series: int, last: int) -> tuple[Ints, Floats]:
    """Times and values up to two horizons before an origin, as far as earlier origins saw them."""
    earlier = np.flatnonzero((t.series == series) & (t.origin_times < t.origin_times[last]))
    times, first = np.unique(t.times[earlier], return_index=True)
    values = t.actual[earlier].ravel()[first]
    before = times <= t.origin_times[last]
    steps = 2 * t.times.shape[1]
    return times[before][-steps:], values[before][-steps:]


def loss_chart(result: TrainResult) -> str:
    """Every loss of the history against the step."""
    keys = dict.fromkeys(key for row in result.history for key in row)
    names = [key for key in keys if "loss" in key]
    lines = []
    for k, name in enumerate(names):
        rows = [row for row in result.history if name in row]
        xs = [row.get("step", float(n + 1)) for n, row in enumerate(rows)]
        lines.append(Line(LOSSES.get(name, name), xs, [row[name] for row in rows], k, k > 0))
    return line_chart("Loss while training", Axis("step"), Axis("loss"), lines) if lines else ""


def _step_axis(result: CompareResult) -> Axis:
    """The first step and round ones."""
    labels = [(float(h), str(h)) for h in step_ticks(result.protocol.horizon)]
    return Axis("step of the horizon", labels)

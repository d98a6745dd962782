"""HTML tables of the models: ranking, what went otherwise, the horizon, direction, series, cost.

Nothing is scored here; a number that does not exist is a dash.
"""

from __future__ import annotations

import math

from forecast_cli.comparison import CompareResult, ModelScore, Versus
from forecast_cli.report.derived import (
    by_series,
    failed,
    horizon_profile,
    ladder,
    problem,
    remarks,
    replaced,
    some_names,
    succeeded,
)
from forecast_cli.report.facts import tested
from forecast_cli.report.page import Cell, Row, bullets, table
from forecast_cli.report.words import (
    NONE,
    count,
    decimals,
    duration,
    metric_name,
    number,
    numbers,
    percent,
    steps,
)

SERIES_SHOWN = 10
METRICS = ("mase", "rmsse", "mae", "rmse", "smape", "wql")
DECISIONS = {"better": "gain", "worse": "loss"}


def ranking(result: CompareResult) -> str:
    """Every model, failures last: the metric that ranks, skill with its interval, the rest."""
    scores = (*succeeded(result), *failed(result))
    main = result.protocol.metric
    others = [m for m in METRICS if m != main]
    columns = {m: numbers([s.metrics.get(m) for s in scores]) for m in (main, *others)}
    places = decimals(s.metrics.get(main, math.nan) for s in scores)
    has_tests = any(s.versus_reference for s in scores)
    rows: list[Row] = []
    for k, s in enumerate(scores):
        value = columns[main][k] if s.status == "ok" else s.status
        if s.seed_spread is not None:
            value += f" ± {number(s.seed_spread, places)}"
        rows.append(
            [
                Cell(s.name),
                str(s.rank) if s.rank else NONE,
                Cell(value, "best" if s.rank == 1 else ""),
                Cell(percent(s.skill, signed=True), _sign(s.skill)),
                *(_tested(s.versus_reference) if has_tests else ()),
                Cell("", html=_bar(s.skill)),
                *(columns[m][k] for m in others),
                duration(s.fit_seconds),
                s.kind,
            ]
        )
    tests = ["95 % interval", "against it", "adjusted p"] if has_tests else []
    header = ["model", "rank", metric_name(main), "skill", *tests, ""]
    header += [*map(metric_name, others), "fit", "kind"]
    left = {0, len(header) - 1, *({5} if has_tests else ())}
    kinds = [_kind(result, s) for s in scores]
    return table(_caption(result, has_tests), header, rows, kinds=kinds, left=left)


def problems(result: CompareResult) -> str:
    """Models that failed, and what else went otherwise than planned."""
    lines = [problem(s) for s in failed(result)]
    for s in succeeded(result):
        lines += [f"{s.name}: {said}" for said in remarks(s)]
    return bullets(lines)


def answered(result: CompareResult) -> str:
    """Forecasts that a simpler model gave in a model's place."""
    rows = [
        [r.model, r.by, r.why, f"{count(r.origins)} of {count(r.of)}", some_names(r.series)]
        for r in replaced(result)
    ]
    header = ["model", "answered by", "as", "origins", "series"]
    return table("Forecasts that a model could not give.", header, rows, left=(0, 1, 2, 4))


def bands(result: CompareResult) -> str:
    """Means over bands of the horizon."""
    if result.protocol.horizon < 2:
        return ""
    profile = horizon_profile(result)
    rows = []
    for name, means in profile.rows:
        cells = [
            Cell(
                percent(v, signed=True) if profile.is_skill else number(v),
                "best" if name == profile.best[k] else "",
            )
            for k, v in enumerate(means)
        ]
        rows.append([Cell(name), *cells])
    what = "skill" if profile.is_skill else metric_name(result.protocol.metric)
    header = ["model", *(f"steps {steps(b.first, b.last)}" for b in profile.bands)]
    return table(f"Mean {what} over the steps of each band; the best is bold.", header, rows)


def direction(result: CompareResult) -> str:
    """How well models say whether the series will stand higher."""
    rows: list[Row] = [
        [
            Cell(s.model),
            s.kind,
            number(s.brier, 4) if s.status == "ok" else "failed",
            percent(s.accuracy),
            number(s.auc, 3),
            percent(s.base_rate),
            Cell(s.reason, "prose"),
        ]
        for s in sorted(result.direction, key=lambda s: (s.status != "ok", s.brier))
    ]
    header = ["model", "kind", "Brier", "accuracy", "AUC", "rises", "remark"]
    if not any(s.reason for s in result.direction):
        rows, header = [row[:-1] for row in rows], header[:-1]
    caption = (
        "Will the series stand higher than now? Brier: lower is better; rises: how often it did."
    )
    return table(caption, header, rows, left=(0, 1, 6))


def series(result: CompareResult) -> str:
    """The series where the best model did best and worst."""
    rows = by_series(result)
    if not rows:
        return ""
    best, reference = result.verdict.best, result.protocol.reference
    wins = sum(row.value < row.reference for row in rows)
    few = len(rows) <= 2 * SERIES_SHOWN
    shown = rows if few else (*rows[:SERIES_SHOWN], *rows[-SERIES_SHOWN:])
    caption = f"{metric_name(result.protocol.metric)} of {best}"
    if best != reference:
        caption += f", which beats {reference} on {wins} of {len(rows)} series"
    if not few:
        caption += f"; the best and the worst {SERIES_SHOWN}"
    body: list[Row] = [
        [Cell(row.id), value, other, "better" if row.value < row.reference else ""]
        for row, value, other in zip(
            shown,
            numbers([r.value for r in shown]),
            numbers([r.reference for r in shown]),
            strict=True,
        )
    ]
    return table(caption + ".", ["series", best, reference, ""], body)


def costs(result: CompareResult) -> str:
    """What each model took; a forecast is one origin, all steps."""
    origins = result.protocol.origins
    rungs = {score.name for score in ladder(result)}
    rows: list[Row] = [
        [
            Cell(s.name),
            percent(s.skill, signed=True),
            duration(s.fit_seconds),
            duration(s.forecast_seconds),
            number(1000 * s.forecast_seconds / origins) if origins else NONE,
            count(s.parameters),
            "yes" if s.name in rungs else "",
        ]
        for s in succeeded(result)
    ]
    header = [
        "model",
        "skill",
        "fit",
        "all forecasts",
        "ms a forecast",
        "parameters",
        "on the ladder",
    ]
    caption = (
        "What each model took, on the machine of this comparison. On the ladder: no cheaper "
        "model has as much skill."
    )
    return table(caption, header, rows, left=(0, 6))


def seeds(result: CompareResult) -> str:
    """The loss of each network of several that were trained alike."""
    scores = [s for s in succeeded(result) if s.seeds]
    names = list(dict.fromkeys(each.seed for s in scores for each in s.seeds))
    rows: list[Row] = []
    for s in scores:
        losses = {each.seed: each.loss for each in s.seeds}
        rows.append([Cell(s.name), *numbers([losses.get(seed) for seed in names])])
    metric = metric_name(result.protocol.metric)
    caption = f"{metric} of each network by its seed; the ranking has that of their mean forecast."
    return table(caption, ["model", *(f"seed {seed}" for seed in names)], rows)


def _caption(result: CompareResult, has_tests: bool) -> str:
    caption = (
        f"By {metric_name(result.protocol.metric)}. Errors: lower is better; skill, against "
        f"{result.protocol.reference}: higher is better."
    )
    if has_tests:
        caption += " Adjusted p: corrected for the number of models (Holm)."
    if any(s.seed_spread is not None for s in result.models):
        caption += " ±: standard deviation over seeds."
    return caption


def _tested(found: Versus | None) -> list[Cell]:
    interval, decision, p = tested(found)
    return [Cell(interval, "range"), Cell(decision, DECISIONS.get(decision, "")), Cell(p)]


def _kind(result: CompareResult, score: ModelScore) -> str:
    if score.status != "ok":
        return "failed"
    kinds = [score.kind] if score.kind == "network" else []
    return " ".join([*kinds, *(["reference"] if score.name == result.protocol.reference else [])])


def _sign(skill: float | None) -> str:
    if skill is None or not math.isfinite(skill) or round(skill, 3) == 0:
        return ""
    return "gain" if skill > 0 else "loss"


def _bar(skill: float | None) -> str:
    """Gains are filled and losses hollow: told apart without colour."""
    if not skill or not math.isfinite(skill):
        return " "
    width = max(1.0, round(96 * min(1.0, abs(skill)), 1))
    kind = "lost" if skill < 0 else "gained"
    return (
        '<svg class="bar" viewBox="0 0 97 10" aria-hidden="true">'
        f'<rect class="{kind}" x=".5" y=".5" width="{width}" height="9"/></svg>'
    )

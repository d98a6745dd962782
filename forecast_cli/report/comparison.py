"""The comparison in the terminal: the verdict, then what it rests on, in falling weight.

Every figure shown is in the result; means over horizon steps are called so.
"""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.comparison import CompareResult
from forecast_cli.report import plots
from forecast_cli.report.derived import (
    MAX_BANDS,
    HorizonProfile,
    by_series,
    horizon_profile,
    interval_levels,
    model_named,
    replaced,
    some_names,
    succeeded,
)
from forecast_cli.report.facts import leak_words, series_asked
from forecast_cli.report.grid import Column, Drawing, Grid, View, heading, total_width
from forecast_cli.report.ranking import NAME_WIDTH, coverage_cells, left_out, ranking
from forecast_cli.report.words import (
    clean,
    count,
    duration,
    lead,
    metric_name,
    number,
    numbers,
    percent,
    steps,
    whole_percent,
)

SERIES_SHOWN = 3
PLOT_HEIGHT = 14


def compare_view(result: CompareResult, width: int) -> View:
    """``compare-baselines``: verdict, what to ship, ranking, fallbacks, and what it rests on.

    Parameters
    ----------
    width : int
        Columns of the terminal; names of series are shortened to it.
    """
    return View(
        [
            *_verdict(result),
            *ranking(result, width),
            *_replaced(result),
            *_horizon(result, width),
            *_intervals_and_cost(result, width),
            *_direction(result),
            *_series(result, width),
            *_rules(result),
            *_protocol(result),
        ]
    )


def _verdict(result: CompareResult) -> list[RenderableType]:
    first, rest = lead(clean(result.verdict.text))
    facts = []
    ship = model_named(result, result.verdict.ship)
    if ship is not None:
        words = f"{clean(ship.name)}, a {ship.kind}, fitted in {duration(ship.fit_seconds)}"
        facts.append(Text.assemble(("ship: ", "dim"), (words, "bold")))
    if result.learnability is not None:
        words = clean(result.learnability.text)
        facts.append(Text.assemble(("learnability: ", "dim"), words))
    certificate = result.leak_certificate
    proof = [Text(clean(leak_words(certificate)))] if certificate else []
    suspects = certificate.suspects if certificate else ()
    return [
        Text(first, style="bold"),
        *([Text(rest)] if rest else []),
        *facts,
        *proof,
        *(Text(clean(suspect), style="yellow") for suspect in suspects),
    ]


def _replaced(result: CompareResult) -> list[RenderableType]:
    records = replaced(result)
    if not records:
        return []
    columns = [
        Column("model", [clean(r.model, NAME_WIDTH) for r in records], right=False),
        Column("answered by", [clean(r.by, NAME_WIDTH) for r in records], right=False),
        Column("as", [clean(r.why) for r in records], right=False, prose=True),
        Column("origins", [f"{count(r.origins)} of {count(r.of)}" for r in records]),
        Column("series", [clean(some_names(r.series), NAME_WIDTH) for r in records], drop=1),
    ]
    return [heading("Answered by a simpler model"), Grid(columns)]


def _horizon(result: CompareResult, width: int) -> list[RenderableType]:
    # As many bands as have room: a band cannot be left out.
    tried = [_band_columns(horizon_profile(result, most)) for most in range(MAX_BANDS, 0, -1)]
    columns = next((c for c in tried if total_width(c) <= width), tried[-1])
    if result.protocol.horizon < 2 or not columns:
        return []
    profile = horizon_profile(result)
    what = (
        f"mean skill in % against {clean(result.protocol.reference)}"
        if profile.is_skill
        else f"mean {metric_name(result.protocol.metric)}"
    )
    parts: list[RenderableType] = [
        heading("Along the horizon", f"{what}; ◂ best"),
        Grid(columns),
    ]
    if any(score.by_step for score in succeeded(result)):
        parts += [Text(""), Drawing(_error_by_step(result))]
    return parts


def _band_columns(profile: HorizonProfile) -> list[Column]:
    """A row for each model, a column for each band of steps."""
    if not profile.rows:
        return []
    names = [name for name, _ in profile.rows]
    columns = [Column("model", [clean(name, NAME_WIDTH) for name in names], right=False)]
    for k, band in enumerate(profile.bands):
        means = [row[k] for _, row in profile.rows]
        texts = [whole_percent(v) for v in means] if profile.is_skill else numbers(means)
        cells = [
            Text(f"{text}◂", style="bold green") if name == profile.best[k] else Text(f"{text} ")
            for text, name in zip(texts, names, strict=True)
        ]
        columns.append(Column(f"{steps(band.first, band.last)} ", cells))
    return columns


def _error_by_step(result: CompareResult) -> plots.Draw:
    return lambda width, ascii_only, colour: plots.error_by_step_plot(
        result, width, PLOT_HEIGHT, ascii_only=ascii_only, colour=colour
    )


def _intervals_and_cost(result: CompareResult, width: int) -> list[RenderableType]:
    scores = succeeded(result)
    if not scores:
        return []
    columns = [Column("model", [clean(s.name, NAME_WIDTH) for s in scores], right=False)]
    for rank, level in enumerate(interval_levels(result)):
        cells = coverage_cells(scores, level)
        columns.append(Column(f"in {level} %", cells, drop=2 * rank + 1))
        widths = [s.metrics.get(f"width_{level}") for s in scores]
        if any(width is not None for width in widths):
            columns.append(Column(f"width {level}", numbers(widths), drop=2 * rank + 2))
    columns += [
        Column("fit", [duration(s.fit_seconds) for s in scores]),
        Column("forecast", [duration(s.forecast_seconds) for s in scores]),
        Column("parameters", [count(s.parameters) for s in scores]),
    ]
    calibrated = any(found.scores for found in result.calibration)
    note = "coverage as measured on the test block"
    note += ", after calibration" if calibrated else ""
    return [
        heading("Intervals and cost", f"{note}; width in units of the series"),
        Grid(columns),
        *left_out(columns, width),
    ]


def _direction(result: CompareResult) -> list[RenderableType]:
    if not result.direction:
        return []
    scores = sorted(result.direction, key=lambda s: (s.status != "ok", s.brier))
    rates = [s.base_rate for s in scores if math.isfinite(s.base_rate)]
    note = (
        f"will it be higher than now? it was in {percent(rates[0])}; Brier: lower is better"
        if rates
        else ""
    )
    columns = [
        Column("model", [clean(s.model, NAME_WIDTH) for s in scores], right=False),
        Column("kind", [s.kind for s in scores], right=False, drop=1, style="dim"),
        Column("Brier", [number(s.brier, 4) if s.status == "ok" else "failed" for s in scores]),
        Column("accuracy", [percent(s.accuracy) for s in scores]),
        Column("AUC", [number(s.auc, 3) for s in scores]),
    ]
    parts: list[RenderableType] = [heading("Direction", note), Grid(columns)]
    for score in scores:
        if score.reason:
            said = f"{clean(score.model)}: {clean(score.reason)}"
            parts.append(Text(said, style="yellow" if score.status == "ok" else "red"))
    return parts


def _series(result: CompareResult, width: int) -> list[RenderableType]:
    rows = by_series(result)
    if not rows:
        return []
    best, reference = clean(result.verdict.best), clean(result.protocol.reference)
    few = len(rows) <= 2 * SERIES_SHOWN
    shown = rows if few else (*rows[:SERIES_SHOWN], *rows[-SERIES_SHOWN:])
    columns = [
        Column("series", [clean(row.id, max(12, width - 50)) for row in shown], right=False),
        Column(best, numbers([row.value for row in shown])),
    ]
    note = count(len(rows), "series", "series")
    if best != reference:
        better = ["better" if row.value < row.reference else "" for row in shown]
        columns.append(Column(reference, numbers([row.reference for row in shown])))
        columns.append(Column("", better, right=False))
        wins = sum(row.value < row.reference for row in rows)
        note = f"{best} beats {reference} on {wins} of {len(rows)}"
    if not few:
        note += f"; its best and worst {SERIES_SHOWN}"
    return [heading(f"{metric_name(result.protocol.metric)} by series", note), Grid(columns)]


def _rules(result: CompareResult) -> list[RenderableType]:
    if not result.verdict.rules:
        return []
    lines = [
        Text(f"{k}. {clean(rule)}", style="dim") for k, rule in enumerate(result.verdict.rules, 1)
    ]
    return [heading("Why this verdict"), *lines]


def _protocol(result: CompareResult) -> list[RenderableType]:
    p = result.protocol
    quantiles = ", ".join(f"{q:g}" for q in p.quantiles)
    refit = f"again every {count(p.refit, 'origin')}" if p.refit else "once, before the test block"
    seeds = f"; networks are means over {count(p.seeds, 'seed')}" if p.seeds > 1 else ""
    lines = [
        f"{count(p.origins, 'origin')} of {series_asked(result)} (at most "
        f"{count(p.origins_per_series)} a series), "
        f"{count(p.stride, 'step')} apart, the same for all models; horizon {p.horizon}",
        f"test block: {count(p.test_size, 'step')}, {clean(p.start)} to {clean(p.end)}; "
        f"validation: {count(p.val_size, 'step')}; fitted {refit}{seeds}",
        f"MASE and RMSSE: season {p.season}; WQL: quantiles {quantiles}; "
        f"skill: 1 − loss / loss of {clean(p.reference)}",
    ]
    lines += [f"again: {clean(result.command)}"] if result.command else []
    parts: list[RenderableType] = [heading("Protocol")]
    parts += [Text(line, style="dim") for line in lines]
    if result.notes:
        parts += [heading("Notes"), *(Text(clean(note)) for note in result.notes)]
    return parts

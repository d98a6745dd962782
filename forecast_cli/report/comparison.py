"""The comparison in the terminal: the verdict, then what it rests on, in falling weight.

Every figure shown is in the result; means over horizon steps are called so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.comparison import CompareResult, ModelScore, Versus
from forecast_cli.report import plots
from forecast_cli.report.derived import (
    MAX_BANDS,
    HorizonProfile,
    by_series,
    failed,
    horizon_profile,
    interval_levels,
    model_named,
    problem,
    remarks,
    replaced,
    some_names,
    succeeded,
)
from forecast_cli.report.facts import leak_words
from forecast_cli.report.grid import Column, Drawing, Grid, View, bar, fitting, heading, total_width
from forecast_cli.report.words import (
    MINUS,
    NONE,
    clean,
    count,
    decimals,
    duration,
    lead,
    metric_name,
    number,
    numbers,
    percent,
    steps,
)

BAR_CELLS = 9  # room for the word "reference"
NAME_WIDTH = 20
SERIES_SHOWN = 3
PLOT_HEIGHT = 14
INTERVAL = "interval, %"

# Which columns of the ranking give way first on a narrow terminal (the largest number).
DROP = {"decision": 1, "interval": 2, "fit": 3, "bar": 4, "mae": 5, "kind": 6, "coverage": 7}
DROP |= {"wql": 8, "seeds": 9, "mase": 10, "smape": 11, "rmsse": 12, "rmse": 13}
ELSEWHERE = "a wider terminal, --report FILE.html and --format json have them"
DECISIONS = {"better": "green", "worse": "red", "reference": "dim"}


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
            *_ranking(result, width),
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
    ship = model_named(result, result.verdict.ship)
    lines = {
        "ship": f"{ship.name}, a {ship.kind}, fitted in {duration(ship.fit_seconds)}"
        if ship
        else "",
        "learnability": result.learnability.text if result.learnability else "",
    }
    facts = [
        Text.assemble((f"{name}: ", "dim"), (clean(words), "bold" if name == "ship" else ""))
        for name, words in lines.items()
        if words
    ]
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


def _ranking(result: CompareResult, width: int) -> list[RenderableType]:
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
        *_left_out(columns, width),
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
        Column(f"{level} %", _coverage(scores, level), drop=DROP["coverage"])
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
    if found is None or not all(map(math.isfinite, found.ci95)):
        return ""
    low, high = map(_whole_percent, found.ci95)
    return f"{low} to {high}"


def _decision(found: Versus | None) -> Text:
    return Text(found.decision, DECISIONS.get(found.decision, "")) if found else Text("")


def _left_out(columns: Sequence[Column], width: int) -> list[RenderableType]:
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


def _coverage(scores: Sequence[ModelScore], level: int) -> list[str]:
    shares = [s.metrics.get(f"coverage_{level}") for s in scores]
    return [number(None if share is None else 100 * share, 1) for share in shares]


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
        texts = [_whole_percent(v) for v in means] if profile.is_skill else numbers(means)
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


def _whole_percent(share: float) -> str:
    """A share in per cent without decimals, signed unless it is zero."""
    if not math.isfinite(share):
        return NONE
    whole = round(100 * share)
    if not whole:
        return "0"
    text = f"{whole:+d}" if abs(whole) < 1e6 else f"{100 * share:+.0e}"
    return MINUS + text[1:] if whole < 0 else text


def _intervals_and_cost(result: CompareResult, width: int) -> list[RenderableType]:
    scores = succeeded(result)
    if not scores:
        return []
    columns = [Column("model", [clean(s.name, NAME_WIDTH) for s in scores], right=False)]
    for rank, level in enumerate(interval_levels(result)):
        cells = _coverage(scores, level)
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
        *_left_out(columns, width),
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
        f"{count(p.origins, 'origin')} (at most {count(p.origins_per_series)} a series), "
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

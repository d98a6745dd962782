"""Reports as one HTML file: what the terminal shows, with charts to look into.

Notable: no script and nothing fetched (see page.py), so that a report opens offline and
stays small. Everything that comes from a user passes through ``text``. Nothing is scored
here; the examples are read from the table of forecasts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast_cli.comparison import CompareResult, ModelScore
from forecast_cli.report.charts import (
    cost_chart,
    coverage_chart,
    examples,
    loss_chart,
    skill_chart,
)
from forecast_cli.report.derived import (
    by_series,
    failed,
    horizon_profile,
    interval_levels,
    problem,
    remarks,
    replaced,
    some_names,
    succeeded,
)
from forecast_cli.report.page import Cell, Row, bullets, page, paragraph, section, table
from forecast_cli.report.words import (
    NONE,
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
from forecast_cli.results import DataSummary, TrainResult

SERIES_SHOWN = 10
METRICS = ("mase", "rmsse", "mae", "rmse", "smape", "wql")


def compare_html(result: CompareResult) -> str:
    """The report of a comparison."""
    p = result.protocol
    facts = (
        f"{count(p.horizon, 'step')} ahead from {count(p.origins, 'origin')} of "
        f"{count(result.data.series, 'series', 'series')}, "
        f"{p.start} to {p.end}; skill is measured against {p.reference}."
    )
    first, rest = lead(result.verdict.text)
    body = [
        "<h1>Is a recurrent network worth it on these data?</h1>",
        paragraph(first, "verdict"),
        paragraph(rest),
        paragraph(facts, "soft"),
        section("Ranking", _ranking(result), _problems(result)),
        section("Answered by a simpler model", _replaced(result)),
        section("Along the horizon", skill_chart(result), _bands(result)),
        section("Forecasts against what came", *examples(result)),
        section("Intervals", _coverage(result), coverage_chart(result)),
        section("Direction", _direction(result)),
        section("Series", _series(result)),
        section("Cost", cost_chart(result), _costs(result)),
        section("Protocol", _protocol(result)),
        _data(result.data),
        section("Notes", bullets(result.notes)),
    ]
    return page(f"forecast compare-baselines: {', '.join(result.data.sources)}", body)


def train_html(result: TrainResult) -> str:
    """The report of a training."""
    name = f"{result.model}, {count(result.horizon, 'step')} ahead"
    facts = [
        ("kind", result.kind),
        ("parameters", count(result.parameters)),
        ("context", NONE if result.context is None else count(result.context, "step")),
        ("training steps", NONE if result.steps is None else count(result.steps)),
        ("training time", duration(result.seconds)),
        ("best loss on the validation block", number(result.best_loss)),
        ("ended", result.stopped),
        ("device", result.device),
        ("run", result.run),
    ]
    settings = [(name, _setting(value)) for name, value in result.settings.items()]
    body = [
        "<h1>A model trained by forecast-cli</h1>",
        paragraph(name, "verdict"),
        section("Training", _pairs("What was fitted.", facts), loss_chart(result)),
        section("Fallbacks", bullets(result.fallbacks)),
        _data(result.data),
        section("Settings", _pairs("Every resolved option.", settings)),
    ]
    return page(f"forecast train: {name}", body)


def _ranking(result: CompareResult) -> str:
    scores = (*succeeded(result), *failed(result))
    main = result.protocol.metric
    others = [m for m in METRICS if m != main]
    columns = {m: numbers([s.metrics.get(m) for s in scores]) for m in (main, *others)}
    places = decimals(s.metrics.get(main, math.nan) for s in scores)
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
                Cell("", html=_bar(s.skill)),
                *(columns[m][k] for m in others),
                duration(s.fit_seconds),
                s.kind,
            ]
        )
    header = ["model", "rank", metric_name(main), "skill", "", *map(metric_name, others)]
    caption = f"By {metric_name(main)}. Errors: lower is better; skill: higher is better."
    if any(s.seed_spread is not None for s in scores):
        caption += " ±: standard deviation over seeds."
    kinds = [_kind(result, s) for s in scores]
    return table(caption, [*header, "fit", "kind"], rows, kinds=kinds, left=(0, len(header) + 1))


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
    if skill is None or not math.isfinite(skill):
        return " "
    share = round(100 * min(1.0, abs(skill)), 1)
    return f'<span class="bar{" neg" if skill < 0 else ""}"><i style="width:{share}%"></i></span>'


def _problems(result: CompareResult) -> str:
    lines = [problem(s) for s in failed(result)]
    for s in succeeded(result):
        lines += [f"{s.name}: {said}" for said in remarks(s)]
    return bullets(lines)


def _replaced(result: CompareResult) -> str:
    rows = [
        [r.model, r.by, r.why, f"{count(r.origins)} of {count(r.of)}", some_names(r.series)]
        for r in replaced(result)
    ]
    header = ["model", "answered by", "as", "origins", "series"]
    return table("Forecasts that a model could not give.", header, rows, left=(0, 1, 2, 4))


def _bands(result: CompareResult) -> str:
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


def _coverage(result: CompareResult) -> str:
    scores = succeeded(result)
    header, columns = ["model"], []
    for level in interval_levels(result):
        header.append(f"inside the {level} % interval")
        columns.append([percent(s.metrics.get(f"coverage_{level}")) for s in scores])
        widths = [s.metrics.get(f"width_{level}") for s in scores]
        if any(width is not None for width in widths):
            header.append("its width")
            columns.append(numbers(widths))
    rows: list[Row] = [
        [Cell(s.name), *(column[k] for column in columns)] for k, s in enumerate(scores)
    ]
    caption = (
        "Share of actual values inside the interval, right when it equals the level; "
        "of two intervals with the same share the narrower is better."
    )
    return table(caption, header, rows) if columns else ""


def _direction(result: CompareResult) -> str:
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


def _series(result: CompareResult) -> str:
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


def _costs(result: CompareResult) -> str:
    rows: list[Row] = [
        [Cell(s.name), duration(s.fit_seconds), duration(s.forecast_seconds), count(s.parameters)]
        for s in succeeded(result)
    ]
    return table("What each model took.", ["model", "fit", "forecast", "parameters"], rows)


def _protocol(result: CompareResult) -> str:
    p = result.protocol
    refit = f"again every {count(p.refit, 'origin')}" if p.refit else "once, before the test block"
    rows = [
        ("horizon", count(p.horizon, "step")),
        ("context of the networks", NONE if p.context is None else count(p.context, "step")),
        ("origins", f"{count(p.origins)}, at most {count(p.origins_per_series)} a series"),
        ("between origins", count(p.stride, "step")),
        ("test block", f"{count(p.test_size, 'step')}, {p.start} to {p.end}"),
        ("validation block", count(p.val_size, "step")),
        ("fitting", refit),
        ("seeds of the networks", count(p.seeds)),
        ("metric that ranks", metric_name(p.metric)),
        ("season of MASE and RMSSE", count(p.season, "step")),
        ("quantiles", ", ".join(f"{q:g}" for q in p.quantiles)),
        ("reference of skill", p.reference),
    ]  # fmt: skip
    return _pairs("One set of origins for all models.", rows)


def _data(data: DataSummary) -> str:
    facts = [
        ("files", ", ".join(data.sources)),
        ("rows", count(data.rows)),
        ("series", count(data.series)),
        ("span", f"{data.start} to {data.end}"),
        ("frequency", data.frequency),
        ("seasons, in steps", ", ".join(map(str, data.seasons))),
        ("columns", ", ".join(data.channels)),
        ("SHA-256", data.sha256),
    ]
    inferred = [
        [Cell(i.name), Cell(i.value, "prose"), Cell(i.why, "prose"), Cell(i.option, "prose")]
        for i in data.inferred
    ]
    repairs: list[Row] = [
        [Cell(r.kind), count(r.count), Cell(r.detail, "prose"), Cell(r.option, "prose")]
        for r in data.repairs
    ]
    return section(
        "Data",
        _pairs("What was read.", facts),
        table(
            "What was inferred.",
            ["what", "value", "because", "to change"],
            inferred,
            left=(0, 1, 2, 3),
        ),
        table("What was changed.", ["kind", "count", "what", "to change"], repairs, left=(0, 2, 3)),
    )


def _setting(value: object) -> str:
    if value is None:
        return NONE
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def _pairs(caption: str, rows: Sequence[tuple[str, str]]) -> str:
    cells = [[Cell(name), Cell(value, "prose")] for name, value in rows if value]
    return table(caption, [], cells, left=(0, 1))

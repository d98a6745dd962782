"""The HTML report of an event: the answer, what it rests on, and pictures.

The parts stand in the order of ``compare_html``, by falling weight, each left out where the
result does not hold it. Everything from a user passes through ``text``. Nothing is scored here.
"""

from __future__ import annotations

import math

from forecast_cli.event_comparison import EventCompareResult, EventTrainResult
from forecast_cli.report import provenance
from forecast_cli.report.charts import loss_chart
from forecast_cli.report.events import charts
from forecast_cli.report.events.words import (
    ASKED_OF,
    asked,
    difference,
    direction,
    failed,
    figure,
    floor,
    main_metrics,
    name_of,
    named,
    problem,
    protocol_rows,
    remarks,
    span,
    succeeded,
)
from forecast_cli.report.page import (
    Cell,
    Row,
    bullets,
    contents,
    details,
    page,
    pairs,
    paragraph,
    section,
    table,
    together,
)
from forecast_cli.report.svg import text
from forecast_cli.report.words import (
    NONE,
    count,
    duration,
    lead,
    number,
    percent,
    probability,
)


def compare_html(result: EventCompareResult) -> str:
    """The report of a comparison of event models."""
    parts = {
        "Models": (_ranking(result), bullets([*map(problem, failed(result)), *remarks(result)])),
        "Against the reference": (charts.versus_chart(result), _tests(result)),
        "ROC": (charts.roc_chart(result),),
        "Precision and recall": (charts.precision_chart(result),),
        "Reliability": (charts.reliability_chart(result),),
        "Lead times": (charts.lead_chart(result),),
        "Folds": (charts.fold_scores(result),),
        "Cost": (_costs(result),),
        "Protocol": (pairs("One set of answers for all models.", protocol_rows(result)),),
        "Data": (provenance.data(result.data),),
        "Notes": (bullets(result.notes),),
        "Again": (provenance.repeat(result.command, result.versions),),
    }
    body = [section(title, *filled) for title, filled in parts.items()]
    head = [*_answer(result), contents(list(parts), body)]
    return page(f"forecast compare: {result.protocol.event}", [*head, *body])


def train_html(result: EventTrainResult) -> str:
    """The report of a training."""
    name = f"{result.model}: {result.task.event}"
    known = math.isfinite(result.threshold)
    facts = [
        ("kind", result.kind),
        ("asked of", ASKED_OF[result.task.kind]),
        ("classes", ", ".join(result.task.classes)),
        ("examples", count(result.examples)),
        ("alarm from a probability of", number(result.threshold, 3) if known else ""),
        ("parameters", count(result.parameters)),
        ("training time", duration(result.seconds)),
        ("device", result.device),
        ("run", result.run),
    ]
    shown = list(dict.fromkeys(m for scores in result.held_out.values() for m in scores))
    rows = [
        [model, *(figure(metric, scores.get(metric)) for metric in shown)]
        for model, scores in result.held_out.items()
    ]
    settings = [(name, _setting(value)) for name, value in result.settings.items()]
    caption = "Scores on examples that were held out to choose by: no estimate for new data."
    body = [
        "<h1>A model of an event, trained by forecast-cli</h1>",
        paragraph(name, "verdict"),
        section(
            "Training",
            pairs("What was fitted.", facts),
            loss_chart(result.history),
        ),
        section("Held out", table(caption, ["model", *map(name_of, shown)], rows)),
        section("Notes", bullets(result.notes)),
        section("Data", provenance.data(result.data)),
        section("Settings", pairs("Every resolved option.", settings)),
    ]
    return page(f"forecast train: {name}", body)


def _answer(result: EventCompareResult) -> list[str]:
    first, rest = lead(result.verdict.text)
    return [
        "<h1>Is a recurrent network worth it on these histories?</h1>",
        paragraph(first, "verdict"),
        paragraph(rest),
        paragraph(asked(result), "soft"),
        _facts(result),
        details("The rules that led here", bullets(result.verdict.rules, "ol"), is_open=True),
    ]


def _facts(result: EventCompareResult) -> str:
    main = result.protocol.metric
    facts: list[tuple[str, str, str]] = []
    ship, best = named(result, result.verdict.ship), named(result, result.verdict.best)
    if ship is not None:
        facts.append(("ship", ship.name, f"{ship.kind}, fitted in {duration(ship.fit_seconds)}"))
    if best is not None:
        interval = span(main, best.intervals.get(main))
        facts.append(
            (f"best {name_of(main)}", figure(main, best.metrics.get(main)), interval or best.name)
        )
    shown = ship or best
    if shown is not None and result.task.binary:
        for metric in ("roc_auc", "ece"):
            value = figure(metric, shown.metrics.get(metric))
            facts.append((name_of(metric), value, shown.name))
        facts.append(("prevalence", percent(result.protocol.prevalence), "the floor of AP"))
    cells = "".join(
        f"<div{' class=ship' if name == 'ship' else ''}><dt>{together(text(name))}</dt>"
        f"<dd>{together(text(value))}<small>{together(text(more))}</small></dd></div>"
        for name, value, more in facts
    )
    return f'<dl class="facts">{cells}</dl>' if cells else ""


def _ranking(result: EventCompareResult) -> str:
    scores = [*succeeded(result), *failed(result)]
    main = result.protocol.metric
    metrics = [
        metric
        for metric in main_metrics(result.task, main)
        if any(math.isfinite(s.metrics.get(metric, math.nan)) for s in scores)
    ]
    rows: list[Row] = []
    for s in scores:
        cells: list[Cell | str] = [s.name, Cell(str(s.rank) if s.rank else NONE), Cell(s.kind)]
        for metric in metrics:
            interval = span(metric, s.intervals.get(metric))
            value = figure(metric, s.metrics.get(metric)) if s.status == "ok" else s.status
            inner = f'{text(value)} <span class="range">{text(interval)}</span>' if interval else ""
            cells.append(Cell(value, "best" if metric == main and s.rank == 1 else "", inner))
        rows.append([*cells, duration(s.fit_seconds)])
    kinds = [
        " ".join(
            kind
            for kind, holds in (
                ("network", s.kind == "network"),
                ("failed", s.status != "ok"),
                ("reference", s.name == result.protocol.reference),
            )
            if holds
        )
        for s in scores
    ]
    note = floor(result.protocol)
    caption = f"By {name_of(main)}, {direction(main)}, with 95 % intervals."
    caption += f" {note[:1].upper()}{note[1:]}." if note else ""
    header = ["model", "rank", "kind", *map(name_of, metrics), "fit"]
    return table(caption, header, rows, kinds=kinds, left=(0, 2))


def _tests(result: EventCompareResult) -> str:
    rows: list[Row] = [
        [
            s.name,
            difference(v) or NONE,
            Cell(v.decision, {"better": "gain", "worse": "loss"}.get(v.decision, "")),
            probability(v.p_holm),
            probability(v.p_mcnemar),
        ]
        for s in succeeded(result)
        if (v := s.versus_reference) is not None
    ]
    header = ["model", "difference", "decision", "adjusted p", "p of the decisions (McNemar)"]
    caption = (
        f"Differences of {name_of(result.protocol.metric)} by a paired bootstrap over "
        f"{result.protocol.units}; above 0 is better."
    )
    return table(caption, header, rows, left=(0, 2))


def _costs(result: EventCompareResult) -> str:
    rows = [
        [s.name, duration(s.fit_seconds), duration(s.answer_seconds), count(s.parameters)]
        for s in succeeded(result)
    ]
    return table(
        "Time over all folds; parameters are the mean.",
        ["model", "fit", "answers", "parameters"],
        rows,
    )


def _setting(value: object) -> str:
    if value is None:
        return NONE
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

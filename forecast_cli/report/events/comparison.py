"""What a comparison of an event says in the terminal: the answer first, then what it rests on.

Text from the user's files passes through ``clean`` and stands in ``Text``, never in markup.
Every figure shown is in the result.
"""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.event_comparison import (
    EventCompareResult,
    EventScore,
    ReliabilityBin,
)
from forecast_cli.report.events import plots
from forecast_cli.report.events.words import (
    asked,
    difference,
    direction,
    failed,
    figure,
    floor,
    lead_words,
    looked_into,
    main_metrics,
    name_of,
    problem,
    protocol_rows,
    quartiles,
    remarks,
    span,
    succeeded,
    thousandths,
)
from forecast_cli.report.grid import Column, Drawing, Grid, View, heading
from forecast_cli.report.ranking import DECISIONS, NAME_WIDTH, left_out
from forecast_cli.report.words import NONE, clean, count, duration, lead, number, percent

PLOT_HEIGHT = 14
DROP = {"difference": 1, "roc_auc": 2, "brier_skill": 3, "fit": 4, "f1": 5, "min_se_pp": 6}
DROP |= {"ece": 7, "accuracy": 1, "average_precision": 5, "kind": 8, "decision": 1}


def compare_view(result: EventCompareResult, width: int) -> View:
    """``compare-baselines`` of an event."""
    return View(
        [
            *_answer(result),
            *_ranking(result, width),
            *_reliability(result),
            *_lead_times(result),
            *_why(result),
            *_protocol(result),
        ]
    )


def _answer(result: EventCompareResult) -> list[RenderableType]:
    first, rest = lead(clean(result.verdict.text))
    ship = next((s for s in succeeded(result) if s.name == result.verdict.ship), None)
    parts: list[RenderableType] = [Text(first, style="bold"), *([Text(rest)] if rest else [])]
    if ship is not None:
        words = f"{clean(ship.name)}, a {ship.kind}, fitted in {duration(ship.fit_seconds)}"
        parts.append(Text.assemble(("ship: ", "dim"), (words, "bold")))
    parts.append(Text(clean(asked(result)), style="dim"))
    return parts


def _ranking(result: EventCompareResult, width: int) -> list[RenderableType]:
    p = result.protocol
    note = "; ".join(t for t in (f"by {name_of(p.metric)}, {direction(p.metric)}", floor(p)) if t)
    columns = _ranking_columns(result)
    key = f"[95 % interval]; difference and decision: against {clean(p.reference)}"
    return [
        heading("Ranking", note),
        Grid(columns),
        Text(key, style="dim"),
        *left_out(columns, width),
        *(Text(clean(problem(score)), style="red") for score in failed(result)),
        *(Text(clean(said), style="yellow") for said in remarks(result)),
    ]


def _ranking_columns(result: EventCompareResult) -> list[Column]:
    scores = [*succeeded(result), *failed(result)]
    main = result.protocol.metric
    columns = [
        Column("#", [str(s.rank) if s.rank else NONE for s in scores]),
        Column("model", [_name(s) for s in scores], right=False),
        Column("kind", [s.kind for s in scores], drop=DROP["kind"], right=False, style="dim"),
    ]
    for metric in main_metrics(result.task, main):
        if all(math.isnan(s.metrics.get(metric, math.nan)) for s in succeeded(result)):
            continue
        cells = [
            figure(metric, s.metrics.get(metric)) if s.status == "ok" else s.status for s in scores
        ]
        spans = [span(metric, s.intervals.get(metric)) for s in scores]
        drop = 0 if metric == main else DROP.get(metric, 3)
        style = "bold" if metric == main else ""
        if any(spans):
            cells = [" ".join(filter(None, pair)) for pair in zip(cells, spans, strict=True)]
        columns.append(Column(name_of(metric), cells, drop=drop, style=style, right=not any(spans)))
    tests = [s.versus_reference for s in scores]
    if any(tests):
        columns.append(
            Column("difference", [difference(t) for t in tests], DROP["difference"], right=False)
        )
        decisions = [
            Text(t.decision, DECISIONS.get(t.decision, "")) if t else Text("") for t in tests
        ]
        columns.append(Column("decision", decisions, drop=DROP["decision"], right=False))
    columns.append(Column("fit", [duration(s.fit_seconds) for s in scores], drop=DROP["fit"]))
    return columns


def _name(score: EventScore) -> Text:
    style = "red" if score.status != "ok" else "bold cyan" if score.kind == "network" else ""
    return Text(clean(score.name, NAME_WIDTH), style=style)


def _reliability(result: EventCompareResult) -> list[RenderableType]:
    shown = looked_into(result)
    if shown is None or shown.curves is None or not result.task.binary:
        return []
    bins = [each for each in shown.curves.reliability if each.count]
    if not bins:
        return []
    columns = [
        Column("said", [f"{thousandths(b.low)}–{thousandths(b.high)}" for b in bins]),
        Column("mean", [thousandths(b.predicted) for b in bins]),
        Column("came true", [thousandths(b.observed) for b in bins], style="bold"),
        Column("answers", [count(b.count) for b in bins]),
        Column("", [_off(b) for b in bins], drop=1, right=False),
    ]
    ece = f"ECE {number(shown.metrics.get('ece'), 3)}"
    return [
        heading("Reliability", f"{clean(shown.name)}: {ece} over {count(len(bins), 'bin')}"),
        Grid(columns),
        Text(""),
        Drawing(_curve(result)),
    ]


def _curve(result: EventCompareResult) -> plots.Draw:
    return lambda width, ascii_only, colour: plots.roc_plot(
        result, width, PLOT_HEIGHT, ascii_only=ascii_only, colour=colour
    )


def _off(each: ReliabilityBin) -> Text:
    """Which way a bin errs, where it does by more than chance would."""
    error = math.sqrt(max(each.predicted * (1 - each.predicted), 1e-12) / each.count)
    if abs(each.observed - each.predicted) <= 2 * error:
        return Text("")
    return Text("too low" if each.observed > each.predicted else "too high", style="yellow")


def _lead_times(result: EventCompareResult) -> list[RenderableType]:
    scores = [s for s in succeeded(result) if s.lead_times is not None]
    if not scores:
        return []
    unit = result.task.scale.name
    rows = [s.lead_times for s in scores if s.lead_times is not None]
    columns = [
        Column("model", [_name(s) for s in scores], right=False),
        Column("warned", [f"{t.warned} of {t.events}" for t in rows]),
        Column("median lead", [number(t.median) for t in rows], style="bold"),
        Column("quartiles", [quartiles(t) for t in rows], drop=1),
        Column("false alarms", [percent(t.measured_false_alarms) for t in rows]),
        Column("alarm from", [number(t.threshold, 3) for t in rows], drop=2),
    ]
    allowed = percent(result.protocol.false_alarms)
    note = f"in {unit}s before the event, at {allowed} of the entities with a false alarm"
    parts: list[RenderableType] = [heading("Lead times", note), Grid(columns)]
    shown = looked_into(result)
    if shown is not None and shown.lead_times is not None:
        parts.append(Text(f"{clean(shown.name)}: {lead_words(shown.lead_times, unit)}"))
    return parts


def _why(result: EventCompareResult) -> list[RenderableType]:
    if not result.verdict.rules:
        return []
    rules = [f"{k}. {clean(rule)}" for k, rule in enumerate(result.verdict.rules, 1)]
    return [heading("Why this verdict"), *(Text(rule, style="dim") for rule in rules)]


def _protocol(result: EventCompareResult) -> list[RenderableType]:
    lines = [f"{name}: {clean(words)}" for name, words in protocol_rows(result) if words]
    lines += [f"again: {clean(result.command)}"] if result.command else []
    parts: list[RenderableType] = [heading("Protocol")]
    parts += [Text(line, style="dim") for line in lines]
    if result.notes:
        parts += [heading("Notes"), *(Text(clean(note)) for note in result.notes)]
    return parts

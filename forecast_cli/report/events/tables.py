"""What event verbs say in the terminal: the answer first, then what it rests on.

Text from the user's files passes through ``clean`` and stands in ``Text``, never in markup.
Every figure shown is in the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.event_comparison import (
    EventCompareResult,
    EventPredictResult,
    EventScore,
    EventTrainResult,
    HistoriesResult,
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
from forecast_cli.report.grid import Column, Drawing, Grid, View, bar, heading
from forecast_cli.report.ranking import DECISIONS, NAME_WIDTH, left_out
from forecast_cli.report.tables import data_view
from forecast_cli.report.words import NONE, clean, count, duration, lead, number, percent

PLOT_HEIGHT = 14
BAR_CELLS = 12
ANSWERS_SHOWN = 20
ENTITIES_SHOWN = 12
LEADS_SHOWN = 4
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


def train_view(result: EventTrainResult) -> View:
    """``train`` of an event: what was fitted, what it reaches beside the prior, where it lies."""
    share = f", {percent(result.shares[1])} of them events" if len(result.shares) == 2 else ""
    facts = {
        "model": f"{clean(result.model)} ({result.kind}), {count(result.parameters, 'parameter')}",
        "event": clean(result.task.event),
        "examples": f"{count(result.examples)}{share}",
        "alarm from": f"probability {number(result.threshold, 3)}, chosen on held-out examples"
        if math.isfinite(result.threshold)
        else "",
        "training": duration(result.seconds),
        "device": clean(result.device),
        "run": clean(result.run),
    }
    kept = {name: value for name, value in facts.items() if value}
    parts: list[RenderableType] = [
        Grid(
            [
                Column("", list(kept), right=False, style="dim"),
                Column("", list(kept.values()), right=False, prose=True),
            ],
            header=False,
        )
    ]
    if result.held_out:
        metrics = _held_metrics(result)
        rows = list(result.held_out.items())
        columns = [Column("model", [clean(name, NAME_WIDTH) for name, _ in rows], right=False)]
        columns += [
            Column(name_of(m), [figure(m, scores.get(m)) for _, scores in rows]) for m in metrics
        ]
        parts += [heading("On held-out examples", "no estimate: choices were made on them")]
        parts.append(Grid(columns))
    parts += [Text(clean(note), style="yellow") for note in result.notes]
    return View(parts)


def predict_view(result: EventPredictResult, width: int) -> View:
    """``predict`` of an event: the most probable first."""
    names = list(result.task.classes)
    binary = result.task.binary
    order = _most_probable_first(result)[:ANSWERS_SHOWN]
    id_width = max(12, width - 50)
    ids = [clean(result.entities[k], id_width) for k in order]
    columns = [Column(clean(result.id_name, 24), ids, right=False)]
    if any(result.times):
        times = [clean(result.times[k]) for k in order]
        columns.append(Column(clean(result.time_name, 24), times))
    if binary:
        event = [float(result.probabilities[k, 1]) for k in order]
        columns.append(Column("probability", [number(p, 3) for p in event], style="bold"))
        columns.append(Column("", [bar(p, BAR_CELLS) for p in event], drop=2, right=False))
        alarms = [Text("alarm", "red") if p >= result.threshold else Text("") for p in event]
        columns.append(Column("alarm", alarms, drop=1, right=False))
    else:
        best = [int(result.probabilities[k].argmax()) for k in order]
        columns.append(Column("class", [clean(names[c], 24) for c in best], right=False))
        columns += [
            Column(clean(name, 12), [number(float(result.probabilities[k, c]), 3) for k in order])
            if c < 1
            else Column(
                clean(name, 12),
                [number(float(result.probabilities[k, c]), 3) for k in order],
                drop=c,
            )
            for c, name in enumerate(names)
        ]
    parts: list[RenderableType] = [Text(clean(result.task.event), style="bold"), Grid(columns)]
    if len(result.entities) > len(order):
        words = f"the {len(order)} most probable of {count(len(result.entities))}"
        parts.append(Text(f"{words}; all: --format csv", style="dim"))
    if binary and math.isfinite(result.threshold):
        raised = int((result.probabilities[:, 1] >= result.threshold).sum())
        words = f"{count(raised, 'alarm')}, from a probability of {number(result.threshold, 3)} on"
        parts.append(Text(words))
    parts.append(Text(f"{clean(result.model)} of {clean(result.run)}", style="dim"))
    parts += [Text(clean(text), style="yellow") for text in result.notes]
    return View(parts)


def histories_view(result: HistoriesResult) -> View:
    """``inspect`` of histories: how long, how dense, what is missing, which class."""
    parts: list[RenderableType] = [data_view(result.data)]
    lengths = sorted(result.lengths.tolist())
    facts = {
        "rows of a history": _quantiles([float(n) for n in lengths], whole=True),
        f"{result.unit}s between rows": _five(result.gaps),
        "classes": ", ".join(
            f"{clean(name)} {percent(share)}"
            for name, share in zip(result.classes, result.shares, strict=False)
        ),
        "known once": ", ".join(map(clean, result.statics)),
    }
    kept = {name: words for name, words in facts.items() if words}
    parts += [
        heading("Histories"),
        Grid(
            [
                Column("", list(kept), right=False, style="dim"),
                Column("", list(kept.values()), right=False, prose=True),
            ],
            header=False,
        ),
    ]
    if result.observed:
        shares = list(result.observed.values())
        parts += [
            heading("Channels", "share of cells that hold a value"),
            Grid(
                [
                    Column("channel", [clean(name, 32) for name in result.observed], right=False),
                    Column("observed", [percent(share) for share in shares]),
                    Column("", [bar(share, BAR_CELLS) for share in shares], drop=1, right=False),
                ]
            ),
        ]
    shown = result.entities[:ENTITIES_SHOWN]
    if shown:
        columns = [
            Column(clean(result.id_name, 24), [clean(e.id, 32) for e in shown], right=False),
            Column("rows", [count(e.rows) for e in shown]),
            Column("missing cells", [count(e.missing) for e in shown], drop=2),
            Column("from", [clean(e.start) for e in shown], drop=1),
            Column("to", [clean(e.end) for e in shown], drop=1),
        ]
        if any(e.label for e in shown):
            columns.append(Column("label", [clean(e.label, 24) or NONE for e in shown]))
        parts += [Text(""), Grid(columns)]
    if len(result.entities) > len(shown):
        parts.append(Text(f"and {count(len(result.entities) - len(shown))} more", style="dim"))
    if result.warnings:
        parts.append(heading("Warnings"))
        parts += [Text(clean(warning), style="yellow") for warning in result.warnings]
    if result.suggestion:
        parts += [heading("Next"), Text("  " + clean(result.suggestion), style="bold cyan")]
    return View(parts)


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


def _held_metrics(result: EventTrainResult) -> list[str]:
    known = {m for scores in result.held_out.values() for m, v in scores.items() if v == v}
    wanted = ["average_precision", "roc_auc", "brier", "log_loss", "f1", "min_se_pp", "ece"]
    chosen = wanted if result.task.binary else ["log_loss", "accuracy", "brier", "roc_auc"]
    return [metric for metric in chosen if metric in known]


def _most_probable_first(result: EventPredictResult) -> list[int]:
    """The answers by probability of the event; in their order where there are more classes."""
    if not result.task.binary:
        return list(range(len(result.entities)))
    order = (-result.probabilities[:, 1]).argsort(kind="stable")
    return [int(k) for k in order]


def _quantiles(values: Sequence[float], *, whole: bool = False) -> str:
    """Least, median and most of ascending values."""
    if not values:
        return ""
    middle = values[len(values) // 2]
    shown = [f"{v:,.0f}" if whole else number(v) for v in (values[0], middle, values[-1])]
    return f"{shown[0]} to {shown[2]}, median {shown[1]}"


def _five(gaps: Sequence[float]) -> str:
    if len(gaps) != 5 or not all(map(math.isfinite, gaps)):
        return ""
    least, low, middle, high, most = (number(gap) for gap in gaps)
    return f"median {middle}, half of them {low} to {high}; {least} at least, {most} at most"

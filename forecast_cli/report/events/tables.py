"""What the other event verbs say in the terminal: training, answers, histories.

Text from the user's files passes through ``clean`` and stands in ``Text``, never in markup.
Every figure shown is in the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.event_comparison import (
    EventPredictResult,
    EventTrainResult,
    HistoriesResult,
)
from forecast_cli.report.events.words import (
    figure,
    name_of,
)
from forecast_cli.report.grid import Column, Grid, View, bar, heading
from forecast_cli.report.ranking import NAME_WIDTH
from forecast_cli.report.tables import data_view
from forecast_cli.report.words import NONE, clean, count, duration, number, percent

BAR_CELLS = 12
ANSWERS_SHOWN = 20
ENTITIES_SHOWN = 12


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

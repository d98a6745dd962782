"""Which pictures an event deserves: ROC, precision and recall, reliability, lead times, folds.

Notable: each picture is followed by its numbers as a table, folded away, for those who cannot
see it and those who want to copy it. Nothing is scored here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast_cli.event_comparison import EventCompareResult, EventScore
from forecast_cli.report.events.words import (
    difference,
    direction,
    figure,
    lead_words,
    looked_into,
    name_of,
    named,
    quartiles,
    succeeded,
    thousandths,
)
from forecast_cli.report.forest import Row, forest_chart
from forecast_cli.report.page import details, paragraph, table
from forecast_cli.report.svg import INK, Axis, Bar, Line, bar_chart, line_chart
from forecast_cli.report.words import count, number, percent

COLOURED = 5  # models that have a colour of their own
NUMBERS = "The numbers of this picture"
FIFTHS = [(k / 5, f"{k / 5:g}") for k in range(6)]


def roc_chart(result: EventCompareResult) -> str:
    """True against false positives, at every threshold."""
    lines = [
        Line(
            f"{score.name}, {figure('roc_auc', score.metrics.get('roc_auc'))}",
            score.curves.false_positive_rate,
            score.curves.true_positive_rate,
            k,
            score.kind == "baseline",
        )
        for k, score in _drawn(result)
        if score.curves is not None and score.curves.false_positive_rate
    ]
    if not lines:
        return ""
    lines.append(Line("chance", (0.0, 1.0), (0.0, 1.0), INK, dashed=True))
    title = "ROC: events found against false alarms, at every threshold; with the area under it"
    x, y = Axis("false alarms among what is no event", FIFTHS), Axis("events found", FIFTHS)
    return line_chart(title, x, y, lines, unit_square=True)


def precision_chart(result: EventCompareResult) -> str:
    """Precision against recall, with the prevalence as floor."""
    lines = [
        Line(
            f"{score.name}, {figure('average_precision', score.metrics.get('average_precision'))}",
            score.curves.recall,
            score.curves.precision,
            k,
            score.kind == "baseline",
        )
        for k, score in _drawn(result)
        if score.curves is not None and score.curves.recall
    ]
    if not lines:
        return ""
    prevalence = result.protocol.prevalence
    known = math.isfinite(prevalence)
    floor = f"; dotted: the prevalence, {number(prevalence, 3)}" if known else ""
    title = f"Precision against recall, at every threshold; with average precision{floor}"
    return line_chart(
        title,
        Axis("recall: events found", FIFTHS),
        Axis("precision: true among the alarms", FIFTHS),
        lines,
        rule=prevalence if known else None,
        unit_square=True,
    )


def reliability_chart(result: EventCompareResult) -> str:
    """How often the event came where a model said so and so; and how often it said so."""
    drawn = [(k, score) for k, score in _drawn(result) if score.curves is not None]
    lines = []
    for k, score in drawn:
        bins = [b for b in score.curves.reliability if b.count] if score.curves else []
        if bins:
            ece = figure("ece", score.metrics.get("ece"))
            said, came = [b.predicted for b in bins], [b.observed for b in bins]
            lines.append(Line(f"{score.name}, {ece}", said, came, k, score.kind == "baseline"))
    if not lines:
        return ""
    lines.append(Line("as it should be", (0.0, 1.0), (0.0, 1.0), INK, dashed=True))
    title = "Reliability: below the diagonal, the model says too much; with the calibration error"
    axes = Axis("probability that was said", FIFTHS), Axis("share that came true", FIFTHS)
    chart = line_chart(title, *axes, lines, unit_square=True)
    return chart + _counts(result) + details(NUMBERS, _bins(drawn))


def lead_chart(result: EventCompareResult) -> str:
    """The share of events that were warned of at least so long ahead."""
    unit = result.task.scale.name
    lines = []
    for k, score in _drawn(result):
        found = score.lead_times
        if found is None or not found.leads:
            continue
        leads = sorted(found.leads)
        n = len(leads)
        xs, ys = [0.0], [found.warned / n]
        for i, lead in enumerate(leads):
            if lead > 0:
                xs += [lead, lead]
                ys += [(n - i) / n, (n - i - 1) / n]
        lines.append(Line(score.name, xs, ys, k, score.kind == "baseline"))
    if not lines:
        return ""
    title = (
        f"Lead times: share of events that were warned of at least so many {unit}s ahead, "
        f"where {percent(result.protocol.false_alarms)} may raise a false alarm"
    )
    chart = line_chart(title, Axis(f"{unit}s ahead"), Axis("share warned", FIFTHS), lines, rule=0.0)
    rows = [
        [
            score.name,
            f"{t.warned} of {t.events}",
            number(t.median),
            quartiles(t),
            percent(t.measured_false_alarms),
            number(t.threshold, 3),
        ]
        for score in succeeded(result)
        if (t := score.lead_times) is not None
    ]
    header = ["model", "warned", "median lead", "quartiles", "false alarms", "alarm from"]
    caption = f"Leads in {unit}s, of the first alarm that lasts until the event."
    shown = looked_into(result)
    words = (
        paragraph(f"{shown.name}: {lead_words(shown.lead_times, unit)}.")
        if shown is not None and shown.lead_times is not None
        else ""
    )
    return words + chart + table(caption, header, rows)


def fold_scores(result: EventCompareResult) -> str:
    """The metric that ranks in each fold."""
    main = result.protocol.metric
    rows = [
        [score.name, *(figure(main, value) for value in score.by_fold[main])]
        for score in succeeded(result)
        if len(score.by_fold.get(main, ())) > 1
    ]
    if not rows:
        return ""
    header = ["model", *(f"fold {k}" for k in range(1, max(map(len, rows))))]
    return table(f"{name_of(main)} in each fold; {direction(main)}.", header, rows)


def versus_chart(result: EventCompareResult) -> str:
    """Difference to the reference with its interval, a row for each other model."""
    rows = []
    for score in succeeded(result):
        found = score.versus_reference
        if found is None or found.decision == "reference":
            continue
        rows.append(
            Row(
                score.name,
                100 * found.difference,
                100 * found.ci95[0],
                100 * found.ci95[1],
                found.decision,
                score.kind == "network",
                f"{difference(found)} {found.decision}",
            )
        )
    if not rows:
        return ""
    main = name_of(result.protocol.metric)
    title = f"{main} against {result.protocol.reference}, with its 95 % interval; right is better"
    return forest_chart(title, f"difference of {main}, hundredths", rows)


def _drawn(result: EventCompareResult) -> list[tuple[int, EventScore]]:
    """The models that have a colour: the best, and the reference."""
    ran = succeeded(result)
    chosen = ran[:COLOURED]
    reference = named(result, result.protocol.reference)
    if reference is not None and reference not in chosen:
        chosen = [*chosen[: COLOURED - 1], reference]
    return list(enumerate(chosen))


def _counts(result: EventCompareResult) -> str:
    """How often the model that is looked into said what."""
    shown = looked_into(result)
    if shown is None or shown.curves is None:
        return ""
    bars = [
        Bar(
            b.low,
            b.high,
            float(b.count),
            f"{thousandths(b.low)} to {thousandths(b.high)}: {count(b.count, 'answer')}",
        )
        for b in shown.curves.reliability
        if b.count and math.isfinite(b.low) and math.isfinite(b.high)
    ]
    if not bars:
        return ""
    title = f"How often {shown.name} said so"
    return bar_chart(title, Axis("probability that was said", FIFTHS), Axis("answers"), bars)


def _bins(drawn: Sequence[tuple[int, EventScore]]) -> str:
    rows = [
        [
            score.name,
            f"{thousandths(b.low)} to {thousandths(b.high)}",
            thousandths(b.predicted),
            thousandths(b.observed),
            count(b.count),
        ]
        for _, score in drawn
        if score.curves is not None
        for b in score.curves.reliability
        if b.count
    ]
    header = ["model", "said between", "said, mean", "came true", "answers"]
    return table("Bins of the reliability diagram.", header, rows)

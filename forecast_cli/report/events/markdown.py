"""The report of an event as Markdown, for pull requests and wikis.

Short by choice, as report/markdown.py, whose care for what comes from a user it shares.
"""

from __future__ import annotations

import math

from forecast_cli.event_comparison import EventCompareResult
from forecast_cli.report.events.words import (
    asked,
    difference,
    direction,
    failed,
    figure,
    floor,
    looked_into,
    main_metrics,
    name_of,
    named,
    problem,
    protocol_rows,
    quartiles,
    remarks,
    succeeded,
    thousandths,
    with_span,
)
from forecast_cli.report.facts import data_rows
from forecast_cli.report.markdown import bullets, code, folded, numbered, pairs, plain, table
from forecast_cli.report.words import NONE, count, duration, lead, number, percent, probability


def compare_markdown(result: EventCompareResult) -> str:
    """The report of a comparison of event models."""
    first, rest = lead(result.verdict.text)
    ship = named(result, result.verdict.ship)
    again = f"```\n{result.command}\n```" if result.command and "`" not in result.command else ""
    parts = [
        "# Is a recurrent network worth it on these histories?",
        f"**{plain(first)}**",
        plain(rest),
        f"Ship {code(ship.name)}, fitted in {duration(ship.fit_seconds)}." if ship else "",
        plain(asked(result)),
        _ranking(result),
        bullets([*map(problem, failed(result)), *remarks(result)]),
        again,
        folded("The rules that led here", numbered(result.verdict.rules)),
        folded("Reliability", _reliability(result)),
        folded("Lead times", _leads(result)),
        folded("Folds", _folds(result)),
        folded("Protocol", pairs(protocol_rows(result))),
        folded("Data", pairs(data_rows(result.data))),
        folded("Notes", bullets(result.notes)),
        folded("Versions", pairs(list(result.versions.items()))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _ranking(result: EventCompareResult) -> str:
    main = result.protocol.metric
    scores = [*succeeded(result), *failed(result)]
    metrics = [
        metric
        for metric in main_metrics(result.task, main)
        if any(math.isfinite(s.metrics.get(metric, math.nan)) for s in scores)
    ]
    header = ["#", "model", "kind", *map(name_of, metrics), "difference", "decision", "p", "fit"]
    rows = []
    for s in scores:
        found = s.versus_reference
        cells = [plain(with_span(s, m)) if s.status == "ok" else s.status for m in metrics]
        tested = (
            ("", "", "")
            if found is None
            else (plain(difference(found)), found.decision, probability(found.p_holm))
        )
        rank = str(s.rank) if s.rank else NONE
        rows.append([rank, code(s.name), s.kind, *cells, *tested, duration(s.fit_seconds)])
    note = "; ".join(
        t for t in (f"By {name_of(main)}, {direction(main)}", floor(result.protocol)) if t
    )
    ending = f"difference and decision against {code(result.protocol.reference)}, p adjusted (Holm)"
    return f"{table(header, rows, left=(1, 2))}\n\n{plain(note)}; {ending}."


def _reliability(result: EventCompareResult) -> str:
    shown = looked_into(result)
    if shown is None or shown.curves is None:
        return ""
    rows = [
        [
            f"{thousandths(b.low)} to {thousandths(b.high)}",
            thousandths(b.predicted),
            thousandths(b.observed),
            count(b.count),
        ]
        for b in shown.curves.reliability
        if b.count
    ]
    words = f"{code(shown.name)}, ECE {number(shown.metrics.get('ece'), 3)}"
    return f"{words}\n\n{table(['said', 'mean', 'came true', 'answers'], rows)}" if rows else ""


def _leads(result: EventCompareResult) -> str:
    rows = [
        [
            code(s.name),
            f"{t.warned} of {t.events}",
            number(t.median),
            quartiles(t),
            percent(t.measured_false_alarms),
        ]
        for s in succeeded(result)
        if (t := s.lead_times) is not None
    ]
    unit = plain(result.task.scale.name)
    return table(["model", "warned", f"median lead, {unit}s", "quartiles", "false alarms"], rows)


def _folds(result: EventCompareResult) -> str:
    main = result.protocol.metric
    rows = [
        [code(s.name), *(figure(main, value) for value in s.by_fold[main])]
        for s in succeeded(result)
        if len(s.by_fold.get(main, ())) > 1
    ]
    return (
        table([name_of(main), *(f"fold {k}" for k in range(1, len(rows[0])))], rows) if rows else ""
    )

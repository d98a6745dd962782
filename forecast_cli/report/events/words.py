"""How the figures of events are named and written, the same in every form of a report.

Notable: for some metrics more is better and for some less; ``HIGHER`` says for which, so that no
table has to guess. Nothing is scored here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from forecast_cli.event_comparison import (
    EventCompareResult,
    EventProtocol,
    EventScore,
    EventVersus,
    LeadTimes,
)
from forecast_cli.events import EventTask
from forecast_cli.report.words import NONE, count, number, percent

LABELS: Mapping[str, str] = {
    "average_precision": "AP",
    "roc_auc": "AUROC",
    "brier": "Brier",
    "brier_skill": "Brier skill",
    "log_loss": "log-loss",
    "f1": "F1",
    "min_se_pp": "min(Se, +P)",
    "ece": "ECE",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
}
LOWER = {"brier", "log_loss", "ece"}  # of these less is better
SHARES = {"brier_skill", "accuracy", "balanced_accuracy"}  # shown in per cent


def name_of(metric: str) -> str:
    """How a metric is written.

    Examples
    --------
    >>> name_of("roc_auc"), name_of("min_se_pp")
    ('AUROC', 'min(Se, +P)')
    """
    return LABELS.get(metric, metric.replace("_", " "))


def direction(metric: str) -> str:
    """Which way is better."""
    return "lower is better" if metric in LOWER else "higher is better"


def figure(metric: str, value: float | None) -> str:
    """One score: three decimals, or per cent where it is a share.

    Examples
    --------
    >>> figure("roc_auc", 0.85512), figure("brier_skill", 0.21), figure("f1", float("nan"))
    ('0.855', '21.0 %', '–')
    """
    if metric in SHARES:
        return percent(value)
    return thousandths(value)


def thousandths(value: float | None) -> str:
    """A probability or a score with three decimals, never as a power of ten.

    Examples
    --------
    >>> thousandths(0.21554), thousandths(1.6e-15), thousandths(None)
    ('0.216', '0.000', '–')
    """
    tiny = value is not None and abs(value) < 0.0005
    return number(0.0 if tiny else value, 3)


def span(metric: str, ends: tuple[float, float] | None) -> str:
    """A 95 % interval in brackets, in the unit of the score; empty where there is none.

    Examples
    --------
    >>> span("roc_auc", (0.84, 0.8712)), span("f1", (float("nan"), 1.0)), span("f1", None)
    ('[0.840–0.871]', '', '')
    >>> span("brier_skill", (-0.02, 0.26))
    '[−2.0 to 26.0 %]'
    """
    if ends is None or not all(map(math.isfinite, ends)):
        return ""
    if metric in SHARES:
        return f"[{percent(ends[0]).removesuffix(' %')} to {percent(ends[1])}]"
    return f"[{thousandths(ends[0])}–{thousandths(ends[1])}]"


def with_span(score: EventScore, metric: str) -> str:
    """A score with its interval, where it has one."""
    value = figure(metric, score.metrics.get(metric))
    return " ".join(part for part in (value, span(metric, score.intervals.get(metric))) if part)


def difference(found: EventVersus | None) -> str:
    """How much better than the other, with its interval.

    Examples
    --------
    >>> difference(EventVersus("roc_auc", 0.02, (-0.01, 0.05), 0.2, 0.4, 0.3, 100, "inconclusive"))
    '+0.020 [−0.010, +0.050]'
    """
    if found is None or found.decision == "reference" or not math.isfinite(found.difference):
        return ""
    ends = found.ci95
    known = all(map(math.isfinite, ends))
    interval = f" [{_signed(ends[0])}, {_signed(ends[1])}]" if known else ""
    return f"{_signed(found.difference)}{interval}"


def succeeded(result: EventCompareResult) -> list[EventScore]:
    """The models with scores, by rank."""
    return [score for score in result.models if score.status == "ok"]


def failed(result: EventCompareResult) -> list[EventScore]:
    """The models without."""
    return [score for score in result.models if score.status != "ok"]


def problem(score: EventScore) -> str:
    """What a model without scores has to say."""
    return f"{score.name} {score.status}: {score.reason}"


def named(result: EventCompareResult, name: str) -> EventScore | None:
    """The model of this name, if it has scores."""
    return next((score for score in succeeded(result) if score.name == name), None)


def looked_into(result: EventCompareResult) -> EventScore | None:
    """The model whose reliability and alarms are shown: the one to ship, else the best."""
    return named(result, result.verdict.ship) or named(result, result.verdict.best)


def main_metrics(task: EventTask, ranking: str) -> list[str]:
    """The metrics of a table in their order, the one that ranks first."""
    binary = ["average_precision", "roc_auc", "brier_skill", "f1", "min_se_pp", "ece"]
    several = ["log_loss", "accuracy", "roc_auc", "average_precision", "brier_skill", "ece"]
    return list(dict.fromkeys([ranking, *(binary if task.binary else several)]))


def floor(protocol: EventProtocol) -> str:
    """What knowing nothing scores, in a few words; empty where there is no such figure."""
    if protocol.metric != "average_precision" or not math.isfinite(protocol.prevalence):
        return ""
    return f"chance has {number(protocol.prevalence, 3)}, the prevalence"


def asked(result: EventCompareResult) -> str:
    """The question, and on how much it was asked."""
    p = result.protocol
    parts = [
        f"{count(p.answers, 'answer')} about {count(p.entities, 'entity', 'entities')}, "
        f"{count(p.rows, 'row')}"
    ]
    if math.isfinite(p.prevalence):
        parts.append(f"the event came in {percent(p.prevalence)}")
    return f'"{p.event}": ' + "; ".join(parts)


def split_words(protocol: EventProtocol) -> str:
    """How it was divided."""
    if protocol.split == "folds":
        return f"{count(protocol.folds, 'fold')} by entity: each was tested once, unseen"
    if protocol.split == "time":
        return "in time: fitted on what lies before the test, with a gap of the horizon"
    return "test data that were named; no model saw them"


def protocol_rows(result: EventCompareResult) -> list[tuple[str, str]]:
    """How the comparison was made, as names and words."""
    p = result.protocol
    classes = ", ".join(
        f"{name} ({percent(share)})" for name, share in zip(p.classes, p.shares, strict=True)
    )
    return [
        ("event", p.event),
        ("asked of", ASKED_OF.get(p.kind, p.kind)),
        ("classes", classes),
        ("split", split_words(p)),
        ("entities", count(p.entities)),
        ("answers", count(p.answers)),
        ("rows", count(p.rows)),
        ("horizon", count(p.horizon, "step") if p.horizon else ""),
        ("within", p.within),
        ("metric that ranks", f"{name_of(p.metric)}, {direction(p.metric)}"),
        ("reference", p.reference),
        ("independent units", p.units),
        ("false alarms allowed", percent(p.false_alarms) if p.kind == "within" else ""),
        ("seed", str(p.seed)),
    ]


ASKED_OF = {
    "entity": "each whole history, once",
    "row": "each row that has a label, from the rows up to it",
    "within": "each row, from the rows up to it: does the end come within the span",
    "threshold": "each row of a regular series, from the rows up to it",
}


def lead_words(found: LeadTimes, unit: str) -> str:
    """How early alarms come, in a sentence.

    Examples
    --------
    >>> times = LeadTimes(0.1, 0.6, 30, 27, 25.0, 20.0, 28.0, (0.0, 25.0), 0.1)
    >>> lead_words(times, "step")
    '27 of 30 events were warned of, at the median 25.00 steps ahead (quartiles 20.00 to ...'
    """
    median = f"{number(found.median)} {unit}s ahead" if math.isfinite(found.median) else "never"
    quartiles = (
        f" (quartiles {number(found.low)} to {number(found.high)})"
        if math.isfinite(found.low)
        else ""
    )
    return (
        f"{found.warned} of {found.events} events were warned of, at the median {median}"
        f"{quartiles}; {percent(found.measured_false_alarms)} of the entities raised a false alarm"
    )


def quartiles(found: LeadTimes) -> str:
    """Half of the leads lie between these; a dash where nothing was warned of."""
    if not math.isfinite(found.low):
        return NONE
    return f"{number(found.low)} to {number(found.high)}"


def remarks(result: EventCompareResult) -> list[str]:
    """What fits chose or could not do, each once."""
    return [f"{score.name}: {said}" for score in succeeded(result) for said in score.notes]


def _signed(value: float) -> str:
    text = number(abs(value), 3)
    if float(f"{abs(value):.3f}") == 0:
        return text
    return ("+" if value > 0 else "−") + text

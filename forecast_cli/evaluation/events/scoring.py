"""From answers to the rows of the ranking.

The headline of a metric is its mean over the folds, as published figures are; curves and the
calibration error are of the answers of all folds together, for in a fold of few answers chance
alone is a large error. Every model with answers is set against the reference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.evaluation.events.alarms import lead_times
from forecast_cli.evaluation.events.answers import Answers
from forecast_cli.evaluation.events.backtest import Outcome, Question
from forecast_cli.evaluation.events.curves import curves
from forecast_cli.evaluation.events.delong import logit_interval, roc_auc_variance
from forecast_cli.evaluation.events.metrics import METRICS, EventMetric
from forecast_cli.evaluation.events.significance import (
    decided,
    interval,
    mcnemar,
    resampled,
    right,
    versus,
)
from forecast_cli.evaluation.events.units import Units, find_units
from forecast_cli.event_comparison import EventScore, EventVersus, LeadTimes

# Metrics that come with an interval in the table, by resampling.
WITH_INTERVAL = ("average_precision", "brier_skill")


@dataclass(frozen=True, eq=False)
class Scoreboard:
    """What rows and verdict are made of.

    Parameters
    ----------
    question : Question
    metric : EventMetric
        That ranks.
    units : Units
        Of all M answers, fold after fold.
    members : list of [M_f] int64
        Which of these each fold holds.
    values : mapping of model to its score by ``metric``, mean over the folds
    resamples : mapping of model to [R] the same over resamples
    outcomes : mapping of model to Outcome
        Those that answered.
    """

    question: Question
    metric: EventMetric
    units: Units
    members: list[Ints]
    values: Mapping[str, float]
    resamples: Mapping[str, Floats]
    outcomes: Mapping[str, Outcome]

    def versus(self, name: str, other: str) -> EventVersus:
        """One model against another; not yet corrected for the number of such comparisons."""
        sign = 1.0 if self.metric.higher_is_better else -1.0
        pair = self.outcomes[name].answers, self.outcomes[other].answers
        p = mcnemar(right(pair[0]), right(pair[1]))
        return versus(
            self.metric,
            sign * (self.values[name] - self.values[other]),
            sign * (self.resamples[name] - self.resamples[other]),
            p,
            self.units,
        )

    def better(self, name: str, other: str) -> bool:
        """Whether the score of one is better than that of the other, however little."""
        sign = 1.0 if self.metric.higher_is_better else -1.0
        return sign * (self.values[name] - self.values[other]) > 0


def scoreboard(
    question: Question, outcomes: Sequence[Outcome], metric: EventMetric, seed: int
) -> Scoreboard:
    """Score every model that answered, and resample the score that ranks."""
    tests = [fold.test for fold in question.folds]
    sizes = np.cumsum([0, *map(len, tests)])
    members = [np.arange(a, b) for a, b in pairwise(sizes)]
    units = find_units(
        question.task,
        np.concatenate([test.moments.series for test in tests]),
        np.repeat(np.arange(len(tests)), np.diff(sizes)),
        np.concatenate([test.labels for test in tests]),
        np.concatenate([f.panel.times[f.test.moments.rows] for f in question.folds]),
    )
    answered = {outcome.name: outcome for outcome in outcomes if outcome.ok}
    return Scoreboard(
        question,
        metric,
        units,
        members,
        {name: _mean(metric, outcome) for name, outcome in answered.items()},
        {
            name: resampled(metric, outcome.answers, members, units, seed)
            for name, outcome in answered.items()
        },
        answered,
    )


def rows(
    board: Scoreboard, outcomes: Sequence[Outcome], reference: str, allowed: float, seed: int
) -> tuple[EventScore, ...]:
    """The ranking: the best first, what failed last."""
    against = _against(board, reference)
    scored = [_row(board, board.outcomes[name], against, allowed, seed) for name in board.values]
    sign = -1.0 if board.metric.higher_is_better else 1.0
    scored.sort(key=lambda row: _last_if_nan(sign * row.metrics[board.metric.name]))
    ranked = [replace(row, rank=place) for place, row in enumerate(scored, start=1)]
    return (*ranked, *(_failed(outcome) for outcome in outcomes if not outcome.ok))


def _row(
    board: Scoreboard,
    outcome: Outcome,
    against: Mapping[str, EventVersus],
    allowed: float,
    seed: int,
) -> EventScore:
    by_fold = {
        name: tuple(metric.compute(answers) for answers in outcome.answers)
        for name, metric in METRICS.items()
    }
    pooled = _pooled(outcome)
    metrics = {name: _average(values) for name, values in by_fold.items()}
    return EventScore(
        name=outcome.name,
        kind=outcome.kind,
        status="ok",
        reason="",
        rank=None,
        metrics={**metrics, "ece": METRICS["ece"].compute(pooled)},
        intervals=_intervals(board, outcome, seed),
        by_fold=by_fold,
        thresholds=tuple(answers.thresholds.f1 for answers in outcome.answers),
        curves=curves(pooled.probabilities, pooled.labels),
        versus_reference=against.get(outcome.name),
        fit_seconds=outcome.fit_seconds,
        answer_seconds=outcome.answer_seconds,
        parameters=round(float(np.mean(outcome.parameters))),
        notes=tuple(outcome.notes),
        lead_times=_leads(board.question, outcome, allowed),
    )


def _pooled(outcome: Outcome) -> Answers:
    """The answers of all folds; thresholds and prior, which differ by fold, are the first's."""
    return replace(
        outcome.answers[0],
        probabilities=np.concatenate([answers.probabilities for answers in outcome.answers]),
        labels=np.concatenate([answers.labels for answers in outcome.answers]),
    )


def _failed(outcome: Outcome) -> EventScore:
    return EventScore(
        name=outcome.name,
        kind=outcome.kind,
        status=outcome.status,
        reason=outcome.reason,
        rank=None,
        metrics=dict.fromkeys(METRICS, math.nan),
        intervals={},
        by_fold={},
        thresholds=(),
        curves=None,
        versus_reference=None,
        fit_seconds=outcome.fit_seconds,
        answer_seconds=outcome.answer_seconds,
        parameters=0,
        notes=tuple(outcome.notes),
    )


def _against(board: Scoreboard, reference: str) -> dict[str, EventVersus]:
    """Every model against the reference, corrected for their number."""
    if reference not in board.values:
        return {}
    own = board.versus(reference, reference)
    itself = replace(own, p=math.nan, p_mcnemar=math.nan, decision="reference")
    rivals = {name: board.versus(name, reference) for name in board.values if name != reference}
    return {reference: itself, **decided(rivals)}


def _intervals(board: Scoreboard, outcome: Outcome, seed: int) -> dict[str, tuple[float, float]]:
    """95 % intervals: by resampling, of the ROC area in closed form where answers permit it."""
    found = {}
    for name in dict.fromkeys((board.metric.name, *WITH_INTERVAL)):
        metric = METRICS[name]
        over = (
            board.resamples[outcome.name]
            if name == board.metric.name
            else resampled(metric, outcome.answers, board.members, board.units, seed)
        )
        found[name] = interval(_mean(metric, outcome), over, board.units, metric.range)
    if board.question.task.binary:
        found["roc_auc"] = _auc_interval(board, outcome, seed)
    return found


def _auc_interval(board: Scoreboard, outcome: Outcome, seed: int) -> tuple[float, float]:
    """By DeLong where every answer is of another entity, else by resampling."""
    if len(board.units) < len(board.units.of_answer):
        metric = METRICS["roc_auc"]
        over = resampled(metric, outcome.answers, board.members, board.units, seed)
        return interval(_mean(metric, outcome), over, board.units, metric.range)
    each = [roc_auc_variance(answers.event, answers.came) for answers in outcome.answers]
    known = [(area, variance) for area, variance in each if math.isfinite(area)]
    if not known:
        return math.nan, math.nan
    areas, variances = zip(*known, strict=True)
    return logit_interval(float(np.mean(areas)), float(np.sum(variances)) / len(known) ** 2)


def _leads(question: Question, outcome: Outcome, allowed: float) -> LeadTimes | None:
    if question.task.kind != "within" or not question.event_times.size:
        return None
    folds = [
        question.watch(fold, fold.test, answers.probabilities)
        for fold, answers in zip(question.folds, outcome.answers, strict=True)
    ]
    return lead_times(folds, outcome.quiet, question.task, allowed)


def _mean(metric: EventMetric, outcome: Outcome) -> float:
    return _average([metric.compute(answers) for answers in outcome.answers])


def _average(values: Sequence[float]) -> float:
    """Mean over the folds where the score is defined; NaN where it is in none."""
    known = [value for value in values if math.isfinite(value)]
    return float(np.mean(known)) + 0.0 if known else math.nan  # + 0.0: no minus before nothing


def _last_if_nan(value: float) -> float:
    return math.inf if math.isnan(value) else value

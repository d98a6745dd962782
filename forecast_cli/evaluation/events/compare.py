"""One call from folds to verdict: what the comparison of an event consists of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.comparison import Verdict
from forecast_cli.config import Settings
from forecast_cli.evaluation.events import backtest
from forecast_cli.evaluation.events.backtest import Outcome, Question
from forecast_cli.evaluation.events.metrics import METRICS
from forecast_cli.evaluation.events.scoring import rows, scoreboard
from forecast_cli.evaluation.events.verdict import verdict
from forecast_cli.event_comparison import EventScore, EventTable
from forecast_cli.monitor import SILENT, Monitor


@dataclass(frozen=True, eq=False)
class Compared:
    """What a comparison found.

    Parameters
    ----------
    models : tuple of EventScore
        By rank, failures last.
    verdict : Verdict
    table : EventTable
    units : str
        What was taken as independent, in words.
    shares : tuple of float, K
        Of each class among the tested answers.
    """

    models: tuple[EventScore, ...]
    verdict: Verdict
    table: EventTable
    units: str
    shares: tuple[float, ...]


def compare_events(
    question: Question,
    names: Sequence[str],
    settings: Settings,
    *,
    metric: str,
    reference: str,
    false_alarms: float,
    seed: int,
    timeout: float | None = None,
    monitor: Monitor = SILENT,
) -> Compared:
    """Fit, answer, score and judge.

    Parameters
    ----------
    question : Question
    names : sequence of str
        Of classifiers that can answer; the reference among them.
    metric : str
        Of ``evaluation.events.metrics.METRICS``.
    false_alarms : float
        Share of quiet entities that may raise an alarm, for lead times.
    seed : int
        Of the resamples.
    timeout : float, optional
        Seconds that each baseline has.
    """
    outcomes = backtest.run(
        question, names, settings, allowed=false_alarms, timeout=timeout, monitor=monitor
    )
    board = scoreboard(question, outcomes, METRICS[metric], seed)
    ranking = rows(board, outcomes, reference, false_alarms, seed)
    table = _table(question, outcomes)
    shares = np.bincount(table.labels, minlength=len(question.task.classes)) / len(table.labels)
    return Compared(
        ranking,
        verdict(board, ranking),
        table,
        f"{len(board.units)} {board.units.kind}",
        tuple(shares.tolist()),
    )


def _table(question: Question, outcomes: Sequence[Outcome]) -> EventTable:
    tests = [fold.test for fold in question.folds]
    panel = question.folds[0].panel
    return EventTable(
        ids=panel.ids,
        entity=np.concatenate([test.moments.series for test in tests]),
        fold=np.repeat(np.arange(len(tests)), [len(test) for test in tests]),
        times=np.concatenate([panel.times[test.moments.rows] for test in tests]),
        labels=np.concatenate([test.labels for test in tests]),
        probabilities={
            outcome.name: np.concatenate([answers.probabilities for answers in outcome.answers])
            for outcome in outcomes
            if outcome.ok
        },
        event_times=question.event_times,
    )

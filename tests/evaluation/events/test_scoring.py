"""Rows of the ranking: means over folds, one table of answers, failures last."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss

from forecast_cli.config import Settings
from forecast_cli.evaluation.events import significance
from forecast_cli.evaluation.events.backtest import Outcome, Question, run
from forecast_cli.evaluation.events.metrics import METRICS
from forecast_cli.evaluation.events.scoring import Scoreboard, rows, scoreboard
from forecast_cli.event_comparison import EventScore
from tests.evaluation.events.models import question_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(significance, "RESAMPLES", 100)


def scored(
    question: Question, names: list[str], metric: str
) -> tuple[Scoreboard, tuple[EventScore, ...], list[Outcome]]:
    outcomes = [*run(question, names, Settings()), Outcome("gru", "network", "failed", "too deep")]
    board = scoreboard(question, outcomes, METRICS[metric], seed=0)
    return board, rows(board, outcomes, "logistic", 0.1, seed=0), outcomes


def test_a_headline_is_the_mean_over_the_folds_and_failures_come_last() -> None:
    question = question_of()
    _, ranking, outcomes = scored(question, ["prior", "logistic"], "average_precision")
    assert [row.name for row in ranking] == ["logistic", "prior", "gru"]
    assert [row.rank for row in ranking] == [1, 2, None]
    own = next(one for one in outcomes if one.name == "logistic")
    each = [average_precision_score(part.labels, part.event) for part in own.answers]
    assert ranking[0].by_fold["average_precision"] == pytest.approx(each)
    assert ranking[0].metrics["average_precision"] == pytest.approx(np.mean(each))
    failed = ranking[-1]
    assert (failed.status, failed.reason) == ("failed", "too deep")
    assert all(math.isnan(value) for value in failed.metrics.values())


def test_the_calibration_error_is_that_of_all_answers_which_is_drawn() -> None:
    _, ranking, _ = scored(question_of(), ["prior", "logistic"], "average_precision")
    for row in ranking[:2]:
        assert row.curves is not None
        bins = row.curves.reliability
        assert sum(one.count for one in bins) == 60
        off = sum(one.count * abs(one.predicted - one.observed) for one in bins) / 60
        assert row.metrics["ece"] == pytest.approx(off)


def test_every_model_is_set_against_the_reference_with_the_right_sign() -> None:
    board, ranking, _ = scored(question_of(), ["prior", "logistic"], "log_loss")
    best, prior = ranking[:2]
    assert best.versus_reference is not None
    assert best.versus_reference.decision == "reference"
    found = prior.versus_reference
    assert found is not None
    assert found.difference < 0  # worse, though its log-loss is higher
    assert found.difference == pytest.approx(board.values["logistic"] - board.values["prior"])
    assert found.ci95[0] < found.difference < found.ci95[1] < 0
    assert found.decision == "worse"
    assert found.units == 60


def test_intervals_hold_their_score_and_stay_in_its_range() -> None:
    _, ranking, _ = scored(question_of(), ["prior", "logistic"], "average_precision")
    assert set(ranking[0].intervals) == {"average_precision", "brier_skill", "roc_auc"}
    for name, (low, high) in ranking[0].intervals.items():
        assert low <= ranking[0].metrics[name] <= high
        assert METRICS[name].range[0] <= low
        assert high <= METRICS[name].range[1]


def test_three_classes_are_ranked_by_log_loss() -> None:
    question = question_of(90, classes=3)
    _, ranking, outcomes = scored(question, ["prior", "logistic"], "log_loss")
    assert ranking[0].name == "logistic"
    own = next(one for one in outcomes if one.name == "logistic")
    each = [log_loss(part.labels, part.probabilities) for part in own.answers]
    assert ranking[0].metrics["log_loss"] == pytest.approx(np.mean(each))
    assert math.isnan(ranking[0].metrics["min_se_pp"])
    assert "roc_auc" not in ranking[0].intervals


def test_too_few_events_have_no_interval_and_decide_nothing() -> None:
    question = question_of(8, parts=2)
    _, ranking, _ = scored(question, ["prior", "logistic"], "average_precision")
    assert math.isnan(ranking[0].intervals["average_precision"][0])
    decisions = {row.versus_reference.decision for row in ranking if row.versus_reference}
    assert decisions == {"reference", "inconclusive"}

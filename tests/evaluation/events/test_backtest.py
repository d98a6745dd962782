"""The back-test of events: every fold asked, and a model that breaks stops nobody else."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.times import NAT
from forecast_cli.errors import TrainingError
from forecast_cli.evaluation.events.backtest import Question, run
from forecast_cli.events import EventTask
from forecast_cli.monitor import SilentMonitor
from tests.evaluation.events.models import (
    Blank,
    Dawdling,
    Doubled,
    Failing,
    question_of,
    replaced,
)
from tests.events import every_row, random_histories

SETTINGS = Settings()


def test_every_fold_is_answered_with_the_shares_of_its_own_training() -> None:
    question = question_of()
    (outcome,) = run(question, ["prior"], SETTINGS)
    assert outcome.ok
    assert [len(answers.labels) for answers in outcome.answers] == [
        len(fold.test) for fold in question.folds
    ]
    for answers, fold in zip(outcome.answers, question.folds, strict=True):
        np.testing.assert_allclose(answers.prior[1], fold.learn.labels.mean())
        assert (answers.labels == fold.test.labels).all()
    assert outcome.parameters == [1, 1, 1]
    assert outcome.fit_seconds > 0
    assert outcome.answer_seconds > 0


def test_a_model_that_breaks_is_out_with_its_reason_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Failing.fits = 0
    replaced(monkeypatch, **{"logistic-means": Failing, "logistic": Blank, "boosting": Doubled})
    names = ["logistic-means", "logistic", "boosting", "prior"]
    broken, blank, doubled, prior = run(question_of(), names, SETTINGS)
    assert (broken.status, broken.reason) == ("failed", "KeyError: 'a pivot is zero'")
    assert len(broken.answers) == 1
    assert (blank.status, blank.reason) == ("failed", "some of its answers are not numbers")
    assert doubled.ok
    assert prior.ok
    assert list(doubled.notes) == ["as the prior"]  # once, though each fold says it


def test_a_baseline_has_its_time_and_a_network_as_much_as_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replaced(monkeypatch, logistic=Dawdling, lstm=Doubled)
    slow, network = run(question_of(), ["logistic", "lstm"], SETTINGS, timeout=0.05)
    assert slow.status == "timed out"
    assert network.ok
    assert network.kind == "network"


def test_whoever_asks_to_stop_gets_no_half_comparison() -> None:
    class Ending(SilentMonitor):
        def stop_requested(self) -> bool:
            return True

    with pytest.raises(TrainingError, match="you asked to stop"):
        run(question_of(), ["prior"], SETTINGS, monitor=Ending())


def test_thresholds_come_of_held_out_examples_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, prior=Doubled)
    question = question_of()
    (outcome,) = run(question, ["prior"], SETTINGS)
    for answers, fold in zip(outcome.answers, question.folds, strict=True):
        event = (fold.learn.labels.sum() + 1) / (len(fold.learn) + 2)
        wanted = event / 2 if fold.learn.labels[0] else 0.5
        assert answers.thresholds.f1 == pytest.approx(wanted)


def test_several_classes_have_no_threshold() -> None:
    (outcome,) = run(question_of(classes=3), ["prior"], SETTINGS)
    assert outcome.answers[0].probabilities.shape[1] == 3
    assert np.isnan(outcome.answers[0].thresholds.f1)


def test_an_end_that_is_asked_about_has_a_quiet_threshold_for_each_fold() -> None:
    from forecast_cli.data.events.histories import Histories
    from forecast_cli.data.events.split import folds

    panel, _ = random_histories(20, seed=1, shortest=6)
    task = EventTask("within", "fails", within=5)
    came = np.where(np.arange(20) % 2, panel.times[panel.ends - 1], NAT)
    histories = Histories(panel, task, every_row(panel, 1), came)
    question = Question(task, folds(histories, 2, seed=0), came)
    (outcome,) = run(question, ["prior"], SETTINGS)
    assert len(outcome.quiet) == 2
    fold = question.folds[0]
    watch = question.watch(fold, fold.test, outcome.answers[0].probabilities)
    assert (watch.event_times == came[fold.test.moments.series]).all()

"""Curves: points of scikit-learn, thinned without losing the ends, and bins that add up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.metrics import auc, roc_auc_score, roc_curve

from forecast_cli.evaluation.events.curves import POINTS, curves, reliability
from forecast_cli.evaluation.events.metrics import BINS, METRICS
from tests.evaluation.events.conftest import answers_of


def answered(size: int, seed: int = 0, digits: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (rng.random(size) < 0.3).astype(np.int64)
    event = 1 / (1 + np.exp(1 - labels - rng.normal(size=size)))
    event = np.round(event, digits)
    return np.stack([1 - event, event], axis=1), labels


@pytest.mark.parametrize("digits", [1, 9])
def test_few_answers_have_all_points_of_scikit_learn(digits: int) -> None:
    probabilities, labels = answered(100, digits=digits)
    found = curves(probabilities, labels)
    fallout, recall, _ = roc_curve(labels, probabilities[:, 1], drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive_rate, fallout)
    np.testing.assert_allclose(found.true_positive_rate, recall)
    flagged = np.round(recall[1:] * labels.sum() + fallout[1:] * (1 - labels).sum())
    np.testing.assert_allclose(found.recall, recall[1:])
    np.testing.assert_allclose(found.precision, recall[1:] * labels.sum() / flagged)


def test_many_answers_are_thinned_and_keep_area_and_ends() -> None:
    probabilities, labels = answered(5000)
    found = curves(probabilities, labels)
    assert len(found.recall) <= POINTS
    assert (found.false_positive_rate[0], found.true_positive_rate[0]) == (0, 0)
    assert (found.false_positive_rate[-1], found.true_positive_rate[-1]) == (1, 1)
    area = auc(found.false_positive_rate, found.true_positive_rate)
    assert area == pytest.approx(roc_auc_score(labels, probabilities[:, 1]), abs=0.01)


def test_three_classes_are_pooled_each_against_the_rest() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(60) % 3
    probabilities = rng.dirichlet(np.ones(3), 60)
    found = curves(probabilities, labels)
    area = auc(found.false_positive_rate, found.true_positive_rate)
    rest = roc_auc_score(np.eye(3)[labels].ravel(), probabilities.ravel())
    assert area == pytest.approx(rest, abs=0.01)


def test_bins_hold_every_answer_once_and_make_the_calibration_error() -> None:
    probabilities, labels = answered(333)
    bins = reliability(probabilities[:, 1], labels == 1)
    assert len(bins) == BINS
    assert sum(one.count for one in bins) == 333
    assert max(one.count for one in bins) - min(one.count for one in bins) <= 2
    assert all(one.high < other.low for one, other in itertools.pairwise(bins))
    error = sum(one.count * abs(one.predicted - one.observed) for one in bins) / 333
    answers = answers_of(probabilities, labels)
    assert error == pytest.approx(METRICS["ece"].compute(answers), abs=1e-12)


def test_equal_probabilities_are_one_bin() -> None:
    (only,) = reliability(np.full(50, 0.25), np.arange(50) < 10)
    assert (only.low, only.high, only.observed, only.count) == (0.25, 0.25, 0.2, 50)

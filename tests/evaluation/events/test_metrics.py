"""Metrics of events against scikit-learn, and where they are undefined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from forecast_cli.evaluation.events.metrics import METRICS, bin_of
from tests.evaluation.events.conftest import answers_of


@st.composite
def binary(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities with many ties, and labels of both classes."""
    size = draw(st.integers(2, 60))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = generator.integers(0, 2, size)
    labels[:2] = [0, 1]
    digits = draw(st.sampled_from([1, 2, 15]))
    return np.clip(np.round(generator.random(size), digits), 0.01, 0.99), labels


@given(binary())
def test_ranking_and_probability_scores_are_those_of_scikit_learn(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    event, labels = case
    found = {name: metric.compute(answers_of(event, labels)) for name, metric in METRICS.items()}
    expected = {
        "average_precision": sklearn_metrics.average_precision_score(labels, event),
        "roc_auc": sklearn_metrics.roc_auc_score(labels, event),
        "brier": sklearn_metrics.brier_score_loss(labels, event),
        "log_loss": sklearn_metrics.log_loss(labels, event),
        "f1": sklearn_metrics.f1_score(labels, event >= 0.5, zero_division=0),
        "accuracy": sklearn_metrics.accuracy_score(labels, event >= 0.5),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(labels, event >= 0.5),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-12), name


def test_several_classes_are_the_mean_of_each_against_the_rest() -> None:
    generator = np.random.default_rng(0)
    given_ = generator.dirichlet(np.ones(4), size=200)
    labels = generator.integers(0, 4, 200)
    found = {name: m.compute(answers_of(given_, labels)) for name, m in METRICS.items()}
    one_hot = np.eye(4)[labels]
    chosen = given_.argmax(axis=1)
    assert found["roc_auc"] == pytest.approx(
        sklearn_metrics.roc_auc_score(labels, given_, multi_class="ovr"), abs=1e-12
    )
    assert found["average_precision"] == pytest.approx(
        sklearn_metrics.average_precision_score(one_hot, given_, average="macro"), abs=1e-12
    )
    assert found["log_loss"] == pytest.approx(sklearn_metrics.log_loss(labels, given_), abs=1e-12)
    assert found["f1"] == pytest.approx(
        sklearn_metrics.f1_score(labels, chosen, average="macro"), abs=1e-12
    )
    assert found["brier"] == pytest.approx(((given_ - one_hot) ** 2).sum(axis=1).mean(), abs=1e-12)
    assert found["accuracy"] == pytest.approx((chosen == labels).mean())
    assert np.isnan(found["min_se_pp"])


def test_a_weight_of_two_is_the_same_answer_twice() -> None:
    generator = np.random.default_rng(1)
    event, labels = np.round(generator.random(40), 1), generator.integers(0, 2, 40)
    weights = generator.integers(1, 4, 40)
    again = np.repeat(np.arange(40), weights)
    for name, metric in METRICS.items():
        if name in ("ece", "brier_skill"):  # bins and the prior are those of the answers given
            continue
        weighted = metric.weighted(answers_of(event, labels), weights[None].astype(float))[0]
        repeated = metric.compute(answers_of(event[again], labels[again]))
        assert weighted == pytest.approx(repeated, abs=1e-12), name


@pytest.mark.parametrize("label", [0, 1])
def test_what_a_single_class_leaves_undefined_is_nan(label: int) -> None:
    answers = answers_of(np.array([0.2, 0.7, 0.4]), np.full(3, label))
    assert np.isnan(METRICS["roc_auc"].compute(answers))
    assert METRICS["brier"].compute(answers) >= 0
    if label == 0:
        for name in ("average_precision", "f1", "min_se_pp"):
            assert np.isnan(METRICS[name].compute(answers)), name


def test_no_answers_have_no_score() -> None:
    answers = answers_of(np.zeros(0), np.zeros(0, dtype=np.int64))
    assert all(np.isnan(metric.compute(answers)) for metric in METRICS.values())


def test_the_prior_has_no_brier_skill_and_the_truth_has_all_of_it() -> None:
    labels = np.array([0, 0, 0, 1])
    assert METRICS["brier_skill"].compute(answers_of(np.full(4, 0.25), labels)) == pytest.approx(0)
    assert METRICS["brier_skill"].compute(answers_of(labels * 1.0, labels)) == 1


def test_min_se_pp_is_computed_by_hand_at_its_own_threshold() -> None:
    event, labels = np.array([0.9, 0.8, 0.6, 0.3, 0.1]), np.array([1, 0, 1, 1, 0])
    answers = answers_of(event, labels, threshold=0.95, balance=0.5)
    # three alarms, two of them right: precision 2/3; three events, two found: sensitivity 2/3
    assert METRICS["min_se_pp"].compute(answers) == pytest.approx(2 / 3)


def test_calibration_error_is_the_mean_distance_over_bins_of_equal_count() -> None:
    event = np.repeat([0.1, 0.9], 50)
    labels = np.concatenate([np.ones(20), np.zeros(30), np.ones(40), np.zeros(10)]).astype(int)
    # bin 1 says .1 and 40 % came, bin 2 says .9 and 80 % came
    assert METRICS["ece"].compute(answers_of(event, labels)) == pytest.approx((0.3 + 0.1) / 2)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9]) | st.floats(0, 1), max_size=80))
def test_equal_probabilities_share_a_bin_and_bins_ascend(values: list[float]) -> None:
    predicted = np.array(values)
    bins = bin_of(predicted)
    for value in set(values):
        assert len(set(bins[predicted == value])) == 1
    order = np.argsort(predicted, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()
    assert len(set(bins)) <= 10

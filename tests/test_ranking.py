"""Average precision and area under the ROC curve: those of scikit-learn, for any weights."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from forecast_cli.ranking import area_under_roc, average_precision, steps_down


@given(seed=st.integers(0, 5000), size=st.integers(2, 60), digits=st.integers(0, 6))
def test_scores_are_those_of_scikit_learn_also_where_answers_tie(
    seed: int, size: int, digits: int
) -> None:
    rng = np.random.default_rng(seed)
    score, came = np.round(rng.normal(size=size), digits), rng.random(size) < 0.4
    came[:2] = (True, False)
    weights = np.concatenate([np.ones((1, size)), rng.integers(0, 3, (3, size))])
    weights[:, :2] = np.maximum(weights[:, :2], 1)
    areas, precisions = (
        area_under_roc(score, came, weights),
        average_precision(score, came, weights),
    )
    for weight, area, precision in zip(weights, areas, precisions, strict=True):
        np.testing.assert_allclose(area, roc_auc_score(came, score, sample_weight=weight))
        wanted = average_precision_score(came, score, sample_weight=weight)
        np.testing.assert_allclose(precision, wanted)


def test_without_an_event_there_is_no_score() -> None:
    score, none, once = np.array([0.1, 0.2]), np.array([False, False]), np.ones((1, 2))
    assert np.isnan(average_precision(score, none, once)).all()
    assert np.isnan(area_under_roc(score, none, once)).all()


def test_equal_scores_are_one_step() -> None:
    order, ends = steps_down(np.array([0.2, 0.9, 0.2, 0.5]))
    assert order.tolist() == [1, 3, 0, 2]
    assert ends.tolist() == [0, 1, 3]

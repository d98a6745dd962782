"""Logistic regression: scikit-learn's answers from plain arrays, and columns of training rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss as oracle

from forecast_cli.classifiers.logistic import (
    CUT,
    DEFAULT_STRENGTH,
    STRENGTHS,
    Columns,
    LogisticAggregates,
    LogisticMeans,
    LogisticThree,
    Regression,
    log_loss,
)
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT
from tests.events import random_histories

DIED = EventTask("entity", "died")


def rows(seed: int = 0, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.arange(90) % classes
    x = rng.normal(size=(90, 4)) * [1, 10, 0.1, 1] + y[:, None]
    x[rng.random(x.shape) < 0.2] = np.nan
    return x, y


@pytest.mark.parametrize("classes", [2, 3])
def test_the_answers_are_those_of_scikit_learn(classes: int) -> None:
    x, y = rows(classes=classes)
    model = Regression.fit(x, y, classes, strength=0.1)
    ready = model.columns.apply(x)
    theirs = LogisticRegression(C=0.1, max_iter=300).fit(ready, y).predict_proba(ready)
    np.testing.assert_allclose(model.answer(x), theirs, atol=1e-12)


def test_a_class_that_was_not_there_is_hardly_possible() -> None:
    x, y = rows(classes=2)
    answers = Regression.fit(x, 2 * y, 3, strength=0.1).answer(x)
    assert answers[:, 1].max() < 1e-9
    np.testing.assert_allclose(answers.sum(axis=1), 1)
    two = Regression.fit(x, y, 2, strength=0.1).answer(x)
    np.testing.assert_allclose(answers[:, [0, 2]], two, atol=1e-9)


def test_what_is_missing_takes_the_median_of_training_and_is_flagged() -> None:
    x = np.array([[1.0, 5.0], [np.nan, 5.0], [3.0, 5.0], [8.0, 5.0]])
    columns = Columns.of(x)
    ready = columns.apply(np.array([[np.nan, 9.0], [3.0, 5.0]]))
    assert ready.shape == (2, 3)
    np.testing.assert_array_equal(ready[0, :2], ready[1, :2])  # 3 is the median; 5 never moved
    assert ready[:, 2].tolist() == [1, 0]


def test_columns_that_are_missing_together_share_a_flag() -> None:
    x, _ = rows()
    x[:, 1] = np.where(np.isnan(x[:, 0]), np.nan, 1.0)
    assert Columns.of(x[:, :2]).flagged.tolist() == [True, False]


def test_extremes_are_cut_and_nothing_known_is_still_a_column() -> None:
    x, y = rows()
    x[:, 3] = np.nan
    columns = Columns.of(x)
    far = np.array([[1e9, -np.inf, 0.0, 7.0]])
    ready = columns.apply(far)
    assert ready[0, :2].tolist() == [CUT, -CUT]
    assert np.isfinite(Regression.fit(x, y, 2, 1.0).answer(far)).all()


def test_a_regression_comes_back_from_arrays() -> None:
    x, y = rows(classes=3)
    model = Regression.fit(x, y, 3, strength=1.0)
    again = Regression.from_arrays(model.arrays())
    assert again.answer(x).tobytes() == model.answer(x).tobytes()


def test_the_strength_is_the_one_with_the_least_held_out_loss() -> None:
    x, y = rows()
    hold = np.arange(90) % 3 == 0
    divisions = [(~hold, hold), (hold, ~hold)]
    model = LogisticAggregates()
    model._task = DIED
    (given, _) = model.choose(x, y, divisions, SILENT)
    losses = {
        s: np.mean([
            oracle(y[asked], Regression.fit(x[learn], y[learn], 2, s).answer(x[asked]))
            for learn, asked in divisions
        ])
        for s in STRENGTHS
    }  # fmt: skip
    assert min(losses, key=lambda s: losses[s]) == model._strength
    assert log_loss(given, y[hold]) == pytest.approx(oracle(y[hold], given), abs=1e-12)
    assert DEFAULT_STRENGTH in STRENGTHS


def test_more_aggregates_make_more_parameters() -> None:
    panel, examples = random_histories(60, seed=0, signal=2.0)
    counts = [
        kind().fit(panel, DIED, examples).n_parameters
        for kind in (LogisticMeans, LogisticThree, LogisticAggregates)
    ]
    assert counts == sorted(set(counts))

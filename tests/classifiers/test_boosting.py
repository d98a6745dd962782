"""Boosted trees: scikit-learn's answers from plain arrays, and how many trees there are."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.classifiers.boosting import EVERY, MOST_TREES, BoostingAggregates
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT


def rows(classes: int, signal: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.arange(120) % classes
    x = rng.normal(size=(120, 3)) + signal * y[:, None]
    x[rng.random(x.shape) < 0.2] = np.nan
    return x, y


def asked(classes: int) -> BoostingAggregates:
    model = BoostingAggregates()
    model._task = EventTask("entity", "died", classes=tuple("abcd"[:classes]))
    model._count = 20
    return model


@pytest.mark.parametrize("classes", [2, 3])
def test_plain_arrays_answer_as_scikit_learn_does(classes: int) -> None:
    x, y = rows(classes)
    model = asked(classes)
    model.learn(x, y)
    theirs = model._grown(x, y, 20).predict_proba(x)
    np.testing.assert_allclose(model.answer(x), theirs, atol=1e-9)
    again = asked(classes)
    again.take_arrays(model.arrays())
    assert again.answer(x).tobytes() == model.answer(x).tobytes()
    assert again.n_parameters == model.n_parameters > 0


def test_a_class_that_was_not_there_has_no_chance() -> None:
    x, y = rows(2)
    model = asked(3)
    model.learn(x, 2 * y)
    answers = model.answer(x)
    assert (answers[:, 1] == 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_noise_grows_as_few_trees_as_can_be_and_what_is_held_out_is_answered() -> None:
    x, y = rows(2, signal=0.0)
    model, hold = asked(2), np.arange(120) % 3 == 0
    answers = model.choose(x, y, [(~hold, hold)], SILENT)
    assert model._count == EVERY < MOST_TREES
    assert [part.shape for part in answers] == [(40, 2)]
    theirs = model._grown(x[~hold], y[~hold], EVERY).predict_proba(x[hold])
    np.testing.assert_allclose(answers[0], theirs, atol=1e-12)

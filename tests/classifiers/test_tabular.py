"""What models of fixed rows share: parts by entity or in time, and answers out of the fit."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.classifiers.logistic import LogisticMeans
from forecast_cli.classifiers.tabular import _divisions
from forecast_cli.data.events.histories import Examples
from forecast_cli.errors import RunError, TrainingError
from forecast_cli.events import EventTask
from tests.classifiers.series import HORIZON, hourly
from tests.events import every_row, random_histories

DIED = EventTask("entity", "died")
WITHIN = EventTask("within", "fails", within=2)


def test_every_example_is_held_out_once_and_its_entity_with_it() -> None:
    panel, _ = random_histories(20, seed=0, shortest=4)
    examples = every_row(panel, 2)
    divisions = _divisions(panel, WITHIN, examples, 5, seed=0)
    assert len(divisions) == 5
    assert (np.sum([hold for _, hold in divisions], axis=0) == 1).all()
    for learn, hold in divisions:
        series = examples.moments.series
        assert not set(series[learn].tolist()) & set(series[hold].tolist())
        assert (learn ^ hold).all()


def test_in_time_no_answer_that_is_learned_reaches_into_what_is_held_out() -> None:
    histories = hourly()
    examples = histories.examples
    (pair,) = _divisions(histories.panel, histories.task, examples, 5, seed=0)
    learned, held = (examples.moments.rows[side] for side in pair)
    assert learned.max() + HORIZON < held.min()


def test_held_out_answers_know_nothing_of_their_labels() -> None:
    """Random labels are learned by heart by a weak penalty, and not foretold out of the fit."""
    panel, examples = random_histories(200, seed=1, longest=3)
    coins = np.random.default_rng(0).integers(0, 2, 200)
    model = LogisticMeans().fit(panel, DIED, Examples(examples.moments, coins))
    held = model.held
    assert sorted(held.examples.moments.rows) == sorted(examples.moments.rows)
    came = held.examples.labels == 1
    event = held.probabilities[:, 1]
    assert event[came].mean() < event[~came].mean() + 0.02


def test_a_class_of_one_entity_is_fitted_and_said() -> None:
    panel, examples = random_histories(12, seed=2)
    alone = Examples(examples.moments, np.eye(12, dtype=np.int64)[3])
    model = LogisticMeans().fit(panel, DIED, alone)
    assert any("too few examples" in note for note in model.notes)
    assert len(model.held.examples) == 12


def test_one_class_teaches_nothing() -> None:
    panel, examples = random_histories(10, seed=3)
    with pytest.raises(TrainingError, match="came out the same: 0"):
        LogisticMeans().fit(panel, DIED, Examples(examples.moments, np.zeros(10, np.int64)))


def test_no_moments_have_no_answers() -> None:
    panel, examples = random_histories(20, seed=4)
    model = LogisticMeans().fit(panel, DIED, examples)
    assert model.probabilities(panel, examples.moments[:0]).shape == (0, 2)


def test_a_damaged_state_is_refused() -> None:
    panel, examples = random_histories(20, seed=4)
    model = LogisticMeans().fit(panel, DIED, examples)
    arrays, meta = model.state()
    with pytest.raises(RunError, match="damaged"):
        LogisticMeans.restore({"median": arrays["median"]}, meta, model.settings)

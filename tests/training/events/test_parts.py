"""Parts: every example is held out once, no entity on both sides, no answer reaches across."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Origins
from forecast_cli.events import EventTask
from forecast_cli.training.events.parts import PARTS, parts_of
from tests.events import every_row, random_histories

DIED = EventTask("entity", "died")


@given(entities=st.integers(4, 60), classes=st.integers(2, 4), seed=st.integers(0, 99))
def test_every_entity_is_held_out_once_and_classes_are_spread(
    entities: int, classes: int, seed: int
) -> None:
    entities = max(entities, 2 * classes)
    panel, examples = random_histories(entities, seed=1, classes=classes)
    task = EventTask("entity", "kind", classes=tuple("abcd"[:classes]))
    parts = parts_of(panel, task, examples, seed)
    assert 2 <= len(parts) <= PARTS
    held = np.sum([part.hold for part in parts], axis=0)
    assert (held == 1).all()
    for part in parts:
        assert (part.learn ^ part.hold).all()
        counts = [np.bincount(examples.labels[p.hold], minlength=classes) for p in parts]
    assert (np.ptp(np.array(counts), axis=0) <= 1).all()


def test_rows_of_one_entity_stay_together() -> None:
    panel, _ = random_histories(11, seed=2, shortest=5)
    examples = every_row(panel, 2)
    task = EventTask("within", "fails", within=2)
    for part in parts_of(panel, task, examples, 0):
        series = examples.moments.series
        assert not set(series[part.learn]) & set(series[part.hold])


def test_one_lonely_event_cannot_be_held_out() -> None:
    panel, examples = random_histories(9, seed=3)
    alone = Examples(examples.moments, np.eye(9, dtype=np.int64)[4])
    assert parts_of(panel, DIED, alone, 0) == []


@pytest.mark.parametrize("horizon", [1, 7])
def test_in_time_no_answer_of_one_side_depends_on_the_other(horizon: int) -> None:
    panel, _ = random_histories(1, seed=4, shortest=200, longest=200)
    rows = np.arange(200 - horizon)
    labels = (np.random.default_rng(0).random(len(rows)) < 0.3).astype(np.int64)
    examples = Examples(Origins(np.zeros(len(rows), dtype=np.int64), rows), labels)
    task = EventTask("threshold", "x > 1", horizon=horizon)
    parts = parts_of(panel, task, examples, 0)
    assert len(parts) == PARTS
    for part in parts:
        learned, held = rows[part.learn], rows[part.hold]
        assert np.abs(learned[:, None] - held).min() > horizon

"""What is independent among answers."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.events.units import find_units
from forecast_cli.events import EventTask


def test_all_answers_of_an_entity_are_one_unit_of_its_rarest_class() -> None:
    entity, labels = np.array([3, 3, 7, 7, 9]), np.array([0, 1, 0, 0, 1])
    found = find_units(EventTask("row", "failed"), entity, entity * 0, labels, entity * 0)
    assert found.of_answer.tolist() == [0, 0, 1, 1, 2]
    assert found.group.tolist() == [1, 1, 1]  # the one without the event is not alone
    assert found.rarest == 2  # with a row of the event; two have rows without it as well
    assert found.kind == "entities"


def test_resamples_keep_the_weight_of_every_fold_and_class() -> None:
    entity = np.arange(40)
    labels, fold = (entity % 4 == 0).astype(np.int64), entity % 3
    found = find_units(EventTask("entity", "died"), entity, fold, labels, entity)
    drawn = found.resamples(50, seed=1)
    for group in np.unique(found.group):
        inside = found.group == group
        np.testing.assert_allclose(drawn[:, inside].sum(axis=1), inside.sum())
    assert (drawn == found.resamples(50, seed=1)).all()


def test_a_regular_series_is_cut_into_blocks_of_time_that_all_series_share() -> None:
    task = EventTask("threshold", "load > 1", horizon=6, seasons=(24,))
    times = np.tile(np.arange(960) * 3600, 2)
    entity = np.repeat([0, 1], 960)
    labels = (times % 7 == 0).astype(np.int64)
    found = find_units(task, entity, entity * 0, labels, times)
    assert found.kind == "blocks of 24 steps"
    assert len(found) == 40
    assert (found.of_answer[:960] == found.of_answer[960:]).all()


def test_the_spread_of_a_mean_over_pairs_is_that_of_the_pairs() -> None:
    """A plain bootstrap of two units finds half of it."""
    labels = np.repeat([0, 1], [30, 10])
    fold = np.concatenate([np.arange(30) % 5, np.arange(10) % 5])
    units = find_units(EventTask("entity", "died"), np.arange(40), fold, labels, labels)
    x = np.random.default_rng(0).normal(size=40)
    over = units.resamples(40_000, seed=0) @ np.where(labels == 1, x, 0.0) / 10
    pairs = [x[(labels == 1) & (fold == f)] for f in range(5)]
    exact = sum(4 / 100 * pair.var(ddof=1) / 2 for pair in pairs)
    assert abs(over.var() / exact - 1) < 0.03
    assert units.degrees == 5


def test_a_lonely_event_is_drawn_among_the_others_of_its_fold() -> None:
    labels, fold = np.repeat([0, 1], [20, 6]), np.r_[np.arange(20) % 5, np.arange(6) % 5]
    units = find_units(EventTask("entity", "died"), np.arange(26), fold, labels, labels)
    drawn = units.resamples(100, seed=0)
    for f in range(1, 5):
        inside = fold == f
        assert len(set(units.group[inside].tolist())) == 1
        assert (drawn[:, inside & (labels == 1)] == 0).any()
    assert units.enough


def test_a_fold_of_one_unit_knows_no_spread() -> None:
    each = np.arange(8)
    row = EventTask("row", "failed")
    entity, labels = np.repeat(each, 2), np.tile([0, 1], 8)
    units = find_units(row, entity, entity, labels, entity)
    assert units.rarest == 8
    assert not units.enough


def test_classes_are_counted_by_the_units_that_hold_them() -> None:
    entity = np.repeat(np.arange(40), 10)
    labels = (np.arange(400) % 10 == 9).astype(np.int64) * (entity < 38)
    units = find_units(EventTask("row", "failed"), entity, entity * 0, labels, entity)
    assert units.rarest == 38  # two never have the event, yet all have rows without it
    assert units.enough

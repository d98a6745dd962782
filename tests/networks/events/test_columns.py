"""Columns: scaled by training rows, heavy tails pulled in, labels opened out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.networks.events.columns import FEW, Columns, squashed


def _all(values: np.ndarray) -> np.ndarray:
    return np.isfinite(values)


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20))
def test_squashing_keeps_the_order(numbers: list[float]) -> None:
    ordered = np.sort(numbers)
    assert (np.diff(squashed(ordered)) >= 0).all()


def test_numbers_enter_around_zero_in_units_of_their_spread() -> None:
    values = np.random.default_rng(0).normal(50, 7, (4000, 1))
    scaled, there = Columns.learn(values, _all(values), frozenset()).read(values, _all(values))
    assert there.all()
    assert abs(scaled.mean()) < 0.05
    assert abs(scaled.std() - 1) < 0.08


def test_one_wild_value_does_not_set_the_unit() -> None:
    values = np.random.default_rng(0).normal(size=(1000, 1))
    wild = values.copy()
    wild[0] = 1e12
    calm = Columns.learn(values, _all(values), frozenset()).columns[0]
    other = Columns.learn(wild, _all(wild), frozenset()).columns[0]
    assert abs(other.spread / calm.spread - 1) < 0.02


def test_a_channel_that_never_moved_is_left_out() -> None:
    values = np.stack([np.full(9, 3.0), np.arange(9.0)], axis=1)
    assert Columns.learn(values, _all(values), frozenset()).channels == [1]


def test_a_label_that_training_did_not_know_has_a_column_of_its_own() -> None:
    learned = np.array([[0.0], [1.0], [1.0]])
    columns = Columns.learn(learned, _all(learned), frozenset({0}))
    asked = np.array([[1.0], [7.0], [np.nan]])
    observed = np.array([[True], [True], [True]])
    scaled, _ = columns.read(asked, observed)
    assert scaled.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1]]
    nothing, there = columns.read(asked, ~observed)
    assert not nothing.any()
    assert not there.any()


def test_a_static_code_of_a_few_numbers_is_opened_out_beside_the_number() -> None:
    kind = np.array([[1.0], [2.0], [3.0], [4.0]])
    assert len(Columns.learn(kind, _all(kind), frozenset(), few=FEW)) == 1 + 4 + 1
    many = np.arange(40.0)[:, None]
    assert len(Columns.learn(many, _all(many), frozenset(), few=FEW)) == 1


def test_columns_survive_the_disk() -> None:
    values = np.array([[0.0, 1.5], [1.0, 2.5], [0.0, 9.0]])
    columns = Columns.learn(values, _all(values), frozenset({0}))
    assert Columns.from_json(columns.as_json()) == columns

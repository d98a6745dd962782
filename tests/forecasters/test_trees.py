"""Trees as arrays forecast what scikit-learn's model forecasts; damaged ones are refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingRegressor

from forecast_cli.data.panel import Floats
from forecast_cli.errors import RunError
from forecast_cli.forecasters.trees import Trees, grow, regrow
from forecast_cli.monitor import SILENT, SilentMonitor


@cache
def data(rows: int = 1500) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 4))
    x[rng.random(x.shape) < 0.1] = np.nan
    y = np.nan_to_num(x[:, 0]) + np.sin(3 * np.nan_to_num(x[:, 1])) + 0.1 * rng.normal(size=rows)
    return x, y


@cache
def grown() -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(max_iter=30, early_stopping=False).fit(*data())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.floats(-4, 4), st.just(np.nan)), min_size=4, max_size=4))
def test_any_row_is_answered_as_scikit_learn_answers(row: list[float]) -> None:
    x = np.array([row])
    mine = Trees.of(grown(), 30).predict(x)
    np.testing.assert_array_equal(mine, grown().predict(x))


def test_saved_arrays_answer_the_same_bytes() -> None:
    x, _ = data()
    trees = Trees.of(grown(), 30)
    again = Trees.from_arrays(trees.to_arrays())
    assert again.predict(x).tobytes() == grown().predict(x).tobytes()
    assert again.count == 30
    assert again.n_parameters == sum(len(p.nodes) for (p,) in grown()._predictors)


def test_the_first_trees_are_those_of_a_smaller_model() -> None:
    x, y = data()
    small = HistGradientBoostingRegressor(max_iter=10, early_stopping=False).fit(x, y)
    np.testing.assert_allclose(Trees.of(grown(), 10).predict(x), small.predict(x), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("left", 0), ("left", 10**6), ("right", 0), ("feature_idx", -1)],
    ids=["a loop", "beyond the end", "back", "no feature"],
)
def test_nodes_that_no_walk_could_follow_are_refused(name: str, value: int) -> None:
    arrays = Trees.of(grown(), 3).to_arrays()
    arrays[name] = arrays[name].copy()
    arrays[name][0] = value
    with pytest.raises(RunError, match="damaged"):
        Trees.from_arrays(arrays)


def test_a_row_with_too_few_features_is_refused() -> None:
    with pytest.raises(RunError, match="features"):
        Trees.of(grown(), 30).predict(np.zeros((1, 1)))


def test_noise_grows_the_fewest_trees_and_a_signal_more() -> None:
    x, y = data()
    noise = np.random.default_rng(1).normal(size=len(y))
    assert grow(x[:1000], noise[:1000], x[1000:], noise[1000:], SILENT).count == 50
    assert grow(x[:1000], y[:1000], x[1000:], y[1000:], SILENT).count > 50


def test_a_wish_to_stop_is_heard_between_chunks() -> None:
    class Impatient(SilentMonitor):
        def stop_requested(self) -> bool:
            return True

    x, y = data()
    assert grow(x[:1000], y[:1000], x[1000:], y[1000:], Impatient()).count == 50


def test_a_column_without_a_number_is_no_obstacle() -> None:
    x, y = data()
    empty = np.column_stack([x, np.full(len(x), np.nan)])
    with_it, without = regrow(empty, y, 5), regrow(x, y, 5)
    np.testing.assert_array_equal(with_it.predict(empty), without.predict(x))

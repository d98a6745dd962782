"""Rows of single steps: each column is what it says, and nothing after the origin is in it."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.panel import Origins, Panel
from forecast_cli.forecasters.features import make_layout
from forecast_cli.forecasters.step_features import (
    CYCLES,
    RECENT,
    Steps,
    running_means,
    spread_steps,
)
from tests.conftest import make_panel

M = 24


def view(panel: Panel) -> Steps:
    n = len(panel.channels) - 1 + len(panel.static_names)
    return Steps.of(panel, make_layout(panel, (M,), 7, 1), (M,), np.zeros(n), np.ones(n))


def test_the_columns_are_step_recent_values_and_the_phase_of_the_target() -> None:
    panel = make_panel((200, 150), freq=None)
    origins, steps = Origins(np.array([0, 1]), np.array([180, 320])), np.array([1, 30])
    x = view(panel).features(origins, steps, np.array([2.0, 1.0]))
    y, last = panel.target, panel.target[origins.rows]
    assert x[:, 0].tolist() == [1.0, 30.0]
    np.testing.assert_allclose(x[0, 1 : 1 + RECENT], (y[179:171:-1] - last[0]) / 2, atol=1e-6)
    cycles = slice(1 + RECENT, 1 + RECENT + CYCLES)
    np.testing.assert_allclose(x[0, cycles], (y[157:84:-M][:CYCLES] - last[0]) / 2, atol=1e-6)
    wanted = y[[302, 278, 254, 230]] - last[1]  # 30 ahead: two cycles back at the least
    np.testing.assert_allclose(x[1, cycles], wanted, atol=1e-6)
    mean = y[157:181].mean()
    np.testing.assert_allclose(x[0, -1], (mean - last[0]) / 2, atol=1e-6)


def test_what_lies_before_the_series_is_nan_and_not_of_another_series() -> None:
    panel = make_panel((200, 150), freq=None)
    x = view(panel).features(Origins(np.array([1]), np.array([203])), np.array([2]), np.ones(1))
    assert np.isfinite(x[0, 1:4]).all()
    assert np.isnan(x[0, 4 : 1 + RECENT + CYCLES]).all()


@pytest.mark.parametrize("poison", [np.nan, 1e12])
def test_nothing_after_an_origin_is_in_its_rows(poison: float) -> None:
    panel = make_panel((300,), covariates=("past",), missing=0.1)
    foul = make_panel((300,), covariates=("past",), missing=0.1)
    foul.values[251:], foul.observed[251:] = poison, np.isfinite(poison)
    origins = Origins(np.zeros(40, dtype=np.int64), np.full(40, 250))
    steps = np.arange(1, 41)
    clean, again = (view(p).features(origins, steps, np.ones(40)) for p in (panel, foul))
    np.testing.assert_array_equal(clean, again)


def test_a_covariate_known_ahead_is_read_at_the_target() -> None:
    panel = make_panel((300,), covariates=("future",), freq=None)
    x = view(panel).features(Origins(np.array([0]), np.array([200])), np.array([5]), np.ones(1))
    np.testing.assert_allclose(x[0, -2:], panel.values[[200, 205], 1], atol=1e-6)


def test_running_means_of_a_far_level_keep_their_digits() -> None:
    panel = make_panel((5000,), freq=None)
    far = panel.target + 1e9
    near = running_means(panel, panel.target, (M,))
    np.testing.assert_allclose(running_means(panel, far, (M,)) - 1e9, near, atol=1e-5)
    np.testing.assert_allclose(near[100, 0], panel.target[77:101].mean())


def test_steps_are_spread_over_the_horizon_and_all_are_met_once_where_all_are_asked() -> None:
    panel = make_panel((200,))
    origins = Origins(np.zeros(50, dtype=np.int64), np.arange(50, 100))
    pairs, steps = spread_steps(panel, origins, 12, 12)
    assert (steps.reshape(50, 12) == np.arange(1, 13)).all()
    assert (pairs.rows.reshape(50, 12) == origins.rows[:, None]).all()
    _, few = spread_steps(panel, origins, 12, 3)
    assert (np.diff(few.reshape(50, 3), axis=1) > 0).all()
    assert set(few.tolist()) == set(range(1, 13))

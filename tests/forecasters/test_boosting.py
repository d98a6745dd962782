"""Boosting: what is learned from which rows, how wide it forecasts, when it does not answer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters.boosting import BoostingForecaster, extents, typical_errors
from forecast_cli.forecasters.naive import SeasonalNaive
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=6, seasons=(24,), validation=200)


def bent(length: int = 1500) -> Panel:
    """A series that follows the square of a covariate known ahead: no line can."""
    panel = make_panel((length,), covariates=("future",), seed=5)
    values = panel.values.copy()
    noise = 0.1 * np.random.default_rng(6).normal(size=length)
    values[:, 0] = values[:, 1] ** 2 + noise
    return replace(panel, values=values)


@cache
def fitted() -> BoostingForecaster:
    panel = bent()
    return BoostingForecaster().fit(panel, TASK, panel.ends - 300)


def test_an_effect_that_no_line_follows_is_learned() -> None:
    panel = bent()
    rows = np.arange(1200, 1490)
    origins = Origins(np.zeros(290, dtype=np.int64), rows)
    actual = panel.target[rows[:, None] + np.arange(1, 7)]
    error = np.abs(fitted().forecast(panel, origins).point - actual).mean()
    assert error < 0.4 * np.abs(actual - actual.mean()).mean()


def test_intervals_hold_about_their_share() -> None:
    panel = bent()
    rows = np.arange(1200, 1490)
    forecast = fitted().forecast(panel, Origins(np.zeros(290, dtype=np.int64), rows))
    actual = panel.target[rows[:, None] + np.arange(1, 7)]
    inside = (actual >= forecast.values[:, :, 1]) & (actual <= forecast.values[:, :, 3])
    assert 0.7 < inside.mean() < 0.92  # of 80 %


def test_other_covariates_are_refused_by_name() -> None:
    plain = make_panel((1500,))
    past = replace(bent(), roles=("target", "past"))
    for panel, given in ((plain, "none"), (past, r"x0 \(past\)")):
        with pytest.raises(DataError, match=rf"boosting: .* x0 \(future\); the data have {given}"):
            fitted().forecast(panel, Origins(np.array([0]), np.array([1250])))


def test_too_little_history_is_answered_by_the_seasonal_naive_and_told() -> None:
    panel = make_panel((20,))
    origins = Origins(np.array([0]), panel.ends - 7)
    forecast = BoostingForecaster().fit(panel, TASK, panel.ends - 6).forecast(panel, origins)
    simple = SeasonalNaive().fit(panel, TASK, panel.ends - 6).forecast(panel, origins)
    np.testing.assert_array_equal(forecast.values, simple.values)
    assert "too little history" in forecast.fallbacks[0]
    assert forecast.replaced[0].by == "seasonal-naive"


def test_without_a_validation_block_it_forecasts_all_the_same() -> None:
    panel = make_panel((300, 250))
    task = Task(horizon=6, seasons=(24,))
    model = BoostingForecaster(Settings()).fit(panel, task, panel.ends - 20)
    origins = Origins(np.array([0, 1]), panel.ends - 20)
    actual = panel.target[origins.rows[:, None] + np.arange(1, 7)]
    assert np.abs(model.forecast(panel, origins).point - actual).mean() < 1.5


def test_quantiles_of_a_step_are_those_of_its_own_errors_where_they_are_enough() -> None:
    rng = np.random.default_rng(0)
    steps = np.repeat([1, 2], 5000)
    errors = rng.normal(size=10_000) * steps
    shape = typical_errors(errors, steps, Task(horizon=2))
    np.testing.assert_allclose(shape[0], [-1.96, -1.28, 0, 1.28, 1.96], atol=0.15)
    np.testing.assert_allclose(shape[1], 2 * shape[0], atol=0.3)


def test_the_order_of_errors_does_not_matter_though_those_of_other_steps_are_borrowed() -> None:
    rng = np.random.default_rng(1)
    steps, errors = np.tile(np.arange(1, 13), 60), rng.normal(size=720)
    rising = np.argsort(errors)
    some, same = (
        typical_errors(errors[order], steps[order], Task(horizon=12))
        for order in (rising, rng.permutation(720))
    )
    np.testing.assert_array_equal(some, same)
    around = errors[(steps >= 4) & (steps <= 8)]  # 300 with two on either side, 180 with one
    assert some[5, 4] == np.quantile(around, 0.975, method="weibull")


def test_few_errors_give_gaussian_quantiles_and_an_interval_holds_its_point() -> None:
    shape = typical_errors(np.full(10, 2.0), np.ones(10, dtype=np.int64), Task(horizon=3))
    np.testing.assert_allclose(shape[:, 4], 2 * 1.96, atol=0.01)
    biased = typical_errors(np.full(100, 2.0), np.ones(100, dtype=np.int64), Task(horizon=1))
    assert biased[0].tolist() == [0.0, 0.0, 0.0, 2.0, 2.0]


def test_the_extent_of_a_series_without_history_is_none() -> None:
    panel = make_panel((50, 60)).until(np.array([50, 50]))
    assert extents(panel).tolist() == [np.ptp(panel.target[:50]), 0.0]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_large_panel_costs_no_more_than_a_bounded_one() -> None:
    """MOST_PAIRS bounds the rows: ten times the data have as many."""
    from forecast_cli.forecasters.boosting import MOST_PAIRS, gather
    from forecast_cli.forecasters.features import make_layout, windows
    from forecast_cli.forecasters.step_features import Steps

    panel = make_panel((20_000,) * 12)
    layout = make_layout(panel, (24,), 24, 24)
    steps = Steps.of(panel, layout, (24,), np.zeros(0), np.ones(0))
    pairs = gather(steps, windows(panel, layout, 24, MOST_PAIRS), 24, MOST_PAIRS, np.ones(12))
    assert 0.9 * MOST_PAIRS < len(pairs.y) < 1.1 * MOST_PAIRS


@pytest.mark.parametrize("length", [1, 3])
def test_a_series_of_hardly_any_values_claims_no_certainty(length: int) -> None:
    """One value moves nowhere yet: the rule answers and that is listed."""
    panel = make_panel((300, 300, 12 + length))
    until = panel.ends - 12
    model = BoostingForecaster().fit(panel, Task(horizon=12, seasons=(24,)), until)
    forecast = model.forecast(panel, Origins(np.array([2]), until[2:] - 1))
    values = forecast.values[0]
    own = panel.target[panel.starts[2] : until[2]]
    expected = np.abs(np.diff(own)).mean() if length > 1 else abs(own[0])
    assert (values[:, -1] - values[:, 0] > 0.5 * expected).all()
    assert bool(forecast.replaced) == (length == 1)

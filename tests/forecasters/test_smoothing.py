"""The recursion against statsmodels' own forecasts, and its laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.data.panel import Floats
from forecast_cli.forecasters.smoothing import (
    Smoothing,
    forecast_all,
    join_late,
    run,
    spread,
)

HORIZON = 30
SEASON = 12
CYCLE = 0.1 * np.sin(np.arange(SEASON))
SHAPES = {
    f"{trend} trend, {season} season": Smoothing(
        alpha=0.3,
        beta=0.1 if phi else 0.0,
        gamma=0.0 if cycle.size == 0 else 0.2,
        phi=phi,
        level=9.0,
        slope=0.05 if phi else 0.0,
        season=cycle,
        multiplies=season == "multiplicative",
    )
    for trend, phi in (("no", 0.0), ("additive", 1.0), ("damped", 0.9))
    for season, cycle in (("no", CYCLE[:0]), ("additive", CYCLE), ("multiplicative", 1 + CYCLE))
}
shapes = pytest.mark.parametrize("shape", SHAPES)


def history(length: int = 150) -> Floats:
    rng = np.random.default_rng(0)
    t = np.arange(length)
    y: Floats = 10 + 0.03 * t + np.sin(2 * np.pi * t / SEASON) + 0.3 * rng.normal(size=length)
    return y


def by_the_letter(model: Smoothing, y: Floats, horizon: int) -> Floats:
    """[H] forecasts from the end of y, one step after the other."""
    level, slope, season = model.level, model.slope, list(model.season)
    for value in y:
        base = level + model.phi * slope
        index = season.pop(0) if season else float(model.multiplies)
        times = index if model.multiplies else 1.0
        e = value - (base * index if model.multiplies else base + index)
        level, slope = base + model.alpha * e / times, model.phi * slope + model.beta * e / times
        if len(model.season):
            season.append(index + model.gamma * e / (level if model.multiplies else 1.0))
    point = np.empty(horizon)
    for h in range(horizon):
        level, slope = level + model.phi * slope, model.phi * slope
        index = season[h % len(season)] if season else 0.0
        point[h] = level * index if model.multiplies else level + index
    return point


@shapes
def test_forecasts_are_those_of_statsmodels(shape: str) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model, y = SHAPES[shape], history()
    trend, season = model.phi > 0, len(model.season) > 0
    theirs = ETSModel(
        y,
        trend="add" if trend else None,
        damped_trend=0 < model.phi < 1,
        seasonal=("mul" if model.multiplies else "add") if season else None,
        seasonal_periods=SEASON if season else None,
        initialization_method="known",
        initial_level=model.level,
        initial_trend=model.slope if trend else None,
        initial_seasonal=model.season if season else None,
    )
    weights = [model.alpha, model.beta, model.gamma, model.phi]
    asked = [True, trend, season, 0 < model.phi < 1]
    fitted = theirs.smooth([w for w, a in zip(weights, asked, strict=True) if a])
    states = run(model, y)
    np.testing.assert_allclose(states.fitted, fitted.fittedvalues, rtol=1e-12)
    point = forecast_all(model, states, np.array([len(y) - 1]), HORIZON)
    np.testing.assert_allclose(point[0], fitted.forecast(HORIZON), rtol=1e-10)


@shapes
def test_every_origin_is_forecast_as_if_the_series_ended_there(shape: str) -> None:
    model, y = SHAPES[shape], history()
    at = np.array([0, 1, 11, 12, 13, 60, 149])
    together = forecast_all(model, run(model, y), at, HORIZON)
    for o, row in enumerate(at):
        alone = by_the_letter(model, y[: row + 1], HORIZON)
        np.testing.assert_allclose(together[o], alone, rtol=1e-10)


@pytest.mark.parametrize("shape", [s for s in SHAPES if not SHAPES[s].multiplies])
def test_the_spread_is_what_single_errors_do_to_later_forecasts(shape: str) -> None:
    model, y = SHAPES[shape], history()
    at = np.array([100])
    moved = y.copy()
    moved[100] += 1.0
    moved[101:] = 0.0  # a later value that reached the forecast would show
    before, after = (forecast_all(model, run(model, z), at, HORIZON)[0] for z in (y, moved))
    weights = np.r_[1.0, (after - before)[:-1]]
    np.testing.assert_allclose(spread(model, HORIZON), np.sqrt(np.cumsum(weights**2)), rtol=1e-8)


@shapes
def test_a_series_that_lacks_its_first_rows_keeps_its_phase(shape: str) -> None:
    model, y = replace(SHAPES[shape], gamma=0.0), history(600)
    late = 5 * SEASON + 7
    part = y[late:]
    joined = join_late(model, late, part)
    whole = forecast_all(model, run(model, y), np.array([599]), HORIZON)
    cut = forecast_all(joined, run(joined, part), np.array([599 - late]), HORIZON)
    np.testing.assert_allclose(cut, whole, rtol=1e-6)


def test_parameters_bring_the_recursion_back() -> None:
    model = SHAPES["damped trend, multiplicative season"]
    again = Smoothing.from_parameters(model.to_parameters())
    y = history()
    at = np.arange(len(y))
    np.testing.assert_array_equal(
        forecast_all(again, run(again, y), at, 3), forecast_all(model, run(model, y), at, 3)
    )


def test_a_season_that_multiplies_ends_at_the_first_value_that_is_not_positive() -> None:
    """And no state before it knows of it."""
    rng = np.random.default_rng(0)
    season = np.array([0.8, 1.0, 1.2, 1.0])
    model = Smoothing(0.3, 0.0, 0.1, 0.0, 10.0, 0.0, season, multiplies=True)
    y = 10 + rng.random(40)
    whole = run(model, y)
    for at in (0, 1, 25):
        broken = y.copy()
        broken[at] = 0.0
        states = run(model, broken)
        np.testing.assert_array_equal(states.level[:at], whole.level[:at])
        assert np.isnan(states.level[at:]).all()
        assert len(states.season) == len(whole.season)

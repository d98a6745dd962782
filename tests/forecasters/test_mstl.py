"""MSTL against statsmodels' own, the smoothing of its rest against statsmodels' ETS."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.seasonal import MSTL, STL

from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats
from forecast_cli.forecasters.local import NoFit, Series, measured
from forecast_cli.forecasters.mstl import MstlForecaster, damped, decompose, simple, smooth
from forecast_cli.task import Task


def series(y: Floats, seasons: tuple[int, ...], first: int = 0) -> Series:
    return Series(np.round(y, 8), np.ones(len(y), dtype=bool), first, seasons)


def two_seasons(length: int = 900) -> Floats:
    t = np.arange(length)
    noise = 0.1 * np.random.default_rng(0).normal(size=length)
    return np.sin(2 * np.pi * t / 12) + 0.5 * np.cos(2 * np.pi * t / 60) + noise


def test_the_decomposition_without_jumps_is_that_of_statsmodels() -> None:
    y = two_seasons()
    theirs = MSTL(y, periods=(12, 60)).fit().seasonal
    np.testing.assert_allclose(decompose(y, (12, 60), jump=0.0), theirs, atol=1e-10)
    single = STL(y, period=12, seasonal=11).fit().seasonal
    np.testing.assert_allclose(decompose(y, (12,), jump=0.0)[:, 0], single, atol=1e-10)


def test_jumps_hardly_change_the_decomposition() -> None:
    y = two_seasons()
    exact, fast = decompose(y, (12, 60), jump=0.0), decompose(y, (12, 60))
    assert np.abs(fast - exact).max() < 0.02


@pytest.mark.parametrize(
    ("polynomials", "u", "options"),
    [
        (simple, [0.4], {}),
        (damped, [0.4, -0.5, 0.3], {"trend": "add", "damped_trend": True}),
    ],
    ids=["simple", "damped"],
)
def test_the_polynomials_are_those_of_exponential_smoothing(
    polynomials: object, u: list[float], options: dict[str, object]
) -> None:
    from scipy.signal import lfilter

    assert callable(polynomials)
    share = 1 / (1 + np.exp(-np.array(u)))
    y = two_seasons(200).cumsum()
    theirs = ETSModel(
        y,
        error="add",
        initialization_method="known",
        initial_level=y[0],
        initial_trend=0.0 if options else None,
        **options,
    )
    weights = [share[0]]
    if options:
        weights = [share[0], share[0] * share[1], 0.8 + 0.18 * share[2]]
    errors = theirs.smooth([*weights, y[0], 0.0] if options else [*weights, y[0]]).resid
    ar, ma = polynomials(np.array(u))
    np.testing.assert_allclose(lfilter(ar, ma, y - y[0]), errors, atol=1e-8)


def test_the_weight_of_a_random_walk_is_one_and_that_of_noise_is_near_zero() -> None:
    noise = np.random.default_rng(1).normal(size=800)
    assert smooth(noise.cumsum()).ma[0] > -0.15
    assert smooth(noise).ma[0] < -0.95


def test_a_forecast_is_the_last_cycle_of_each_season_and_a_level() -> None:
    t = np.arange(600)
    y = np.sin(2 * np.pi * t / 12) + 0.5 * np.cos(2 * np.pi * t / 60)
    model = MstlForecaster(Settings(workers=1))
    for first in (0, 7):
        given = series(y, (12, 60), first)
        found = model.estimate(given)
        ahead = model.points(found, given, np.array([599]), 60)[0]
        t_ahead = np.arange(600, 660)
        wanted = np.sin(2 * np.pi * t_ahead / 12) + 0.5 * np.cos(2 * np.pi * t_ahead / 60)
        np.testing.assert_allclose(ahead, wanted, atol=0.05)


def test_a_season_without_two_cycles_is_left_out() -> None:
    model = MstlForecaster(Settings(workers=1))
    assert model.estimate(series(two_seasons(100), (12, 60)))["seasons"].tolist() == [12]
    assert model.estimate(series(two_seasons(20), (12, 60)))["seasons"].tolist() == []


def test_fewer_than_ten_values_have_no_fit() -> None:
    with pytest.raises(NoFit, match="fewer than 10"):
        MstlForecaster().estimate(series(two_seasons(9), (12,)))


def test_a_step_adds_to_the_deviation() -> None:
    model = MstlForecaster(Settings(workers=1))
    found = model.estimate(series(two_seasons(), (12, 60)))
    assert (np.diff(model.deviation(found, 10)) >= 0).all()


@pytest.mark.parametrize("length", [26, 36, 96])
def test_few_cycles_do_not_flatter_the_errors(length: int) -> None:
    """STL follows the noise of two or three cycles; errors to come have no such help."""
    model, t = MstlForecaster(Settings(workers=1)), np.arange(length + 1)
    wave, told, came = np.sin(2 * np.pi * t / 12), [], []
    for noise in np.random.default_rng(0).normal(size=(60, length + 1)):
        y = wave + noise
        given = series(y[:length], (12,))
        found = model.estimate(given)
        point = model.points(found, given, np.array([length - 1]), 1)[0, 0]
        told.append(float(found["sigma"][0]))
        came.append(y[length] - point)
    assert 0.5 < np.mean(told) / np.std(came) < 1.6


def test_a_trend_that_the_filter_must_find_first_does_not_widen_the_intervals() -> None:
    """A line with noise of spread 2: the steps of a first slope of 0 are no errors of the model."""
    rows = np.arange(120)
    noise = np.random.default_rng(0).normal(0, 2, 120)
    y = 100 + 0.3 * rows + 10 * np.sin(2 * np.pi * rows / 12) + noise
    model, task = MstlForecaster(), Task(horizon=12, seasons=(12,))
    seen = series((y - y.mean()) / y.std(), (12,))
    errors = y.std() * measured(model, model.estimate(seen), seen, task)  # [H, Q]
    assert 4 < errors[0, -1] - errors[0, 0] < 12
    assert 4 < errors[-1, -1] - errors[-1, 0] < 14

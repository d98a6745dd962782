"""Exponential smoothing against the published forecasts of the same methods, and at odds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.data.panel import Floats
from forecast_cli.forecasters.exponential import ETS, SES, Damped, Holt
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Series
from forecast_cli.forecasters.theta import DynamicTheta, Theta
from tests.forecasters.conftest import M4, Competition, final, mase, smape

ALL = (SES, Holt, Damped, ETS, Theta, DynamicTheta)


def series_of(y: Floats, season: int = 1, first: int = 0) -> Series:
    return Series(y, np.ones(len(y), dtype=bool), first, (season,))


def odd_series(kind: str, length: int, seed: int) -> Floats:
    """A series as users bring it, in units of its spread."""
    rng = np.random.default_rng(seed)
    noise: Floats = rng.normal(size=length)
    y: Floats = {
        "noise": noise,
        "level far from zero": 1e6 + noise,
        "walk": np.cumsum(noise),
        "growth": np.exp(np.linspace(0, 9, length)),
        "intermittent": (rng.random(length) < 0.1) * np.abs(noise),
        "nearly zero": 1e-7 + np.abs(noise) * (rng.random(length) < 0.3),
        "outlier": noise + 100 * (np.arange(length) == length // 2),
        "step": noise * 0.01 + 5.0 * (np.arange(length) > length // 2) + 1,
        "season": 5 + np.sin(np.arange(length) * np.pi / 6) + 0.1 * noise,
    }[kind]
    return np.round(y / max(float(np.std(y)), 1e-9), 8)


@pytest.mark.parametrize("method", ALL, ids=lambda m: str(m.name))
@pytest.mark.parametrize(
    "kind",
    [
        "noise", "level far from zero", "walk", "growth", "intermittent", "nearly zero",
        "outlier", "step", "season",
    ],
)  # fmt: skip
@given(length=st.integers(1, 70), seed=st.integers(0, 99))
@settings(max_examples=4, deadline=None)
def test_odd_series_are_answered_with_numbers_or_refused(
    method: type[LocalForecaster], kind: str, length: int, seed: int
) -> None:
    model = method()
    series = series_of(odd_series(kind, length, seed), 12)
    try:
        parameters = model.estimate(series)
    except NoFit:
        return
    point = model.points(parameters, series, np.arange(length), 15)
    assert point.shape == (length, 15)
    assert np.isfinite(point).all()
    deviation = model.deviation(parameters, 15)
    assert np.isfinite(deviation).all()
    assert (np.diff(deviation) >= 0).all()


@pytest.mark.parametrize("method", ALL, ids=lambda m: str(m.name))
def test_too_few_values_are_refused(method: type[LocalForecaster]) -> None:
    with pytest.raises(NoFit, match="3 values are too few"):
        method().estimate(series_of(np.array([1.0, 2.0, 4.0])))


@pytest.mark.parametrize("method", ALL, ids=lambda m: str(m.name))
def test_a_panel_that_begins_later_is_forecast_in_phase(method: type[LocalForecaster]) -> None:
    t = np.arange(400)
    y = 10 + 3 * np.sin(2 * np.pi * t / 12) + 0.2 * np.random.default_rng(0).normal(size=400)
    model = method()
    parameters = model.estimate(series_of(y[:200], 12))
    whole = model.points(parameters, series_of(y, 12), np.array([390]), 12)
    part = model.points(parameters, series_of(y[205:], 12, first=205), np.array([185]), 12)
    np.testing.assert_allclose(part, whole, atol=0.5)


def test_a_damped_slope_dies_away_and_a_free_one_does_not() -> None:
    y = np.arange(40.0) + 0.1 * np.random.default_rng(0).normal(size=40)
    series = series_of(y)
    free, damped = (
        m.points(m.estimate(series), series, np.array([39]), 60)[0] for m in (Holt(), Damped())
    )
    np.testing.assert_allclose(np.diff(free), 1.0, atol=0.05)
    steps = np.diff(damped)
    assert (steps[1:] < steps[:-1]).all()
    assert steps[-1] < 0.6


def test_ets_has_a_season_of_its_own_where_it_is_short_and_takes_it_out_where_it_is_long() -> None:
    rng = np.random.default_rng(0)
    for season, own in ((12, True), (60, False)):
        t = np.arange(6 * season)
        y = 10 + 3 * np.sin(2 * np.pi * t / season) + 0.2 * rng.normal(size=len(t))
        model = ETS()
        series = series_of(y, season)
        parameters = model.estimate(series)
        assert len(parameters["season"]) == (season if own else 0)
        assert len(parameters["indices"]) == (0 if own else season)
        ahead = t[-1] + np.arange(1, season + 1)
        point = model.points(parameters, series, t[-1:], season)[0]
        np.testing.assert_allclose(point, 10 + 3 * np.sin(2 * np.pi * ahead / season), atol=0.8)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "published", "worse"),
    [("ses", "SINGLE", 1.0), ("holt", "HOLT", 1.02), ("damped", "DAMPEN", 1.0)],
)
def test_m3_scores_are_no_worse_than_the_published_forecasts(
    m3_monthly: Competition, name: str, published: str, worse: float
) -> None:
    score = m3_monthly.smape(final(name, m3_monthly.panel, 18, 12))
    assert score <= worse * m3_monthly.smape(m3_monthly.published[published])


@pytest.mark.shared_data
@pytest.mark.slow
def test_ses_has_the_published_scores_on_m4_hourly(m4_hourly: M4) -> None:
    panel, actual = m4_hourly
    point = final("ses", panel, 48, 24)
    assert smape(point, actual) == pytest.approx(18.094, abs=0.005)
    assert mase(panel, point, actual) == pytest.approx(2.385, abs=0.002)


@pytest.mark.shared_data
@pytest.mark.slow
def test_ets_is_near_the_commercial_program_on_m3(m3_monthly: Competition) -> None:
    score = m3_monthly.smape(final("ets", m3_monthly.panel, 18, 12))
    assert score <= 1.02 * m3_monthly.smape(m3_monthly.published["ForecastPro"])


@pytest.mark.shared_data
@pytest.mark.slow
def test_ets_on_m4_hourly_stays_as_good_as_it_was_measured(m4_hourly: M4) -> None:
    panel, actual = m4_hourly
    assert mase(panel, final("ets", panel, 48, 24), actual) < 1.65

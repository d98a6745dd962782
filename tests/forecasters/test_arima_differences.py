"""The KPSS statistic against statsmodels', and which series are differenced how often."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.forecasters.arima_differences import (
    difference,
    kpss,
    may_drift,
    seasonal_differences,
)


@given(st.integers(10, 400), st.floats(-0.95, 1.0), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_statistic_is_that_of_statsmodels(length: int, memory: float, seed: int) -> None:
    from scipy.signal import lfilter
    from statsmodels.tsa.stattools import kpss as theirs

    w = lfilter([1.0], [1.0, -memory], np.random.default_rng(seed).normal(size=length))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs(w, regression="c", nlags="auto")[0]
    assert kpss(w) == pytest.approx(expected, rel=1e-9)


def test_what_comes_out_is_differenced_as_often_as_is_said() -> None:
    rng = np.random.default_rng(0)
    y = 50 * np.sin(2 * np.pi * np.arange(240) / 12)
    y += 0.1 * rng.normal(size=240).cumsum().cumsum()
    w, ordinary, seasonal = difference(y, 12)
    assert (ordinary, seasonal) == (1, 1)
    np.testing.assert_array_equal(w, np.diff(y[12:] - y[:-12]))


def test_a_strong_season_is_differenced_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    wave = 5 * np.sin(2 * np.pi * np.arange(240) / 12)
    assert seasonal_differences(wave + rng.normal(size=240), 12) == 1
    assert seasonal_differences(rng.normal(size=240), 12) == 0
    assert seasonal_differences(wave[:20], 12) == 0


def test_a_random_walk_is_differenced_and_a_stable_series_is_not() -> None:
    shocks = np.random.default_rng(1).normal(size=(20, 800))
    walks = [difference(y.cumsum(), 1)[1] for y in shocks]
    stable = [difference(y, 1)[1] for y in shocks]
    assert walks.count(0) <= 3
    assert stable.count(0) >= 17  # the test errs once in twenty times


def test_two_differences_are_taken_only_where_allowed() -> None:
    curve = np.random.default_rng(2).normal(size=300).cumsum().cumsum()
    curve /= curve.std()
    assert difference(curve, 1)[1] == 2
    assert difference(curve, 1, may_bend=False)[1] == 1


@pytest.mark.parametrize(
    ("ordinary", "seasonal", "season", "length", "allowed"),
    [
        (0, 0, 12, 50, True),
        (1, 0, 12, 239, False),
        (0, 1, 12, 239, False),
        (0, 1, 12, 240, True),
        (1, 1, 12, 240, False),
        (1, 0, 1, 50, True),
        (2, 0, 1, 50, False),
    ],
)
def test_a_drift_for_ever_needs_one_difference_and_many_seasons_or_none(
    ordinary: int, seasonal: int, season: int, length: int, allowed: bool
) -> None:
    assert may_drift(ordinary, seasonal, season, length) == allowed

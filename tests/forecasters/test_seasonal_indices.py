"""Classical decomposition against statsmodels', and the test that decides on it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.data.panel import Floats
from forecast_cli.forecasters.local import Series
from forecast_cli.forecasters.seasonal_indices import (
    Indices,
    classical_indices,
    find_indices,
    is_seasonal,
)


def wave(length: int, season: int, level: float = 10.0, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    t = np.arange(length)
    y: Floats = level + 3 * np.sin(2 * np.pi * t / season) + 0.02 * t
    return y + 0.3 * rng.normal(size=length)


def series_of(y: Floats, season: int, first: int = 0) -> Series:
    return Series(y, np.ones(len(y), dtype=bool), first, (season,))


@pytest.mark.parametrize("season", [2, 3, 4, 7, 12, 24])
@pytest.mark.parametrize("multiply", [True, False])
def test_indices_are_those_of_statsmodels(season: int, multiply: bool) -> None:
    from statsmodels.tsa.seasonal import seasonal_decompose

    y = wave(5 * season + 3, season)
    model = "multiplicative" if multiply else "additive"
    theirs = seasonal_decompose(y, model=model, period=season).seasonal[:season]
    np.testing.assert_allclose(classical_indices(y, season, multiply=multiply), theirs, rtol=1e-10)


@given(
    first=st.integers(0, 500),
    season=st.integers(2, 30),
    level=st.sampled_from([0.0, 10.0]),
    length=st.integers(90, 140),
)
@settings(max_examples=40, deadline=None)
def test_a_season_that_was_removed_can_be_put_back(
    first: int, season: int, level: float, length: int
) -> None:
    series = series_of(wave(length, season, level), season, first)
    indices = find_indices(series)
    rows = first + np.arange(length)
    back = indices.put_back(indices.remove(series.y, rows), rows)
    np.testing.assert_allclose(back, series.y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cut", [1, 5, 11, 12, 29])
def test_indices_belong_to_the_phase_of_the_whole_series(cut: int) -> None:
    y = 10 + np.tile(np.arange(12.0), 12)
    whole = find_indices(series_of(y, 12))
    part = find_indices(series_of(y[cut:], 12, first=cut))
    assert int(np.argmax(whole.values)) == 11
    np.testing.assert_allclose(part.values, whole.values, atol=0.05)


def test_a_season_is_found_where_there_is_one_and_only_there() -> None:
    noise = np.random.default_rng(1).normal(size=300)
    assert is_seasonal(wave(120, 12), 12)
    assert not is_seasonal(noise, 12)
    assert not is_seasonal(wave(120, 12), 1)
    assert not is_seasonal(wave(35, 12), 12)  # fewer than three seasons
    assert not is_seasonal(np.full(120, 1e6 + 0.1), 12)


@pytest.mark.parametrize("low", [0.0, -1.0, 1e-9])
def test_indices_are_added_where_values_are_not_clearly_positive(low: float) -> None:
    y = wave(96, 12)
    assert find_indices(series_of(y, 12)).multiply
    y[::12] = low
    found = find_indices(series_of(y, 12))
    assert len(found.values) == 12
    assert not found.multiply


def test_parameters_bring_the_indices_back() -> None:
    found = find_indices(series_of(wave(96, 12), 12))
    again = Indices.from_parameters(found.to_parameters())
    assert again.multiply == found.multiply
    np.testing.assert_array_equal(again.values, found.values)

"""Strength of season and predictability: right on series whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.evaluation.regularity import predictability, seasonal_strength


def noise(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=rows)


@pytest.mark.parametrize("season", [24, 60, 168])
@pytest.mark.parametrize("size", [0.5, 1.0, 3.0])
def test_the_strength_of_a_season_is_its_share_of_the_variance(season: int, size: float) -> None:
    t = np.arange(20 * season)
    wave = size * np.sqrt(2) * np.sin(2 * np.pi * t / season)
    expected = size**2 / (1 + size**2)
    found = seasonal_strength(wave + noise(len(t)) + 0.01 * t, season)
    assert found == pytest.approx(expected, abs=0.08)


def test_only_the_latest_cycles_count_and_gaps_are_bridged() -> None:
    t = np.arange(40 * 12)
    y = np.where(t < 240, noise(480), np.sin(2 * np.pi * t / 12))
    y[300:303] = np.nan
    assert seasonal_strength(y, 12) > 0.9
    assert seasonal_strength(y, 12, cycles=30) < 0.9


@pytest.mark.parametrize(
    ("y", "season"),
    [
        (noise(50), 1),
        (noise(50), 26),
        (np.full(50, np.nan), 5),
        (np.where(np.arange(50) % 3, np.nan, 1.0), 5),
        (np.full(50, 2.0), 5),
        (np.zeros(0), 5),
    ],
    ids=["no season", "less than two cycles", "nothing", "mostly gaps", "constant", "empty"],
)
def test_what_has_no_strength_is_nan(y: np.ndarray, season: int) -> None:
    assert np.isnan(seasonal_strength(y, season))


@pytest.mark.parametrize("rows", [64, 300, 2000])
def test_white_noise_has_no_predictability_and_a_wave_much(rows: int) -> None:
    of_noise = [predictability(noise(rows, seed), 24) for seed in range(40)]
    assert np.mean(of_noise) < 0.03
    wave = np.sin(2 * np.pi * np.arange(rows) / 12)
    assert predictability(wave, 24) > 0.6
    assert predictability(wave + 3 * noise(rows), 24) < predictability(wave + noise(rows), 24)


@settings(max_examples=30, deadline=None)
@given(
    factor=st.floats(1e-3, 1e3),
    shift=st.floats(-1e3, 1e3),
    trend=st.floats(-1, 1),
    seed=st.integers(0, 100),
)
def test_unit_level_and_trend_change_no_predictability(
    factor: float, shift: float, trend: float, seed: int
) -> None:
    y = np.cumsum(noise(300, seed))
    line = factor * trend * np.arange(300)
    assert predictability(factor * y + shift + line) == pytest.approx(predictability(y), abs=1e-6)


def test_too_short_or_constant_series_have_no_predictability() -> None:
    assert np.isnan(predictability(noise(15)))
    assert np.isnan(predictability(np.full(100, 7.0)))
    assert np.isnan(predictability(np.full(100, np.nan)))

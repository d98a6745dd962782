"""Dynamic harmonic regression against SARIMAX with the same regressors, and its choices."""

from __future__ import annotations

import time

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Origins
from forecast_cli.forecasters.fourier_arma import (
    FourierArmaForecaster,
    candidates,
    fourier,
    running_mean,
)
from forecast_cli.forecasters.local import NoFit, Parameters, Series
from forecast_cli.task import Task
from tests.conftest import make_panel

HORIZON = 30


def series(y: Floats, seasons: tuple[int, ...], first: int = 0) -> Series:
    return Series(np.round(y, 8), np.ones(len(y), dtype=bool), first, seasons)


def weekly(length: int = 2000, walk: float = 0.0, seed: int = 0) -> Floats:
    """Two harmonics of 24 and one of 168 steps, with AR(1) errors, or with a random walk."""
    rng = np.random.default_rng(seed)
    t, e = np.arange(length), rng.normal(size=length)
    errors = np.zeros(length)
    for i in range(1, length):
        errors[i] = 0.7 * errors[i - 1] + e[i]
    wave = np.sin(2 * np.pi * t / 24) + 0.5 * np.cos(4 * np.pi * t / 24)
    wave += 0.6 * np.sin(2 * np.pi * t / 168)
    return wave + 0.2 * errors + walk * rng.normal(size=length).cumsum()


def estimate(y: Floats, seasons: tuple[int, ...]) -> tuple[FourierArmaForecaster, Parameters]:
    model = FourierArmaForecaster(Settings(workers=1))
    return model, model.estimate(series(y, seasons))


@pytest.mark.parametrize("walk", [0.0, 0.1], ids=["stationary", "random walk"])
def test_the_forecast_equals_that_of_sarimax_with_the_same_regressors(walk: float) -> None:
    y = weekly(walk=walk)
    model, found = estimate(y, (24, 168))
    p, d, q = found["order"][:3].tolist()
    assert d == (1 if walk else 0)
    rows = np.arange(len(y) + HORIZON)
    waves = fourier(found["cycles"], rows)
    level, drift = float(found["level"]), float(found["drift"])
    if d == 0:
        rest = (np.round(y, 8) - waves[: len(y)] @ found["effects"] - level).mean()
        level += rest  # the mean of all that was seen
    oracle = SARIMAX(
        np.round(y, 8) - level,
        exog=waves[: len(y)],
        order=(p, d, q),
        trend="c",
        measurement_error=False,
    )
    by_name = dict.fromkeys(oracle.param_names, 0.0)
    by_name["intercept"] = drift
    # The AR polynomial holds the differences; SARIMAX wants it without.
    ar = np.r_[1.0, -found["ar"]]
    inner = np.polydiv(ar, [1.0, -1.0])[0] if d else ar
    params = [drift, *found["effects"], *-inner[1:], *found["ma"], float(found["sigma"]) ** 2]
    assert len(params) == len(by_name)
    theirs = oracle.filter(params).forecast(HORIZON, exog=waves[len(y) :]) + level
    mine = model.points(found, series(y, (24, 168)), np.array([len(y) - 1]), HORIZON)[0]
    np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_the_harmonics_that_are_there_are_found_and_few_others() -> None:
    _, found = estimate(weekly(), (24, 168))
    size = np.hypot(found["effects"][0::2], found["effects"][1::2])
    strength = {tuple(c): s for c, s in zip(found["cycles"].tolist(), size, strict=True)}
    assert strength[1, 24] == pytest.approx(1.0, abs=0.05)
    assert strength[2, 24] == pytest.approx(0.5, abs=0.05)
    assert strength[1, 168] == pytest.approx(0.6, abs=0.1)
    assert len(strength) <= 8


@pytest.mark.parametrize("season", [4, 12])
def test_what_goes_up_and_down_by_turns_is_a_cosine_of_its_own(season: int) -> None:
    rows = np.arange(240)
    y = np.where(rows % 2 == 0, 1.0, -1.0) + 0.1 * np.random.default_rng(0).normal(size=240)
    model, found = estimate(y, (season,))
    assert found["cycles"][-1].tolist() == [season // 2, season]
    np.testing.assert_allclose(found["effects"][-2:], [0.0, 1.0], atol=0.05)
    ahead = model.points(found, series(y, (season,)), np.array([239]), 4)[0]
    np.testing.assert_allclose(ahead, [1.0, -1.0, 1.0, -1.0], atol=0.1)


def test_no_frequency_is_offered_twice() -> None:
    groups = candidates((24, 168, 8766), 2000)
    assert [len(group) for group in groups] == [0, 12, 62]  # 8766 lacks a second cycle
    frequencies = np.concatenate([group[:, 0] / group[:, 1] for group in groups])
    assert len(np.unique(frequencies.round(9))) == len(frequencies)
    assert frequencies.max() == 0.5


def test_a_cut_history_keeps_its_phase() -> None:
    y = weekly()
    model, found = estimate(y, (24, 168))
    whole = model.points(found, series(y, (24, 168)), np.array([1999]), HORIZON)
    cut = model.points(found, series(y[500:], (24, 168), 500), np.array([1499]), HORIZON)
    np.testing.assert_allclose(cut, whole, atol=0.02)  # the mean of the past is another


def test_the_mean_up_to_a_row_counts_what_is_known() -> None:
    values = np.array([1.0, 2.0, np.nan, 6.0])
    known = np.isfinite(values)
    np.testing.assert_allclose(running_mean(values, known), [1.0, 1.5, 1.5, 3.0])


def test_an_error_that_is_white_still_follows_a_level_that_moved() -> None:
    rng, t = np.random.default_rng(0), np.arange(1200)
    y = np.sin(2 * np.pi * t / 24) + 0.3 * rng.normal(size=1200)
    model, found = estimate(y[:700], (24,))
    assert found["order"][:3].tolist() == [0, 0, 0]
    y[800:] += 2.0
    at = np.array([790, 1190])
    point = model.points(found, series(y, (24,)), at, HORIZON)
    wave = np.sin(2 * np.pi * (at[:, None] + np.arange(1, HORIZON + 1)) / 24)
    moved = 2 * (1191 - 800) / 1191  # by the mean of all that was seen
    np.testing.assert_allclose((point - wave).mean(axis=1), [0.0, moved], atol=0.05)


def test_too_short_a_series_has_no_fit() -> None:
    with pytest.raises(NoFit, match="too few values"):
        estimate(np.array([0.0, 1.0, 0.5]), (24,))


@pytest.mark.slow
def test_a_season_of_168_in_2000_values_takes_less_than_a_second() -> None:
    estimate(weekly(), (168,))  # what it imports is no part
    begun = time.process_time()
    estimate(weekly(seed=1), (168,))
    assert time.process_time() - begun < 1.0


def test_a_season_of_a_year_of_hours_is_learned_from_two_of_them() -> None:
    t = np.arange(18_500)
    panel = make_panel((18_500,), noise=0.0, freq=None)
    panel.values[:, 0] = np.sin(2 * np.pi * t / 8766) + 0.05 * np.random.default_rng(0).normal(
        size=len(t)
    )
    task = Task(horizon=720, seasons=(8766,))
    until = panel.ends - 800
    model = FourierArmaForecaster(Settings(workers=1)).fit(panel, task, until)
    origins = Origins(np.array([0]), until - 1)
    actual = panel.target[until[0] : until[0] + 720]
    assert np.abs(model.forecast(panel, origins).point[0] - actual).mean() < 0.1

"""Seasons are those that the data show."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.clock import Clock
from forecast_cli.data import seasons
from forecast_cli.data.frequency import Grid, step_grid
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Panel
from forecast_cli.data.seasons import autocorrelation

HOUR = 3_600 * 10**9
HOURLY = Grid("h", "tick", HOUR, np.zeros(1, dtype=np.int64))


def panel_of(*series: np.ndarray, freq: str | None = None) -> Panel:
    values = np.concatenate(series)[:, None]
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in series])])
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.concatenate([np.arange(len(s)) for s in series]),
        offsets=offsets,
        ids=tuple(str(i) for i in range(len(series))),
        clock=Clock(freq=freq),
    )


def infer_seasons(panel: Panel, grid: Grid, notes: Notes) -> tuple[int, ...]:
    """The seasons that all of the history shows."""
    return seasons.infer_seasons(panel, grid, panel.known_ends, notes)


def wave(length: int, *periods: int, noise: float = 0.3, seed: int = 0) -> np.ndarray:
    """A repeating random shape for each period, with noise."""
    rng = np.random.default_rng(seed)
    y = noise * rng.normal(size=length)
    for period in periods:
        y += rng.normal(size=period)[np.arange(length) % period]
    return y


@pytest.mark.parametrize("period", [4, 7, 12, 24, 52])
def test_the_period_of_plain_steps_is_found(period: int) -> None:
    panel = panel_of(wave(20 * period, period))
    assert infer_seasons(panel, step_grid(), Notes())[0] == period


def test_day_and_week_are_both_found() -> None:
    panel = panel_of(wave(24 * 7 * 12, 24, 168), freq="h")
    assert infer_seasons(panel, HOURLY, Notes()) == (24, 168)


def test_a_day_alone_is_no_week() -> None:
    panel = panel_of(wave(24 * 7 * 12, 24), freq="h")
    assert infer_seasons(panel, HOURLY, Notes()) == (24,)


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_random_walks_have_no_season(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=1500)
    for y in (noise, np.cumsum(noise)):
        assert infer_seasons(panel_of(y), step_grid(), Notes()) == (1,)
        assert infer_seasons(panel_of(y, freq="h"), HOURLY, Notes()) == (1,)


def test_gaps_and_a_trend_do_not_hide_it() -> None:
    y = wave(24 * 60, 24) + np.linspace(0, 50, 24 * 60)
    y[np.random.default_rng(1).random(len(y)) < 0.3] = np.nan
    y[300:420] = np.nan
    assert infer_seasons(panel_of(y, freq="h"), HOURLY, Notes()) == (24,)


def test_rows_after_the_ends_decide_nothing() -> None:
    noise = np.random.default_rng(3).normal(size=1000)
    for hidden in (wave(3000, 24), np.full(3000, 1e9), np.full(3000, np.nan)):
        panel = panel_of(np.r_[noise, hidden], wave(400, 24), freq="h")
        ends = np.array([1000, 4000])  # the second series begins after its end
        assert seasons.infer_seasons(panel, HOURLY, ends, Notes()) == (1,)


def test_series_without_a_row_before_the_ends_do_not_crowd_out_the_others() -> None:
    shown = [wave(24 * 30, 24, seed=k) for k in range(3)]
    panel = panel_of(*[np.ones(50)] * 200, *shown, freq="h")
    ends = np.where(panel.lengths > 50, panel.ends, panel.starts)
    assert seasons.infer_seasons(panel, HOURLY, ends, Notes()) == (24,)
    assert seasons.infer_seasons(panel, HOURLY, panel.starts, Notes()) == (1,)


def test_the_autocorrelation_of_a_gapless_series_is_the_textbook_one() -> None:
    y = wave(500, 12)
    x = y - y.mean()
    expected = [np.mean(x[: 500 - k] * x[k:]) / np.mean(x * x) for k in range(30)]
    np.testing.assert_allclose(autocorrelation(y, 29), expected, atol=1e-12)


def test_a_constant_series_has_no_autocorrelation() -> None:
    assert not autocorrelation(np.ones(50), 10).any()

"""Four rules against sums done by hand, and against the published M4 scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from forecast_cli.data.panel import Origins, Panel
from forecast_cli.forecasters.naive import Drift, Mean, Naive, SeasonalNaive
from forecast_cli.task import Task
from tests.forecasters.conftest import M4, mase

NAN = np.nan


def panel_of(*series: npt.ArrayLike) -> Panel:
    parts = [np.asarray(y, dtype=np.float64) for y in series]
    values = np.concatenate(parts)[:, None]
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.concatenate([np.arange(len(y)) for y in parts]).astype(np.int64),
        offsets=np.cumsum([0, *(len(y) for y in parts)]),
        ids=tuple(f"s{s}" for s in range(len(parts))),
    )


def origin(row: int, series: int = 0) -> Origins:
    return Origins(np.array([series]), np.array([row]))


def test_naive_repeats_the_last_observed_value() -> None:
    panel = panel_of([1, 5, NAN, 7])
    model = Naive().fit(panel, Task(horizon=2), np.array([2]))
    assert model.forecast(panel, origin(2)).point.tolist() == [[5, 5]]


def test_seasonal_naive_repeats_the_last_season_and_reaches_over_gaps() -> None:
    panel = panel_of([1, 2, 3, 4, NAN, 6, 0])
    model = SeasonalNaive().fit(panel, Task(horizon=5, seasons=(3,)), panel.ends)
    forecast = model.forecast(panel, origin(5))
    assert forecast.point.tolist() == [[4, 2, 6, 4, 2]]
    assert forecast.fallbacks == ()


def test_seasonal_naive_without_a_season_gives_the_last_value_and_says_so() -> None:
    panel = panel_of([1, 2])
    model = SeasonalNaive().fit(panel, Task(horizon=3, seasons=(3,)), panel.ends)
    forecast = model.forecast(panel, origin(1))
    assert forecast.point.tolist() == [[2, 1, 2]]
    assert len(forecast.fallbacks) == 1
    assert "s0" in forecast.fallbacks[0]


def test_a_chosen_season_overrides_that_of_the_task_and_is_part_of_the_name() -> None:
    panel = panel_of(np.arange(10.0))
    model = SeasonalNaive.with_season(4).fit(panel, Task(horizon=2, seasons=(2,)), panel.ends)
    assert model.name == "seasonal-naive-4"
    assert model.forecast(panel, origin(9)).point.tolist() == [[6, 7]]


def test_drift_follows_the_line_from_first_to_last_observation() -> None:
    panel = panel_of([NAN, 1, 9, 5, NAN])
    model = Drift().fit(panel, Task(horizon=2), panel.ends)
    assert model.forecast(panel, origin(4)).point.tolist() == [
        [9, 11]
    ]  # 5 + 2 per step since row 3


def test_mean_is_that_of_all_observed_so_far() -> None:
    panel = panel_of([1, NAN, 3, 100])
    model = Mean().fit(panel, Task(horizon=2), np.array([2]))
    assert model.forecast(panel, origin(2)).point.tolist() == [[2, 2]]


def test_nothing_observed_is_answered_by_nothing_and_listed() -> None:
    panel = panel_of([NAN, NAN, 1.0], [1.0, 2.0, 3.0])
    model = Naive().fit(panel, Task(horizon=1), panel.ends)
    forecast = model.forecast(panel, Origins(np.array([0, 1]), np.array([1, 4])))
    assert np.isnan(forecast.values[0]).all()
    assert np.isfinite(forecast.values[1]).all()
    assert "nothing was observed, from 1 of 2 origins (s0)" in forecast.fallbacks[0]


def test_intervals_of_a_short_series_are_the_textbook_ones() -> None:
    y = np.array([0.0, 1, -1, 2, 0, 1])
    panel = panel_of(y)
    model = Naive().fit(panel, Task(horizon=2, levels=(80,)), panel.ends)
    sigma = np.sqrt(np.mean(np.diff(y) ** 2))
    expected = 1 + 1.2815515655446004 * sigma * np.sqrt([1, 2])
    np.testing.assert_allclose(model.forecast(panel, origin(5)).values[0, :, 2], expected)


def test_seasonal_intervals_widen_by_the_season_not_by_the_step() -> None:
    panel = panel_of(np.random.default_rng(0).normal(size=12))
    model = SeasonalNaive().fit(panel, Task(horizon=4, seasons=(2,), levels=(80,)), panel.ends)
    values = model.forecast(panel, origin(11)).values[0]
    width = values[:, 2] - values[:, 0]
    np.testing.assert_allclose(width / width[0], np.sqrt([1, 1, 2, 2]))


def test_where_the_last_value_answers_its_spread_does_too() -> None:
    """Phases that were never seen, and a season of which no second value was."""
    task = Task(horizon=4, seasons=(8,), levels=(80,))
    y = [3.0, 5.0, 4.0, 7.0, 6.0]
    for length in (3, 5):
        panel = panel_of(y[:length], np.arange(40.0))
        model = SeasonalNaive().fit(panel, task, panel.ends)
        values = model.forecast(panel, origin(length - 1)).values[0]
        sigma = np.sqrt(np.mean(np.diff(y[:length]) ** 2))
        expected = 1.2815515655446004 * sigma * np.sqrt([1, 2, 3, 4])
        np.testing.assert_allclose(values[:, 2] - values[:, 1], expected)


def test_after_one_whole_season_the_spread_is_that_of_the_last_value() -> None:
    panel = panel_of([3.0, 5.0, 4.0, 7.0])
    model = SeasonalNaive().fit(panel, Task(horizon=4, seasons=(4,)), panel.ends)
    forecast = model.forecast(panel, origin(3))
    assert forecast.fallbacks == ()
    assert (np.diff(forecast.values[0], axis=1) > 0).all()


@pytest.mark.parametrize("rule", [Naive, SeasonalNaive, Drift, Mean])
def test_a_single_value_has_an_interval_of_its_own_size(rule: type[Naive]) -> None:
    panel = panel_of([-8.0], [1.0, 2.0])
    model = rule().fit(panel, Task(horizon=2, seasons=(3,), levels=(80,)), panel.ends)
    values = model.forecast(panel, origin(0)).values[0]
    np.testing.assert_allclose(values[0, 2] - values[0, 1], 8 * 1.2815515655446004)


@pytest.mark.parametrize("rule", [Naive, SeasonalNaive, Drift, Mean])
def test_intervals_cover_about_as_much_as_they_say(rule: type[Naive]) -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=3000) if rule in (SeasonalNaive, Mean) else None
    y = rng.normal(size=3000).cumsum() if noise is None else noise
    panel = panel_of(y)
    model = rule().fit(panel, Task(horizon=6, seasons=(3,)), np.array([2000]))
    rows = np.arange(2000, 2990)
    forecast = model.forecast(panel, Origins(np.zeros_like(rows), rows))
    actual = y[rows[:, None] + np.arange(1, 7)]
    inside = (actual >= forecast.values[:, :, 1]) & (actual <= forecast.values[:, :, 3])
    assert 0.72 < inside.mean() < 0.88  # an 80 % interval


def test_a_long_series_has_its_own_errors_for_intervals() -> None:
    skewed = np.random.default_rng(2).exponential(size=2000)
    panel = panel_of(skewed)
    model = Mean().fit(panel, Task(horizon=1), panel.ends)
    low, _, middle, _, high = model.forecast(panel, origin(1999)).values[0, 0]
    assert high - middle > 2 * (middle - low)


@pytest.mark.shared_data
@pytest.mark.parametrize(("rule", "published"), [(Naive, 11.608), (SeasonalNaive, 1.193)])
def test_m4_hourly_scores_are_the_published_ones(
    m4_hourly: M4, rule: type[Naive], published: float
) -> None:
    panel, actual = m4_hourly
    model = rule().fit(panel, Task(horizon=48, seasons=(24,)), panel.ends)
    point = model.forecast(panel, Origins.at_end(panel)).point
    assert round(mase(panel, point, actual), 3) == published

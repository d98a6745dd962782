"""The linear model: exact where the world is linear, in step with the literature elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters import features, linear
from forecast_cli.forecasters.features import choose_lags
from forecast_cli.forecasters.linear import LinearForecaster
from forecast_cli.monitor import SilentMonitor
from forecast_cli.task import Task
from tests.conftest import make_panel


def test_a_noiseless_wave_is_continued_exactly() -> None:
    panel = make_panel((500, 400), noise=0.0)
    model = LinearForecaster().fit(panel, Task(horizon=30, seasons=(24,)), panel.ends - 60)
    rows = panel.ends - 40
    point = model.forecast(panel, Origins(np.array([0, 1]), rows)).point
    actual = panel.target[rows[:, None] + np.arange(1, 31)]
    np.testing.assert_allclose(point, actual, atol=0.01)


@pytest.mark.parametrize("role", ["past", "future"])
def test_a_covariate_is_used_as_far_as_it_may_be_known(role: str) -> None:
    panel = make_panel((600,), noise=0.05, covariates=(role,))
    model = LinearForecaster().fit(panel, Task(horizon=4, seasons=(24,)), panel.ends - 60)
    rows = np.arange(panel.n_rows - 60, panel.n_rows - 5)
    point = model.forecast(panel, Origins(np.zeros_like(rows), rows)).point
    error = np.abs(point - panel.target[rows[:, None] + np.arange(1, 5)]).mean()
    assert (error < 0.3) == (role == "future")  # the covariate moves the target by 0.8


def test_other_covariates_than_in_training_are_refused_by_name() -> None:
    panel = make_panel((300,), covariates=("past",))
    model = LinearForecaster().fit(panel, Task(horizon=4, seasons=(24,)), panel.ends)
    with pytest.raises(DataError, match=r"x0 \(past\); the data have none"):
        model.forecast(make_panel((300,)), Origins(np.array([0]), np.array([200])))


def test_a_covariate_of_another_role_is_refused() -> None:
    ahead = make_panel((300,), covariates=("future",))
    model = LinearForecaster().fit(ahead, Task(horizon=4, seasons=(24,)), ahead.ends)
    with pytest.raises(DataError, match=r"x0 \(future\); the data have x0 \(past\)"):
        model.forecast(replace(ahead, roles=("target", "past")), Origins(*np.array([[0], [200]])))


def test_covariates_beyond_the_horizon_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "MOST_COVARIATE_COLUMNS", 4)  # bins of 2 steps do not divide 7
    panel = make_panel((300,), covariates=("future",))
    model = LinearForecaster().fit(panel, Task(horizon=7, seasons=(24,)), panel.ends - 60)
    origin = Origins(np.array([0]), np.array([260]))
    other = replace(panel, values=panel.values.copy())
    other.values[261 + 7 :] = 1e6
    clean = model.forecast(panel, origin)
    assert clean.values.tobytes() == model.forecast(other, origin).values.tobytes()
    other.values[261 + 6, 1] += 1.0  # the last step counts
    assert (clean.point != model.forecast(other, origin).point).any()


def test_too_little_history_is_answered_by_the_seasonal_naive_and_said() -> None:
    panel = make_panel((12,), season=4)
    model = LinearForecaster().fit(panel, Task(horizon=8, seasons=(4,)), panel.ends)
    forecast = model.forecast(panel, Origins(np.array([0]), np.array([11])))
    np.testing.assert_array_equal(forecast.point[0], np.tile(panel.target[8:12], 2))
    assert "seasonal-naive" in forecast.fallbacks[0]
    assert model.n_parameters == 0


def test_a_bound_on_work_leaves_out_windows_but_hardly_accuracy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = make_panel((2000, 2000))
    origins = Origins(np.array([0, 1]), panel.ends - 30)
    task, until = Task(horizon=12, seasons=(24,)), panel.ends - 30
    full = LinearForecaster().fit(panel, task, until).forecast(panel, origins).point
    monkeypatch.setattr(linear, "WORK", 1e6)
    few = LinearForecaster().fit(panel, task, until).forecast(panel, origins).point
    assert 0 < np.abs(few - full).max() < 1.0


def test_it_says_how_far_it_is_so_that_a_time_limit_can_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[float] = []

    class Ear(SilentMonitor):
        def update(self, done: float, note: str = "") -> None:
            heard.append(done)

    monkeypatch.setattr(linear, "CELLS_AT_ONCE", 10_000)
    panel = make_panel((500,))
    model = LinearForecaster().fit(panel, Task(horizon=12, seasons=(24,)), panel.ends, Ear())
    assert len(heard) > 2
    assert heard[-1] == 500 - 72 + 1 - 12  # windows: three seasons of lags, twelve steps
    heard.clear()
    model.forecast(panel, Origins(np.zeros(400, dtype=np.int64), np.arange(80, 480)), Ear())
    assert len(heard) > 2
    assert heard[-1] == 400


def test_panels_of_very_different_size_share_one_model() -> None:
    panel = make_panel((400, 400))
    values = panel.values.copy()
    values[400:] *= 1e6
    mixed = replace(panel, values=values)
    task, until = Task(horizon=12, seasons=(24,)), panel.ends - 30
    origins = Origins(np.array([0, 1]), panel.ends - 30)
    plain = LinearForecaster().fit(panel, task, until).forecast(panel, origins).point
    scaled = LinearForecaster().fit(mixed, task, until).forecast(mixed, origins).point
    np.testing.assert_allclose(scaled / [[1.0], [1e6]], plain, rtol=1e-6)


def test_a_series_that_begins_after_the_cutoff_has_its_own_units() -> None:
    panel = make_panel((400, 400, 100))
    values = panel.values.copy()
    values[800:] *= 1000
    mixed = replace(panel, values=values)
    until = np.array([350, 750, 800])
    task, origins = Task(horizon=6, seasons=(24,)), Origins(np.array([2]), np.array([880]))
    plain = LinearForecaster().fit(panel, task, until).forecast(panel, origins).values
    scaled = LinearForecaster().fit(mixed, task, until).forecast(mixed, origins).values
    np.testing.assert_allclose(scaled / 1000, plain, rtol=1e-9)


@pytest.mark.parametrize(
    ("length", "series", "seasons", "horizon", "lags"),
    [
        (11_520, 7, (24, 168), 96, 504),  # three weeks of hours
        (700, 400, (24, 168), 48, 168),  # one week where that is what fits
        (50_000, 1, (96, 672), 96, 672),
        (735, 111, (7,), 56, 63),
        (120, 1, (12,), 12, 24),
        (20, 1, (1,), 6, 3),
        (5, 1, (1,), 6, 1),
    ],
)
def test_lags_follow_from_seasons_and_length(
    length: int, series: int, seasons: tuple[int, ...], horizon: int, lags: int
) -> None:
    assert choose_lags(np.full(series, length), seasons, horizon, None) == lags


def test_the_context_sets_the_lags() -> None:
    panel = make_panel((400,))
    model = LinearForecaster(Settings(context=10))
    model.fit(panel, Task(horizon=2, seasons=(24,)), panel.ends)
    assert model.n_parameters == (10 + 1 + 4) * 2  # lags, one, time of day and of week


@pytest.mark.slow
@pytest.mark.shared_data
def test_etth1_is_forecast_better_than_by_published_linear_models(shared_data: Path) -> None:
    import pandas as pd

    table = pd.read_csv(shared_data / "ett_h1_m1" / "ETTh1.csv").iloc[:14_400]
    times = pd.to_datetime(table.pop("date")).astype("datetime64[ns]").astype("int64").to_numpy()
    n, S = table.shape
    panel = Panel(
        values=table.to_numpy(float).T.reshape(-1, 1),
        observed=np.ones((n * S, 1), dtype=bool),
        times=np.tile(times, S),
        offsets=np.arange(S + 1) * n,
        ids=tuple(table.columns),
        clock=Clock(freq="h"),
    )
    task = Task(horizon=96, seasons=(24, 168), validation=2880)
    model = LinearForecaster().fit(panel, task, panel.starts + 11_520)
    back = np.arange(11_519, n - 96)
    origins = Origins(np.repeat(np.arange(S), len(back)), (panel.starts[:, None] + back).ravel())
    error = (
        model.forecast(panel, origins).point
        - panel.target[origins.rows[:, None] + np.arange(1, 97)]
    )
    spread = table.to_numpy(float)[:8640].std(axis=0)[origins.series]
    assert np.mean((error / spread[:, None]) ** 2) <= 0.365  # FITS .372, DLinear .384


@pytest.mark.parametrize("length", [1, 3])
def test_a_series_of_hardly_any_values_claims_no_certainty(length: int) -> None:
    """One value moves nowhere yet: the rule answers and that is listed."""
    panel = make_panel((300, 300, 12 + length))
    until = panel.ends - 12
    model = LinearForecaster().fit(panel, Task(horizon=12, seasons=(24,)), until)
    forecast = model.forecast(panel, Origins(np.array([2]), until[2:] - 1))
    values = forecast.values[0]
    own = panel.target[panel.starts[2] : until[2]]
    expected = np.abs(np.diff(own)).mean() if length > 1 else abs(own[0])
    assert (values[:, -1] - values[:, 0] > 0.5 * expected).all()
    assert bool(forecast.replaced) == (length == 1)

"""The start of the filter against statsmodels' Kalman filter, above all near the unit circle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import toeplitz
from scipy.signal import lfilter
from statsmodels.tsa.arima_process import arma_acovf
from statsmodels.tsa.statespace.sarimax import SARIMAX

from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.forecasters import arima_search
from forecast_cli.forecasters.arima import ArimaForecaster, _model
from forecast_cli.forecasters.arima_filter import (
    Arima,
    forecast_all,
    innovations,
    whiten,
)
from forecast_cli.forecasters.arima_start import Start, autocovariances, psi_weights
from forecast_cli.task import Task

SEASON, HORIZON = 4, 10
PARTIAL = st.floats(-2.6, 2.6)  # tanh(2.6) = .989


def differences(model: Arima) -> list[int]:
    _, ordinary, _, _, seasonal, _, season = model.order
    return [1] * ordinary + [season] * seasonal


def kalman(model: Arima, y: Floats, horizon: int = HORIZON) -> Floats:
    """[H] the forecast of SARIMAX on the differenced series, summed up again."""
    w, sums, ar = y, np.ones(1), np.r_[1.0, -model.ar]
    for lag in differences(model):
        factor = np.r_[1.0, np.zeros(lag - 1), -1.0]
        w, sums = w[lag:] - w[:-lag], np.convolve(sums, factor)
        ar = lfilter([1.0], factor, ar)[:-lag]
    mean = model.constant / ar.sum()
    known = SARIMAX(w - mean, order=(len(ar) - 1, 0, len(model.ma)))
    ahead = known.filter(np.r_[-ar[1:], model.ma, 1.0]).get_forecast(horizon).predicted_mean
    path = list(y)
    for step in ahead + mean:
        path.append(step - float(sums[:0:-1] @ path[len(path) - len(sums) + 1 :]))
    return np.array(path[-horizon:])


def process(
    u: list[float], orders: tuple[int, int, int, int], ordinary: int, seasonal: int, mean: float
) -> tuple[Arima, Floats, Floats]:
    """A model with its differences multiplied out; and its polynomials without them."""
    ar, ma = arima_search._polynomials(np.array(u), orders, SEASON)
    whole = ar
    for lag in [1] * ordinary + [SEASON] * seasonal:
        whole = np.convolve(whole, np.r_[1.0, np.zeros(lag - 1), -1.0])
    p, q, sp, sq = orders
    order = (p, ordinary, q, sp, seasonal, sq, SEASON)
    return Arima(order, -whole[1:], ma[1:], mean * float(ar.sum()), 1.0), ar, ma


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(0, 1)] * 2),
    st.lists(PARTIAL, min_size=8, max_size=8),
    st.integers(0, 1),
    st.integers(0, 1),
    st.sampled_from([0.0, 1.5]),
    st.integers(0, 1000),
)
def test_forecasts_from_all_origins_are_those_of_the_kalman_filter_however_near_one_roots_are(
    orders: tuple[int, int, int, int],
    u: list[float],
    ordinary: int,
    seasonal: int,
    mean: float,
    seed: int,
) -> None:
    model, ar, ma = process(u[: sum(orders)], orders, ordinary, seasonal, mean)
    y = lfilter(ma, ar, np.random.default_rng(seed).normal(size=400)) + mean
    for lag in differences(model):
        y = lfilter([1.0], np.r_[1.0, np.zeros(lag - 1), -1.0], y)
    y = y[-60:]
    early = max(len(model.ar), len(model.ma), 1)
    at = np.array([early, early + 9, 59])
    mine = forecast_all(model, innovations(model, y, np.ones(60, dtype=bool)), at, HORIZON)
    for origin, row in zip(at, mine, strict=True):
        np.testing.assert_allclose(row, kalman(model, y[: origin + 1]), atol=1e-4)


@pytest.mark.parametrize("ma", [[0.9], [-0.99], [1.9035, 0.9707]])
def test_a_row_is_forecast_from_the_rows_before_it_alone(ma: list[float]) -> None:
    model = Arima((0, 0, len(ma), 0, 0, 0, 1), np.zeros(0), np.array(ma), 0.0, 1.0)
    y = np.random.default_rng(1).normal(size=40)
    other = np.r_[y[:30], 5.0 + y[30:]]
    at, known = np.array([5, 20, 29]), np.ones(40, dtype=bool)
    before, after = (forecast_all(model, innovations(model, z, known), at, 3) for z in (y, other))
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(("ar", "ma"), [([], [-0.98]), ([0.7], [0.95]), ([0.5, -0.3], [0.2, 0.9])])
def test_whitened_regressors_give_the_generalised_least_squares_of_the_covariance(
    ar: list[float], ma: list[float]
) -> None:
    rng, n = np.random.default_rng(2), 50
    p = len(ar)
    model = Arima((p, 0, len(ma), 0, 0, 0, 1), np.array(ar), np.array(ma), 3.0, 1.0)
    columns = rng.normal(size=(n, 3))
    covariance = toeplitz(arma_acovf(np.r_[1, -np.array(ar)], np.r_[1, ma], n))
    whole = columns.T @ np.linalg.solve(covariance, columns)
    given_first = columns[:p].T @ np.linalg.solve(covariance[:p, :p], columns[:p])
    white = whiten(model, columns)
    np.testing.assert_allclose(white.T @ white, whole - given_first, rtol=1e-6)


def test_the_start_settles_and_then_the_plain_filter_goes_on() -> None:
    start = Start(np.zeros(0), np.array([0.5]), np.zeros((0, 1)), 200)
    rows = 0
    while not start.settled:
        start.learn(rows, np.ones(1))
        rows += 1
    assert 10 < rows < 20  # .5 ** 27 is about the tolerance
    model = Arima((0, 0, 1, 0, 0, 0, 1), np.zeros(0), np.array([0.5]), 0.0, 1.0)
    y = np.random.default_rng(3).normal(size=200)
    assert len(innovations(model, y, np.ones(200, dtype=bool)).early) == rows


def test_moments_are_those_of_statsmodels() -> None:
    ar, ma = np.array([0.6, -0.3, 0.1]), np.array([0.4, 0.9])
    theirs = arma_acovf(np.r_[1, -ar], np.r_[1, ma], 4)
    np.testing.assert_allclose(autocovariances(ar, ma), theirs)
    np.testing.assert_allclose(psi_weights(ar, ma, 3), [1.0, 1.0, 0.6 * 1.0 - 0.3 + 0.9])


def alone(y: Floats) -> Panel:
    return Panel(
        values=y[:, None],
        observed=np.isfinite(y)[:, None],
        times=np.arange(len(y)),
        offsets=np.array([0, len(y)]),
        ids=("a",),
    )


def forecast(y: Floats, task: Task) -> tuple[Floats, Floats, Arima, float]:
    """The point, the width of the outer interval, the model and the unit it is in."""
    panel = alone(y)
    model = ArimaForecaster().fit(panel, task, panel.ends)
    (parameters,) = model.parameters().values()
    assert parameters is not None
    values = model.forecast(panel, Origins.at_end(panel)).values[0]
    width = values[:, -1] - values[:, 0]
    return values[:, task.median], width, _model(parameters), model._frames[0].scale


@pytest.mark.shared_data
def test_a_series_of_m3_whose_filter_forgets_slowly_is_forecast_as_sarimax_would(
    shared_data: Path,
) -> None:
    values = pd.read_csv(shared_data / "m3" / "values.csv.gz")
    of = values[(values.series_id == "N2270") & (values.split == "train")].sort_values("t")
    y = of.value.to_numpy(dtype=np.float64)
    point, _, model, scale = forecast(y, Task(horizon=18, seasons=(12,)))
    roots = np.abs(np.roots(np.r_[1.0, model.ma]))
    assert roots.max() > 0.97  # else the series tests nothing
    theirs = y.mean() + scale * kalman(model, (y - y.mean()) / scale, 18)
    np.testing.assert_allclose(point, theirs, atol=1e-3 * scale)


def test_a_walk_seen_through_a_slow_filter_has_an_interval_of_its_own_size() -> None:
    """Steps of spread 1: an ARIMA (2,1,2) whose roots nearly cancel forgets its start slowly."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=120))
    model = Arima(
        (2, 1, 2, 0, 0, 0, 1),
        np.array([-0.7316, 0.9162, 0.8154]),
        np.array([1.9035, 0.9707]),
        0.0,
        1.0,
    )
    found = innovations(model, walk, np.ones(120, dtype=bool))
    ahead = forecast_all(model, found, np.arange(3, 119), 1)[:, 0]
    assert np.std(walk[4:] - ahead) < 1.25

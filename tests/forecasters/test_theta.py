"""Theta by the letter of its papers, and against the forecasts that won the M3 competition."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.panel import Floats
from forecast_cli.forecasters.local import Series
from forecast_cli.forecasters.theta import DynamicTheta, Theta
from tests.forecasters.conftest import M4, Competition, final, mase, smape


def series_of(y: Floats) -> Series:
    return Series(y, np.ones(len(y), dtype=bool), 0, (1,))


def history(length: int = 80) -> Floats:
    rng = np.random.default_rng(0)
    y: Floats = 10 + 0.1 * np.arange(length) + np.cumsum(0.3 * rng.normal(size=length))
    return y


def test_theta_is_smoothing_with_half_the_slope_as_drift() -> None:
    """Hyndman & Billah 2003: forecasts rise by half the slope of the line, a step."""
    y = history()
    series = series_of(y)
    method = Theta()
    parameters = method.estimate(series)
    slope = np.polyfit(np.arange(80.0), y, 1)[0]
    point = method.points(parameters, series, np.array([79]), 10)[0]
    np.testing.assert_allclose(np.diff(point), slope / 2, rtol=1e-6)


def test_theta_is_that_of_statsmodels_at_the_same_weight() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    y = history(300)
    method, series = Theta(), series_of(y)
    parameters = method.estimate(series)
    theirs = ThetaModel(y, deseasonalize=False).fit(use_mle=False)
    assert parameters["weights"][0] == pytest.approx(theirs.params["alpha"], abs=0.02)
    point = method.points(parameters, series, np.array([299]), 12)[0]
    np.testing.assert_allclose(point, theirs.forecast(12, theta=2), rtol=2e-3)


def dynamic_by_the_letter(y: Floats, alpha: float, first: float, w: float, horizon: int) -> Floats:
    """[H] forecasts from the end of y: every line is fitted anew, forecasts count as values."""
    values, level = list(y), first
    for value in y:
        level = alpha * value + (1 - alpha) * level
    for _ in range(horizon):
        n = len(values)
        i = np.arange(1, n + 1)
        slope, start = np.polyfit(i, values, 1)
        left = (1 - alpha) ** n
        line = left * start + (1 - left * (1 - alpha)) / alpha * slope
        values.append(level + w * line)
        level = alpha * values[-1] + (1 - alpha) * level
    return np.array(values[len(y) :])


def test_dynamic_theta_is_that_of_its_paper_from_every_origin() -> None:
    series = series_of(history())
    method = DynamicTheta()
    parameters = method.estimate(series)
    alpha, first, w = parameters["theta"]
    at = np.array([2, 10, 40, 79])
    together = method.points(parameters, series, at, 12)
    for o, row in enumerate(at):
        alone = dynamic_by_the_letter(series.y[: row + 1], alpha, first, w, 12)
        np.testing.assert_allclose(together[o], alone, rtol=1e-8)


def test_dynamic_theta_finds_the_least_squares() -> None:
    from scipy.optimize import minimize

    series = series_of(history(50))
    method = DynamicTheta()
    found = method.estimate(series)["theta"]

    def squares(theta: Floats) -> float:
        given = {"theta": theta, "indices": np.zeros(0), "multiply": np.array([False])}
        given["first"] = np.array([0])
        step = method.points(given, series, np.arange(1, 49), 1)[:, 0]
        return float(np.sum((series.y[2:] - step) ** 2))

    bounds = [(0.01, 0.99), (-50, 50), (0, 1)]
    theirs = minimize(squares, np.array([0.5, series.y[0] / 2, 0.5]), bounds=bounds)
    assert squares(found) <= squares(theirs.x) * (1 + 1e-4)


def test_a_straight_line_is_continued_by_dynamic_theta() -> None:
    series = series_of(3 + 0.5 * np.arange(30.0))
    method = DynamicTheta()
    point = method.points(method.estimate(series), series, np.array([29]), 6)[0]
    np.testing.assert_allclose(point, 3 + 0.5 * np.arange(30, 36), rtol=0.01)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "worse"), [("theta", 1.02), ("dynamic-theta", 1.03)])
def test_m3_scores_are_near_those_of_the_winner(
    m3_monthly: Competition, name: str, worse: float
) -> None:
    score = m3_monthly.smape(final(name, m3_monthly.panel, 18, 12))
    assert score <= worse * m3_monthly.smape(m3_monthly.published["THETA"])


@pytest.mark.shared_data
@pytest.mark.slow
def test_theta_has_the_published_scores_on_m4_hourly(m4_hourly: M4) -> None:
    panel, actual = m4_hourly
    point = final("theta", panel, 48, 24)
    assert smape(point, actual) == pytest.approx(18.138, abs=0.005)
    assert mase(panel, point, actual) == pytest.approx(2.455, abs=0.002)

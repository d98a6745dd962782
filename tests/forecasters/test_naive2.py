"""Naive 2 against the published forecasts of M4 Hourly, and against sums done by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.forecasters.local import Series
from forecast_cli.forecasters.naive2 import Naive2
from tests.forecasters.conftest import M4, final, mase, smape


@pytest.fixture
def method() -> Naive2:
    return Naive2()


def test_without_a_season_it_is_the_last_observed_value(method: Naive2) -> None:
    y = np.array([1.0, 4.0, 2.0, 2.0, 7.0])
    series = Series(y, np.array([True, True, True, False, True]), 0, (1,))
    parameters = method.estimate(series)
    point = method.points(parameters, series, np.arange(5), 2)
    assert point.tolist() == [[1, 1], [4, 4], [2, 2], [2, 2], [7, 7]]
    assert method.deviation(parameters, 4) == pytest.approx(
        np.sqrt(np.mean([9, 4, 25]) * np.arange(1, 5))
    )


def test_a_pure_season_is_continued_from_any_origin(method: Naive2) -> None:
    y = np.tile([1.0, 2.0, 3.0, 6.0], 10)
    series = Series(y[1:], np.ones(39, dtype=bool), 1, (4,))
    at = np.arange(20, 30)
    point = method.points(method.estimate(series), series, at, 9)
    ahead = 1 + at[:, None] + np.arange(1, 10)
    np.testing.assert_allclose(point, y[ahead % 4])


def test_a_gap_at_the_origin_is_answered_from_the_last_observed_value(method: Naive2) -> None:
    y = np.tile([1.0, 2.0, 3.0, 6.0], 10)
    known = np.ones(40, dtype=bool)
    known[37:] = False
    foul = np.where(known, y, 1e6)
    parameters = method.estimate(Series(y, np.ones(40, dtype=bool), 0, (4,)))
    point = method.points(parameters, Series(foul, known, 0, (4,)), np.array([39]), 4)
    np.testing.assert_allclose(point, [[1, 2, 3, 6]])


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "published", "error", "scaled"),
    [
        ("naive", "Naive", 43.003, 11.608),
        ("seasonal-naive", "sNaive", 13.912, 1.193),
        ("naive2", "Naive2", 18.383, 2.395),
    ],
)
def test_m4_hourly_forecasts_are_the_published_ones(
    m4_hourly: M4, shared_data: Path, name: str, published: str, error: float, scaled: float
) -> None:
    import pandas as pd

    panel, actual = m4_hourly
    point = final(name, panel, 48, 24)
    table = pd.read_csv(shared_data / "m4_hourly" / "forecasts" / f"{published}.csv.gz")
    np.testing.assert_allclose(point, table.iloc[:, 1:].to_numpy(float), rtol=1e-4)
    assert round(smape(point, actual), 3) == error
    assert round(mase(panel, point, actual), 3) == scaled

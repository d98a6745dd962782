"""Naive 2: the last value, on a series whose season was taken out.

The reference method of the M3 and M4 competitions (Makridakis et al. 2020). The season is
tested for and estimated once, before the cutoff (seasonal_indices.py); the level is the last
observed value of each origin.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters.local import LocalForecaster, Parameters, Series
from forecast_cli.forecasters.seasonal_indices import Indices, find_indices


class Naive2(LocalForecaster):
    """The last deseasonalised value."""

    name = "naive2"
    simpler = "naive"
    longest = 20_000
    centred = False

    def estimate(self, series: Series) -> Parameters:
        indices = find_indices(series)
        step = np.diff(_adjusted(indices, series)[series.known])
        sigma = np.sqrt(np.mean(step**2)) if len(step) else 0.0
        return {**indices.to_parameters(), "sigma": np.array([sigma])}

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        indices = Indices.from_parameters(parameters)
        marks = np.where(series.known, np.arange(len(series.y)), 0)
        last = np.maximum.accumulate(marks)[at]  # [O] the last observed row; y begins with one
        level = _adjusted(indices, series)[last][:, None]  # [O, 1]
        ahead = series.first + at[:, None] + np.arange(1, horizon + 1)  # [O, H]
        return indices.put_back(np.repeat(level, horizon, axis=1), ahead)

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        growth: Floats = np.sqrt(np.arange(1, horizon + 1))
        return growth * float(parameters["sigma"][0])


def _adjusted(indices: Indices, series: Series) -> Floats:
    """[T] the series without its season."""
    return indices.remove(series.y, series.first + np.arange(len(series.y)))

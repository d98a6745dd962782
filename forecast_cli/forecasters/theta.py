"""Theta: a level that is smoothed, with half the trend of a line.

``theta`` is the winner of the M3 competition (Assimakopoulos & Nikolopoulos 2000): the mean of
the line through the series and of simple exponential smoothing of what is twice as far from
that line; the same as smoothing with a drift (Hyndman & Billah 2003). ``dynamic-theta``
chooses how far from the line, and lets the line follow the series (Fiorucci et al. 2016).

A season is taken out first by classical indices (seasonal_indices.py). Both are linear in the
past, so forecasts from all rows are array work.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Parameters, Series
from forecast_cli.forecasters.seasonal_indices import Indices, find_indices
from forecast_cli.forecasters.smoothing import Smoothing, forecast_all, join_late, run, spread
from forecast_cli.forecasters.smoothing_search import Form, fit

FEWEST = 5  # values, for a level, its weight and a line
ALPHAS = np.linspace(0.05, 0.95, 13)  # where the search for the weight begins
ALPHA_TOLERANCE = 1e-4


class Theta(LocalForecaster):
    """The standard theta method."""

    name = "theta"
    simpler = "ses"
    longest = 2000
    centred = False

    def estimate(self, series: Series) -> Parameters:
        if series.known.sum() < FEWEST:
            raise NoFit(f"{series.known.sum()} values are too few")
        indices = find_indices(series)
        rows = np.arange(len(series.y))
        y = indices.remove(series.y, series.first + rows)
        slope, intercept = np.polyfit(rows[series.known], y[series.known], 1)
        far = 2 * y - (intercept + slope * rows)  # [T] twice as far from the line
        found = fit(Form(), far, series.known, 1)
        return {
            **indices.to_parameters(),
            **found.model.to_parameters(),
            "line": np.array([intercept, slope]),
            "sigma": np.array([found.sigma / 2]),
            "first": np.array([series.first]),
        }

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        indices = Indices.from_parameters(parameters)
        intercept, slope = parameters["line"]
        late = series.first - int(parameters["first"][0])
        rows = np.arange(len(series.y))
        y = indices.remove(series.y, series.first + rows)
        far = 2 * y - (intercept + slope * (late + rows))  # [T]
        model = join_late(Smoothing.from_parameters(parameters), late, far)
        ahead = at[:, None] + np.arange(1, horizon + 1)  # [O, H]
        level = forecast_all(model, run(model, far), at, horizon)  # [O, H]
        point = (level + intercept + slope * (late + ahead)) / 2
        return indices.put_back(point, series.first + ahead)

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        model = Smoothing.from_parameters(parameters)
        return spread(model, horizon) * float(parameters["sigma"][0])


class DynamicTheta(LocalForecaster):
    """The dynamic optimised theta model.

    Notes
    -----
    With the level l[t] of simple exponential smoothing and the line A[t] + B[t] i through the
    values 1 to t, the next value is expected at (Fiorucci et al. 2016, section 3.2)

        l[t] + w ((1 - alpha)^t A[t] + (1 - (1 - alpha)^(t+1)) / alpha B[t])

    where w = 1 - 1/theta, between 0 (smoothing alone) and 1. Given alpha this is linear in w
    and in l[0]: the search is over alpha alone. Later steps put forecasts in the place of
    values.
    """

    name = "dynamic-theta"
    simpler = "theta"
    longest = 2000
    centred = False

    def estimate(self, series: Series) -> Parameters:
        from scipy.optimize import minimize_scalar

        if series.known.sum() < FEWEST:
            raise NoFit(f"{series.known.sum()} values are too few")
        indices = find_indices(series)
        y = indices.remove(series.y, series.first + np.arange(len(series.y)))

        def squares(alpha: float) -> float:
            return _given(alpha, y, series.known)[2]

        middle = int(np.argmin([squares(alpha) for alpha in ALPHAS]))
        width = ALPHAS[1] - ALPHAS[0]
        bounds = (max(ALPHAS[middle] - width, 0.001), min(ALPHAS[middle] + width, 0.999))
        alpha = float(
            minimize_scalar(
                squares, bounds=bounds, method="bounded", options={"xatol": ALPHA_TOLERANCE}
            ).x
        )
        level, share, left = _given(alpha, y, series.known)
        errors = series.known[2:].sum()  # no line goes through a single value
        sigma = np.sqrt(left / max(errors - 3, 1))  # alpha, the first level and w
        return {
            **indices.to_parameters(),
            "theta": np.array([alpha, level, share]),
            "sigma": np.array([sigma]),
            "first": np.array([series.first]),
        }

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        indices = Indices.from_parameters(parameters)
        alpha, first_level, share = (float(p) for p in parameters["theta"])
        y = indices.remove(series.y, series.first + np.arange(len(series.y)))
        if series.first > parameters["first"][0]:
            first_level = (1 - share) * float(y[0])  # the line brings the rest
        count = at.astype(np.float64) + 1  # [O] values known
        level = _levels(alpha, y)[at] + first_level * (1 - alpha) ** count
        mean, slope = (part[at] for part in _lines(y))  # [O]
        point = np.empty((len(at), horizon))
        for h in range(horizon):
            start = mean - slope * (count + 1) / 2
            point[:, h] = level + share * _line_part(alpha, count, start, slope)
            level = level + alpha * (point[:, h] - level)
            count = count + 1
            apart = point[:, h] - mean
            slope = ((count - 2) * slope + 6 / count * apart) / (count + 1)
            mean = mean + apart / count
        ahead = series.first + at[:, None] + np.arange(1, horizon + 1)  # [O, H]
        return indices.put_back(point, ahead)

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        alpha = parameters["theta"][0]
        growth: Floats = np.sqrt(1 + alpha**2 * np.arange(horizon))
        return growth * float(parameters["sigma"][0])


def _given(alpha: float, y: Floats, known: Bools) -> tuple[float, float, float]:
    """First level and w for one alpha by least squares, and the squares that are left."""
    count = np.arange(1.0, len(y))  # [T - 1] values known before each forecast
    mean, slope = (part[:-1] for part in _lines(y))  # [T - 1]
    line = _line_part(alpha, count, mean - slope * (count + 1) / 2, slope)
    counts = known[1:] & (count > 1)  # no line goes through a single value
    first = ((1 - alpha) ** count)[counts]  # [n] what is left of the first level
    line, rest = line[counts], (y[1:] - _levels(alpha, y)[:-1])[counts]
    both = np.column_stack([first, line])  # [n, 2]
    share = float(np.clip(np.linalg.lstsq(both, rest, rcond=None)[0][1], 0.0, 1.0))
    power = float(first @ first)
    level = float(first @ (rest - share * line)) / power if power > 0 else 0.0
    e = rest - level * first - share * line
    return level, share, float(e @ e)


def _levels(alpha: float, y: Floats) -> Floats:
    """[T] the smoothed level after every row, from a first level of 0."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([alpha], [1.0, alpha - 1.0], y))


def _lines(y: Floats) -> tuple[Floats, Floats]:
    """Mean [T] and slope [T] of the least-squares line through all values up to each row."""
    count = np.arange(1.0, len(y) + 1)
    apart = y - y[0]
    total, weighted = np.cumsum(apart), np.cumsum(count * apart)
    cube = np.maximum(count * (count**2 - 1), 1.0)
    return y[0] + total / count, 12 * (weighted - (count + 1) / 2 * total) / cube


def _line_part(alpha: float, count: Floats, start: Floats, slope: Floats) -> Floats:
    """What the line adds to the level, before w."""
    left = (1 - alpha) ** count
    return np.asarray(left * start + (1 - left * (1 - alpha)) / alpha * slope)

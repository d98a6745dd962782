"""Seasons taken off by MSTL, one after the other; what is left is smoothed and damped.

MSTL parts a series into a season of every length, a trend and a remainder by local
regression (Bandara, Hyndman & Bergmeir 2021; STL, Cleveland et al. 1990, where there is one
season). Each season goes on as its last cycle was. The seasonally adjusted rest is forecast
by exponential smoothing without a season, simple or with a damped trend, whichever has the
lower AICc (Hyndman & Athanasopoulos 2021, section 13.4: STL with ETS). Both are ARIMAs of a
special form (Hyndman et al. 2008, section 11.1), so that the filter of ARIMAs forecasts from
all origins, gaps included (arima_filter.py).

A later origin has the seasons of the decomposition before the cutoff, how they moved since
(season_since.py), and its own level. A season of which the history has fewer than two cycles
is left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters.arima_filter import Arima, forecast_all, innovations, spread
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Parameters, Series
from forecast_cli.forecasters.season_since import follow_seasons
from forecast_cli.forecasters.smoothing_search import DAMPING

FEWEST_VALUES = 10
ROUNDS = 2  # over the seasons, each with the others taken off
SHORTEST_WINDOW, WIDER = 11, 4  # cycles that a season is smoothed over; a longer one over more
JUMP = 0.1  # seasons between local regressions of trend and low pass; lines join them
STARTS = (-2.0, 0.0, 2.0)  # of the minimisation: a weight of .12, .5, .88
FARTHEST = 6.0  # unbounded parameters: weights of .0025 to .9975


class MstlForecaster(LocalForecaster):
    """The last cycle of every season, and the rest smoothed."""

    name = "mstl"
    simpler = "seasonal-naive"
    longest = 20_000  # two cycles of a year of hours, and a little more

    def estimate(self, series: Series) -> Parameters:
        if len(series.y) < FEWEST_VALUES:
            raise NoFit(f"fewer than {FEWEST_VALUES} values")
        seasons = tuple(sorted(m for m in series.seasons if 1 < m < len(series.y) / 2))
        parts = decompose(series.y, seasons)  # [T, number of seasons]
        model = smooth(series.y - parts.sum(axis=1), 2 * sum(seasons))
        phase = series.first + np.arange(len(series.y))
        cycles = [np.zeros(0)]
        for m, part in zip(seasons, parts.T, strict=True):
            cycle = np.empty(m)
            cycle[phase[-m:] % m] = part[-m:]
            cycles.append(cycle)
        return {
            "seasons": np.array(seasons, dtype=np.int64),
            "end": np.array(series.first + len(series.y)),
            "cycles": np.concatenate(cycles),  # [sum of the seasons] each by phase
            "order": np.array(model.order),
            "ar": model.ar,
            "ma": model.ma,
            "sigma": np.array([model.sigma]),
        }

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        length = len(series.y)
        season = _extended(parameters, series.first + np.arange(length + horizon))  # [T + H]
        model = Arima.from_parameters(parameters)
        cutoff = int(parameters["end"]) - series.first
        seasons = tuple(parameters["seasons"].tolist())
        rest, moved = follow_seasons(series.y - season[:length], cutoff, seasons, at, horizon)
        found = innovations(model, rest, series.known)
        ahead = at[:, None] + np.arange(1, horizon + 1)  # [O, H]
        point: Floats = forecast_all(model, found, at, horizon) + season[ahead] + moved
        return point

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        return spread(Arima.from_parameters(parameters), horizon)


def decompose(y: Floats, seasons: tuple[int, ...], jump: float = JUMP) -> Floats:
    """The season of every length in a series: MSTL, by the loop of its paper over STL.

    statsmodels' MSTL has one jump for all seasons, which a day and a year cannot share: a
    year of hours then takes minutes.

    Parameters
    ----------
    y : [T] float64
        At least two of the longest season, and a value.
    seasons : tuple of int
        Shortest first.
    jump : float
        How far apart local regressions are made, in seasons; lines join them.

    Returns
    -------
    [T, number of seasons] float64
    """
    from statsmodels.tsa.seasonal import STL

    parts = np.zeros((len(y), len(seasons)))
    rest = y.copy()
    for _ in range(ROUNDS if len(seasons) > 1 else 1):
        for i, m in enumerate(seasons):
            rest += parts[:, i]
            step = max(1, int(jump * m))
            window = SHORTEST_WINDOW + WIDER * i
            stl = STL(rest, period=m, seasonal=window, trend_jump=step, low_pass_jump=step)
            parts[:, i] = stl.fit().seasonal
            rest -= parts[:, i]
    return parts


def smooth(y: Floats, taken: int = 0) -> Arima:
    """Exponential smoothing of a series without a season, as an ARIMA.

    Simple smoothing is an ARIMA(0, 1, 1), a damped trend an ARIMA(1, 1, 2); the one with the
    lower AICc is taken. The weights minimise the squares of the one-step errors, from the
    first value as the level and no trend.

    Parameters
    ----------
    y : [T] float64
    taken : int
        Values that went into the seasons: a local line takes two of each phase, and over few
        cycles leaves next to nothing. The variance of the errors does without them.
    """
    found = [_minimised(y, simple, 1, taken), _minimised(y, damped, 3, taken)]
    model: Arima = min(found, key=lambda pair: pair[0])[1]
    return model


def simple(u: Floats) -> tuple[Floats, Floats]:
    """The AR and MA polynomials of simple smoothing; ``u`` [1] unbounded."""
    return np.array([1.0, -1.0]), np.array([1.0, _share(u[0]) - 1.0])


def damped(u: Floats) -> tuple[Floats, Floats]:
    """The AR and MA polynomials of smoothing with a damped trend; ``u`` [3] unbounded.

    The weight of the trend is at most that of the level.
    """
    alpha = _share(u[0])
    beta = alpha * _share(u[1])
    phi = DAMPING[0] + (DAMPING[1] - DAMPING[0]) * _share(u[2])
    ma = np.array([1.0, alpha + phi * beta - 1.0 - phi, phi * (1.0 - alpha)])
    return np.array([1.0, -1.0 - phi, phi]), ma


def _share(u: float) -> float:
    return float(1.0 / (1.0 + np.exp(-u)))


def _minimised(
    y: Floats, polynomials: Callable[[Floats], tuple[Floats, Floats]], count: int, taken: int
) -> tuple[float, Arima]:
    """The AICc and the model of the best ``count`` weights."""
    from scipy.optimize import leastsq
    from scipy.signal import lfilter

    def errors(u: Floats) -> Floats:
        ar, ma = polynomials(np.clip(u, -FARTHEST, FARTHEST))
        return np.asarray(lfilter(ar, ma, y - y[0])[1:])

    best, best_u = np.inf, np.zeros(count)
    for start in STARTS:
        u = leastsq(errors, np.r_[start, -np.ones(count - 1)], maxfev=60, full_output=True)[0]
        sse = float(errors(u) @ errors(u))
        if sse < best:
            best, best_u = sse, u
    rows, k = len(y) - 1, count + 1
    aicc = rows * np.log(max(best, 1e-300) / rows) + 2 * k + 2 * k * (k + 1) / max(rows - k - 1, 1)
    ar, ma = polynomials(np.clip(best_u, -FARTHEST, FARTHEST))
    order = (len(ar) - 2, 1, len(ma) - 1, 0, 0, 0, 1)
    sigma = float(np.sqrt(best / max(rows - count - taken, 1)))
    return aicc, Arima(order, -ar[1:], ma[1:], 0.0, sigma)


def _extended(parameters: Parameters, place: Ints) -> Floats:
    """[T] the sum of all seasons at the rows ``place`` [T] of the series."""
    total, begin = np.zeros(len(place)), 0
    for m in parameters["seasons"].tolist():
        total += parameters["cycles"][begin + place % m]
        begin += m
    return total

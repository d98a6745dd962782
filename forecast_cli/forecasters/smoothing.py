"""Exponential smoothing as a recursion: states after every row, forecasts from all of them.

In innovations form (Hyndman et al. 2008, chapter 2) the level l, the slope b and the season s
follow the one-step errors e:

    y[t] = l[t-1] + phi b[t-1] + s[t-m] + e[t]
    l[t] = l[t-1] + phi b[t-1] + alpha e[t]
    b[t] = phi b[t-1] + beta e[t]
    s[t] = s[t-m] + gamma e[t]

or, with a season that multiplies, y[t] = (l[t-1] + phi b[t-1]) s[t-m] + e[t], where level and
slope learn e[t] / s[t-m] and the season e[t] / l[t] (Winters 1960). The recursion itself is
the compiled one of statsmodels: some 30 millionths of a second for 700 rows. One pass gives
the states after every row; forecasts from thousands of rows are array work on them.

Whether errors are taken as additive or multiplicative changes nothing here, only how
parameters are estimated (smoothing_search.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Floats, Ints


@dataclass(frozen=True, eq=False)
class Smoothing:
    """Parameters of the recursion.

    Parameters
    ----------
    alpha, beta, gamma : float
        Weights of an error in level, slope and season; 0 where there is no such part.
    phi : float
        What remains of the slope after a step: 0 for no trend, 1 for an undamped one.
    level, slope : float
        States before the first row.
    season : [m] float64
        States before the first row, that of its own phase first; empty for no season.
    multiplies : bool
        Whether the season is a factor.
    """

    alpha: float
    beta: float
    gamma: float
    phi: float
    level: float
    slope: float
    season: Floats
    multiplies: bool = False

    def to_parameters(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays that :meth:`from_parameters` needs."""
        return {
            "weights": np.array([self.alpha, self.beta, self.gamma, self.phi]),
            "start": np.array([self.level, self.slope]),
            "season": self.season,
            "multiplies": np.array([self.multiplies]),
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, npt.NDArray[Any]]) -> Smoothing:
        """The recursion among the parameters of a method."""
        alpha, beta, gamma, phi = (float(weight) for weight in parameters["weights"])
        level, slope = (float(state) for state in parameters["start"])
        season, multiplies = parameters["season"], bool(parameters["multiplies"][0])
        return cls(alpha, beta, gamma, phi, level, slope, season, multiplies)


@dataclass(frozen=True, eq=False)
class States:
    """What the recursion knew after each row.

    Parameters
    ----------
    fitted : [T] float64
        The forecast of each row from the one before.
    level, slope : [T] float64
    season : [m + T] float64
        The m states before the first row, then one a row; empty for no season.
    """

    fitted: Floats
    level: Floats
    slope: Floats
    season: Floats


class Recursion:
    """The compiled recursion over one series, for any parameters of one shape.

    Parameters
    ----------
    shape : Smoothing
        Says which parts there are, and the first states of the season.
    y : [T] float64
    """

    def __init__(self, shape: Smoothing, y: Floats) -> None:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        self._trend, self._damped = shape.phi > 0, 0 < shape.phi < 1
        self._season = shape.season
        options: dict[str, Any] = {}
        if self._trend:
            options |= {"trend": "add", "damped_trend": self._damped, "initial_trend": 0.0}
        if len(shape.season):
            options["seasonal"] = "mul" if shape.multiplies else "add"
            options["seasonal_periods"] = len(shape.season)
            options["initial_seasonal"] = shape.season
        self._model = ETSModel(
            y, initialization_method="known", initial_level=shape.level, **options
        )

    def run(self, model: Smoothing) -> States:
        """The states after every row, with these weights and this first level and slope."""
        self._model.initial_level, self._model.initial_trend = model.level, model.slope
        weights = [model.alpha]
        if self._trend:
            weights.append(model.beta)
        if len(self._season):
            weights.append(model.gamma)
        if self._damped:
            weights.append(model.phi)
        fitted, states = self._model.smooth(np.array(weights), return_raw=True)
        slope = states[:, 1] if self._trend else np.zeros(len(fitted))
        season = np.concatenate([self._season, states[:, -1]]) if len(self._season) else states[:0]
        return States(fitted, states[:, 0], slope, season)


def run(model: Smoothing, y: Floats) -> States:
    """The states after every row of ``y`` [T].

    A season that multiplies has no meaning from the first value on that is not positive: the
    states are NaN from there, and those before it know nothing of it.
    """
    lost = np.flatnonzero(y <= 0) if model.multiplies else np.zeros(0, dtype=np.int64)
    if not len(lost):
        return Recursion(model, y).run(model)
    good = int(lost[0])
    if good == 0:
        nothing = np.full(len(y), np.nan)
        season = np.concatenate([model.season, nothing])
        return States(nothing, nothing, nothing, season)
    states = Recursion(model, y[:good]).run(model)
    rest = np.full(len(y) - good, np.nan)
    parts = (states.fitted, states.level, states.slope, states.season)
    return States(*(np.append(part, rest) for part in parts))


def join_late(model: Smoothing, rows: int, y: Floats) -> Smoothing:
    """The model for a series ``y`` [T] that lacks the first ``rows`` rows of the fitted one.

    Its season keeps its phase; its level begins at the first value there is.
    """
    if rows <= 0 or not len(y):
        return model
    m = len(model.season)
    season = np.roll(model.season, -(rows % m)) if m else model.season
    level = y[0] if not m else y[0] / season[0] if model.multiplies else y[0] - season[0]
    return replace(model, level=float(level), slope=0.0, season=season)


def forecast_all(model: Smoothing, states: States, at: Ints, horizon: int) -> Floats:
    """[O, H] forecasts from the rows ``at`` [O]."""
    carried = damping(model.phi, horizon)  # [H]
    m = len(model.season)
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is told later
        point = states.level[at][:, None] + states.slope[at][:, None] * carried  # [O, H]
        if m:
            steps = np.arange(1, horizon + 1)
            back = steps - m * -(-steps // m)  # [H] to the last state of the same phase
            season = states.season[m + at[:, None] + back]  # [O, H]
            point = point * season if model.multiplies else point + season
    return np.asarray(point)


def damping(phi: float, steps: int) -> Floats:
    """[steps] phi + phi^2 + ... + phi^h: how far the slope has carried after h steps.

    Examples
    --------
    >>> damping(0.5, 3).tolist()
    [0.5, 0.75, 0.875]
    """
    return np.cumsum(phi ** np.arange(1, steps + 1))


def spread(model: Smoothing, horizon: int) -> Floats:
    """[H] standard error of each step in units of that of the first.

    Exact where everything is additive (Hyndman et al. 2008, table 6.1). A season that
    multiplies is taken for one of mean size.
    """
    steps = np.arange(1, horizon)
    later = model.alpha + model.beta * damping(model.phi, horizon - 1)  # [H - 1]
    if len(model.season):
        later = later + model.gamma * (steps % len(model.season) == 0)
    growth: Floats = np.sqrt(1 + np.concatenate([[0.0], np.cumsum(later**2)]))
    return growth

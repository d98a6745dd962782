"""ARIMA as a linear filter: innovations in one pass, forecasts from all origins at once.

With its parameters given, an ARIMA is two polynomials. One pass of the filter finds the
innovations of a whole series; the forecasts from an origin are then a fixed linear map of
the last values and innovations before it, so thousands of origins cost one matrix product
(Box & Jenkins 1970, section 5.1). What the innovations were before the series began is learned
row by row (arima_start.py), so that without gaps this equals the Kalman filter of the same
model, with the first values of its differences and its autoregression given. A gap is filled
by its own one-step forecast, with no innovation.

Knows nothing of how parameters are found (arima_search.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.forecasters.arima_start import Start, remembered


@dataclass(frozen=True, eq=False)
class Arima:
    """An ARIMA with its differences multiplied out.

    y[t] = constant + sum ar[i] y[t-1-i] + e[t] + sum ma[j] e[t-1-j]

    Parameters
    ----------
    order : tuple of int
        (p, d, q, P, D, Q, m).
    ar : [p + d + m (P + D)] float64
    ma : [q + m Q] float64
    constant : float
    sigma : float
        Standard deviation of the innovations e.
    """

    order: tuple[int, ...]
    ar: Floats
    ma: Floats
    constant: float
    sigma: float

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, npt.NDArray[Any]], constant: float = 0.0
    ) -> Arima:
        """The ARIMA among the parameters of a method, which may name its constant otherwise."""
        order = tuple(parameters["order"].tolist())
        return cls(order, parameters["ar"], parameters["ma"], constant, parameters["sigma"].item())

    @property
    def n_parameters(self) -> int:
        p, _, q, seasonal_p, _, seasonal_q, _ = self.order
        return p + q + seasonal_p + seasonal_q + int(self.constant != 0.0) + 1


@dataclass(frozen=True, eq=False)
class Filtered:
    """A series and its innovations, as the filter found them row by row.

    Parameters
    ----------
    filled : [T] float64
        y, with gaps forecast one step ahead from what came before; NaN before the first value.
    e : [T] float64
        Innovations; 0 in gaps and before the first row that has all its lags.
    begin : int
        That row.
    early : [T', q] float64
        The last q innovations, oldest first, as they could be known at each of the rows from
        ``begin`` on; those of later rows are in ``e``.
    """

    filled: Floats
    e: Floats
    begin: int
    early: Floats

    def last_innovations(self, at: Ints) -> Floats:
        """[O, q] the last q innovations as known at the rows ``at`` [O], oldest first."""
        q = self.early.shape[1]
        shocks = self.e[np.maximum(at[:, None] + np.arange(1 - q, 1), 0)]
        place = at - self.begin
        early = (place >= 0) & (place < len(self.early))
        shocks[early] = self.early[place[early]]
        return shocks


def innovations(model: Arima, y: Floats, known: Bools) -> Filtered:
    """Filter a series.

    Parameters
    ----------
    model : Arima
    y : [T] float64
    known : [T] bool
        Where y was observed; other values are not read.
    """
    p, q = len(model.ar), len(model.ma)
    filled, e = np.where(known, y, np.nan), np.zeros(len(y))
    begin = _warm_up(filled, known, p)
    count = len(y) - begin
    if count <= 0:
        return Filtered(filled, e, len(y), np.zeros((0, q)))
    start = _start(model, filled[begin - p : begin, None], model.constant, count)
    plain = np.zeros((q + count, 1))  # innovations with zeros before ``begin``, q rows later
    early: list[Floats] = []
    changes = np.flatnonzero(np.diff(known[begin:].astype(np.int8))) + 1
    for first, end in pairwise([0, *changes.tolist(), count]):
        if known[begin + first]:
            values = filled[begin + first - p : begin + end, None]
            plain[q + first : q + end] = _plain(model, values, plain[first : q + first])
            row = first
            while row < end and not start.settled:
                e[begin + row] = start.learn(row, plain[q + row])[0][0]
                early.append(start.last(row, plain)[:, 0])
                row += 1
            e[begin + row : begin + end] = start.rest(row, end, plain)[:, 0]
        else:
            for row in range(first, end):
                shocks = start.last(row - 1, plain)[:, 0]
                filled[begin + row] = _ahead(model, filled[begin + row - p : begin + row], shocks)
                plain[q + row] -= start.rest(row, row + 1, plain)[0]  # no innovation here
                if not start.settled:
                    early.append(start.last(row, plain)[:, 0])
    return Filtered(filled, e, begin, np.array(early).reshape(len(early), q))


def whiten(model: Arima, x: Floats) -> Floats:
    """[T - p, K] what the model's filter makes of regressors [T, K]; the first p rows go.

    Rows that the start makes uncertain count for less, as in generalised least squares.
    """
    p, q = len(model.ar), len(model.ma)
    count = len(x) - p
    plain = np.zeros((q + count, x.shape[1]))
    plain[q:] = _plain(replace(model, constant=0.0), x, plain[:q])
    start = _start(model, x[:p], 0.0, count)
    white, row = np.empty((count, x.shape[1])), 0
    while row < count and not start.settled:
        error, variance = start.learn(row, plain[q + row])
        white[row] = error / np.sqrt(variance)
        row += 1
    white[row:] = start.rest(row, count, plain)
    return white


def _plain(model: Arima, values: Floats, past: Floats) -> Floats:
    """[T - p, K] innovations of ``values`` [T, K], after those of the ``past`` [q, K]."""
    from scipy.signal import lfilter

    w = lfilter(np.r_[1.0, -model.ar], [1.0], values, axis=0)[len(model.ar) :] - model.constant
    if not len(model.ma):
        return np.asarray(w)
    state = remembered(model.ma) @ past
    return np.asarray(lfilter([1.0], np.r_[1.0, model.ma], w, axis=0, zi=state)[0])


def _ahead(model: Arima, values: Floats, shocks: Floats) -> float:
    """The next value after the last p values and q innovations, both oldest first."""
    return model.constant + float(model.ar[::-1] @ values) + float(model.ma[::-1] @ shocks)


def _start(model: Arima, values: Floats, constant: float, rows: int) -> Start:
    """The start of the stationary process behind the first p ``values`` [p, K]."""
    from scipy.signal import lfilter

    _, ordinary, _, _, seasonal, _, season = model.order
    ar = np.r_[1.0, -model.ar]
    for lag in [1] * ordinary + [season] * seasonal:
        values = values[lag:] - values[:-lag]
        ar = lfilter([1.0], np.r_[1.0, np.zeros(lag - 1), -1.0], ar)[:-lag]  # less a factor
    return Start(-ar[1:], model.ma, values - constant / ar.sum(), rows)


def _warm_up(filled: Floats, known: Bools, count: int) -> int:
    """Carry the last value over gaps among the first values; return the row after them."""
    first = int(np.argmax(known)) if known.any() else len(known)
    begin = first + count
    for t in range(first + 1, min(begin, len(filled))):
        if np.isnan(filled[t]):
            filled[t] = filled[t - 1]
    return begin


def forecast_map(model: Arima, horizon: int) -> tuple[Floats, Floats, Floats]:
    """The linear map from the past to the forecasts.

    Returns
    -------
    from_values : [p, H] float64
        Weights of the last p values, oldest first.
    from_innovations : [q, H] float64
        Weights of the last q innovations, oldest first.
    offset : [H] float64
    """
    p, q = len(model.ar), len(model.ma)
    size = p + q + 1
    path = np.zeros((p + horizon, size))  # each value as weights of (values, innovations, 1)
    path[:p, :p] = np.eye(p)
    ar, ma = model.ar[::-1], model.ma[::-1]
    for h in range(horizon):
        row = ar @ path[h : h + p]
        row[p + h : p + q] += ma[: max(q - h, 0)]
        row[-1] += model.constant
        path[p + h] = row
    ahead = path[p:].T  # [p+q+1, H]
    return ahead[:p], ahead[p : p + q], ahead[-1]


def spread(model: Arima, horizon: int) -> Floats:
    """[H] standard errors of the forecasts, from the psi weights."""
    psi = np.zeros(horizon)
    for h in range(horizon):
        ma = 1.0 if h == 0 else (model.ma[h - 1] if h <= len(model.ma) else 0.0)
        reach = min(h, len(model.ar))
        psi[h] = ma + model.ar[:reach] @ psi[h - reach : h][::-1]
    return model.sigma * np.sqrt(np.cumsum(psi**2))


def forecast_all(model: Arima, series: Filtered, origins: Ints, horizon: int) -> Floats:
    """[O, H] forecasts from every origin (positions in the series); NaN where too early."""
    p, q = len(model.ar), len(model.ma)
    from_values, from_innovations, offset = forecast_map(model, horizon)
    ready = origins >= max(p, q)
    at = np.where(ready, origins, max(p, q)) if len(series.e) > max(p, q) else origins[:0]
    result = np.full((len(origins), horizon), np.nan)
    if not ready.any():
        return result
    values = series.filled[at[:, None] + np.arange(1 - p, 1)] if p else np.zeros((len(at), 0))
    ahead = values @ from_values + series.last_innovations(at) @ from_innovations + offset  # [O, H]
    result[ready] = ahead[ready]
    return result

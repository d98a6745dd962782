"""ARIMA as a linear filter: innovations in one pass, forecasts from all origins at once.

With its parameters given, an ARIMA is two polynomials. One pass of the filter finds the
innovations of a whole series; the forecasts from an origin are then a fixed linear map of
the last values and innovations before it, so thousands of origins cost one matrix product
(Box & Jenkins 1970, section 5.1). After the first few values this equals the Kalman filter
of the same model. A gap is filled by its own one-step forecast, with no innovation.

Knows nothing of how parameters are found (arima_search.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Bools, Floats, Ints


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


def innovations(model: Arima, y: Floats, known: Bools) -> tuple[Floats, Floats]:
    """Filter a series.

    Parameters
    ----------
    model : Arima
    y : [T] float64
    known : [T] bool
        Where y was observed; other values are not read.

    Returns
    -------
    filled : [T] float64
        y, with gaps forecast one step ahead from what came before; NaN before the first value.
    e : [T] float64
        Innovations; 0 where they cannot be known: in gaps and among the first values.
    """
    from scipy.signal import lfilter, lfiltic

    filled, e = np.where(known, y, np.nan), np.zeros(len(y))
    if not known.any():
        return filled, e
    difference, invert = np.r_[1.0, -model.ar], np.r_[1.0, model.ma]
    p, q = len(model.ar), len(model.ma)
    first = int(np.argmax(known))
    begin = _warm_up(filled, first, max(p, q))
    changes = np.flatnonzero(np.diff(known[begin:].astype(np.int8))) + begin + 1
    edges = [begin, *changes.tolist(), len(y)]
    for start, end in pairwise(edges):
        if start == end:
            continue
        if known[start]:
            w = lfilter(difference, [1.0], filled[start - p : end])[p:] - model.constant
            state = lfiltic([1.0], invert, e[start - q : start][::-1]) if q else None
            e[start:end] = lfilter([1.0], invert, w, zi=state)[0] if q else w
        else:
            for t in range(start, end):
                past = model.ar @ filled[t - p : t][::-1] if p else 0.0
                filled[t] = model.constant + past + (model.ma @ e[t - q : t][::-1] if q else 0.0)
    return filled, e


def whiten(model: Arima, x: Floats) -> Floats:
    """[T - p, K] what the model's filter makes of regressors [T, K]; the first p rows go."""
    from scipy.signal import lfilter

    w = lfilter(np.r_[1.0, -model.ar], [1.0], x, axis=0)[len(model.ar) :]
    return np.asarray(lfilter([1.0], np.r_[1.0, model.ma], w, axis=0))


def _warm_up(filled: Floats, first: int, count: int) -> int:
    """Carry the last value over gaps among the first values; return the row after them."""
    begin = min(first + count, len(filled))
    for t in range(first + 1, begin):
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


def forecast_all(model: Arima, filled: Floats, e: Floats, origins: Ints, horizon: int) -> Floats:
    """[O, H] forecasts from every origin (positions in the series); NaN where too early."""
    p, q = len(model.ar), len(model.ma)
    from_values, from_innovations, offset = forecast_map(model, horizon)
    ready = origins >= max(p, q)
    at = np.where(ready, origins, max(p, q)) if len(filled) > max(p, q) else origins[:0]
    result = np.full((len(origins), horizon), np.nan)
    if not ready.any():
        return result
    values = filled[at[:, None] + np.arange(1 - p, 1)] if p else np.zeros((len(at), 0))
    shocks = e[at[:, None] + np.arange(1 - q, 1)] if q else np.zeros((len(at), 0))
    ahead = values @ from_values + shocks @ from_innovations + offset  # [O, H]
    result[ready] = ahead[ready]
    return result

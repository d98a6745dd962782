"""Dynamic harmonic regression: long seasons as sines and cosines, the rest as an ARMA.

Each season is a few harmonics whose shape stays as it is; level, trend and short memory are
an ARIMA without a season (Hyndman & Athanasopoulos 2021, section 10.5). The cost hardly grows
with the length of a season, so 168, 336 or 8766 steps are as easy as 24.

Errors of a regression on a series are far from white, and least squares then takes every
slow swing for a season. So the ARMA of a first, generous fit makes series and harmonics
white, the harmonics are chosen (AICc) and estimated there, and the ARMA is sought again in
what they leave. Two differences are never taken: a season half explained looks as if it asked
for them. Where none is taken, the level is the mean of all that was seen up to the origin.
Phases are counted from the first row of the series, whatever was cut off; how a season moved
since the cutoff is followed (season_since.py).

Other models of a series from its own past: arima.py (one short season, covariates), mstl.py.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.forecasters.arima_filter import (
    Arima,
    forecast_all,
    innovations,
    spread,
    whiten,
)
from forecast_cli.forecasters.arima_search import NoArima, find
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Parameters, Series
from forecast_cli.forecasters.season_since import follow_seasons

MOST_HARMONICS = 84  # of a season: all there are of 168 steps
ROWS_PER_TERM = 8  # that a sine or cosine must be judged by
ROWS_OF_ERRORS = 4000  # last ones, that the ARMA is sought in
DIGITS = 8  # kept of what least squares found: the last ones depend on places in memory
SWEEPS = 2  # over the seasons, each with the others' harmonics given


class FourierArmaForecaster(LocalForecaster):
    """Harmonics of every season and an ARMA of the rest."""

    name = "fourier-arma"
    simpler = "seasonal-naive"
    longest = 20_000  # two cycles of a year of hours, and a little more

    def estimate(self, series: Series) -> Parameters:
        y = series.y  # [T]
        try:
            groups = candidates(series.seasons, len(y))
            x = fourier(np.concatenate(groups), series.first + np.arange(len(y)))  # [T, 2K]
            rough = np.linalg.lstsq(np.column_stack([np.ones(len(y)), x]), y, rcond=1e-10)[0]
            model = _errors(y - x @ rough[1:])
            cycles, effects = choose(model, y, x, groups)
            rest = y - fourier(cycles, series.first + np.arange(len(y))) @ effects  # [T]
            model = _errors(rest)
            left = len(y) - np.count_nonzero(effects)  # values that tell the variance of the errors
        except NoArima as cause:
            raise NoFit(str(cause)) from cause
        return {
            "cycles": cycles,
            "effects": effects,
            "order": np.array(model.order),
            "ar": model.ar,
            "ma": model.ma,
            "end": np.array(series.first + len(y)),
            "drift": np.array(model.constant if model.order[1] else 0.0),
            "level": np.array(0.0 if model.order[1] else rest[-ROWS_OF_ERRORS:].mean()),
            "sigma": np.array(model.sigma * np.sqrt(len(y) / left)),
        }

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        length, cycles = len(series.y), parameters["cycles"]
        waves = fourier(cycles, series.first + np.arange(length + horizon))
        season = np.einsum("tk,k->t", waves, parameters["effects"])  # [T + H]
        level = float(parameters["level"])
        rest = series.y - season[:length] - level  # [T]
        cutoff = int(parameters["end"]) - series.first
        lengths = tuple(np.unique(cycles[:, 1]).tolist())
        rest, moved = follow_seasons(rest, cutoff, lengths, at, horizon)
        model = _arima(parameters)
        found = innovations(model, rest, series.known)
        point = forecast_all(model, found, at, horizon) + level
        if model.order[1] == 0:
            # The filter is linear: a level that moved is seen through it as a series of ones.
            ones = np.ones(length)
            seen = forecast_all(model, innovations(model, ones, ones > 0), at, horizon)
            point += running_mean(rest, series.known)[at, None] * (1.0 - seen)
        ahead = at[:, None] + np.arange(1, horizon + 1)  # [O, H]
        return np.asarray(point + season[ahead] + moved)

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        return spread(_arima(parameters), horizon)


def candidates(seasons: tuple[int, ...], rows: int) -> list[Ints]:
    """The harmonics that may be used, season by season, slowest first.

    Parameters
    ----------
    seasons : tuple of int
        One of which the history has fewer than two cycles has none.
    rows : int
        T, the length of the history.

    Returns
    -------
    list of [K, 2] int64
        Cycles and steps: (3, 168) goes round three times in 168 steps. One that an earlier
        season has is left out; so is the last of an even season, whose sine is zero.
    """
    used = [m for m in seasons if m > 1 and 2 * m <= rows]
    share = rows // (2 * ROWS_PER_TERM * max(len(used), 1))
    taken: set[float] = set()
    groups = [np.zeros((0, 2), dtype=np.int64)]
    for m in used:
        waves = [k for k in range(1, m // 2 + 1) if round(k / m, 9) not in taken]
        waves = waves[: min(MOST_HARMONICS, share)]
        taken.update(round(k / m, 9) for k in waves)
        groups.append(np.array([(k, m) for k in waves], dtype=np.int64).reshape(-1, 2))
    return groups


def fourier(cycles: Ints, place: Ints) -> Floats:
    """[T, 2K] a sine and a cosine of every one of K ``cycles`` at the rows ``place`` [T]."""
    turn = place[:, None] * cycles[:, 0] % cycles[:, 1] / cycles[:, 1]  # [T, K], exact
    sine = np.where(2 * turn % 1 == 0, 0.0, np.sin(2 * np.pi * turn))  # no last bits of pi
    waves = np.stack([sine, np.cos(2 * np.pi * turn)], axis=2)
    return waves.reshape(len(place), 2 * len(cycles))


def choose(model: Arima, y: Floats, x: Floats, groups: list[Ints]) -> tuple[Ints, Floats]:
    """How many harmonics of each season pay, and their effects, by generalised least squares.

    Parameters
    ----------
    model : Arima
        Its filter makes the errors of the regression white.
    y : [T] float64
    x : [T, 2K] float64
        Sines and cosines of all ``groups``, in their order.
    groups : list of [K, 2] int64

    Returns
    -------
    cycles : [K', 2] int64
        The leading harmonics of each season that were kept.
    effects : [2K'] float64
    """
    white = whiten(model, np.column_stack([y, x]))
    white = white - white.mean(axis=0)  # a level, or a drift where there are differences
    gram = white.T @ white  # all that least squares of any choice needs
    edges = np.cumsum([0, *(2 * len(group) for group in groups)])

    def columns(kept: list[int]) -> Ints:
        parts = [begin + np.arange(2 * k) for begin, k in zip(edges[:-1], kept, strict=True)]
        return 1 + np.concatenate(parts)

    kept = [0] * len(groups)
    for _ in range(SWEEPS):
        before = list(kept)
        for g, (begin, end) in enumerate(pairwise(edges)):
            others = [0 if i == g else k for i, k in enumerate(kept)]
            order = np.concatenate([columns(others), 1 + np.arange(begin, end)])
            first = 2 * sum(others)
            kept[g] = _leading(gram, order, first, len(white))
        if kept == before:
            break
    used = columns(kept)
    effects = np.linalg.lstsq(gram[np.ix_(used, used)], gram[used, 0], rcond=1e-12)[0]
    cycles = np.concatenate([group[:k] for group, k in zip(groups, kept, strict=True)])
    return cycles, np.asarray(np.round(effects, DIGITS))


def _leading(gram: Floats, order: Ints, first: int, rows: int) -> int:
    """How many pairs of columns after the ``first`` ones lower the AICc most.

    One Cholesky factor holds the residual sums of squares of all nested choices: its last row
    are the effects of the columns made orthogonal one after the other.
    """
    picked = np.append(order, 0)
    nested = gram[np.ix_(picked, picked)]
    ridge = 1e-10 * np.trace(nested) / len(nested)
    last = np.linalg.cholesky(nested + ridge * np.eye(len(nested)))[-1, :-1]
    explained = np.append(0.0, np.cumsum(last**2))[first::2]  # [pairs + 1]
    terms = first + 2 * np.arange(len(explained)) + 1
    left = np.maximum(gram[0, 0] - explained, 1e-12 * gram[0, 0])
    aicc = rows * np.log(left / rows) + 2 * terms + 2 * terms * (terms + 1) / (rows - terms - 1)
    return int(np.argmin(aicc))


def running_mean(values: Floats, known: Bools) -> Floats:
    """[T] the mean of the ``known`` ones of ``values`` [T] up to each row; 0 before the first."""
    total = np.cumsum(np.where(known, values, 0.0))
    mean: Floats = total / np.maximum(np.cumsum(known), 1)
    return mean


def _errors(rest: Floats) -> Arima:
    """The ARIMA of what the harmonics leave."""
    return find(np.round(rest[-ROWS_OF_ERRORS:], DIGITS), 1, may_bend=False)


def _arima(parameters: Parameters) -> Arima:
    return Arima.from_parameters(parameters, float(parameters["drift"]))

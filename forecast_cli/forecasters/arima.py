"""ARIMA, one for each series: bounded search, cheap forecasts from any number of origins.

Orders and values come from the last ``HISTORY`` values of a series (arima_search.py); a
series is then filtered once and forecast from all origins together (arima_filter.py). A
first season of up to ``LONGEST_SEASON`` steps is part of the ARIMA; other and longer ones
are Fourier terms, and covariates known ahead are regressors (regression with ARMA errors;
Hyndman & Athanasopoulos 2021, chapter 10).

Thousands of series share a bounded amount of work (arima_effort.py); a time limit of the
user's cuts it off by the clock. What no ARIMA answers is the seasonal naive's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters.arima_effort import SECONDS, Effort, in_words, share_out
from forecast_cli.forecasters.arima_filter import (
    Arima,
    forecast_all,
    innovations,
    spread,
    whiten,
)
from forecast_cli.forecasters.arima_search import NoArima, find
from forecast_cli.forecasters.base import State
from forecast_cli.forecasters.frames import DIGITS
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Parameters, Series
from forecast_cli.forecasters.regressors import Regressors, make_regressors
from forecast_cli.forecasters.saving import Arrays

HISTORY = 4000  # last values of a series that its ARIMA is estimated from
LONGEST_SEASON = 168  # of an ARIMA proper: the filter's cost grows with it


class ArimaForecaster(LocalForecaster):
    """One ARIMA a series."""

    name = "arima"
    simpler = "seasonal-naive"
    longest = HISTORY

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._regressors = Regressors()
        self._effort = Effort()

    def prepare(self, past: Panel) -> int:
        season = _season(self._task.seasons)
        others = tuple(m for m in self._task.seasons if m > 1 and m != season)
        self._regressors = make_regressors(past, others, season)
        searches = 2 if self._regressors.count else 1
        lengths = np.minimum(past.lengths, HISTORY)
        self._effort = share_out(lengths, season, searches, self.settings.max_seconds or SECONDS)
        self._notes = in_words(self._effort, past.n_series)
        return self._effort.series

    def outside(self, panel: Panel, s: int) -> Floats:
        ahead = {panel.channels[c] for c in panel.channel_positions("future")}
        absent = [c for c in self._regressors.channels if c not in ahead]
        if absent:
            raise DataError(
                f"arima: was fitted with {', '.join(absent)} known ahead; the data lack that",
                "name the same --future columns as in training",
            )
        if not self._regressors.count:
            return super().outside(panel, s)
        return self._regressors.rows(panel.select([s]))

    def estimate(self, series: Series) -> Parameters:
        y, x = series.y, series.outside[: len(series.y)]  # [T], [T, K]
        beta = np.zeros(x.shape[1])
        model = self._search(y, series)
        if x.shape[1]:
            white = whiten(model, np.column_stack([y, x]))
            # Rounded: last bits of a sum vary with where arrays lie in memory.
            beta = np.round(self._regressors.estimate(white[:, 0], white[:, 1:]), DIGITS)
            if beta.any():
                model = self._search(np.round(y - x @ beta, DIGITS), series)
        left = len(y) - np.count_nonzero(beta)  # values that tell the variance of the errors
        return {
            "order": np.array(model.order, dtype=np.int64),
            "ar": model.ar,
            "ma": model.ma,
            "constant": np.array(model.constant),
            "sigma": np.array(model.sigma * np.sqrt(len(y) / left)),
            "beta": beta,
        }

    def _search(self, y: Floats, series: Series) -> Arima:
        try:
            return find(
                y,
                _season(series.seasons),
                may_bend=series.seasons == (1,),
                exact=self._effort.exact,
                most_models=self._effort.models,
            )
        except NoArima as cause:
            raise NoFit(str(cause)) from cause

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        model = _model(parameters)
        x: Floats = np.zeros(len(series.y) + horizon)  # what comes from outside
        if parameters["beta"].any():
            driven = series.outside @ parameters["beta"]  # [T']
            x = np.pad(driven, (0, max(0, len(x) - len(driven))), mode="edge")
        z = np.where(series.known, series.y - x[: len(series.y)], np.nan)
        found = innovations(model, z, series.known)
        ahead = x[at[:, None] + np.arange(1, horizon + 1)]  # [O, H]
        point: Floats = forecast_all(model, found, at, horizon) + ahead
        return point

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        return spread(_model(parameters), horizon)

    @property
    def n_parameters(self) -> int:
        fitted = [p for p in self._parameters if p is not None]
        return sum(_model(p).n_parameters + self._regressors.count for p in fitted)

    def orders(self) -> dict[str, tuple[int, ...] | None]:
        """(p, d, q, P, D, Q, m) by series; None where a simpler model answers."""
        return {
            name: None if p is None else _model(p).order for name, p in self.parameters().items()
        }

    def _own_state(self) -> State:
        arrays, meta = super()._own_state()
        return arrays, {**meta, "regressors": self._regressors.to_json()}

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        super()._recall(arrays, meta)
        self._regressors = Regressors.from_json(meta["regressors"])


def _season(seasons: tuple[int, ...]) -> int:
    """The season that is part of the ARIMA; 1 for none."""
    return seasons[0] if seasons[0] <= LONGEST_SEASON else 1


def _model(parameters: Parameters) -> Arima:
    return Arima.from_parameters(parameters, float(parameters["constant"]))

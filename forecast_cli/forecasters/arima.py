"""ARIMA, one for each series: bounded search, cheap forecasts from any number of origins.

Orders and values come from the last ``HISTORY`` values of a series (arima_search.py); a
whole series is then filtered once and forecast from all origins together (arima_filter.py).
A first season of up to ``LONGEST_SEASON`` steps is part of the ARIMA; other and longer ones
are Fourier terms, and covariates known ahead are regressors (regression with ARMA errors;
Hyndman & Athanasopoulos 2021, chapter 10).

Intervals are the empirical errors of the model's own h-step forecasts before the cutoff,
where a series has enough of them, and Gaussian from the psi weights otherwise. A series
that no ARIMA fits, an origin too early for its ARIMA, and a forecast far outside of all
history are answered by the seasonal naive, and listed.

Thousands of series share a bounded amount of work (arima_effort.py); a time limit of the
user's cuts it off by the clock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.data.history import name_some, positions, seen
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters.arima_effort import SECONDS, Effort, limits_in_words, share_out
from forecast_cli.forecasters.arima_filter import (
    Arima,
    forecast_all,
    innovations,
    spread,
    whiten,
)
from forecast_cli.forecasters.arima_search import find
from forecast_cli.forecasters.base import (
    Forecast,
    Forecaster,
    State,
    task_from_json,
    task_to_json,
)
from forecast_cli.forecasters.features import fill
from forecast_cli.forecasters.intervals import error_quantiles, normal_quantiles, spread_origins
from forecast_cli.forecasters.naive import SeasonalNaive
from forecast_cli.forecasters.regressors import Regressors, make_regressors
from forecast_cli.forecasters.saving import nest, nested
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

HISTORY = 4000  # last values of a series that its ARIMA is estimated from
LONGEST_SEASON = 168  # of an ARIMA proper: the filter's cost grows with it
ABSURD = 10.0  # ranges of its history that a forecast may lie from the last value


class ArimaForecaster(Forecaster):
    """One ARIMA a series."""

    name = "arima"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task = Task(horizon=1)
        self._ids: tuple[str, ...] = ()
        self._models: list[Arima | None] = []  # None: the fallback answers
        self._regressors = Regressors()
        self._fallback = SeasonalNaive(settings)
        self._warned = 0
        self._effort = Effort()
        self._limits: tuple[str, ...] = ()  # what the bounds on work cost, in words
        self._beta: Floats = np.zeros((0, 0))  # [S, K]
        self._units: Floats = np.zeros((0, 3))  # [S, 3] centre, scale and range of each series
        self._errors: Floats = np.zeros((0, 1, 1))  # [S, H, Q] quantiles of errors

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        past = panel.until(until)
        self._task, self._ids = task, panel.ids
        self._fallback = SeasonalNaive(self.settings).fit(panel, task, until)
        season = task.season if task.season <= LONGEST_SEASON else 1
        others = tuple(m for m in task.seasons if m > 1 and m != season)
        self._regressors = make_regressors(past, others, season)
        self._models, self._warned = [], 0
        self._beta = np.zeros((past.n_series, self._regressors.count))
        self._units = np.tile([0.0, 1.0, 0.0], (past.n_series, 1))
        self._fit_all(past, season, monitor)
        if self._warned:
            monitor.say(f"arima: warnings of statsmodels while fitting: {self._warned}")
        self._errors = np.full((past.n_series, task.horizon, len(task.quantiles)), np.nan)
        for block, part, origins in spread_origins(past, task.horizon):
            point = self._points(part, origins)
            self._errors[block] = error_quantiles(part, origins, point, task.quantiles)
        for s, errors in enumerate(self._errors):
            errors[:] = np.where(np.isnan(errors), self._gaussian(s), errors)
        self._errors[:, :, task.median] = 0.0
        return self

    def _fit_all(self, past: Panel, season: int, monitor: Monitor) -> None:
        """One series after the other, within the bounds on work and time."""
        limit = self.settings.max_seconds
        begun = time.monotonic()
        searches = 2 if self._regressors.count else 1
        lengths = np.minimum(past.lengths, HISTORY)
        self._effort = share_out(lengths, season, searches, limit or SECONDS)
        known, target = seen(past), fill(past, season)
        left_out = []
        monitor.begin("fitting arima", past.n_series)
        for s, (start, end) in enumerate(zip(past.starts, past.ends, strict=True)):
            rows = slice(max(start, end - HISTORY), end)
            late = limit is not None and time.monotonic() - begun >= limit
            fitted = None
            if late or s >= self._effort.series or monitor.stop_requested():
                left_out.append(past.ids[s])
            else:
                fitted = self._fit_one(s, past, rows, known[rows], target[rows], season)
            self._models.append(fitted)
            monitor.update(s + 1)
        monitor.end()
        self._limits = limits_in_words(self._effort, past.n_series, left_out)
        for line in self._limits:
            monitor.say(line)

    def _fit_one(
        self, s: int, past: Panel, rows: slice, known: Bools, target: Floats, season: int
    ) -> Arima | None:
        """The ARIMA of one series; None where there is none to be had."""
        if known.sum() < 3:
            return None
        first = int(np.argmax(known))
        y, known = target[first:], known[first:]
        centre, scale = float(np.mean(y[known])), float(np.std(y[known]))
        if scale <= 1e-9 * max(abs(centre), 1e-300):
            return None
        self._units[s] = centre, scale, float(np.ptp(y[known]))
        # Rounded, since a search may turn on the last bit, and units shall not turn it.
        z = np.round((y - centre) / scale, 8)  # [T]
        x = self._regressors.rows(past.select([s]))[-len(y) :]  # [T, K]
        options: dict[str, Any] = {
            "may_bend": self._task.seasons == (1,),
            "exact": self._effort.exact,
            "most_models": self._effort.models,
        }
        try:
            model, warned = find(z, season, **options)
            if self._regressors.count:
                white = whiten(model, np.column_stack([z, x]))[len(model.ma) :]
                beta = self._regressors.estimate(white[:, 0], white[:, 1:])
                if beta.any():
                    model, again = find(z - x @ beta, season, **options)
                    self._beta[s], warned = beta, warned + again
        except (ValueError, np.linalg.LinAlgError):
            return None
        self._warned += warned
        return model

    def _points(self, panel: Panel, origins: Origins) -> Floats:
        """[O, H] forecasts of the ARIMAs in the target's units; NaN where there is none."""
        horizon = self._task.horizon
        place = positions(self._ids, panel.ids)
        known = seen(panel)
        point = np.full((len(origins), horizon), np.nan)
        order = np.argsort(origins.series, kind="stable")
        asked, first = np.unique(origins.series[order], return_index=True)
        for s, here in zip(asked, np.split(order, first)[1:], strict=True):
            model = self._models[place[s]]
            if model is None:
                continue
            centre, scale, _ = self._units[place[s]]
            beta = self._beta[place[s]]
            start, length = int(panel.offsets[s]), int(panel.offsets[s + 1] - panel.offsets[s])
            at = origins.rows[here] - start  # [O]
            last = int(at.max()) + 1  # what comes later is not looked at
            x = np.zeros(length)  # [T] what comes from outside
            if beta.any():
                x = self._regressors.rows(panel.select([s])) @ beta
            z = (panel.target[start : start + last] - centre) / scale - x[:last]
            filled, e = innovations(model, z, known[start : start + last])
            ahead = np.minimum(at[:, None] + np.arange(1, horizon + 1), length - 1)  # [O, H]
            z_ahead = forecast_all(model, filled, e, at, horizon) + x[ahead]
            point[here] = centre + scale * z_ahead
        return point

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        place = positions(self._ids, panel.ids)[origins.series]  # [O]
        if (place < 0).any():
            names = np.asarray(panel.ids)[np.unique(origins.series[place < 0])]
            raise DataError(
                f"arima: was fitted without the series {name_some(names)}",
                "train on data that hold these series, or use a model that they share (linear)",
            )
        absent = [c for c in self._regressors.channels if c not in panel.channels]
        if absent:
            raise DataError(
                f"arima: was fitted with the covariates {', '.join(absent)}; the data lack them",
                "give the covariates of the training data",
            )
        task = self._task
        point = self._points(panel, origins)
        last = fill(panel, 1)[origins.rows]
        with np.errstate(over="ignore", invalid="ignore"):
            far = np.abs(point - last[:, None]) > ABSURD * self._units[place, 2][:, None]
        missing: Bools = np.logical_not(np.isfinite(point).all(axis=1))  # [O]
        instead: Bools = np.logical_or(missing, far.any(axis=1))
        values = self._errors[place]  # [O, H, Q]
        values += point[:, :, None]
        notes = self._limits
        if instead.any():
            simple = self._fallback.forecast(panel, origins[instead])
            values[instead] = simple.values
            where = self._notes(panel, origins, missing, instead & ~missing)
            notes = (*notes, *where, *simple.fallbacks)
        return Forecast(origins, values, task.quantiles, notes)

    def _gaussian(self, s: int) -> Floats:
        """[H, Q] Gaussian error quantiles of one series."""
        model = self._models[s]
        if model is None:
            return np.zeros((self._task.horizon, len(self._task.quantiles)))
        sigma = self._units[s, 1] * spread(model, self._task.horizon)
        offsets: Floats = sigma[:, None] * normal_quantiles(self._task.quantiles)
        return offsets

    @staticmethod
    def _notes(panel: Panel, origins: Origins, missing: Bools, far: Bools) -> tuple[str, ...]:
        lines = []
        for where, why in (
            (missing, "no ARIMA was fitted or could start"),
            (far, "the ARIMA left all history far behind"),
        ):
            if where.any():
                names = name_some(np.asarray(panel.ids)[np.unique(origins.series[where])])
                lines.append(
                    f"arima: seasonal-naive, as {why}, from {where.sum()} of {len(origins)} "
                    f"origins ({names})"
                )
        return tuple(lines)

    @property
    def n_parameters(self) -> int:
        fitted = [m for m in self._models if m is not None]
        return sum(m.n_parameters + self._regressors.count for m in fitted)

    def orders(self) -> dict[str, tuple[int, ...] | None]:
        """(p, d, q, P, D, Q, m) by series; None where the seasonal naive answers."""
        return {
            name: None if m is None else m.order
            for name, m in zip(self._ids, self._models, strict=True)
        }

    def state(self) -> State:
        arrays, meta = self._fallback.state()
        packed = [m or Arima((0,) * 7, np.zeros(0), np.zeros(0), 0.0, np.nan) for m in self._models]
        return (
            {
                "orders": np.array([m.order for m in packed], dtype=np.int64).reshape(-1, 7),
                "ar": np.concatenate([np.zeros(0), *(m.ar for m in packed)]),
                "ma": np.concatenate([np.zeros(0), *(m.ma for m in packed)]),
                "sizes": np.array([(len(m.ar), len(m.ma)) for m in packed]).reshape(-1, 2),
                "constant": np.array([m.constant for m in packed]),
                "sigma": np.array([m.sigma for m in packed]),
                "beta": self._beta,
                "units": self._units,
                "errors": self._errors,
                **nest("fallback", arrays),
            },
            {
                "task": task_to_json(self._task),
                "ids": list(self._ids),
                "regressors": self._regressors.to_json(),
                "warnings": self._warned,
                "limits": list(self._limits),
                "fallback": meta,
            },
        )

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        model = cls(settings)
        model._task = task_from_json(meta["task"])
        model._ids = tuple(meta["ids"])
        model._regressors = Regressors.from_json(meta["regressors"])
        model._warned = int(meta["warnings"])
        model._limits = tuple(meta["limits"])
        inner = nested("fallback", arrays)
        model._fallback = SeasonalNaive.restore(inner, meta["fallback"], settings)
        model._beta, model._units = arrays["beta"], arrays["units"]
        model._errors = arrays["errors"]
        ends = np.cumsum(arrays["sizes"], axis=0)
        for s, (order, (p, q)) in enumerate(zip(arrays["orders"], arrays["sizes"], strict=True)):
            fitted = Arima(
                tuple(int(n) for n in order),
                arrays["ar"][ends[s, 0] - p : ends[s, 0]],
                arrays["ma"][ends[s, 1] - q : ends[s, 1]],
                float(arrays["constant"][s]),
                float(arrays["sigma"][s]),
            )
            model._models.append(fitted if np.isfinite(fitted.sigma) else None)
        return model

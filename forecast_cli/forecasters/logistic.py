"""Logistic regression for direction: will the series stand higher than now at step h?

One regression a step, shared by all series, on the changes from the last value back over the
last season, in units of each series' usual change, and the calendar. It is no
:class:`~forecast_cli.forecasters.base.Forecaster`: it answers with a probability, not with
values. Steps and windows are bounded, so that a long horizon costs no more than a short
one: between fitted steps the log odds are interpolated.
"""

from __future__ import annotations

import warnings
from typing import Self

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.history import seen
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.forecasters.features import (
    Layout,
    choose_lags,
    covariate_moments,
    features,
    look,
    make_layout,
    windows,
)
from forecast_cli.forecasters.units import running_scale
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

MOST_LAGS = 48
MOST_STEPS = 24  # that have a regression of their own
MOST_ROWS = 4000  # windows in each regression
FEWEST_ROWS = 20


class DirectionModel:
    """The probability that a series stands higher than now, h steps on.

    Parameters
    ----------
    settings : Settings
        ``context`` bounds the lags.
    """

    name = "logistic"

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._task = Task(horizon=1)
        self._layout: Layout | None = None  # None: not fitted
        self._moments: tuple[Floats, Floats] = (np.zeros(0), np.zeros(0))
        self._column_scale: Floats = np.ones(0)  # [F]
        self._steps: Ints = np.zeros(0, dtype=np.int64)  # [J] steps with a regression
        self._weights: Floats = np.zeros((0, 0))  # [F, J]
        self._intercepts: Floats = np.zeros(0)  # [J]

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        """Learn from the rows of each series before ``until`` [S]."""
        self._task = task
        past = panel.until(until)
        lags = choose_lags(
            past.lengths, task.seasons, task.horizon, self.settings.context or MOST_LAGS
        )
        layout = make_layout(past, task.seasons, task.horizon, min(lags, MOST_LAGS))
        self._layout = layout
        self._moments = covariate_moments(past)
        count = min(MOST_STEPS, task.horizon)
        self._steps = np.unique(np.linspace(1, task.horizon, count).round().astype(np.int64))
        origins = windows(past, layout, task.horizon, MOST_ROWS)
        origins = origins[seen(past)[origins.rows]]
        x = self._features(past, origins)
        deviation = x.std(axis=0) if len(x) else np.zeros(x.shape[1])
        self._column_scale = np.where(deviation > 0, deviation, 1.0)
        self._weights = np.zeros((x.shape[1], len(self._steps)))
        self._intercepts = np.zeros(len(self._steps))
        for j, step in enumerate(self._steps):
            known = seen(past)[origins.rows + step]
            higher = past.target[origins.rows + step] > past.target[origins.rows]
            self._weights[:, j], self._intercepts[j] = _regress(
                x[known] / self._column_scale, higher[known]
            )
        return self

    def probability(self, panel: Panel, origins: Origins) -> Floats:
        """[O, H] probability that the value at each step is above the origin's last one."""
        if self._layout is None:
            raise ValueError("fit comes before probability")
        x = self._features(panel, origins) / self._column_scale
        odds = x @ self._weights + self._intercepts  # [O, J]
        horizon = np.arange(1, self._task.horizon + 1)
        right = np.clip(np.searchsorted(self._steps, horizon), 0, len(self._steps) - 1)
        left = np.maximum(right - (self._steps[right] > horizon), 0)
        gap = np.maximum(self._steps[right] - self._steps[left], 1)
        share = (horizon - self._steps[left]) / gap  # [H]
        between = odds[:, left] * (1 - share) + odds[:, right] * share  # [O, H]
        chance: Floats = 0.5 * (1.0 + np.tanh(0.5 * between))  # logistic, without overflow
        return chance

    def _features(self, panel: Panel, origins: Origins) -> Floats:
        """[O, F] lags, calendar, covariates of each origin; extreme changes are cut."""
        if self._layout is None:
            raise ValueError("fit comes before features")
        view = look(panel, self._layout, *self._moments)
        scale = running_scale(panel, self._task.season)[origins.rows]
        x, _ = features(view, self._layout, origins, scale)
        return np.clip(x, -20.0, 20.0)


def _regress(x: Floats, higher: Bools) -> tuple[Floats, float]:
    """Weights [F] and intercept; the base rate alone where there is too little to learn."""
    rate = (higher.sum() + 0.5) / (len(higher) + 1)  # never 0 or 1
    if len(higher) < FEWEST_ROWS or higher.all() or not higher.any():
        return np.zeros(x.shape[1]), float(np.log(rate / (1 - rate)))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a bounded fit is meant
        model = LogisticRegression(C=0.1, max_iter=50).fit(x, higher)
    return model.coef_[0], float(model.intercept_[0])

"""The forecaster's own quantiles as probabilities of a threshold event.

The LSTM forecaster gives quantiles of each of the next H values, but not of the paths that lead
through them. So the chance that any of them meets the condition is not known from them. It is no
less than that of the likeliest step (all steps move together: Fréchet's lower bound) and, where
steps move more together than apart, no more than that of independent ones. Both enter a
logistic regression on held-out origins, which finds the place between them and mends the
calibration at the same time (Gneiting & Katzfuss 2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.classifiers.base import Classifier, Held
from forecast_cli.classifiers.logistic import Regression
from forecast_cli.classifiers.tabular import HELD_SHARE, require_two_classes
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.events.rules import parse_rule
from forecast_cli.data.events.split import hold_out
from forecast_cli.data.future import extend
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import default_validation
from forecast_cli.errors import RunError, TrainingError
from forecast_cli.events import EventTask, event_task_from_json, event_task_to_json
from forecast_cli.forecasters.base import State
from forecast_cli.forecasters.exceedance import probability_above
from forecast_cli.forecasters.neural import LSTMForecaster
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

LEVELS = (20, 40, 60, 80, 90, 95, 98)
WEAK = 1.0  # C of a regression on two columns
_EDGE = 1e-4  # no step is surer than this


class ForecastQuantiles(Classifier):
    """The default network's quantile forecast, turned into the chance of the event."""

    name = "quantiles"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task: EventTask | None = None
        self._forecaster = LSTMForecaster(self.settings)
        self._regression: Regression | None = None

    @property
    def task(self) -> EventTask:
        if self._task is None:
            raise ValueError("fit comes first")
        return self._task

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Self:
        """Forecaster on what lies before the held-out moments, map on these, forecaster again."""
        require_two_classes(task, examples)
        if parse_rule(task.event).sign in ("==", "!="):
            raise TrainingError(
                f'quantiles say nothing of "{task.event}": one exact value has no chance',
                "ask with > or <, or leave this model out",
            )
        self._task = task
        learn, hold = hold_out(panel, task, examples, HELD_SHARE, self.settings.seed)
        if not len(hold):
            raise TrainingError("too few examples to hold any out", "name a longer series")
        self._fit_forecaster(panel, _ends(panel, learn, task.horizon), monitor)
        chances = self._chances(panel, hold.moments, monitor)
        self._regression = Regression.fit(chances, hold.labels, 2, WEAK)
        self.held = Held(hold, self._regression.answer(chances))
        self._fit_forecaster(panel, _ends(panel, examples, task.horizon), monitor)
        return self

    def _fit_forecaster(self, panel: Panel, until: Ints, monitor: Monitor) -> None:
        lengths = until - panel.starts
        validation = default_validation(int(np.median(lengths)), 0, self.task.horizon)
        asked = Task(self.task.horizon, self.task.seasons, LEVELS, validation)
        self._forecaster = LSTMForecaster(self.settings)
        self._forecaster.fit(panel, asked, until, monitor)

    def _chances(self, panel: Panel, moments: Origins, monitor: Monitor) -> Floats:
        """[M, 2] log odds that any step meets the condition: together, and independently."""
        rule, horizon = parse_rule(self.task.event), self.task.horizon
        if len(moments) and (moments.rows + horizon >= panel.ends[moments.series]).any():
            panel, moments = _extended(panel, moments, horizon)
        forecast = self._forecaster.forecast(panel, moments, monitor)
        limit = np.full(len(moments), rule.limit)
        above = probability_above(forecast.values, forecast.quantiles, limit)  # [M, H]
        each = np.nan_to_num(above if rule.sign in (">", ">=") else 1 - above, nan=0.0)
        together = each.max(axis=1)
        apart = 1 - np.exp(np.log1p(-np.clip(each, 0, 1 - _EDGE)).sum(axis=1))
        return _log_odds(np.stack([together, apart], axis=1))

    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        if self._regression is None:
            raise ValueError("fit comes first")
        return self._regression.answer(self._chances(panel, moments, monitor))

    @property
    def n_parameters(self) -> int:
        return self._forecaster.n_parameters + 3

    def state(self) -> State:
        if self._regression is None:
            raise ValueError("fit comes first")
        arrays, meta = self._forecaster.state()
        kept = {f"map.{name}": array for name, array in self._regression.arrays().items()}
        return {**arrays, **kept}, {"task": event_task_to_json(self.task), "forecaster": meta}

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        model = cls(settings)
        try:
            model._task = event_task_from_json(meta["task"])
            own = {n.removeprefix("map."): a for n, a in arrays.items() if n.startswith("map.")}
            model._regression = Regression.from_arrays(own)
            rest = {n: a for n, a in arrays.items() if not n.startswith("map.")}
            model._forecaster = LSTMForecaster.restore(rest, meta["forecaster"], settings)
        except (KeyError, TypeError, ValueError) as cause:
            raise RunError(
                f"the saved {cls.name} is damaged ({cause})", "train again with: forecast train"
            ) from cause
        return model


def _ends(panel: Panel, examples: Examples, horizon: int) -> Ints:
    """[S] one past the last row that an answer of the examples depends on."""
    ends = panel.starts.copy()
    np.maximum.at(ends, examples.moments.series, examples.moments.rows + horizon + 1)
    return np.minimum(ends, panel.known_ends)


def _extended(panel: Panel, moments: Origins, horizon: int) -> tuple[Panel, Origins]:
    """The panel with H rows after each history, and the moments where they lie in it."""
    longer = extend(panel, horizon)
    shift = longer.starts[moments.series] - panel.starts[moments.series]
    return longer, Origins(moments.series, moments.rows + shift)


def _log_odds(chance: Floats) -> Floats:
    held = np.clip(chance, _EDGE, 1 - _EDGE)
    odds: Floats = np.log(held / (1 - held))
    return odds

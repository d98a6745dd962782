"""The simplest forecasts: last value, value one season ago, drift, mean.

A rule says where its point forecasts lie (``points``) and how its error grows with the step
(``growth``); the intervals of all four come from the same two sources. A series that was
fitted and is long enough has the empirical quantiles of the rule's own h-step errors before
the cutoff: real errors neither grow like a random walk's nor look Gaussian. Any other
series has the textbook interval (Hyndman & Athanasopoulos 2021, section 5.5) from its own
one-step errors up to the origin.

Where a rule has no value, the last one answers and the forecast says so. There, and where the
rule has no error of its own yet, the interval is that of the last value. After a single value
nothing is known of how far the series moves: its size is the only scale there is, and the
interval is as wide as that. Where nothing was ever observed the forecast is NaN.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from forecast_cli.comparison import Replaced
from forecast_cli.config import Settings
from forecast_cli.data.history import (
    last_seen,
    name_some,
    positions,
    running_sum,
    seen,
    take,
)
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.forecasters.base import Forecast, State, in_words
from forecast_cli.forecasters.intervals import (
    error_quantiles,
    normal_quantiles,
    spread_origins,
)
from forecast_cli.forecasters.kept import KeptForecaster
from forecast_cli.forecasters.saving import Arrays
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task


class _Rule(KeptForecaster):
    """A forecast by rule: nothing is estimated but the spread of its errors."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._errors: Floats = np.zeros((0, 1, len(self._task.quantiles)))  # [S, H, Q]

    @abstractmethod
    def points(self, panel: Panel, origins: Origins, horizon: int) -> tuple[Floats, Bools]:
        """[O, H] point forecasts, and where the rule itself gave them."""

    @abstractmethod
    def growth(self, panel: Panel, origins: Origins) -> Floats:
        """[O, H] standard error of each step in units of that of the first."""

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self._task = task
        self._ids = panel.ids
        past = panel.until(until)
        self._errors = np.full((past.n_series, task.horizon, len(task.quantiles)), np.nan)
        for block, part, origins in spread_origins(past, task.horizon):
            forecast, own = self.points(part, origins, task.horizon)
            self._errors[block] = error_quantiles(
                part, origins, np.where(own, forecast, np.nan), task.quantiles
            )
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        horizon, quantiles = self._task.horizon, self._task.quantiles
        point, own = self.points(panel, origins, horizon)
        known = positions(self._ids, panel.ids)[origins.series]  # [O]
        values = self._errors[known]  # [O, H, Q], a row of any series for an unseen one
        values[known < 0] = np.nan
        values[~own] = np.nan
        bare: Bools = np.logical_not(np.isfinite(values).all(axis=(1, 2)))  # [O]
        if bare.any():
            spread = self._spread(panel, origins[bare], own[bare])[:, :, None]  # [O', H, 1]
            analytic = spread * normal_quantiles(quantiles)
            values[bare] = np.where(np.isnan(values[bare]), analytic, values[bare])
        values[:, :, self._task.median] = 0.0
        values += point[:, :, None]
        return Forecast(origins, values, quantiles, *self._fallbacks(panel, origins, point, own))

    def _spread(self, panel: Panel, origins: Origins, own: Bools) -> Floats:
        """[O, H] standard errors from one-step errors up to each origin.

        Where a step is not the rule's ``own`` [O, H], or the rule never erred yet, of the
        last value.
        """
        chosen, inverse = np.unique(origins.series, return_inverse=True)
        part = panel.select(chosen)
        here = origins.rows - panel.starts[origins.series] + part.starts[inverse]
        point, sure = self.points(part, Origins(part.series_of_row, np.arange(part.n_rows)), 1)
        sigma = _one_step(part, np.where(sure, point, np.nan)[:, 0])[here, None]  # [O, 1]
        last = take(part.target, last_seen(part))  # [rows]
        simple = _one_step(part, last)[here]  # [O]
        simple = np.where(np.isnan(simple), np.abs(last[here]), simple)[:, None]
        walked = simple * np.sqrt(np.arange(1, self._task.horizon + 1))  # [O, H]
        ruled = sigma * self.growth(part, Origins(inverse, here))
        return np.where(own & np.isfinite(sigma), ruled, walked)

    def _fallbacks(
        self, panel: Panel, origins: Origins, point: Floats, own: Bools
    ) -> tuple[tuple[str, ...], tuple[Replaced, ...]]:
        """What the rule itself could not answer, in words and counted."""
        empty = np.isnan(point).any(axis=1)  # [O]
        short = ~own.all(axis=1) & ~empty
        lines: tuple[str, ...] = ()
        records: tuple[Replaced, ...] = ()
        if short.any():
            names = tuple(panel.ids[s] for s in np.unique(origins.series[short]))
            found = int(short.sum()), len(origins), names
            records = (Replaced(self.name, "naive", "there is too little history", *found),)
            lines = (in_words(records[0]),)
        if empty.any():
            names = tuple(panel.ids[s] for s in np.unique(origins.series[empty]))
            lines += (
                f"{self.name}: no forecast, as nothing was observed, from {empty.sum()} of "
                f"{len(origins)} origins ({name_some(names)})",
            )
        return lines, records

    @property
    def n_parameters(self) -> int:
        return 0

    def _own_state(self) -> State:
        return {"errors": self._errors}, {}

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        self._errors = arrays["errors"]


def _one_step(part: Panel, ahead: Floats) -> Floats:
    """[rows] the root mean square, up to each row, of the errors of forecasts one step ahead.

    ``ahead`` [rows] is what each row says of the next; NaN in rows before the first error.
    """
    error = np.full(part.n_rows, np.nan)
    error[1:] = part.target[1:] - ahead[:-1]
    error[part.starts[part.lengths > 0]] = np.nan  # no forecast comes from another series
    counted = seen(part) & np.isfinite(error)
    squares = running_sum(part, np.where(counted, error, 0.0) ** 2)
    count = running_sum(part, counted.astype(np.float64))
    return np.where(count > 0, np.sqrt(squares / np.maximum(count, 1.0)), np.nan)


class SeasonalNaive(_Rule):
    """The last observed value of the same phase: of one season ago, or of an earlier one."""

    name = "seasonal-naive"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._season: int | None = None

    @classmethod
    def with_season(cls, season: int, settings: Settings | None = None) -> Self:
        """The rule for a season of the user's choice, in steps."""
        model = cls(settings)
        model._season = season
        model.name = f"seasonal-naive-{season}"
        return model

    def unfitted(self) -> Self:
        model = super().unfitted()
        model._season, model.name = self._season, self.name
        return model

    @property
    def season(self) -> int:
        """The season in use, in steps: the chosen one, or the task's."""
        return self._season or self._task.season

    def points(self, panel: Panel, origins: Origins, horizon: int) -> tuple[Floats, Bools]:
        m = self.season
        steps = np.arange(1, horizon + 1)
        back = steps - m * -(-steps // m)  # [H] whole seasons back, to the origin or before it
        wanted = origins.rows[:, None] + back  # [O, H]
        inside = wanted >= panel.starts[origins.series][:, None]
        rows = np.where(inside, last_seen(panel, m)[np.where(inside, wanted, 0)], -1)
        seasonal = take(panel.target, rows)
        last = take(panel.target, last_seen(panel)[origins.rows])[:, None]
        return np.where(rows >= 0, seasonal, last), rows >= 0

    def growth(self, panel: Panel, origins: Origins) -> Floats:
        seasons = -(-np.arange(1, self._task.horizon + 1) // self.season)  # [H] whole seasons back
        return np.tile(np.sqrt(seasons), (len(origins), 1))

    def _own_state(self) -> State:
        arrays, meta = super()._own_state()
        return arrays, {**meta, "season": self._season}

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        super()._recall(arrays, meta)
        if meta["season"] is not None:
            self._season = int(meta["season"])
            self.name = str(meta["model"])


class Naive(_Rule):
    """The last observed value."""

    name = "naive"

    def points(self, panel: Panel, origins: Origins, horizon: int) -> tuple[Floats, Bools]:
        last = last_seen(panel)[origins.rows]
        point = np.tile(take(panel.target, last)[:, None], (1, horizon))  # [O, H]
        return point, np.isfinite(point)

    def growth(self, panel: Panel, origins: Origins) -> Floats:
        steps = np.arange(1, self._task.horizon + 1)
        return np.tile(np.sqrt(steps), (len(origins), 1))


class Drift(_Rule):
    """The line from the first observed value through the last."""

    name = "drift"

    def points(self, panel: Panel, origins: Origins, horizon: int) -> tuple[Floats, Bools]:
        first, last = self._ends(panel, origins)
        start, end = take(panel.target, first), take(panel.target, last)
        run = last - first
        slope = np.where(run > 0, (end - start) / np.maximum(run, 1), 0.0)  # [O]
        steps = (origins.rows - last)[:, None] + np.arange(1, horizon + 1)  # [O, H] since the last
        point = end[:, None] + slope[:, None] * steps
        return point, np.tile((run > 0)[:, None], (1, horizon))

    def growth(self, panel: Panel, origins: Origins) -> Floats:
        first, last = self._ends(panel, origins)
        run = np.maximum(last - first, 1)[:, None]  # [O, 1]
        steps = np.arange(1, self._task.horizon + 1)
        growth: Floats = np.sqrt(steps * (1 + steps / run))
        return growth

    @staticmethod
    def _ends(panel: Panel, origins: Origins) -> tuple[Ints, Ints]:
        """[O] the first and the last observed row at or before each origin; -1 for none."""
        marks = np.where(seen(panel), np.arange(panel.n_rows), panel.n_rows)
        first = np.full(panel.n_series, panel.n_rows, dtype=np.int64)
        np.minimum.at(first, panel.series_of_row, marks)
        last = last_seen(panel)[origins.rows]
        return np.where(last >= 0, first[origins.series], -1), last


class Mean(_Rule):
    """The mean of everything observed up to the origin."""

    name = "mean"

    def points(self, panel: Panel, origins: Origins, horizon: int) -> tuple[Floats, Bools]:
        sums = running_sum(panel, np.where(seen(panel), panel.target, 0.0))[origins.rows]
        count = self._count(panel)[origins.rows]
        mean = np.where(count > 0, sums / np.maximum(count, 1.0), np.nan)
        point = np.tile(mean[:, None], (1, horizon))  # [O, H]
        return point, np.isfinite(point)

    def growth(self, panel: Panel, origins: Origins) -> Floats:
        count = np.maximum(self._count(panel)[origins.rows], 1.0)[:, None]  # [O, 1]
        return np.tile(np.sqrt(1 + 1 / count), (1, self._task.horizon))

    @staticmethod
    def _count(panel: Panel) -> Floats:
        return running_sum(panel, seen(panel).astype(np.float64))

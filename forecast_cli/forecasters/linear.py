"""Ridge regression on lags, calendar and covariates: direct, all steps in one solve.

One set of weights serves all series (each in units of its own spread) and maps what is known
at an origin to the H steps after it, relative to the last value, so that shifts of level
carry through. The weights shrink to the best of three guesses: the last value, the last
season, the mean of the lags. Penalty and guess are chosen on held-out blocks of the history
(forecasters/ridge.py), intervals come from the errors on those blocks, by series and step.

A window whose future is not fully known counts as long as half of it is, with the gaps
filled as lags are. Above a bound on work (rows times columns squared) windows are left out
evenly, by a rule that depends on their place in the series only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.data.calendar import calendar_names
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters.base import (
    Forecast,
    Forecaster,
    State,
    task_from_json,
    task_to_json,
)
from forecast_cli.forecasters.features import (
    Layout,
    View,
    choose_lags,
    covariate_moments,
    features,
    look,
    make_layout,
    running_scale,
)
from forecast_cli.forecasters.history import positions, running_sum, seen
from forecast_cli.forecasters.intervals import error_quantiles, normal_quantiles, spread_origins
from forecast_cli.forecasters.naive import SeasonalNaive
from forecast_cli.forecasters.ridge import Ridge, accumulate, choose
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

BLOCKS = 4  # of history; each is held out once
WORK = 1.5e10  # rows x columns squared: a second or two
FEWEST_ROWS = 10
CELLS_AT_ONCE = 1_000_000  # of features, 8 MB
YEARS_FOR_YEARLY = 2.0  # history that the day of the year needs
_GOLDEN = 0.6180339887498949  # multiples of it fill [0, 1) evenly and follow no season


class LinearForecaster(Forecaster):
    """Direct ridge regression, shared by all series."""

    name = "linear"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task = Task(horizon=1)
        self._ids: tuple[str, ...] = ()
        self._layout: Layout | None = None  # None: too little history, the fallback answers
        self._fallback = SeasonalNaive(settings)
        self._arrays: dict[str, Floats] = {}

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self._task, self._ids = task, panel.ids
        past = panel.until(until)
        self._fallback = SeasonalNaive(self.settings).fit(panel, task, until)
        lags = choose_lags(past.lengths, task.seasons, task.horizon, self.settings.context)
        layout = make_layout(past, task.seasons, task.horizon, lags, _calendar(past))
        centre, spread = covariate_moments(past)
        view = look(past, layout, centre, spread)
        scale = _series_scale(past, task.season)
        origins = _windows(past, layout, task.horizon)
        if len(origins) < FEWEST_ROWS:
            self._layout, self._arrays = None, {}
            return self
        ridge = choose(
            accumulate(_rows(view, layout, origins, scale, task.horizon), BLOCKS),
            _guesses(layout, _columns(view, layout), task),
        )
        self._layout = layout
        self._arrays = {
            "weights": ridge.weights,
            "rmse": ridge.rmse,
            "errors": _errors(view, layout, ridge, scale, task),
            "scale": scale,
            "centre": centre,
            "spread": spread,
        }
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        if self._layout is None:
            simple = self._fallback.forecast(panel, origins)
            why = f"linear: seasonal-naive, as fewer than {FEWEST_ROWS} windows could be learned"
            return Forecast(origins, simple.values, simple.quantiles, (why, *simple.fallbacks))
        self._check(panel, self._layout)
        arrays, task = self._arrays, self._task
        view = look(panel, self._layout, arrays["centre"], arrays["spread"])
        known = positions(self._ids, panel.ids)[origins.series]  # [O]
        scale = running_scale(panel, task.season)[origins.rows]
        scale[known >= 0] = arrays["scale"][known[known >= 0]]
        point = np.empty((len(origins), task.horizon))
        for part in _parts(len(origins), arrays["weights"].shape[0]):
            x, last = features(view, self._layout, origins[part], scale[part])
            point[part] = last[:, None] + scale[part, None] * (x @ arrays["weights"])
        offsets = arrays["rmse"][:, None] * normal_quantiles(task.quantiles)  # [H, Q]
        offsets = scale[:, None, None] * offsets  # [O, H, Q]
        own = np.full_like(offsets, np.nan)
        own[known >= 0] = arrays["errors"][known[known >= 0]]
        offsets = np.where(np.isnan(own), offsets, own)
        offsets[:, :, task.median] = 0.0
        values = np.sort(point[:, :, None] + offsets, axis=2)
        empty = int(np.isnan(point[:, 0]).sum())
        why = f"linear: no forecast, as nothing was observed, from {empty} of {len(origins)} origins"
        return Forecast(origins, values, task.quantiles, (why,) if empty else ())

    @staticmethod
    def _check(panel: Panel, layout: Layout) -> None:
        for asked, given in (
            (layout.channels, panel.channels[1:]),
            (layout.static, panel.static_names),
        ):
            if asked != given:
                raise DataError(
                    f"linear: was fitted with covariates {list(asked)}, the data have {list(given)}",
                    "give the covariates of the training data, in the same order",
                )

    @property
    def n_parameters(self) -> int:
        return int(self._arrays["weights"].size) if self._layout else 0

    def state(self) -> State:
        arrays, meta = self._fallback.state()
        layout = self._layout.to_json() if self._layout else None
        return (
            {**self._arrays, **{f"fallback.{k}": v for k, v in arrays.items()}},
            {
                "task": task_to_json(self._task),
                "ids": list(self._ids),
                "layout": layout,
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
        model._layout = Layout.from_json(meta["layout"]) if meta["layout"] else None
        inner = {k.removeprefix("fallback."): v for k, v in arrays.items() if "fallback." in k}
        model._fallback = SeasonalNaive.restore(inner, meta["fallback"], settings)
        model._arrays = {k: v for k, v in arrays.items() if "fallback." not in k}
        return model


def _calendar(past: Panel) -> tuple[int, ...]:
    """The calendar features to use: that of the year needs two years to tell it from a trend."""
    names = calendar_names(past.clock)
    if not names or past.n_rows == 0:
        return ()
    years = (past.times.max() - past.times.min()) / (365.25 * 86_400e9)
    short = years < YEARS_FOR_YEARLY
    return tuple(i for i, n in enumerate(names) if not (short and n.startswith("day_of_year")))


def _series_scale(past: Panel, season: int) -> Floats:
    """[S] the unit of each series, from all of its history."""
    scale = np.ones(past.n_series)
    usable = past.lengths > 0
    scale[usable] = running_scale(past, season)[past.ends[usable] - 1]
    return scale


def _windows(past: Panel, layout: Layout, horizon: int) -> Origins:
    """Origins to learn from: lags and targets inside the history, half of the targets known."""
    known = running_sum(past, seen(past).astype(np.float64))  # [rows]
    place = np.arange(past.n_rows) - np.repeat(past.starts, past.lengths)
    left = np.repeat(past.lengths, past.lengths) - place - 1  # rows after each
    rows = np.flatnonzero((place >= layout.lags - 1) & (left >= horizon) & (known > 0))
    rows = rows[known[rows + horizon] - known[rows] >= horizon / 2]
    columns = layout.lags + layout.bins + layout.covariate_lags * len(layout.channels)
    share = WORK / columns**2 / max(len(rows), 1)
    if share < 1:
        rows = rows[place[rows] * _GOLDEN % 1.0 < share]
    return Origins(past.series_of_row[rows], rows)


def _block(past: Panel, origins: Origins) -> Ints:
    """[O] which of the BLOCKS blocks of its series' history an origin lies in."""
    place = origins.rows - past.starts[origins.series]
    return place * BLOCKS // past.lengths[origins.series]


def _rows(
    view: View, layout: Layout, origins: Origins, scale: Floats, horizon: int
) -> Iterator[tuple[Floats, Floats, Ints]]:
    """Features, targets and block of the windows, a part at a time."""
    for part in _parts(len(origins), layout.lags + horizon):
        chosen = origins[part]
        unit = scale[chosen.series]
        x, last = features(view, layout, chosen, unit)
        target = view.target[chosen.rows[:, None] + np.arange(1, horizon + 1)]  # [n, H]
        y = (np.where(np.isnan(target), last[:, None], target) - last[:, None]) / unit[:, None]
        yield x, y, _block(view.panel, chosen)


def _columns(view: View, layout: Layout) -> int:
    """F, the number of features."""
    none = Origins(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    return features(view, layout, none, np.ones(0))[0].shape[1]


def _guesses(layout: Layout, columns: int, task: Task) -> list[Floats]:
    """[F, H] each: the last value, the mean of the lags, and the last seasons that fit."""
    last = np.zeros((columns, task.horizon))
    mean = last.copy()
    mean[: layout.lags] = 1 / layout.lags
    guesses = [last, mean]
    steps = np.arange(task.horizon)
    for m in task.seasons:
        if 1 < m <= layout.lags:
            season = last.copy()
            season[layout.lags - m + steps % m, steps] = 1.0
            guesses.append(season)
    return guesses


def _errors(view: View, layout: Layout, ridge: Ridge, scale: Floats, task: Task) -> Floats:
    """[S, H, Q] quantiles of held-out errors; NaN for series with too few."""
    past = view.panel
    result = np.full((past.n_series, task.horizon, len(task.quantiles)), np.nan)
    for series, origins in spread_origins(past, task.horizon):
        point = np.full((len(origins), task.horizon), np.nan)
        ready = origins.rows - past.starts[origins.series] >= layout.lags - 1
        block = _block(past, origins)
        for k in range(BLOCKS):
            here = np.flatnonzero(ready & (block == k))
            for part in _parts(len(here), ridge.weights.shape[0]):
                some = origins[here[part]]
                unit = scale[some.series]
                x, last = features(view, layout, some, unit)
                point[here[part]] = last[:, None] + unit[:, None] * (x @ ridge.held_out[k])
        result[series] = error_quantiles(past, origins, point, task.quantiles)
    return result


def _parts(rows: int, columns: int) -> Iterator[slice]:
    """Slices of rows that keep features within bounds of memory."""
    size = max(1, CELLS_AT_ONCE // max(1, columns))
    for begin in range(0, rows, size):
        yield slice(begin, begin + size)

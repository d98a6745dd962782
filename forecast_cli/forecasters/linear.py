"""Ridge regression on lags, calendar and covariates: direct, all steps in one solve.

One set of weights serves all series (each in units of its own spread) and maps what is known
at an origin to the H steps after it, relative to the last value, so that shifts of level
carry through. The weights shrink to the best of three guesses: the last value, the last
season, the mean of the lags. Penalty and guess are chosen on held-out blocks of the history
(forecasters/ridge.py), intervals come from the errors on those blocks, by series and step.

A window whose future is not fully known counts as long as half of it is, with the gaps
filled as lags are. Above a bound on work (rows times columns squared) windows are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from forecast_cli.comparison import Replaced
from forecast_cli.config import Settings
from forecast_cli.data.history import positions
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.forecasters.base import Forecast, State, in_words
from forecast_cli.forecasters.fallback import RULE, replacements
from forecast_cli.forecasters.features import (
    Layout,
    View,
    choose_lags,
    covariate_moments,
    features,
    look,
    make_layout,
    refuse_other_covariates,
    windows,
)
from forecast_cli.forecasters.intervals import error_quantiles, normal_quantiles, spread_origins
from forecast_cli.forecasters.kept import KeptForecaster
from forecast_cli.forecasters.naive import SeasonalNaive
from forecast_cli.forecasters.ridge import Ridge, accumulate, choose
from forecast_cli.forecasters.saving import Arrays
from forecast_cli.forecasters.units import only_one, running_scale, series_units
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

BLOCKS = 4  # of history; each is held out once
WORK = 1.5e10  # rows x columns squared: a second or two
FEWEST_ROWS = 10
TOO_FEW = f"fewer than {FEWEST_ROWS} windows could be learned"
ONE_VALUE = "a single value tells nothing of how it moves"
CELLS_AT_ONCE = 1_000_000  # of features, 8 MB


class LinearForecaster(KeptForecaster):
    """Direct ridge regression, shared by all series."""

    name = "linear"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._layout: Layout | None = None  # None: too little history, the fallback answers
        self._fallback = SeasonalNaive(settings)
        self._arrays: dict[str, Floats] = {}

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self._task = task
        past = panel.until(until)
        self._fallback = SeasonalNaive(self.settings).fit(panel, task, until)
        lags = choose_lags(past.lengths, task.seasons, task.horizon, self.settings.context)
        layout = make_layout(past, task.seasons, task.horizon, lags)
        centre, spread = covariate_moments(past)
        view = look(past, layout, centre, spread)
        scale, met = series_units(past, task.season)
        columns = _columns(view, layout)
        origins = windows(past, layout, task.horizon, int(WORK / columns**2))
        if len(origins) < FEWEST_ROWS:
            self._layout, self._arrays = None, {}
            return self
        monitor.begin("fitting linear", len(origins))
        rows = _rows(view, layout, origins, scale, task.horizon, monitor)
        ridge = choose(accumulate(rows, BLOCKS), _guesses(layout, columns, task))
        monitor.end()
        typical = ridge.rmse[:, None] * normal_quantiles(task.quantiles)  # [H, Q]
        errors = _errors(view, layout, ridge, scale, task)  # [S, H, Q]
        errors = np.where(np.isnan(errors), scale[:, None, None] * typical, errors)
        errors[:, :, task.median] = 0.0
        self._layout, self._ids = layout, tuple(panel.ids[s] for s in met)
        self._arrays = {
            "weights": ridge.weights,
            "typical": typical,
            "errors": errors[met],
            "scale": scale[met],
            "centre": centre,
            "spread": spread,
        }
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        if self._layout is None:
            task, everywhere = self._task, np.arange(len(origins))
            values = np.empty((len(origins), task.horizon, len(task.quantiles)))
            told = self._simple(panel, origins, everywhere, TOO_FEW, values)
            return Forecast(origins, values, task.quantiles, *told)
        refuse_other_covariates(self.name, panel, self._layout)
        arrays, task = self._arrays, self._task
        view = look(panel, self._layout, arrays["centre"], arrays["spread"])
        known = positions(self._ids, panel.ids)[origins.series]  # [O]
        scale = running_scale(panel, task.season)[origins.rows]
        scale[known >= 0] = arrays["scale"][known[known >= 0]]
        moved = running_scale(panel, task.season, still=0.0)[origins.rows] > 0
        far = np.where(moved, scale, 0.0)  # [O]
        point = np.empty((len(origins), task.horizon))
        monitor.begin("forecasting with linear", len(origins))
        for part in _parts(len(origins), arrays["weights"].shape[0]):
            x, last = features(view, self._layout, origins[part], scale[part])
            point[part] = last[:, None] + far[part, None] * (x @ arrays["weights"])
            monitor.update(min(part.stop, len(origins)))
        monitor.end()
        values = far[:, None, None] * arrays["typical"]  # [O, H, Q]
        met = (known >= 0) & moved
        values[met] = arrays["errors"][known[met]]
        values += point[:, :, None]
        bare = np.flatnonzero(only_one(panel, origins))
        lines, records = self._simple(panel, origins, bare, ONE_VALUE, values)
        empty = int(np.isnan(point[:, 0]).sum())
        if empty:
            where = f"from {empty} of {len(origins)} origins"
            lines = (*lines, f"linear: no forecast, as nothing was observed, {where}")
        return Forecast(origins, values, task.quantiles, lines, records)

    def _simple(
        self, panel: Panel, origins: Origins, here: Ints, reason: str, values: Floats
    ) -> tuple[tuple[str, ...], tuple[Replaced, ...]]:
        """Write the fallback's answers from the origins ``here`` into ``values``; in words."""
        if not len(here):
            return (), ()
        simple = self._fallback.forecast(panel, origins[here])
        values[here] = simple.values
        why = np.full(len(origins), reason, dtype=object)
        records = replacements(self.name, RULE, panel, origins, here, why)
        return (*map(in_words, records), *simple.fallbacks), (*records, *simple.replaced)

    @property
    def n_parameters(self) -> int:
        return int(self._arrays["weights"].size) if self._layout else 0

    def _behind(self) -> SeasonalNaive:
        return self._fallback

    def _own_state(self) -> State:
        return self._arrays, {"layout": self._layout.to_json() if self._layout else None}

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        self._layout = Layout.from_json(meta["layout"]) if meta["layout"] else None
        self._arrays = dict(arrays)


def _block(past: Panel, origins: Origins) -> Ints:
    """[O] which of the BLOCKS blocks of its series' history an origin lies in."""
    place = origins.rows - past.starts[origins.series]
    block: Ints = place * BLOCKS // past.lengths[origins.series]
    return block


def _rows(
    view: View, layout: Layout, origins: Origins, scale: Floats, horizon: int, monitor: Monitor
) -> Iterator[tuple[Floats, Floats, Ints]]:
    """Features, targets and block of the windows, a part at a time."""
    for part in _parts(len(origins), layout.lags + horizon):
        chosen = origins[part]
        unit = scale[chosen.series]
        x, last = features(view, layout, chosen, unit)
        target = view.target[chosen.rows[:, None] + np.arange(1, horizon + 1)]  # [n, H]
        y = (np.where(np.isnan(target), last[:, None], target) - last[:, None]) / unit[:, None]
        yield x, y, _block(view.panel, chosen)
        monitor.update(min(part.stop, len(origins)))


def _columns(view: View, layout: Layout) -> int:
    """F, the number of features."""
    none = Origins(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    x, _ = features(view, layout, none, np.ones(0))
    return int(x.shape[1])


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
    for series, part, origins in spread_origins(past, task.horizon):
        point = np.full((len(origins), task.horizon), np.nan)
        place = origins.rows - part.starts[origins.series]
        ready = place >= layout.lags - 1
        block = _block(part, origins)
        # The same origins in the whole panel, whose view is there already.
        owner = series[origins.series]
        there = Origins(owner, past.starts[owner] + place)
        for k in range(BLOCKS):
            here = np.flatnonzero(ready & (block == k))
            for piece in _parts(len(here), ridge.weights.shape[0]):
                some = there[here[piece]]
                unit = scale[some.series]
                x, last = features(view, layout, some, unit)
                point[here[piece]] = last[:, None] + unit[:, None] * (x @ ridge.held_out[k])
        result[series] = error_quantiles(part, origins, point, task.quantiles)
    return result


def _parts(rows: int, columns: int) -> Iterator[slice]:
    """Slices of rows that keep features within bounds of memory."""
    size = max(1, CELLS_AT_ONCE // max(1, columns))
    for begin in range(0, rows, size):
        yield slice(begin, begin + size)

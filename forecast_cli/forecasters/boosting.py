"""Gradient-boosted trees, one model of all series, the step ahead among its features.

Histogram gradient boosting (Friedman 2001; Ke et al. 2017, by scikit-learn) of the absolute
error, on rows that are pairs of an origin and a step (step_features.py): every series in units
of its spread and relative to its last value. Pairs are sampled, by a rule of their place in
the series, so that the work is bounded whatever the data.

The validation block, the last rows in time, says how many trees there are; all rows before
the cutoff then grow that many. The errors on the block give the intervals: the quantiles of
all series' errors at about this step, times how much this series errs.

Where there is too little to learn from, the seasonal naive answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.history import positions, seen
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.forecasters.base import Forecast, State
from forecast_cli.forecasters.fallback import Fallback, objections
from forecast_cli.forecasters.features import (
    Layout,
    covariate_moments,
    make_layout,
    refuse_other_covariates,
    windows,
)
from forecast_cli.forecasters.intervals import FEWEST_ERRORS, normal_quantiles
from forecast_cli.forecasters.kept import KeptForecaster
from forecast_cli.forecasters.saving import Arrays, nest, nested
from forecast_cli.forecasters.step_features import Steps, spread_steps
from forecast_cli.forecasters.trees import Trees, grow, regrow
from forecast_cli.forecasters.units import only_one, running_scale, series_units
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

MOST_PAIRS = 100_000  # to learn from; scikit-learn samples its bins above twice as many
MOST_CHECKS = 30_000  # pairs of the validation block
FEWEST_PAIRS = 200
ERRORS_PER_STEP = 200  # that quantiles are taken of, with those of the steps around
PRIOR_PAIRS = 50.0  # of all series together, beside a series' own, in how much it errs
PAIRS_AT_ONCE = 200_000  # of features, some 50 MB
ONE_VALUE = "a single value tells nothing of how it moves"
TOO_FEW = "there is too little history to learn from"


class BoostingForecaster(KeptForecaster):
    """Boosted trees on lags, calendar and covariates, shared by all series."""

    name = "boosting"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._layout: Layout | None = None
        self._trees: Trees | None = None  # None: too little to learn from
        self._fallback = Fallback(self.name, "seasonal-naive", self.settings)
        self._arrays: dict[str, Floats] = {}

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        past = panel.until(until)
        self._task = task
        self._fallback.fit(panel, task, until, np.zeros(panel.n_series, dtype=bool))
        reach = max(1, min(max(task.seasons), int(np.median(past.lengths)) // 4))
        self._layout = make_layout(past, task.seasons, task.horizon, reach)
        centre, spread = covariate_moments(past)
        scale, met = series_units(past, task.season)
        steps = Steps.of(past, self._layout, task.seasons, centre, spread)
        origins = windows(past, self._layout, task.horizon, MOST_PAIRS)
        left = past.ends[origins.series] - 1 - origins.rows  # [O] rows after each origin
        early = origins[left >= task.validation + task.horizon]  # of the training rows alone
        late = origins[left <= task.validation]  # all targets in the validation block
        learn = gather(steps, early, task.horizon, MOST_PAIRS, scale)
        held = gather(steps, late, task.horizon, MOST_CHECKS, scale)
        self._ids, self._trees = tuple(panel.ids[s] for s in met), None
        self._arrays = {"centre": centre, "spread": spread}
        if len(learn.y) < FEWEST_PAIRS:
            return self
        trees = grow(learn.x, learn.y, held.x, held.y, monitor)
        judged = held if len(held.y) else learn  # without a block, errors of rows learned from
        size, shape = error_shape(judged, judged.y - trees.predict(judged.x), len(scale), task)
        self._arrays |= {"scale": scale[met], "extent": extents(past)[met], "size": size[met]}
        self._arrays["shape"] = shape
        every = gather(steps, origins, task.horizon, MOST_PAIRS, scale)
        self._trees = regrow(every.x, every.y, trees.count) if len(held.y) else trees
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        task, arrays = self._task, self._arrays
        if self._trees is None or self._layout is None:
            blank = np.full((len(origins), task.horizon, len(task.quantiles)), np.nan)
            why = np.full(len(origins), TOO_FEW, dtype=object)
            return self._fallback.mend(panel, origins, blank, why, task)
        refuse_other_covariates(self.name, panel, self._layout)
        steps = Steps.of(panel, self._layout, task.seasons, arrays["centre"], arrays["spread"])
        known = positions(self._ids, panel.ids)[origins.series]  # [O], -1 for a new series
        scale = np.append(arrays["scale"], 0.0)[known]  # [O]
        scale = np.where(known >= 0, scale, running_scale(panel, task.season)[origins.rows])
        moved = running_scale(panel, task.season, still=0.0)[origins.rows] > 0
        far = np.where(moved, scale, 0.0)  # [O]
        size = np.append(arrays["size"], 1.0)[known]
        extent = np.append(arrays["extent"], np.inf)[known]
        last = steps.view.target[origins.rows]
        point = np.empty((len(origins), task.horizon))
        some = max(1, PAIRS_AT_ONCE // task.horizon)
        monitor.begin("forecasting with boosting", len(origins))
        for begin in range(0, len(origins), some):
            part = slice(begin, begin + some)
            pairs, ahead = spread_steps(panel, origins[part], task.horizon, task.horizon)
            x = steps.features(pairs, ahead, np.repeat(scale[part], task.horizon))
            point[part] = self._trees.predict(x).reshape(-1, task.horizon)
            monitor.update(begin)
        monitor.end()
        errors = size[:, None, None] * arrays["shape"]  # [O, H, Q]
        values = last[:, None, None] + far[:, None, None] * (point[:, :, None] + errors)
        why = objections(values, last, extent)
        why[only_one(panel, origins)] = ONE_VALUE
        return self._fallback.mend(panel, origins, values, why, task)

    @property
    def n_parameters(self) -> int:
        return 0 if self._trees is None else self._trees.n_parameters

    def _behind(self) -> Fallback:
        return self._fallback

    def _own_state(self) -> State:
        trees = {} if self._trees is None else nest("trees", self._trees.to_arrays())
        return (
            {**nest("own", self._arrays), **trees},
            {
                "layout": self._layout.to_json() if self._layout else None,
                "learned": self._trees is not None,
            },
        )

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        self._layout = Layout.from_json(meta["layout"]) if meta["layout"] else None
        self._arrays = dict(nested("own", arrays))
        if meta["learned"]:
            self._trees = Trees.from_arrays(nested("trees", arrays))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rows to learn from: N pairs of an origin and a step whose target is known."""

    x: Floats  # [N, F]
    y: Floats  # [N] relative to the last value, in units of scale
    steps: Ints  # [N]
    series: Ints  # [N]


def gather(steps: Steps, origins: Origins, horizon: int, most: int, scale: Floats) -> Pairs:
    """Pairs of these origins, up to about ``most``, in an order that their content gives.

    Parameters
    ----------
    steps : Steps
    origins : Origins
    horizon : int
    most : int
    scale : [S] float64
    """
    each = min(max(1, most // max(len(origins), 1)), horizon)
    pairs, ahead = spread_steps(steps.view.panel, origins, horizon, each)
    unit = scale[pairs.series]
    y = steps.targets(pairs, ahead, unit)
    known = np.isfinite(y)
    pairs, ahead, unit, y = pairs[known], ahead[known], unit[known], y[known]
    x = steps.features(pairs, ahead, unit)
    # Sums of floats depend on their order, and trees on sums: series may come in any order.
    order = np.lexsort((*x.T, y))
    return Pairs(x[order], y[order], ahead[order], pairs.series[order])


def error_shape(pairs: Pairs, errors: Floats, n_series: int, task: Task) -> tuple[Floats, Floats]:
    """How much each series errs, and the quantiles of errors for one that errs as most do.

    Parameters
    ----------
    pairs : Pairs, N
    errors : [N] float64
    n_series : int
    task : Task

    Returns
    -------
    size : [S] float64
        Mean absolute error of each series over that of all, drawn towards 1.
    shape : [H, Q] float64
        In units of scale and size; from the errors at the steps around each. The lower
        quantiles are at most 0, the upper at least 0, the median is 0.
    """
    typical = float(np.abs(errors).mean())
    count = np.bincount(pairs.series, minlength=n_series)
    total = np.bincount(pairs.series, np.abs(errors), minlength=n_series)
    size = (total + PRIOR_PAIRS * typical) / (count + PRIOR_PAIRS) / max(typical, 1e-300)
    even = errors / np.maximum(size[pairs.series], 1e-300)
    shape = typical_errors(even, pairs.steps, task)
    return size, shape


def typical_errors(errors: Floats, steps: Ints, task: Task) -> Floats:
    """[H, Q] quantiles of ``errors`` [N] at ``steps`` [N] and, where these are few, around.

    Of the steps around all errors count: they come sorted by what they were errors of, so
    that a part of a step's would be the highest or the lowest.
    """
    order = np.argsort(steps, kind="stable")
    ordered = errors[order]
    begins = np.searchsorted(steps[order], np.arange(1, task.horizon + 2))  # [H + 1]
    shape = np.empty((task.horizon, len(task.quantiles)))
    rms = float(np.sqrt(np.mean(errors**2)))
    width = np.arange(task.horizon)  # steps to either side
    for h in range(task.horizon):
        first, last = np.maximum(h - width, 0), np.minimum(h + width, task.horizon - 1)
        count = begins[last + 1] - begins[first]  # [H] errors within each width
        enough = min(int(np.searchsorted(count, ERRORS_PER_STEP)), task.horizon - 1)
        near = ordered[begins[first[enough]] : begins[last[enough] + 1]]
        shape[h] = (
            np.quantile(near, task.quantiles, method="weibull")
            if len(near) >= FEWEST_ERRORS
            else rms * normal_quantiles(task.quantiles)
        )
    below = np.arange(len(task.quantiles)) < task.median
    shape = np.where(below, np.minimum(shape, 0.0), np.maximum(shape, 0.0))
    shape[:, task.median] = 0.0
    return shape


def extents(past: Panel) -> Floats:
    """[S] the range of each series; 0 where nothing was observed."""
    extent, known = np.zeros(past.n_series), seen(past)
    usable = np.flatnonzero(past.lengths > 0)
    starts = past.starts[usable]
    if len(usable):
        low = np.minimum.reduceat(np.where(known, past.target, np.inf), starts)
        high = np.maximum.reduceat(np.where(known, past.target, -np.inf), starts)
        extent[usable] = np.maximum(high - low, 0.0)
    return extent

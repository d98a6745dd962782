"""Intervals that follow the times: wider after misses, narrower after calm, by a fixed rule.

What was held out lies before what is forecast, and times change: prices in a crisis miss by
three times what they missed before. So a comparison looks, at each moment that forecasts are
asked from, at the forecasts whose outcomes are all known by then, and moves one multiplier of
each level: its logarithm goes up by the share of values missed, and down by the share that may
be missed. Whatever the data do, coverage over a long block then comes to the level.

Notable: nothing after an origin touches its interval. The same rule serves a comparison and
live use with newer data than those of the training. Nothing is learned of models or series: one
multiplier for all series and steps, since calibration has made them alike.

Sources: Gibbs & Candès 2021 (adaptive conformal inference); Angelopoulos, Candès & Tibshirani
2023, section 2.1 (tracking the quantile itself), here of the logarithm of the width.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.evaluation.conformal import Calibration, conformity, stretched
from forecast_cli.evaluation.metrics import levels_of
from forecast_cli.evaluation.targets import moments, targets
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT, Monitor

GAIN = 1.0  # of the logarithm, for each horizon that has become known
MOST_CHANGE = 8.0  # times wider or narrower
RECENT = 50  # forecasts of each series that live use looks back on


def track(
    panel: Panel,
    origins: Origins,
    values: Floats,
    quantiles: tuple[float, ...],
    levels: Sequence[bool] = (),
) -> Floats:
    """Forecasts whose intervals follow what was missed before each of their origins.

    Parameters
    ----------
    panel : Panel
    origins : Origins
        In any order; origins of one moment are asked together. The H rows after each exist.
    values : [O, H, Q] float64
    quantiles : tuple of float, Q
    levels : sequence of bool
        Which levels, ascending, follow; all where not given.

    Returns
    -------
    [O, H, Q] float64
        The median stays, and quantiles do not cross.
    """
    scores = conformity(values, targets(panel, origins, values.shape[1]), quantiles)  # [L, O, H]
    allowed = np.array([1 - level / 100 for level in levels_of(quantiles)])  # [L]
    follows = np.array(levels if levels else [True] * len(allowed), dtype=bool)  # [L]
    when = moments(panel)
    distinct, place = np.unique(when[origins.rows], return_inverse=True)  # [M], [O]
    known = np.full(len(distinct), distinct[0] if len(distinct) else 0)
    np.maximum.at(known, place, when[origins.rows + values.shape[1]])
    known = np.maximum.accumulate(known)  # [M] when all of a moment's outcomes are
    new = np.bincount(place, _new_steps(origins, values.shape[1])) / np.bincount(place)  # [M]
    here = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    logs = np.zeros((len(distinct), len(allowed)))  # [M, L] of the multipliers
    present, done = np.zeros(len(allowed)), 0
    for now, moment in enumerate(distinct):
        while done < now and known[done] <= moment:
            missed = _missed(scores[:, here[done]], np.exp(logs[done]), allowed)
            present = present + GAIN * new[done] * (missed - allowed)
            present = np.clip(present, -np.log(MOST_CHANGE), np.log(MOST_CHANGE))
            done += 1
        logs[now] = present * follows
    return stretched(values, quantiles, np.exp(logs)[place].T[:, :, None])


def follow(
    model: Forecaster,
    calibration: Calibration,
    panel: Panel,
    forecast: Forecast,
    monitor: Monitor = SILENT,
) -> Floats:
    """The intervals of a forecast from the end of newer data than those of the training.

    Parameters
    ----------
    model : Forecaster
    calibration : Calibration
        That of the training.
    panel : Panel
        With the H rows after every origin.
    forecast : Forecast
        What the model says; its origins are the last ones.
    monitor : Monitor

    Returns
    -------
    [O, H, Q] float64
        Calibrated; and, where the panel holds a horizon and more that the model has not learned
        from, followed by its misses there.
    """
    quantiles, horizon = forecast.quantiles, forecast.values.shape[1]
    values = calibration.apply(forecast.values, quantiles)
    earlier = _since(panel, forecast.origins, horizon, calibration.end)
    if not len(earlier) or not any(calibration.calibrated):
        return values
    before = calibration.apply(model.forecast(panel, earlier, monitor).values, quantiles)
    origins = Origins(
        np.concatenate([earlier.series, forecast.origins.series]),
        np.concatenate([earlier.rows, forecast.origins.rows]),
    )
    every = track(
        panel, origins, np.concatenate([before, values]), quantiles, calibration.calibrated
    )
    return every[len(earlier) :]


def _since(panel: Panel, origins: Origins, horizon: int, end: int) -> Origins:
    """Origins whole horizons before the given ones, none of them before the time ``end``."""
    back = np.arange(RECENT, 0, -1) * horizon  # [RECENT]
    rows = (origins.rows[:, None] - back).ravel()
    series = np.repeat(origins.series, RECENT)
    inside = rows >= panel.starts[series]
    inside &= panel.times[np.where(inside, rows, 0)] >= end
    return Origins(series[inside], rows[inside])


def _new_steps(origins: Origins, horizon: int) -> Floats:
    """[O] the share of steps that the series' origin before does not forecast as well."""
    order = np.lexsort((origins.rows, origins.series))
    series, rows = origins.series[order], origins.rows[order]
    gap = np.full(len(order), horizon)
    same = np.diff(series) == 0
    gap[1:][same] = np.diff(rows)[same]
    share = np.empty(len(order))
    share[order] = np.minimum(gap / horizon, 1.0)
    return share


def _missed(scores: Floats, factors: Floats, allowed: Floats) -> Floats:
    """[L] the share of scores [L, o, H] beyond the factors [L]; as allowed where none is known."""
    known = (~np.isnan(scores)).sum(axis=(1, 2))  # [L]
    missed = (scores > factors[:, None, None]).sum(axis=(1, 2))  # [L]
    return np.where(known > 0, missed / np.maximum(known, 1), allowed)

"""How good is the model that was just trained? On the validation block, beside simple models.

No test block is cut in a training, so this is the nearest to a fair figure that a run can carry
with it: each model is fitted on what lies before the block and asked from origins spread over
it. A comparison is fairer still, since it keeps its test block from every choice.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import block_origins, train_ends
from forecast_cli.errors import ForecastError
from forecast_cli.evaluation.backtest import one_line, targets, with_past
from forecast_cli.evaluation.metrics import Scales, metrics_for, seasonal_scales
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT, Hushed, Monitor
from forecast_cli.results import HeldOutScores
from forecast_cli.task import Task

ORIGINS = 500  # over all series, but at least one of each
ORIGINS_OF_ONE = 50
SIMPLE = "linear"  # beside the reference


def held_out_scores(
    model: Forecaster,
    panel: Panel,
    task: Task,
    until: Ints,
    reference: str,
    monitor: Monitor = SILENT,
) -> HeldOutScores | None:
    """Score a fitted model on the validation block, held out of it, beside simple models.

    Parameters
    ----------
    model : Forecaster
        Fitted on ``panel`` before ``until`` [S].
    panel, task, until
        As given to its fit.
    reference : str
        Registered name of the model to be beaten.
    monitor : Monitor

    Returns
    -------
    HeldOutScores or None
        None without a validation block, where nothing was observed in it, or where the user
        asked to stop.
    """
    ends = train_ends(panel, until, task.validation)
    each = max(1, min(ORIGINS_OF_ONE, ORIGINS // max(panel.n_series, 1)))
    origins = with_past(panel, block_origins(panel, ends, until, task.horizon, each))
    actual = targets(panel, origins, task.horizon)  # [O, H]
    if not np.isfinite(actual).any():
        return None
    scales = seasonal_scales(panel, ends, task.season)  # [S]
    there = Scales(scales.absolute[origins.series], scales.squared[origins.series])
    models: dict[str, dict[str, float]] = {}
    quietly = Hushed(monitor, "scores on the validation block")
    for name in dict.fromkeys((model.name, reference, SIMPLE)):
        if _stopped(monitor):
            return None
        try:
            if name == model.name:
                forecast = model.held_out(panel, task, until, origins, quietly)
            else:
                forecast = _before(name, model, panel, task, ends, origins, quietly)
        except (ForecastError, ArithmeticError, np.linalg.LinAlgError) as cause:
            monitor.say(f"warning: {name} has no score on the validation block: {one_line(cause)}")
            continue
        models[name] = _scores(forecast, actual, there, panel.n_series)
    if _stopped(monitor):  # what was ended half-way says nothing of a model
        return None
    rows = origins.rows[:, None] + np.arange(1, task.horizon + 1)
    start, end = panel.clock.show([panel.times[rows].min(), panel.times[rows].max()])
    return HeldOutScores(start, end, len(origins), task.season, models)


def _stopped(monitor: Monitor) -> bool:
    """Whether the user wants an end; asked so that a later Ctrl-C leaves at once again."""
    monitor.begin("scores on the validation block")
    asked = monitor.stop_requested()
    monitor.end()
    return asked


def _before(
    name: str,
    like: Forecaster,
    panel: Panel,
    task: Task,
    ends: Ints,
    origins: Origins,
    monitor: Monitor,
) -> Forecast:
    """What a model with the same settings answers when it is fitted before the block."""
    model = registry.create(name, like.settings).fit(panel, task, ends, monitor)
    return model.forecast(panel, origins, monitor)


def _scores(forecast: Forecast, actual: Floats, scales: Scales, n_series: int) -> dict[str, float]:
    """Every metric, over all cells."""
    return {
        name: metric.compute(
            actual=actual,
            forecast=forecast.values,
            quantiles=forecast.quantiles,
            scales=scales,
            series=forecast.origins.series,
            n_series=n_series,
        ).overall
        for name, metric in metrics_for(forecast.quantiles).items()
    }

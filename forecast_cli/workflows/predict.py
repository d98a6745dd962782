"""``forecast predict``: the forecast of a run, from the end of its data or of newer data.

Data are read with the options of the training, those that were inferred among them, unless
others are given here. What differs from the training (a changed file, series that the model
never saw, another frequency) is said, never passed over. Intervals are calibrated as the
training found, and follow what the model missed in data newer than its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from forecast_cli.config import DataOptions, PredictConfig, Settings, settings_of
from forecast_cli.data.again import load_again
from forecast_cli.data.dataset import Dataset
from forecast_cli.data.future import extend
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.evaluation.tracking import follow
from forecast_cli.event_comparison import EventPredictResult
from forecast_cli.forecasters.base import Forecast
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary, PredictResult, SeriesForecast
from forecast_cli.runs import store
from forecast_cli.task import Task
from forecast_cli.workflows.common import Data, configure, kept_options, sources_of
from forecast_cli.workflows.events.predict import predict_event
from forecast_cli.workflows.events.question import refuse_event_options
from forecast_cli.workflows.soundness import not_finite

SHOWN_HORIZONS = 4  # of the recent past beside the forecast
SHOWN_AT_LEAST = 24


def predict(
    *data: Data, monitor: Monitor = SILENT, **options: Any
) -> PredictResult | EventPredictResult:
    """Forecast from the end of the data with a trained model.

    Parameters
    ----------
    *data : str, path, or list of them
        Newer data for the same model; the data of the run where none are given.
    monitor : Monitor
    **options
        Fields of :class:`forecast_cli.config.PredictConfig`.

    Returns
    -------
    PredictResult
        Or :class:`EventPredictResult`, with a run of an event.

    Examples
    --------
    >>> import forecast_cli as fc
    >>> fc.predict("newer.csv", run="20260102-101500-gru-3f9a1c").series[0]  # doctest: +SKIP
    """
    return predict_with(configure(PredictConfig, data, options), monitor)


def predict_with(
    config: PredictConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> PredictResult | EventPredictResult:
    """:func:`predict` with a configuration that is resolved already.

    Parameters
    ----------
    config : PredictConfig
    monitor : Monitor
    heard : callable
        Is told what was read and inferred before the work begins.

    Raises
    ------
    RunError
        No run, or one that cannot be used.
    DataError
        Data that cannot be read, or covariates that are not known far enough ahead.
    """
    run = store.find(Path(config.runs), config.run, monitor)
    if run.is_of_event:
        return predict_event(run, config, monitor, heard)
    refuse_event_options(config)
    kept = kept_options(run, config.model_fields_set)
    options = _data_options(run, config, kept)
    dataset = load_again(options, kept, run.manifest["data"].get("labels", {}), monitor)
    heard(dataset.summary)
    for warning in (*dataset.warnings, *_differences(run, dataset, same_data=not config.data)):
        monitor.say(f"warning: {warning}")

    model = store.load_model(run, _settings(run))
    panel = extend(dataset.panel, run.task.horizon)
    origins = _origins(panel, monitor)
    forecast = model.forecast(panel, origins, monitor)
    calibration = store.load_calibration(run)
    if calibration is not None:
        values = follow(model, calibration, panel, forecast, monitor)
        forecast = replace(forecast, values=values)
    empty = int(not_finite(forecast).sum())
    if empty:
        monitor.say(
            f"warning: no finite forecast for {empty} of {len(origins)} series; their numbers are "
            "left empty"
        )
    return PredictResult(
        run=str(run.path),
        model=model.name,
        levels=run.task.levels,
        id_name=panel.id_name,
        time_name=panel.clock.name,
        data=dataset.summary,
        series=_series(panel, forecast, run.task),
        fallbacks=forecast.fallbacks,
    )


def _data_options(run: store.Run, config: PredictConfig, kept: Mapping[str, Any]) -> DataOptions:
    """How to read the data: as given here, else as in the training.

    Raises
    ------
    UsageError
        The run was trained from standard input, which cannot be read again.
    """
    options = {**{name: getattr(config, name) for name in DataOptions.model_fields}, **kept}
    if not options["season"]:
        options["season"] = run.task.seasons  # a few new rows may not show it again
    if not config.data:
        options["data"] = sources_of(run)
    return DataOptions(**options)


def _settings(run: store.Run) -> Settings:
    """A network trained on an accelerator also runs where there is none."""
    settings = settings_of(run.config)
    elsewhere = settings.device not in ("auto", "cpu")
    return settings.model_copy(update={"device": "auto"}) if elsewhere else settings


def _differences(run: store.Run, dataset: Dataset, same_data: bool) -> list[str]:
    """What is not as it was in the training, one line each."""
    trained, now = run.manifest["data"], dataset.summary
    lines = []
    if same_data and trained["sha256"] != now.sha256:
        lines.append(
            f"{', '.join(now.sources)} changed since the training of {run.name}; "
            "forecasting from its present end"
        )
    if trained["frequency"] != now.frequency:
        lines.append(
            f"the steps are {now.frequency}, but were {trained['frequency']} in the "
            f"training; if that is wrong: --freq {trained['frequency']}"
        )
    zone = (trained.get("clock") or {}).get("tz")
    if zone != dataset.panel.clock.tz:
        lines.append(
            f"times are in {dataset.panel.clock.tz or 'no zone'}, but were in {zone or 'no zone'} "
            "in the training"
        )
    unseen = sorted(set(dataset.panel.ids) - set(trained["ids"]))
    if unseen:
        shown = ", ".join(unseen[:5]) + (", …" if len(unseen) > 5 else "")
        lines.append(
            f"{len(unseen)} series that the model never saw: {shown}; they are "
            "forecast from their own past with what was learned from the others"
        )
    return lines


def _origins(panel: Panel, monitor: Monitor) -> Origins:
    """The end of each history; a series without an observed value has none."""
    counts = np.concatenate([[0], np.cumsum(panel.observed[:, 0])])  # [rows+1]
    usable = counts[panel.known_ends] > counts[panel.starts]  # [S]
    if not usable.all():
        names = [panel.ids[s] for s in np.flatnonzero(~usable)[:5]]
        monitor.say(
            f"warning: {int((~usable).sum())} series without an observed value are left out: "
            + ", ".join(names)
        )
    return Origins.at_end(panel)[usable]


def _series(panel: Panel, forecast: Forecast, task: Task) -> tuple[SeriesForecast, ...]:
    """The forecasts by series, with the recent past for the eye."""
    origins, horizon = forecast.origins, task.horizon
    ahead = origins.rows[:, None] + np.arange(1, horizon + 1)  # [O, H] rows
    times = panel.clock.show(panel.times[ahead].ravel())
    window = max(SHOWN_HORIZONS * horizon, SHOWN_AT_LEAST)
    starts = np.maximum(origins.rows + 1 - window, panel.starts[origins.series])  # [O]
    past_times = _past_times(panel, starts, origins.rows + 1)
    return tuple(
        SeriesForecast(
            id=panel.ids[s],
            times=tuple(times[o * horizon : (o + 1) * horizon]),
            forecast=forecast.point[o],
            lower={
                level: forecast.values[o, :, task.median - 1 - i]
                for i, level in enumerate(task.levels)
            },
            upper={
                level: forecast.values[o, :, task.median + 1 + i]
                for i, level in enumerate(task.levels)
            },
            past_times=past_times[o],
            past=panel.target[starts[o] : origins.rows[o] + 1],
        )
        for o, s in enumerate(origins.series)
    )


def _past_times(panel: Panel, starts: Ints, ends: Ints) -> list[tuple[str, ...]]:
    """The times of the rows from start to end as text, for each origin; shown all at once."""
    lengths = ends - starts  # [O]
    bounds = np.concatenate([[0], np.cumsum(lengths)])  # [O+1]
    rows = np.repeat(starts - bounds[:-1], lengths) + np.arange(bounds[-1])
    shown: Sequence[str] = panel.clock.show(panel.times[rows])
    return [tuple(shown[a:b]) for a, b in pairwise(bounds)]

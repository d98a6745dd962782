"""Networks of logarithms, from the fit to the forecast: laws of many series of unlike size."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.forecasters.base import Forecast
from forecast_cli.forecasters.neural import GRUForecaster
from forecast_cli.task import Task
from tests.networks.test_inputs import multiplicative

SMALL = Settings(max_steps=6, hidden=8, device="cpu", seed=1)
TASK = Task(horizon=4, seasons=(12,), validation=12)
HELD_OUT = 20


def fit(panel: Panel) -> GRUForecaster:
    return GRUForecaster(SMALL).fit(panel, TASK, panel.ends - HELD_OUT)


@cache
def fitted() -> tuple[Panel, GRUForecaster]:
    panel = multiplicative(length=100)
    model = fit(panel)
    assert np.isfinite(model.inputs.scaling.floor).all()
    return panel, model


def ask(model: GRUForecaster, panel: Panel) -> Forecast:
    return model.forecast(panel, Origins(np.arange(panel.n_series), panel.ends - HELD_OUT - 1))


def test_three_times_the_data_have_three_times_the_forecast() -> None:
    panel, model = fitted()
    larger = replace(panel, values=3 * panel.values)
    np.testing.assert_allclose(
        ask(fit(larger), larger).values, 3 * ask(model, panel).values, rtol=1e-9
    )


def test_forecasts_are_positive_ascend_by_quantile_and_lie_at_the_level_of_their_series() -> None:
    panel, model = fitted()
    values = ask(model, panel).values
    assert (values > 0).all()
    assert (np.diff(values, axis=2) >= 0).all()
    last = panel.target[panel.ends - HELD_OUT - 1]
    ratio = values[:, :, TASK.median] / last[:, None]
    assert (np.abs(np.log(ratio)) < 1).all()


def test_what_is_saved_forecasts_the_same_bytes(tmp_path: Path) -> None:
    panel, model = fitted()
    model.save(tmp_path)
    loaded = GRUForecaster.load(tmp_path, SMALL)
    assert ask(loaded, panel).values.tobytes() == ask(model, panel).values.tobytes()


def test_values_below_every_one_of_training_are_answered_and_told() -> None:
    panel, model = fitted()
    values = panel.values.copy()
    values[panel.ends - HELD_OUT - 1] = 0.0
    forecast = ask(model, replace(panel, values=values))
    assert np.isfinite(forecast.values).all()
    assert (forecast.values > 0).all()
    assert forecast.fallbacks[0].startswith("24 values under half")

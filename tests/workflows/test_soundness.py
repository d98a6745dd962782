"""A model that cannot forecast is not kept, and an odd forecast is not passed over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.clock import Clock
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.errors import TrainingError
from forecast_cli.forecasters.base import Forecast
from forecast_cli.forecasters.registry import create
from forecast_cli.task import Task
from forecast_cli.workflows.soundness import absurd, forecast_from_end, not_finite, require_sound


def panel_of(*series: Floats) -> Panel:
    values = np.concatenate(series)[:, None]  # [rows, 1]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in series])])
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.concatenate([np.arange(len(part)) for part in series]).astype(np.int64),
        offsets=offsets.astype(np.int64),
        ids=tuple(f"s{k}" for k in range(len(series))),
        clock=Clock(),
    )


def forecast_of(panel: Panel, *points: float) -> Forecast:
    values = np.array(points)[:, None, None] * np.ones((1, 2, 1))  # [O, H, Q]
    return Forecast(Origins.at_end(panel), values, (0.5,))


@pytest.mark.parametrize(
    ("past", "point", "far"),
    [
        ([0.0, 1.0], 1000.0, False),
        ([0.0, 1.0], 1002.0, True),
        ([0.0, 1.0], -1002.0, True),
        ([5.0, 5.0], 5.0, False),
        ([5.0, 5.0], 1e5, True),
        ([0.0, 0.0], 1.0, False),  # nothing to measure by
        ([1e8, 1e8 + 1.0], 1e8 + 1.0, False),
    ],
)
def test_absurd_is_told_by_the_range_of_the_past(
    past: list[float], point: float, far: bool
) -> None:
    panel = panel_of(np.array(past))
    assert absurd(forecast_of(panel, point), panel).tolist() == [far]


def test_missing_values_do_not_hide_the_range() -> None:
    panel = panel_of(np.array([0.0, np.nan, 1.0]))
    assert absurd(forecast_of(panel, 1e6), panel).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_a_model_without_a_usable_forecast_is_refused(bad: float) -> None:
    panel = panel_of(np.arange(4.0), np.arange(4.0))
    with pytest.raises(TrainingError) as failure:
        require_sound(forecast_of(panel, bad, bad), panel, "lstm", "network")
    assert "--learning-rate" in failure.value.fix
    with pytest.raises(TrainingError) as failure:
        require_sound(forecast_of(panel, bad, bad), panel, "arima", "baseline")
    assert "--learning-rate" not in failure.value.fix


def test_one_bad_series_of_several_is_a_warning_with_a_count() -> None:
    panel = panel_of(np.arange(4.0), np.arange(4.0))
    (line,) = require_sound(forecast_of(panel, np.nan, 2.0), panel, "linear", "baseline")
    assert line == "no finite forecast for 1 of 2 series"
    assert require_sound(forecast_of(panel, 3.0, 2.0), panel, "linear", "baseline") == ()


def test_series_without_a_value_are_not_asked() -> None:
    panel = panel_of(np.arange(48.0), np.full(48, np.nan))
    model = create("naive").fit(panel, Task(horizon=3, validation=0), panel.known_ends)
    extended, forecast = forecast_from_end(model, panel, 3)
    assert forecast.origins.series.tolist() == [0]
    assert not not_finite(forecast).any()
    assert extended.future_rows.tolist() == [3, 3]


def test_unknown_future_covariates_move_the_origin_back() -> None:
    plain = panel_of(np.arange(48.0))
    panel = replace(
        plain,
        values=np.hstack([plain.values, plain.values]),
        observed=np.ones((48, 2), dtype=bool),
        channels=("load", "heat"),
        roles=("target", "future"),
    )
    model = create("naive").fit(panel, Task(horizon=3, validation=0), panel.known_ends)
    _, forecast = forecast_from_end(model, panel, 3)
    assert forecast.origins.rows.tolist() == [44]

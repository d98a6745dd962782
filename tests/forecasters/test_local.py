"""What all models of single series share, shown with one that is as small as can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters import local, parallel
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Parameters, Series
from forecast_cli.monitor import SilentMonitor
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=5, seasons=(24,))


class Level(LocalForecaster):
    """Half of the last value beside half of the mean, in the phase that it is told."""

    name = "level"
    simpler = "naive"
    longest = 120

    def estimate(self, series: Series) -> Parameters:
        assert series.known[0]
        assert np.isfinite(series.y).all()
        if len(series.y) < 30:
            raise NoFit("it is short")
        if series.y[-1] > 8:
            raise ValueError("too steep")
        return {"mean": np.array(series.y.mean()), "phase": np.array([series.first % 24.0])}

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        half = (series.y[at] + parameters["mean"]) / 2
        phase = (series.first + at[:, None] + np.arange(1, horizon + 1)) % 24  # [O, H]
        point: Floats = half[:, None] + phase / 1000
        return point

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        return np.arange(1.0, horizon + 1)


class Uncentred(Level):
    """The same for a method that a shift matters to."""

    centred = False

    def estimate(self, series: Series) -> Parameters:
        assert series.y.mean() > 1
        return super().estimate(series)


def late(panel: Panel) -> Origins:
    return Origins(np.arange(panel.n_series), panel.ends - 8)


def test_a_method_sees_units_of_spread_and_answers_in_those_of_the_data() -> None:
    panel = make_panel((100,), noise=0.0)
    until = np.array([90])
    forecast = Level().fit(panel, TASK, until).forecast(panel, Origins(np.zeros(1, int), until))
    y = panel.target[:90]
    phase = (90 + np.arange(1, 6)) % 24 / 1000
    expected = (panel.target[90] + y.mean()) / 2 + y.std() * phase
    np.testing.assert_allclose(forecast.point[0], expected, atol=1e-6)


def test_a_method_may_ask_to_see_the_level() -> None:
    panel = make_panel((200,))
    centred, raw = (
        kind().fit(panel, TASK, panel.ends - 20).forecast(panel, late(panel))
        for kind in (Level, Uncentred)
    )
    np.testing.assert_allclose(raw.point, centred.point, rtol=1e-6)


def test_the_cut_of_a_long_history_is_told_and_keeps_the_phase() -> None:
    said: list[str] = []

    class Ear(SilentMonitor):
        def say(self, message: str) -> None:
            said.append(message)

    panel = make_panel((300, 100))
    model = Level().fit(panel, TASK, panel.ends - 10, Ear())
    line = "level: estimated from the last 120 values of up to 290 (s0)"
    assert said == [line]
    assert model.forecast(panel, late(panel)).fallbacks == (line,)
    fitted = model.parameters()["s0"]
    assert fitted is not None
    assert fitted["phase"] == (290 - 120) % 24


def test_newer_data_that_begin_later_meet_the_same_phase() -> None:
    panel = make_panel((300,))
    model = Level().fit(panel, TASK, np.array([250]))
    later = replace(
        panel,
        values=panel.values[205:],
        observed=panel.observed[205:],
        times=panel.times[205:],
        offsets=np.array([0, 95]),
    )
    np.testing.assert_array_equal(
        model.forecast(panel, late(panel)).values, model.forecast(later, late(later)).values
    )


def test_what_cannot_be_estimated_is_a_simpler_model_s_with_its_reason() -> None:
    panel = make_panel((100, 25, 100, 100, 100))
    values = panel.values.copy()
    values[125:225] = 7.0  # constant
    values[panel.ends[3] - 20] += 100.0  # too steep at its last row
    panel = replace(panel, values=values)
    early = Origins(np.array([4]), panel.starts[[4]])
    origins = Origins(np.r_[late(panel).series, 4], np.r_[late(panel).rows, early.rows])
    model = Level().fit(panel, TASK, panel.ends - 19)
    panel.observed[panel.starts[4], 0] = False
    forecast = model.forecast(panel, origins)
    assert np.isfinite(forecast.values[:-1]).all()
    told = {(r.by, r.why): r.series for r in forecast.replaced if r.model == "level"}
    assert told == {
        ("naive", "it is short"): ("s1",),
        ("seasonal-naive", local.CONSTANT): ("s2",),
        ("naive", "its estimation failed (too steep)"): ("s3",),
        ("seasonal-naive", local.EARLY): ("s4",),
    }


def test_intervals_are_those_of_its_own_errors_where_there_are_enough() -> None:
    panel = make_panel((110, 42), noise=1.0)
    model = Level().fit(panel, TASK, panel.ends - 8)
    values = model.forecast(panel, late(panel)).values
    width = values[:, :, -1] - values[:, :, 0]  # [O, H] of the 95 % interval
    spread = panel.target[110:144].std()
    np.testing.assert_allclose(width[1], 2 * 1.959964 * spread * np.arange(1, 6), rtol=1e-5)
    assert (width[0] < 2 * 1.96 * panel.target[:102].std() * np.arange(1, 6)).any()


def test_an_unseen_series_is_refused_by_name() -> None:
    panel = make_panel((100, 100))
    model = Level().fit(panel.select([0]), TASK, np.array([90]))
    with pytest.raises(DataError, match="level: was fitted without the series s1"):
        model.forecast(panel, late(panel))


def test_time_that_is_used_up_leaves_the_rest_to_a_simpler_model() -> None:
    panel = make_panel((100, 100))
    model = Level(Settings(max_seconds=1e-9)).fit(panel, TASK, panel.ends - 10)
    (record,) = model.forecast(panel, late(panel)).replaced
    assert (record.by, record.why, record.origins) == ("seasonal-naive", local.LEFT_OUT, 2)


def test_a_request_to_stop_keeps_what_was_fitted_by_then() -> None:
    class Stop(SilentMonitor):
        done = 0.0

        def update(self, done: float, note: str = "") -> None:
            self.done = done

        def stop_requested(self) -> bool:
            return self.done >= 1

    panel = make_panel((100, 100))
    model = Level().fit(panel, TASK, panel.ends - 10, Stop())
    assert [fitted is None for fitted in model.parameters().values()] == [False, True]


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_any_number_of_workers_gives_the_same_bytes(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "HERE_SECONDS", 0.0)
    panel = make_panel((100, 25, 120, 90), missing=0.1)
    forecasts = [
        Level(Settings(workers=workers, backend=backend))
        .fit(panel, TASK, panel.ends - 10)
        .forecast(panel, late(panel))
        for workers in (1, 2, 3)
    ]
    assert len({forecast.values.tobytes() for forecast in forecasts}) == 1
    assert len({forecast.replaced for forecast in forecasts}) == 1


def test_a_loaded_model_says_and_forecasts_the_same(tmp_path: Path) -> None:
    panel = make_panel((300, 25))
    model = Level().fit(panel, TASK, panel.ends - 10)
    model.save(tmp_path)
    loaded = Level.load(tmp_path)
    first, second = (m.forecast(panel, late(panel)) for m in (model, loaded))
    assert first.values.tobytes() == second.values.tobytes()
    assert (first.fallbacks, first.replaced) == (second.fallbacks, second.replaced)
    assert loaded.n_parameters == model.n_parameters == 2

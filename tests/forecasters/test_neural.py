"""What is particular to the networks; the laws of all models are in tests/contract."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.errors import DataError, RunError
from forecast_cli.forecasters import neural
from forecast_cli.forecasters.neural import GRUForecaster, LSTMForecaster, NeuralForecaster
from forecast_cli.monitor import SilentMonitor
from forecast_cli.networks.cells import cell_class
from forecast_cli.task import Task
from tests.conftest import make_panel

FAST = Settings(max_steps=60, hidden=32, device="cpu")
TASK = Task(horizon=12, seasons=(24,), validation=48)


def late(panel: Panel, back: int = 12) -> Origins:
    return Origins(np.arange(panel.n_series), panel.ends - 1 - back)


def fit(panel: Panel, settings: Settings = FAST, task: Task = TASK) -> NeuralForecaster:
    return LSTMForecaster(settings).fit(panel, task, panel.ends - 60)


def error(model: NeuralForecaster, panel: Panel, origins: Origins) -> float:
    actual = panel.target[origins.rows[:, None] + 1 + np.arange(model.task.horizon)]
    return float(np.nanmean(np.abs(model.forecast(panel, origins).point - actual)))


def plain(values: Floats, freq: str | None = None) -> Panel:
    """One series without a calendar."""
    return Panel(
        values=values[:, None],
        observed=np.isfinite(values)[:, None],
        times=np.arange(len(values)),
        offsets=np.array([0, len(values)]),
        ids=("a",),
        clock=Clock(freq=freq),
    )


def driven(role: str, seed: int = 0) -> Panel:
    """A series that is nothing but a function of a random covariate of the same hour."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, size=1500)
    panel = plain(3 * np.abs(x) + 0.05 * rng.normal(size=len(x)))
    return replace(
        panel,
        values=np.column_stack([panel.target, x]),
        observed=np.ones((len(x), 2), dtype=bool),
        channels=("value", "x"),
        roles=("target", role),  # type: ignore[arg-type]
    )


def test_a_season_is_learned_better_than_it_is_repeated() -> None:
    panel = make_panel((900, 800), noise=0.5)
    model = fit(panel, FAST.model_copy(update={"max_steps": 200}))
    rows = (panel.ends[:, None] - 1 - np.arange(12, 60)).ravel()
    origins = Origins(np.repeat(np.arange(2), 48), rows)
    ahead = rows[:, None] + 1 + np.arange(12)
    naive = float(np.mean(np.abs(panel.target[ahead - 24] - panel.target[ahead])))
    assert error(model, panel, origins) < 0.85 * naive


def test_what_is_known_ahead_reaches_the_forecast_of_its_step() -> None:
    settings = FAST.model_copy(update={"max_steps": 300, "dropout": 0.1})
    task = Task(horizon=6, validation=200)
    errors = {}
    for role in ("future", "past"):
        panel = driven(role)
        model = LSTMForecaster(settings).fit(panel, task, panel.ends - 200)
        rows = np.arange(1300, 1490)
        errors[role] = error(model, panel, Origins(np.zeros(190, dtype=np.int64), rows))
    assert errors["future"] < 0.35 * errors["past"]


def test_a_gap_is_told_to_the_network_only_where_there_are_gaps() -> None:
    whole, gapped = (fit(make_panel(missing=m)) for m in (0.0, 0.1))
    assert whole.network.architecture.past == 0
    assert gapped.network.architecture.past == 2


@pytest.mark.parametrize("new_ids", [False, True], ids=["fitted", "new"])
def test_the_number_of_origins_asked_changes_no_forecast(
    new_ids: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = make_panel(missing=0.1)
    model = fit(panel)
    asked = replace(panel, ids=("x", "y", "z")) if new_ids else panel
    rows = (panel.ends[:, None] - 1 - np.arange(12, 40)).ravel()
    origins = Origins(np.repeat(np.arange(3), 28), rows)
    together = model.forecast(asked, origins).values
    monkeypatch.setattr(neural, "CHUNK_ROWS", model.sizes.patch * model.sizes.patches * 5)
    np.testing.assert_allclose(model.forecast(asked, origins).values, together, rtol=1e-5)
    one = origins[17:18]
    np.testing.assert_allclose(model.forecast(asked, one).values, together[17:18], rtol=1e-5)


def test_a_new_series_is_scaled_by_its_own_past() -> None:
    panel = make_panel((600, 500, 550))
    model = fit(panel)
    moved = replace(panel, ids=("x", "y", "z"), values=panel.values * 1000 + 5e6)
    unmoved = replace(panel, ids=("x", "y", "z"))
    scaled = model.forecast(moved, late(moved)).values
    original = model.forecast(unmoved, late(unmoved)).values
    np.testing.assert_allclose((scaled - 5e6) / 1000, original, rtol=1e-4)


@pytest.mark.parametrize("unit", [1e-9, 1e-5, 3.7, 1e7])
def test_a_new_series_is_forecast_as_well_in_any_unit(unit: float) -> None:
    panel = make_panel((600, 500, 550), missing=0.02)
    model = fit(panel)
    strange = replace(panel, ids=("x", "y", "z"))
    moved = replace(strange, values=unit * (panel.values + 17.3))
    scaled = model.forecast(moved, late(moved)).values
    original = model.forecast(strange, late(strange)).values
    np.testing.assert_allclose(scaled / unit - 17.3, original, rtol=1e-5)


def test_names_that_are_read_in_another_order_change_no_byte() -> None:
    panel = make_panel((600, 600, 550), noise=0.5, covariates=("past",))
    renamed = replace(panel, ids=("z", "m", "c")).select([2, 1, 0])  # as names are sorted
    mine = fit(panel).forecast(panel, late(panel)).values
    theirs = fit(renamed).forecast(renamed, late(renamed)[::-1]).values
    assert np.array_equal(theirs, mine)


def test_a_static_feature_reaches_the_forecast() -> None:
    panel = make_panel()
    sized = replace(panel, static=np.array([[1.0], [2.0], [4.0]]), static_names=("size",))
    model = fit(sized, task=Task(horizon=12, seasons=(24,)))  # all steps: the start knows none
    other = replace(sized, static=sized.static[::-1].copy())
    before, after = (model.forecast(p, late(p)).point for p in (sized, other))
    assert (np.abs(after - before)[[0, 2]] > 1e-4).all()


def test_the_scale_is_that_of_the_rows_before_the_validation_block() -> None:
    panel = make_panel(missing=0.1)
    scaling = fit(panel).inputs
    for s, name in enumerate(panel.ids):
        train = panel.target[panel.starts[s] : panel.ends[s] - 60 - TASK.validation]
        at = scaling.ids.index(name)
        assert scaling.scaling.centre[at] == pytest.approx(np.nanmean(train), rel=1e-12)
        assert scaling.scaling.spread[at] == pytest.approx(np.nanstd(train), rel=1e-12)


def test_the_seconds_that_are_given_end_the_training() -> None:
    model = fit(make_panel(), FAST.model_copy(update={"max_steps": 3000, "max_seconds": 0.4}))
    assert model.stopped == "time was up"
    assert model.steps < 3000


def test_gaps_that_training_never_met_are_told() -> None:
    panel = make_panel()
    model = fit(panel)
    observed = panel.observed.copy()
    observed[panel.ends[1] - 55 : panel.ends[1] - 15] = False
    holed = replace(panel, values=np.where(observed, panel.values, np.nan), observed=observed)
    assert model.forecast(holed, late(holed, back=60)).fallbacks == ()  # the gap comes later
    (line,) = model.forecast(holed, late(holed)).fallbacks
    assert line.startswith("gaps in the context of 1 origin were carried over")
    used = make_panel(missing=0.1)
    assert fit(used).forecast(used, late(used)).fallbacks == ()  # this network knows gaps


def test_a_new_series_without_a_past_has_no_forecast_and_it_is_said() -> None:
    panel = make_panel()
    model = fit(panel)
    values = panel.values.copy()
    values[: panel.ends[0] - 5] = np.nan
    silent = replace(panel, ids=("x", "s1", "s2"), values=values, observed=np.isfinite(values))
    forecast = model.forecast(silent, late(silent))
    assert np.isnan(forecast.values[0]).all()
    assert np.isfinite(forecast.values[1:]).all()
    assert forecast.fallbacks == ("no forecast from 1 origin without any past",)


def test_units_change_the_forecast_exactly_as_they_should() -> None:
    panel = make_panel(missing=0.05)
    moved = replace(panel, values=panel.values * 3.7 + 1234.5)
    plain_, scaled = (fit(p).forecast(p, late(p)).values for p in (panel, moved))
    np.testing.assert_allclose((scaled - 1234.5) / 3.7, plain_, rtol=1e-9)


@pytest.mark.parametrize(
    ("length", "horizon", "season", "validation"),
    [(30, 6, 1, 6), (30, 40, 1, 0), (40, 12, 12, 12), (200, 20, 52, 20), (12, 3, 24, 3)],
)
def test_short_series_get_a_forecast(
    length: int, horizon: int, season: int, validation: int
) -> None:
    values = np.sin(np.arange(length + horizon) / 3) + np.arange(length + horizon) / 10
    panel = plain(values)
    task = Task(horizon=horizon, seasons=(season,), validation=validation)
    settings = Settings(max_steps=15, device="cpu")
    model = LSTMForecaster(settings).fit(panel, task, np.array([length]))
    forecast = model.forecast(panel, Origins(np.array([0]), np.array([length - 1])))
    assert np.isfinite(forecast.values).all()
    assert np.abs(forecast.values).max() < 50


def test_a_constant_series_is_forecast_to_stay() -> None:
    panel = plain(np.full(200, 7.0))
    model = LSTMForecaster(FAST).fit(panel, Task(horizon=5, validation=20), np.array([180]))
    point = model.forecast(panel, Origins(np.array([0]), np.array([180]))).point
    np.testing.assert_allclose(point, 7.0, atol=0.1)


def test_many_series_are_learned_by_one_network() -> None:
    panel = make_panel((60,) * 500, season=12)
    task = Task(horizon=6, seasons=(12,), validation=6)
    model = LSTMForecaster(FAST).fit(panel, task, panel.ends - 12)
    assert np.isfinite(model.forecast(panel, late(panel)).values).all()
    assert model.network.architecture.series == 500


def test_nothing_to_learn_from_is_an_error_with_a_fix() -> None:
    panel = make_panel((30, 20))
    with pytest.raises(DataError, match="no series has more than") as caught:
        LSTMForecaster(Settings(patch=24)).fit(panel, TASK, panel.starts + 20)
    assert "--patch" in caught.value.fix


def test_series_without_any_value_are_an_error_with_a_fix() -> None:
    with pytest.raises(DataError, match="no series has an observed value") as caught:
        LSTMForecaster(FAST).fit(plain(np.full(100, np.nan)), TASK, np.array([90]))
    assert "inspect" in caught.value.fix


def test_a_validation_block_without_a_value_is_no_validation_block() -> None:
    values = np.sin(np.arange(300) / 4)
    values[200:] = np.nan
    model = LSTMForecaster(FAST).fit(plain(values), TASK, np.array([248]))
    assert model.best_loss is None
    assert model.steps == 60


def test_a_future_covariate_that_is_not_known_is_carried_forward_and_it_is_said() -> None:
    panel = make_panel(covariates=("future",))
    model = fit(panel)
    values = panel.values.copy()
    values[panel.ends - 1, 1] = np.nan
    holed = replace(panel, values=values, observed=np.isfinite(values))
    assert model.forecast(holed, late(holed, back=30)).fallbacks == ()  # not a row of it is used
    forecast = model.forecast(holed, late(holed))
    assert np.isfinite(forecast.values).all()
    assert forecast.fallbacks == ('3 missing values of "future" covariates were carried forward',)


def test_without_room_for_validation_it_is_said_and_all_steps_are_taken() -> None:
    said: list[str] = []

    class Listening(SilentMonitor):
        def say(self, message: str) -> None:
            said.append(message)

    panel = make_panel((100,))
    task = Task(horizon=6, seasons=(24,), validation=0)
    model = LSTMForecaster(FAST).fit(panel, task, panel.ends - 12, Listening())
    assert model.best_loss is None
    assert model.steps == 60
    assert "fixed number of steps" in said[0]


def test_training_leaves_its_trace() -> None:
    model = fit(make_panel())
    assert model.history[-1].keys() == {"step", "loss", "val_loss", "lr", "seconds"}
    assert model.steps == 60
    assert model.best_loss == min(row["val_loss"] for row in model.history)
    assert model.stopped
    assert model.device_name == "cpu"


def test_training_leaves_the_global_generator_and_the_threads_alone() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    panel = make_panel()
    fit(panel).forecast(panel, late(panel))
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_another_seed_gives_another_network() -> None:
    panel = make_panel()
    one, other = (
        fit(panel, FAST.model_copy(update={"seed": seed})).forecast(panel, late(panel)).values
        for seed in (0, 1)
    )
    assert not np.array_equal(one, other)


def test_parameters_are_counted_cell_by_cell() -> None:
    panel = plain(np.sin(np.arange(400) / 4))
    task = Task(horizon=5, seasons=(4,), levels=(80,), validation=40)
    for kind in (LSTMForecaster, GRUForecaster):
        model = kind(Settings(max_steps=1, hidden=16)).fit(panel, task, np.array([300]))
        sizes = model.sizes
        head = (16 + 1) * 5 + (16 + 1) * 5 * 2  # median and two widths a step
        highway = (sizes.patch * sizes.highway + 1 + 1) * 5
        cell = cell_class(kind.cell).n_params(sizes.patch, 16)
        assert model.n_parameters == cell + head + highway


def test_arrays_of_another_shape_are_refused() -> None:
    model = fit(make_panel())
    arrays, meta = model.state()
    arrays = {k: v for k, v in arrays.items() if k != "network.change.bias"}
    with pytest.raises(RunError, match="not one that this version wrote"):
        LSTMForecaster.restore(arrays, meta, FAST)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_forecasts_what_the_processor_does_and_repeats_itself() -> None:
    panel = make_panel(missing=0.05)
    cuda = FAST.model_copy(update={"device": "cuda"})
    one, two = fit(panel, cuda), fit(panel, cuda)
    first = one.forecast(panel, late(panel)).values
    assert np.array_equal(first, two.forecast(panel, late(panel)).values)
    arrays, meta = one.state()
    moved = LSTMForecaster.restore(arrays, meta, FAST)
    np.testing.assert_allclose(moved.forecast(panel, late(panel)).values, first, rtol=1e-2)


@pytest.mark.slow
@pytest.mark.shared_data
def test_the_default_network_reaches_its_accuracy_on_etth1(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    ett = importlib.import_module("ett")
    source = ett.SOURCES["ETTh1"]
    panel = ett.read(shared_data / "ett_h1_m1" / source.file, source)
    task = Task(horizon=96, seasons=source.seasons, validation=4 * source.month)
    model = LSTMForecaster(Settings(device="cpu"))
    model.fit(panel, task, panel.starts + 16 * source.month)
    origins = ett.windows(panel, source, 96)
    errors = ett.errors(panel, source, origins, model.forecast(panel, origins).point)
    assert len(origins) == 19_495
    assert errors["MSE"] <= 0.375
    assert errors["MAE"] <= 0.40

"""What is particular to the networks; the laws of all models are in tests/contract."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.data.windows import Batch
from forecast_cli.errors import DataError, RunError, TrainingError
from forecast_cli.forecasters import answers, learning, neural
from forecast_cli.forecasters.neural import GRUForecaster, LSTMForecaster, NeuralForecaster
from forecast_cli.monitor import Monitor, SilentMonitor
from forecast_cli.networks.cells import cell_class
from forecast_cli.task import Task
from forecast_cli.training.ensemble import Member, fit_members
from forecast_cli.training.progress import Learned
from tests.conftest import make_panel
from tests.networks.test_inputs import multiplicative

FAST = Settings(max_steps=60, hidden=32, members=1, device="cpu")
TWO = FAST.model_copy(update={"members": 2, "max_steps": 20})
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


@pytest.mark.slow
@pytest.mark.parametrize(
    "function", [lambda x: 10 + 3 * x, lambda x: 10 + x**2], ids=["line", "square"]
)
def test_a_function_of_what_is_known_ahead_is_forecast_to_less_than_one_per_cent_by_default(
    function: Callable[[Floats], Floats],
) -> None:
    """Noise is the hardest covariate: nothing before a step tells what it will be."""
    x = np.random.default_rng(0).uniform(-2, 2, size=2000)
    panel = replace(
        plain(function(x)),
        values=np.column_stack([function(x), x]),
        observed=np.ones((len(x), 2), dtype=bool),
        channels=("value", "x"),
        roles=("target", "future"),
    )
    task = Task(horizon=24, seasons=(24,), validation=250)
    model = LSTMForecaster(Settings(device="cpu")).fit(panel, task, panel.ends - 200)
    rows = np.arange(1800, 1975)
    origins = Origins(np.zeros(len(rows), dtype=np.int64), rows)
    assert error(model, panel, origins) < 0.01 * np.mean(panel.target)


def test_a_gap_is_told_to_the_network_only_where_there_are_gaps() -> None:
    whole, gapped = (fit(make_panel(missing=m)) for m in (0.0, 0.1))
    assert whole.networks[0].architecture.past == 0
    assert gapped.networks[0].architecture.past == 2


@pytest.mark.parametrize("new_ids", [False, True], ids=["fitted", "new"])
def test_the_number_of_origins_asked_changes_no_forecast(
    new_ids: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = make_panel(missing=0.1)
    model = fit(panel, TWO)
    asked = replace(panel, ids=("x", "y", "z")) if new_ids else panel
    rows = (panel.ends[:, None] - 1 - np.arange(12, 40)).ravel()
    origins = Origins(np.repeat(np.arange(3), 28), rows)
    together = model.forecast(asked, origins).values
    monkeypatch.setattr(answers, "CHUNK_ROWS", model.sizes[0].context * 5)
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
    mine = fit(panel, TWO).forecast(panel, late(panel)).values
    theirs = fit(renamed, TWO).forecast(renamed, late(renamed)[::-1]).values
    assert np.array_equal(theirs, mine)


def test_a_static_feature_reaches_the_forecast() -> None:
    panel = make_panel()
    sized = replace(panel, static=np.array([[1.0], [2.0], [4.0]]), static_names=("size",))
    model = fit(sized, task=Task(horizon=12, seasons=(24,)))  # all steps: the start knows none
    other = replace(sized, static=sized.static[::-1].copy())
    before, after = (model.forecast(p, late(p)).point for p in (sized, other))
    assert (np.abs(after - before)[[0, 2]] > 1e-4).all()


@pytest.mark.parametrize(("final_fit", "held_out"), [("all", 0), ("training", TASK.validation)])
def test_the_scale_is_that_of_the_rows_of_the_final_fit(final_fit: str, held_out: int) -> None:
    panel = make_panel(missing=0.1)
    scaling = fit(panel, FAST.model_copy(update={"final_fit": final_fit})).inputs
    for s, name in enumerate(panel.ids):
        train = panel.target[panel.starts[s] : panel.ends[s] - 60 - held_out]
        at = scaling.ids.index(name)
        assert scaling.scaling.centre[at] == pytest.approx(np.nanmean(train), rel=1e-12)
        assert scaling.scaling.spread[at] == pytest.approx(np.nanstd(train), rel=1e-12)


def test_the_seconds_that_are_given_end_the_training() -> None:
    model = fit(make_panel(), FAST.model_copy(update={"max_steps": 3000, "max_seconds": 0.4}))
    assert model.stopped.startswith("time was up")
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
    plain_, scaled = (fit(p, TWO).forecast(p, late(p)).values for p in (panel, moved))
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
    assert model.networks[0].architecture.series == 500


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


class Listening(SilentMonitor):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def test_without_room_for_validation_it_is_said_and_all_steps_are_taken() -> None:
    monitor, panel = Listening(), make_panel((100,))
    task = Task(horizon=6, seasons=(24,), validation=0)
    model = LSTMForecaster(FAST).fit(panel, task, panel.ends - 12, monitor)
    assert model.best_loss is None
    assert model.steps == 60
    assert "fixed number of steps" in monitor.said[0]


def test_training_leaves_its_trace() -> None:
    model = fit(make_panel())
    assert model.history[-1].keys() == {"step", "loss", "val_loss", "lr", "seconds"}
    assert model.steps == 60
    assert model.best_loss == min(row["val_loss"] for row in model.history)
    assert model.stopped
    assert model.device_name == "cpu"


class Spied:
    """What reached the training, part by part."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.members: list[Sequence[Member]] = []
        self.validation: list[Sequence[Batch]] = []
        self.threads: list[int] = []
        self.learned: list[list[Learned]] = []
        monkeypatch.setattr(learning, "fit_members", self._fit_members)

    def _fit_members(
        self,
        members: Sequence[Member],
        quantiles: torch.Tensor,
        monitor: Monitor,
        threads: int,
        cores: int,
    ) -> list[Learned]:
        self.members.append(members)
        self.validation.append(members[0].validation)
        self.threads.append(threads)
        self.learned.append(fit_members(members, quantiles, monitor, threads, cores))
        return self.learned[-1]

    @property
    def rows(self) -> list[int]:
        """Of each part: how many may be learned from."""
        samplers = [members[0].sampler for members in self.members]
        return [int((s.ends - s.windows.rows.starts).sum()) for s in samplers]


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> Spied:
    return Spied(monkeypatch)


def test_a_second_part_takes_the_starts_and_the_steps_of_the_first_to_all_rows(
    spied: Spied,
) -> None:
    panel = make_panel((400, 300))
    model = fit(panel, TWO)
    assert spied.rows == [400 + 300 - 2 * (60 + TASK.validation), 400 + 300 - 2 * 60]
    assert bool(spied.validation[0])
    assert spied.validation[1] == []
    first, second = spied.learned
    for member, before, after in zip(spied.members[1], first, second, strict=True):
        assert member.plan.steps == after.steps == before.enough
        assert member.plan.start == after.start == before.start
    assert tuple(member.network for member in spied.members[1]) == model.networks
    assert model.history == first[0].history
    assert model.stopped == f"{first[0].stopped}; then {second[0].steps} steps again on all rows"
    assert model.best_loss == min(row["val_loss"] for row in model.history)
    assert model.best_loss == first[0].best_loss != first[1].best_loss


def test_what_a_network_holds_out_is_answered_by_its_first_fit_without_another(
    spied: Spied,
) -> None:
    panel = make_panel((400, 300))
    until = panel.ends - 60
    origins = Origins(np.array([0, 1]), until - 30)
    model = fit(panel, TWO)
    assert len(spied.members) == 2
    held_out = model.held_out(panel, TASK, until, origins).values
    assert len(spied.members) == 2
    first = fit(panel, TWO.model_copy(update={"final_fit": "training"}))
    assert held_out.tobytes() == first.forecast(panel, origins).values.tobytes()
    assert held_out.tobytes() == first.held_out(panel, TASK, until, origins).values.tobytes()


def test_a_loaded_network_holds_out_by_fitting_again(tmp_path: Path) -> None:
    panel = make_panel((400,))
    until = panel.ends - 60
    fit(panel).save(tmp_path)
    loaded = LSTMForecaster.load(tmp_path, FAST)
    origins = Origins(np.array([0]), until - 30)
    fresh = LSTMForecaster(FAST).fit(panel, TASK, until - TASK.validation)
    assert (
        loaded.held_out(panel, TASK, until, origins).values.tobytes()
        == fresh.forecast(panel, origins).values.tobytes()
    )


def test_networks_fitted_together_are_those_fitted_alone(spied: Spied) -> None:
    panel = make_panel((400, 300))
    until = panel.ends - 60
    origins = Origins(np.array([0, 1]), until - 30)

    def models() -> list[LSTMForecaster]:
        return [LSTMForecaster(TWO.model_copy(update={"seed": seed})) for seed in (3, 4)]

    together, alone = models(), models()
    LSTMForecaster.fit_together(together, panel, TASK, until)
    assert [len(members) for members in spied.members] == [4, 4]  # both trainings in one go
    for one, other in zip(together, alone, strict=True):
        other.fit(panel, TASK, until)
        assert one.history[0]["val_loss"] == other.history[0]["val_loss"]
        assert (one.stopped, one.steps) == (other.stopped, other.steps)
        mine, theirs = (
            (model.forecast(panel, origins), model.held_out(panel, TASK, until, origins))
            for model in (one, other)
        )
        for a, b in zip(mine, theirs, strict=True):
            assert a.values.tobytes() == b.values.tobytes()
    seeds = [learning.member_seeds(seed, 2) for seed in (3, 4)]
    assert len({*seeds[0], *seeds[1]}) == 4  # no network is in two of the models


def test_the_final_fit_learns_what_only_the_validation_block_shows() -> None:
    """Until the block, the covariate means nothing."""
    panel = driven("future")
    until, task = np.array([1400]), Task(horizon=6, validation=500)
    values = panel.values.copy()
    values[:900, 0] = np.random.default_rng(1).permutation(values[:900, 0])
    panel = replace(panel, values=values)
    errors = {}
    for final_fit in ("all", "training"):
        settings = FAST.model_copy(update={"final_fit": final_fit, "max_steps": 200})
        model = LSTMForecaster(settings).fit(panel, task, until)
        rows = np.arange(1400, 1490)
        errors[final_fit] = error(model, panel, Origins(np.zeros(90, dtype=np.int64), rows))
    assert errors["all"] < 0.8 * errors["training"]


@pytest.mark.parametrize("final_fit", ["all", "training"])
def test_rows_beyond_those_that_may_be_seen_change_no_byte_of_a_fit(final_fit: str) -> None:
    panel = make_panel((400, 300), missing=0.05, covariates=("future", "past"))
    beyond = np.arange(panel.n_rows) >= (panel.ends - 60)[panel.series_of_row]
    values = np.where(beyond[:, None], -1e6 * panel.values, panel.values)
    observed = panel.observed.copy()
    observed[beyond, 0] ^= True
    values[~observed] = np.nan
    values[observed & ~np.isfinite(values)] = 1e9
    other = replace(panel, values=values, observed=observed)
    settings = TWO.model_copy(update={"final_fit": final_fit})
    mine, theirs = (fit(p, settings).state()[0] for p in (panel, other))
    assert mine.keys() == theirs.keys()
    for name, array in mine.items():
        assert np.asarray(array).tobytes() == np.asarray(theirs[name]).tobytes(), name


def test_the_validated_weights_are_the_ones_whose_loss_is_told() -> None:
    """The loss anew, from forecasts in the unit of the data."""
    panel, until = make_panel((400,)), np.array([340])
    settings = FAST.model_copy(update={"final_fit": "training", "patch": 6, "context": 36})
    model = LSTMForecaster(settings).fit(panel, TASK, until)
    origins = np.arange(340 - TASK.validation - 1, 340 - TASK.horizon)
    values = model.forecast(panel, Origins(np.zeros(len(origins), dtype=np.int64), origins)).values
    actual = panel.target[origins[:, None] + 1 + np.arange(TASK.horizon)]  # [O, H]
    gap = (actual[..., None] - values) / np.std(panel.target[: 340 - TASK.validation])
    quantiles = np.array(TASK.quantiles)
    loss = np.mean(2 * np.maximum(quantiles * gap, (quantiles - 1) * gap))
    assert model.best_loss == pytest.approx(loss, rel=1e-4)


def test_there_is_one_part_where_it_is_asked_or_nothing_was_held_out_or_rows_are_many(
    spied: Spied, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, short = make_panel((300,)), FAST.model_copy(update={"max_steps": 2})
    fit(panel, short.model_copy(update={"final_fit": "training"}))
    assert spied.rows == [300 - 60 - TASK.validation]
    fit(panel, short, Task(horizon=12, seasons=(24,), validation=0))
    assert spied.rows[1:] == [300 - 60]
    for limit in ("ENOUGH_ROWS", "ENOUGH_A_SERIES"):
        before = len(spied.rows)
        with monkeypatch.context() as fewer:
            fewer.setattr(neural, limit, 300 - 60 - TASK.validation - 1)
            fit(panel, short)
        assert spied.rows[before:] == [300 - 60 - TASK.validation]


class Ended(SilentMonitor):
    """Asks to stop while the part whose name ends with ``part`` runs, after some steps."""

    def __init__(self, part: str, steps: int) -> None:
        self.part, self.steps, self.asked = part, steps, False
        self.begun: list[str] = []

    def begin(self, task: str, total: float | None = None) -> None:
        self.begun.append(task)

    def update(self, done: float, note: str = "") -> None:
        self.asked |= self.begun[-1].endswith(self.part) and done >= self.steps

    def stop_requested(self) -> bool:
        return self.asked


def test_a_request_to_stop_spares_the_second_part() -> None:
    monitor = Ended("lstm", 10)
    panel = make_panel()
    model = LSTMForecaster(FAST).fit(panel, TASK, panel.ends - 60, monitor)
    assert monitor.begun == ["training lstm"]
    assert model.steps == 10
    assert model.stopped == "stopped by the user; not fitted again on all rows"


def test_a_second_part_that_is_not_ended_leaves_what_the_first_learned() -> None:
    panel, monitor = make_panel(), Ended("all rows", 10)
    ended = LSTMForecaster(TWO).fit(panel, TASK, panel.ends - 60, monitor)
    assert monitor.begun == ["training lstm", "training lstm on all rows"]
    first = fit(panel, TWO.model_copy(update={"final_fit": "training"}))
    assert same_state(ended, first)
    assert ended.stopped.endswith("; the training on all rows was ended, the one before is kept")


def same_state(one: NeuralForecaster, other: NeuralForecaster) -> bool:
    mine, theirs = (model.state()[0] for model in (one, other))
    return mine.keys() == theirs.keys() and all(
        np.array_equal(mine[name], theirs[name], equal_nan=True) for name in mine
    )


def test_a_second_part_that_fails_leaves_what_the_first_learned_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(members: Sequence[Member], *rest: Any) -> list[Learned]:
        learned = fit_members(members, *rest)
        if not members[0].validation:
            raise TrainingError("the loss was no longer a number at step 7")
        return learned

    panel, monitor = make_panel(), Listening()
    first = fit(panel, TWO.model_copy(update={"final_fit": "training"}))
    monkeypatch.setattr(learning, "fit_members", failing)
    failed = LSTMForecaster(TWO).fit(panel, TASK, panel.ends - 60, monitor)
    assert same_state(failed, first)
    outcome = (
        "the training on all rows failed (the loss was no longer a number at step 7), "
        "the one before is kept"
    )
    assert monitor.said == [outcome]
    assert failed.stopped == f"{first.stopped}; {outcome}"
    assert failed.steps == first.steps


def test_a_first_part_that_fails_leaves_the_model_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*given: Any) -> list[Learned]:
        raise TrainingError("the loss was no longer a number at step 7")

    panel = make_panel()
    model = fit(panel, TWO)
    before = dict(vars(model))
    monkeypatch.setattr(learning, "fit_members", failing)
    with pytest.raises(TrainingError):
        model.fit(make_panel((300,)), replace(TASK, horizon=5), np.array([300]))
    assert vars(model) == before


def test_a_second_part_without_a_step_is_the_linear_start_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Learned, "enough", 0)
    model = fit(make_panel(), TWO)
    assert model.stopped == "all 20 steps done; then the linear start again on all rows"


@pytest.mark.parametrize(
    ("hidden", "parts"),
    [
        ((), 2),
        ((slice(192, 240),), 2),
        ((slice(192, 240), slice(492, 540)), 1),
        ((slice(192, 240), slice(300, 492)), 1),
    ],
    ids=["nothing", "one block", "both blocks", "one block, and all before the other"],
)
def test_the_seconds_are_shared_only_where_there_is_a_second_part(
    hidden: Sequence[slice], parts: int, spied: Spied
) -> None:
    panel = make_panel((300, 300))
    values = panel.values.copy()
    for rows in hidden:
        values[rows] = np.nan
    panel = replace(panel, values=values, observed=np.isfinite(values))
    model = fit(panel, FAST.model_copy(update={"max_steps": 2, "max_seconds": 90.0}))
    seconds = [members[0].plan.seconds for members in spied.members]
    assert seconds == [90.0 / parts] * parts
    assert (model.best_loss is None) == (parts == 1)


def test_settings_reach_the_training(spied: Spied) -> None:
    given = FAST.model_copy(
        update={
            "members": 3, "final_fit": "training", "threads": 2, "precision": "bfloat16",
            "max_steps": 4, "max_seconds": 99.0, "learning_rate": 0.002, "seed": 5,
        }
    )  # fmt: skip
    panel = make_panel((200,))
    fit(panel, given)
    (members,) = spied.members
    assert len(members) == 3
    assert spied.threads == [2]
    for number, member in enumerate(members):
        plan = member.plan
        assert (plan.steps, plan.seconds, plan.learning_rate) == (4, 99.0, 0.002)
        assert plan.precision == "bfloat16"
        assert plan.season == 24
        for generator in (member.sampler.generator, member.network.noise.generator):
            assert generator.initial_seed() == learning.member_seeds(5, 3)[number]
    seen = [member.network.architecture.relative for member in members]
    assert seen == ["mean", "last", "last"]


@pytest.mark.parametrize("logs", [False, True], ids=["as they are", "as logarithms"])
def test_the_forecast_is_the_mean_of_the_members(logs: bool) -> None:
    panel = multiplicative(length=100) if logs else make_panel()
    task = Task(horizon=4, seasons=(12,), validation=12)
    model = GRUForecaster(TWO).fit(panel, task, panel.ends - 20)
    assert np.isfinite(model.inputs.scaling.floor).all() == logs
    arrays, meta = model.state()
    alone = []
    for number in range(2):
        other = f"network.{1 - number}."
        kept = {k: v for k, v in arrays.items() if not k.startswith(other)}
        kept = {k.replace(f"network.{number}.", "network.0."): v for k, v in kept.items()}
        one = GRUForecaster.restore(
            kept,
            {**meta, **{name: meta[name][number:][:1] for name in ("architectures", "sizes")}},
            TWO,
        )
        alone.append(one.forecast(panel, late(panel)).values)
    assert np.abs(alone[0] / alone[1] - 1).max() > 1e-3
    mean = np.exp(np.log(alone).mean(0)) if logs else np.mean(alone, axis=0)
    np.testing.assert_allclose(model.forecast(panel, late(panel)).values, mean, rtol=1e-5)


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
        model = kind(Settings(max_steps=1, hidden=16, members=2, patch=4)).fit(
            panel, task, np.array([300])
        )
        sizes = model.sizes[0]
        patch, cell = sizes.patch, cell_class(kind.cell)
        assert patch == 4
        head = (16 + 1) * 8 + (16 + 1) * 5 * 2  # two whole cycles, and two widths a step
        highway = (patch * sizes.highway + 1 + 1) * 5
        cells = cell.n_params(2 * patch, 16) + cell.n_params(
            2 * patch + 1, 16
        )  # and the last value
        assert model.n_parameters == cells + 2 * (head + highway)


def test_arrays_of_another_shape_are_refused() -> None:
    model = fit(make_panel())
    arrays, meta = model.state()
    arrays = {k: v for k, v in arrays.items() if k != "network.0.change.linear.bias"}
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

"""The back-test: what models see, what they are asked, and what becomes of their failures."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pytest

from forecast_cli.comparison import Replaced
from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.split import rolling_origins, split
from forecast_cli.evaluation.backtest import Outcome, backtest, folds, tabulate
from forecast_cli.evaluation.targets import targets
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation.fakes import Breaks, Gappy, Register, Shifted, shifted

TASK = Task(horizon=6, seasons=(24,), levels=(80,))
PANEL = make_panel((200, 150, 180))
BLOCKS = split(PANEL, 6, test_size=36, val_size=12)
ORIGINS = rolling_origins(PANEL, BLOCKS, 6, stride=6)


def run(names: list[str], **options: object):  # type: ignore[no-untyped-def]
    options.setdefault("settings", Settings())
    return backtest(names, PANEL, TASK, BLOCKS, ORIGINS, **options)  # type: ignore[arg-type]


def test_one_fold_sees_all_before_the_test_block_and_answers_every_origin() -> None:
    (fold,) = folds(PANEL, BLOCKS, ORIGINS, refit=0)
    assert fold.until.tolist() == BLOCKS.fit_ends.tolist()
    assert fold.chosen.tolist() == list(range(len(ORIGINS)))


@pytest.mark.parametrize("freq", ["h", None])
@pytest.mark.parametrize("refit", [1, 2, 4, 100])
def test_refits_see_up_to_their_first_origin_and_every_origin_is_answered_once(
    freq: str | None, refit: int
) -> None:
    panel = make_panel((200, 150, 180), freq=freq)
    blocks = split(panel, 6, test_size=36, val_size=12)
    origins = rolling_origins(panel, blocks, 6, stride=6)
    plan = folds(panel, blocks, origins, refit)
    assert len(plan) == -(-6 // refit)
    answered = np.concatenate([fold.chosen for fold in plan])
    assert sorted(answered.tolist()) == list(range(len(origins)))
    assert plan[0].until.tolist() == blocks.fit_ends.tolist()
    for fold in plan:
        rows, series = origins.rows[fold.chosen], origins.series[fold.chosen]
        for s in range(panel.n_series):
            assert fold.until[s] == rows[series == s].min() + 1


def test_a_refit_never_sees_later_than_its_origins_in_any_series() -> None:
    short = make_panel((200, 40))
    panel = replace(short, times=short.times.copy())
    panel.times[200:] -= 3_600 * 10**9 * 100  # the second series ended long before
    blocks = split(panel, 6, test_size=36, val_size=12)
    origins = rolling_origins(panel, blocks, 6, stride=6)
    for fold in folds(panel, blocks, origins, refit=2):
        latest_seen = panel.times[fold.until[fold.until > panel.starts] - 1].max()
        assert latest_seen <= panel.times[origins.rows[fold.chosen]].min()
        assert fold.until[1] == panel.ends[1]


def test_models_are_fitted_before_the_test_block_and_forecast_all_origins(
    register: Register,
) -> None:
    model = shifted("model", 2.0)
    register(baseline=(model,))
    (outcome,) = run(["model"])
    assert [until.tolist() for until in model.untils] == [BLOCKS.fit_ends.tolist()]
    assert outcome.forecast is not None
    assert outcome.forecast.point == pytest.approx(targets(PANEL, ORIGINS, 6) + 2)
    assert outcome.n_parameters == 7
    assert outcome.kind == "baseline"


def test_refitting_gives_every_origin_the_answer_of_its_own_fit(register: Register) -> None:
    model = shifted("model", 2.0)
    register(baseline=(model,))
    (outcome,) = run(["model"], refit=2)
    assert len(model.untils) == 3
    assert outcome.forecast is not None
    assert outcome.forecast.point == pytest.approx(targets(PANEL, ORIGINS, 6) + 2)
    assert outcome.forecast.fallbacks == ("a fallback",)


def test_networks_are_averaged_over_seeds_and_baselines_fitted_once(register: Register) -> None:
    register(network=(shifted("net"),), baseline=(shifted("base"),))
    net, base = run(["net", "base"], seeds=3, settings=Settings(seed=2))
    assert [member.values[0, 0, 2] - member.values[0, 0, 1] for member in net.members] == (
        pytest.approx([2, 3, 4])
    )
    assert net.forecast.values[0, 0, 2] - net.forecast.values[0, 0, 1] == pytest.approx(3)
    assert net.n_parameters == 21
    assert base.members == ()
    assert base.forecast.values[0, 0, 2] - base.forecast.values[0, 0, 1] == pytest.approx(2)


def test_a_model_that_raises_is_listed_with_its_reason_and_the_others_go_on(
    register: Register,
) -> None:
    register(network=(Breaks,), baseline=(shifted("base"),))
    broken, base = run(["breaks", "base"])
    assert broken.forecast is None
    assert broken.reason == "RuntimeError: no luck"
    assert base.forecast is not None


def test_a_forecast_with_a_hole_is_a_failure_that_says_where(register: Register) -> None:
    register(baseline=(Gappy,))
    (outcome,) = run(["gappy"])
    assert outcome.forecast is None
    assert 'no finite forecast in 1 of 108 cells (first: series "s0"' in outcome.reason
    assert "step 3" in outcome.reason


class Slow(Shifted):
    """Takes its time, and says so series by series."""

    name = "slow"

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        for done in range(1000):
            time.sleep(0.002)
            monitor.update(done)
        return super().fit(panel, task, until, monitor)


def test_a_baseline_out_of_time_is_listed_and_the_others_go_on(register: Register) -> None:
    register(network=(shifted("net"),), baseline=(Slow, shifted("base")))
    slow, base, net = run(["slow", "base", "net"], baseline_timeout=0.02)
    assert slow.forecast is None
    assert slow.timed_out
    assert slow.reason == "timed out after 0.02 s"
    assert base.forecast is not None
    assert net.forecast is not None


def test_the_time_limit_is_one_for_all_fits_and_forecasts(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("forecast_cli.evaluation.timeout.time.monotonic", lambda: now[0])

    class Ticks(Shifted):
        name = "ticks"

        def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
            now[0] += 1.0
            return super().forecast(panel, origins, monitor)

    register(baseline=(Ticks,))
    assert not run(["ticks"], refit=2, baseline_timeout=2.5)[0].timed_out  # the third ends it
    assert run(["ticks"], refit=1, baseline_timeout=2.5)[0].timed_out


def test_a_network_has_a_limit_of_its_own_and_not_the_baselines(register: Register) -> None:
    register(network=(Slow,))
    (outcome,) = run(["slow"], baseline_timeout=0.02)
    assert outcome.forecast is not None


WITH_BLOCK = Task(horizon=6, seasons=(24,), levels=(80,), validation=40)


def test_intervals_are_calibrated_for_each_fit_and_the_models_own_are_kept(
    register: Register,
) -> None:
    model = shifted("model", 2.5)
    register(baseline=(model,))
    options: dict[str, Any] = {"settings": Settings(), "refit": 3}
    (own,) = backtest(["model"], PANEL, WITH_BLOCK, BLOCKS, ORIGINS, **options)
    assert (own.calibrations, own.calibration_seconds) == ((), 0.0)
    fits = len(model.untils)
    (held,) = backtest(["model"], PANEL, WITH_BLOCK, BLOCKS, ORIGINS, conformal=True, **options)
    assert len(model.untils) == 3 * fits  # each fit has one that is held out
    assert [c.factors[0][0] for c in held.calibrations] == pytest.approx([2.5, 2.5])
    assert held.forecast is not None
    assert own.forecast is not None
    assert held.uncalibrated is not None
    assert held.uncalibrated.tobytes() == own.forecast.values.tobytes()
    first = ORIGINS.rows == ORIGINS.rows[ORIGINS.series == 0].min()  # nothing to follow yet
    width = np.ptp(held.forecast.values[first], axis=2)
    assert width == pytest.approx(2.5 * np.ptp(own.forecast.values[first], axis=2))
    np.testing.assert_array_equal(held.forecast.point, own.forecast.point)


def test_time_that_runs_out_in_a_calibration_leaves_the_forecasts_and_a_note(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("forecast_cli.evaluation.timeout.time.monotonic", lambda: now[0])

    class Long(Shifted):
        name = "long"

        def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
            now[0] += 5.0
            return super().forecast(panel, origins, monitor)

    register(baseline=(Long,))
    (outcome,) = backtest(
        ["long"], PANEL, WITH_BLOCK, BLOCKS, ORIGINS,
        settings=Settings(), conformal=True, baseline_timeout=4.0,
    )  # fmt: skip
    assert outcome.forecast is not None
    assert not outcome.timed_out
    assert [c.note for c in outcome.calibrations] == ["not calibrated: timed out after 4 s"]
    assert outcome.uncalibrated is not None
    assert outcome.forecast.values.tobytes() == outcome.uncalibrated.tobytes()


def test_each_seed_is_told_where_several_were_averaged(register: Register) -> None:
    register(network=(shifted("net"),))
    (several,) = run(["net"], seeds=2, settings=Settings(seed=4))
    (one,) = run(["net"])
    assert (several.seeds, one.seeds) == ((4, 5), ())


def test_what_simpler_models_answered_is_counted_over_all_fits(register: Register) -> None:
    class Helped(Shifted):
        name = "helped"

        def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
            whole = super().forecast(panel, origins)
            names = tuple(panel.ids[s] for s in np.unique(origins.series))
            record = Replaced("helped", "naive", "it is far", len(origins), len(origins), names)
            return replace(whole, replaced=(record,))

    register(baseline=(Helped,))
    (outcome,) = run(["helped"], refit=2)
    assert outcome.forecast is not None
    (record,) = outcome.forecast.replaced
    assert (record.origins, record.of) == (len(ORIGINS), len(ORIGINS))
    assert record.series == PANEL.ids


def test_an_interrupt_is_nobodys_failure(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Breaks, "fit", interrupt)
    register(baseline=(Breaks,))
    with pytest.raises(KeyboardInterrupt):
        run(["breaks"])


class Talk:
    """A monitor that writes down what it hears, and may ask to stop."""

    def __init__(self, stop: bool = False) -> None:
        self.heard: list[str] = []
        self.stop = stop

    def begin(self, task: str, total: float | None = None) -> None:
        self.heard.append(f"begin {task}")

    def update(self, done: float, note: str = "") -> None: ...

    def end(self) -> None:
        self.heard.append("end")

    def say(self, message: str) -> None: ...

    def stop_requested(self) -> bool:
        return self.stop


def test_progress_names_the_model_and_every_begin_has_its_end(register: Register) -> None:
    register(baseline=(shifted("a"), shifted("b")))
    talk = Talk()
    run(["a", "b"], monitor=talk)
    assert "begin b (2 of 2): fitting" in talk.heard
    assert talk.heard[::2] == [line for line in talk.heard if line.startswith("begin")]
    assert set(talk.heard[1::2]) == {"end"}


def test_models_whose_turn_has_not_come_when_a_stop_is_asked_for_are_listed(
    register: Register,
) -> None:
    model = shifted("model")
    register(baseline=(model,))
    (outcome,) = run(["model"], monitor=Talk(stop=True))
    assert outcome.forecast is None
    assert "asked to stop" in outcome.reason
    assert model.untils == []


def test_the_table_holds_every_cell_of_the_models_that_answered(register: Register) -> None:
    register(baseline=(shifted("base", 1.0), Breaks))
    table = tabulate(PANEL, ORIGINS, run(["base", "breaks"]), TASK)
    assert list(table.forecasts) == ["base"]
    assert table.actual.tobytes() == targets(PANEL, ORIGINS, 6).tobytes()
    assert table.times[:, 0].tolist() == PANEL.times[ORIGINS.rows + 1].tolist()
    assert table.times.shape == table.actual.shape == (18, 6)


@pytest.mark.parametrize("refit", [0, 2])
def test_what_one_model_fitted_another_takes_over_at_its_full_cost(
    refit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = replace(TASK, validation=40)

    def compared(names: list[str]) -> tuple[Outcome, ...]:
        more: Any = {"settings": Settings(), "refit": refit, "conformal": True}
        return backtest(names, PANEL, task, BLOCKS, ORIGINS, **more)

    (alone,) = compared(["ensemble"])
    fits: list[str] = []
    for name in ("ets", "theta", "arima", "linear"):
        cls = registry.model_class(name)

        def fit(self: Any, *given: Any, name: str = name, own: Any = cls.fit, **more: Any) -> Any:
            fits.append(name)
            return own(self, *given, **more)

        monkeypatch.setattr(cls, "fit", fit)
    names = ["ets", "theta", "arima", "linear", "ensemble"]
    *members, together = compared(names)
    assert together.forecast is not None
    assert alone.forecast is not None
    assert np.array_equal(together.forecast.values, alone.forecast.values)
    folds_made = len(folds(PANEL, BLOCKS, ORIGINS, refit))
    assert {name: fits.count(name) for name in set(fits)} == dict.fromkeys(
        names[:-1],
        2 * folds_made,  # once for the answers, once for the calibration
    )
    assert together.fit_seconds >= sum(member.fit_seconds for member in members)

"""The certificate holds for every honest model, and catches one that peeks a single row ahead."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pytest

from forecast_cli.comparison import LeakCertificate
from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.split import rolling_origins, split
from forecast_cli.evaluation import leaks
from forecast_cli.evaluation.backtest import backtest, folds
from forecast_cli.evaluation.leaks import certify, chosen_moments, scrambled
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster, State
from forecast_cli.forecasters.naive import SeasonalNaive
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation import fakes
from tests.evaluation.fakes import Register, shifted

register = fakes.register
TASK = Task(horizon=6, seasons=(24,), levels=(80,))
PANEL = make_panel((200, 150, 180), missing=0.05, covariates=("past", "future"))
BLOCKS = split(PANEL, 6, test_size=36, val_size=12)
ORIGINS = rolling_origins(PANEL, BLOCKS, 6, stride=6)
SMALL = Settings(max_steps=4, hidden=8, device="cpu", members=1)


def certificate(
    *names: str, refit: int = 0, panel: Panel = PANEL, origins: Origins = ORIGINS, seeds: int = 1
) -> LeakCertificate:
    outcomes = backtest(
        names, panel, TASK, BLOCKS, origins, settings=SMALL, refit=refit, seeds=seeds
    )
    return certify(outcomes, panel, TASK, folds(panel, BLOCKS, origins, refit), origins)


class Honest(Forecaster):
    """Level and unit of the training rows, and the last value before each origin."""

    name = "honest"

    def seen(self, panel: Panel, until: Ints) -> np.ndarray[Any, Any]:
        rows = np.arange(panel.n_rows) < np.repeat(until, panel.lengths)
        return panel.target[rows & panel.observed[:, 0]]

    def last(self, origins: Origins) -> Ints:
        return origins.rows

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        seen = self.seen(panel, until)
        self.task, self.moments = task, np.array([seen.mean(), seen.std()])
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        level = np.nan_to_num(panel.target[self.last(origins)])  # [O]
        shape = (len(origins), self.task.horizon, len(self.task.quantiles))
        values = np.broadcast_to(level[:, None, None], shape) + 1e-6 * self.moments.sum()
        return Forecast(origins, values, self.task.quantiles)

    @property
    def n_parameters(self) -> int:
        return 2

    def state(self) -> State:
        return {"moments": self.moments}, {"task": "x"}

    @classmethod
    def restore(cls, arrays: Any, meta: Any, settings: Settings) -> Self:
        raise NotImplementedError


class ScaledByAll(Honest):
    """Takes the level of all rows, those of the test block among them."""

    name = "scaled-by-all"

    def seen(self, panel: Panel, until: Ints) -> np.ndarray[Any, Any]:
        return panel.target[panel.observed[:, 0]]


class OffByOne(Honest):
    """Fits on one row too many."""

    name = "off-by-one"

    def seen(self, panel: Panel, until: Ints) -> np.ndarray[Any, Any]:
        return super().seen(panel, until + 1)


class Peeks(Honest):
    """Reads the row after the origin."""

    name = "peeks"

    def last(self, origins: Origins) -> Ints:
        return origins.rows + 1


class Remembers(Honest):
    """Keeps all of the panel it was fitted on, outside of its state, and looks up the answer."""

    name = "remembers"

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self.kept = panel
        return super().fit(panel, task, until, monitor)

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        own = super().forecast(panel, origins)
        truth = self.kept.target[origins.rows + 1][:, None, None]
        return Forecast(origins, own.values + 1e-3 * truth, own.quantiles)


class PeeksAtNeighbours(Honest):
    """Reads, of another series, what will be at the next moment."""

    name = "peeks-at-neighbours"

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        own = super().forecast(panel, origins)
        back = panel.ends[origins.series] - origins.rows
        return Forecast(
            origins,
            own.values + 1e-3 * panel.target[panel.ends[0] - back + 1][:, None, None],
            own.quantiles,
        )


class Fragile(Honest):
    """Stumbles over wild values after its end."""

    name = "fragile"

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        if np.nanmax(np.abs(panel.target)) > 60:
            raise FloatingPointError("far out")
        return super().fit(panel, task, until, monitor)


LEAKS = {
    ScaledByAll: 'the fit: "moments" at [0] is ',
    OffByOne: 'the fit: "moments" at [0] is ',
    Peeks: "the forecast from ",
    Remembers: "the forecast from ",
    PeeksAtNeighbours: "the forecast from ",
    Fragile: "the fit: with noise after its end it failed (FloatingPointError: far out)",
}


@pytest.mark.parametrize("refit", [0, 2])
@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_leak_is_caught_and_told_in_words(
    register: Register, leak: type[Forecaster], refit: int
) -> None:
    whole = make_panel((200, 150, 180))
    register(baseline=(Honest, leak))
    found = certificate("honest", leak.name, refit=refit, panel=whole)
    honest, leaky = found.proofs
    assert (honest.model, honest.same, honest.difference) == ("honest", True, "")
    assert (leaky.model, leaky.same) == (leak.name, False)
    assert leaky.difference.startswith(LEAKS[leak])
    assert not found.proved


def test_a_peek_is_told_with_its_series_and_step(register: Register) -> None:
    register(baseline=(Peeks,))
    (proof,) = certificate("peeks", panel=make_panel((200, 150, 180))).proofs
    first = PANEL.clock.show(PANEL.times[ORIGINS.rows[:1]])[0]
    assert proof.difference.startswith(f'the forecast from {first}: series "s0", step 1 is ')
    assert proof.difference.endswith(" with noise after it")


@pytest.mark.parametrize("refit", [0, 4])
def test_models_of_every_kind_are_proved(refit: int) -> None:
    found = certificate("gru", "linear", "seasonal-naive", "boosting", "theta", refit=refit)
    assert [proof.difference for proof in found.proofs] == [""] * 5
    assert found.proved
    assert found.cutoffs == 6
    assert len({proof.fit_sha256 for proof in found.proofs}) == 5
    assert {len(proof.forecasts_sha256) for proof in found.proofs} == {64}


def test_the_certificate_of_the_same_back_test_is_the_same() -> None:
    assert certificate("linear", "gru", seeds=2) == certificate("linear", "gru", seeds=2)


def test_failed_models_are_left_out_and_nothing_proves_nothing(register: Register) -> None:
    register(baseline=(fakes.Breaks, shifted("peeking")))
    assert not certificate("breaks").proved
    found = certificate("breaks", "naive")
    assert [proof.model for proof in found.proofs] == ["naive"]
    assert found.proved


def test_noise_stands_where_values_stood_and_nowhere_else() -> None:
    noise = np.full(PANEL.values.shape, 1e6)
    ends = PANEL.starts + 100
    foul = scrambled(PANEL, noise, ends, ahead=6)
    place = np.arange(PANEL.n_rows) - np.repeat(PANEL.starts, PANEL.lengths)
    past, ahead = PANEL.channel_positions("past"), PANEL.channel_positions("future")
    for channels, first in (((0, *past), 100), (ahead, 106)):
        for channel in channels:
            expected = (place >= first) & PANEL.observed[:, channel]
            np.testing.assert_array_equal(foul.values[:, channel] == 1e6, expected)
    np.testing.assert_array_equal(np.isnan(foul.values), np.isnan(PANEL.values))
    assert foul.observed is PANEL.observed
    whole = scrambled(PANEL, noise, ends)
    np.testing.assert_array_equal(whole.values[:, ahead[0]] == 1e6, place >= 100)


def test_where_moments_are_many_some_are_asked_spread_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = rolling_origins(PANEL, BLOCKS, 6, stride=1)
    assert len(chosen_moments(PANEL, every)) == 31
    monkeypatch.setattr(leaks, "MOST_MOMENTS", 7)
    some = chosen_moments(PANEL, every)
    times = PANEL.times[every.rows]
    assert (some[0], some[-1]) == (times.min(), times.max())
    assert set(np.diff(some) // PANEL.clock.fixed_step) == {5}


def test_a_covariate_made_from_the_target_is_among_the_suspects() -> None:
    values = PANEL.values.copy()
    values[:, 2] = PANEL.target
    copy = Panel(
        **{**vars(PANEL), "values": values, "observed": np.isfinite(values)}  # type: ignore[arg-type]
    )
    (line,) = certificate("naive", panel=copy).suspects
    assert line.startswith("x1: ")


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.names())
def test_every_model_of_the_registry_is_proved(name: str) -> None:
    (proof,) = certificate(name).proofs
    assert proof.difference == ""


def test_a_plain_axis_of_steps_is_cut_at_the_same_distance_from_the_ends(
    register: Register,
) -> None:
    panel = make_panel((200, 150, 180), freq=None)
    register(baseline=(Honest, Peeks))
    blocks = split(panel, 6, test_size=36, val_size=12)
    origins = rolling_origins(panel, blocks, 6, stride=6)
    outcomes = backtest(["honest", "peeks"], panel, TASK, blocks, origins, settings=SMALL)
    found = certify(outcomes, panel, TASK, folds(panel, blocks, origins, 0), origins)
    assert [proof.same for proof in found.proofs] == [True, False]
    assert found.cutoffs == 6


def test_a_seasonal_naive_of_another_season_is_certified_as_itself() -> None:
    (proof,) = certificate("seasonal-naive-12").proofs
    assert proof.same
    assert SeasonalNaive.name != proof.model

"""train --model auto: compare, choose, train what would be shipped, and keep how it came about."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import forecast_cli as fc
from forecast_cli.comparison import CompareResult
from forecast_cli.config import CompareConfig, TrainConfig
from forecast_cli.errors import TrainingError, UsageError
from forecast_cli.monitor import Monitor
from forecast_cli.workflows import auto
from tests.report.conftest import make_compare
from tests.workflows.test_train_predict import Listener, frame
from tests.workflows.test_train_predict import write as write


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[CompareConfig]:
    """Comparisons that were asked for; each of them would ship linear, twelve ahead."""
    seen: list[CompareConfig] = []

    def compare(config: CompareConfig, monitor: object, heard: Callable[[object], None]) -> object:
        seen.append(config)
        result = make_compare()
        heard(result.data)
        verdict = replace(result.verdict, ship="linear", text="Ship linear: why.", rules=("one",))
        return replace(result, verdict=verdict, protocol=replace(result.protocol, horizon=12))

    monkeypatch.setattr(auto, "compare_values", compare)
    return seen


def test_what_the_verdict_would_ship_is_trained_and_said(
    write: Callable[..., str], asked: list[CompareConfig]
) -> None:
    listener = Listener()
    result = fc.train(write(frame()), model="auto", season=24, monitor=listener)
    assert (result.model, result.horizon) == ("linear", 12)
    assert listener.said[:2] == ["Ship linear: why.", "training linear on all of the data"]
    assert asked[0].season == (24,)
    assert asked[0].models == CompareConfig().models
    assert asked[0].baselines == ()


def test_the_run_keeps_how_its_model_was_chosen_and_can_be_repeated_without(
    write: Callable[..., str], asked: list[CompareConfig]
) -> None:
    path = Path(fc.train(write(frame()), model="auto").run)
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["chosen"]["model"] == "linear"
    assert manifest["chosen"]["rules"] == ["one"]
    assert manifest["chosen"]["command"] == "forecast compare-baselines data.csv"
    assert manifest["chosen"]["losses"]["linear"] > 0
    assert tomllib.loads((path / "config.toml").read_text())["model"] == "linear"
    assert manifest["command"] == "forecast train data.csv --horizon 12 --model linear"
    card = (path / "MODEL_CARD.md").read_text()
    assert "Chosen by a comparison: linear with a MASE of" in card


def test_a_model_that_was_named_was_not_chosen(write: Callable[..., str]) -> None:
    result = fc.train(write(frame()), model="naive", horizon=12)
    assert result.chosen == ""
    assert "chosen" not in json.loads((Path(result.run) / "manifest.json").read_text())


def test_the_data_are_told_once(write: Callable[..., str], asked: list[CompareConfig]) -> None:
    from forecast_cli.workflows.train import train_with

    told: list[object] = []
    train_with(TrainConfig(data=(write(frame()),), model="auto"), heard=told.append)
    assert len(told) == 1


def test_standard_input_cannot_be_read_twice() -> None:
    with pytest.raises(UsageError, match="reads the data twice"):
        auto.choose(TrainConfig(data=("-",), model="auto"))


def test_where_no_model_could_be_scored_none_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    result = make_compare()
    nothing = replace(result, verdict=replace(result.verdict, ship=""))
    monkeypatch.setattr(auto, "compare_values", lambda *_: nothing)
    with pytest.raises(TrainingError, match="none can be chosen"):
        auto.choose(TrainConfig(data=("a.csv",), model="auto"))


def test_half_a_comparison_chooses_nothing(asked: list[CompareConfig]) -> None:
    class Stopped(Listener):
        def stop_requested(self) -> bool:
            return True

    with pytest.raises(KeyboardInterrupt):
        auto.choose(TrainConfig(data=("a.csv",), model="auto"), Stopped())


def test_the_comparison_is_really_asked(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in its place: few baselines, so that it is quick."""
    real = auto.CompareConfig

    def quick(**values: object) -> CompareConfig:
        return real(**{**values, "models": ("linear",), "baselines": ("naive", "mean")})

    monkeypatch.setattr(auto, "CompareConfig", quick)
    result = fc.train(write(frame()), model="auto", horizon=12)
    assert result.model == "linear"
    assert "of 4 models compared. There is no network to compare with." in result.chosen


def test_the_comparison_is_not_told_to_stop_with_the_best_so_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of it is good for nothing: Ctrl-C ends it at once, and promises nothing."""

    class Asked(Listener):
        polled = False

        def stop_requested(self) -> bool:
            self.polled = True
            return False

    monitor = Asked()
    heard: list[bool] = []

    def compare(_: CompareConfig, inner: Monitor, *__: object) -> CompareResult:
        heard.append(inner.stop_requested() or monitor.polled)
        inner.begin("a model")
        inner.update(1)
        inner.end()
        inner.say("a line")
        result = make_compare()
        return replace(result, verdict=replace(result.verdict, ship=result.models[0].name))

    monkeypatch.setattr(auto, "compare_values", compare)
    auto.choose(TrainConfig(data=("a.csv",), model="auto"), monitor)
    assert heard == [False]
    assert "a line" in monitor.said

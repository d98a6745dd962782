"""``train --resume``: the data, the options and the version of the run, or a clear refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import forecast_cli as fc
from forecast_cli.config import TrainConfig
from forecast_cli.errors import DataError, ForecastError, RunError, UsageError
from forecast_cli.monitor import SilentMonitor
from forecast_cli.runs import unfinished
from tests.cli.conftest import csv_text

QUICK: dict[str, Any] = {"horizon": 6, "max_steps": 6, "hidden": 4, "members": 1, "model": "gru"}


class Interrupted(SilentMonitor):
    """A second Ctrl-C in the training on all rows, after some steps."""

    def __init__(self) -> None:
        self.told, self.task = list[str](), ""

    def begin(self, task: str, total: float | None = None) -> None:
        self.task = task

    def update(self, done: float, note: str = "") -> None:
        if self.task.endswith("on all rows") and done == 3:
            raise KeyboardInterrupt

    def say(self, message: str) -> None:
        self.told.append(message)


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a training that was interrupted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(unfinished, "SECONDS", 0.0)
    Path("data.csv").write_text(csv_text(300))
    monitor = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        fc.train("data.csv", monitor=monitor, **QUICK)
    (entry,) = fc.runs()
    assert f"forecast train --resume {entry.name}" in monitor.told[-1]
    return entry.name


def test_a_resumed_training_is_the_uninterrupted_one(interrupted: str) -> None:
    resumed = fc.train(resume=interrupted)
    whole = fc.train("data.csv", runs="whole", **QUICK)
    one, other = (Path(r.run, "model.safetensors").read_bytes() for r in (resumed, whole))
    assert one == other
    assert [entry.path for entry in fc.runs()] == [resumed.run]
    told = [json.loads(Path(r.run, "manifest.json").read_text()) for r in (resumed, whole)]
    assert told[0]["steps"] == told[1]["steps"]
    assert told[0]["command"] == told[1]["command"].replace(" --runs whole", "")
    assert np.isfinite(fc.predict().series[0].forecast).all()


def test_an_option_that_says_otherwise_is_refused_and_the_same_one_is_not(
    interrupted: str,
) -> None:
    with pytest.raises(UsageError, match="--max-steps is not what"):
        fc.train(resume=interrupted, max_steps=7)
    assert fc.train(resume=interrupted, max_steps=6).steps == 6


def test_changed_data_are_refused_and_the_run_stays(interrupted: str) -> None:
    before = Path("data.csv").read_text()
    Path("data.csv").write_text(before.replace("9.", "8.", 1))
    with pytest.raises(DataError, match="changed since"):
        fc.train(resume=interrupted)
    Path("data.csv").write_text(before)
    assert fc.train(resume=interrupted).steps == 6


def test_another_version_does_not_go_on(interrupted: str) -> None:
    file = Path("runs", f".unfinished-{interrupted}", "begun.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "forecast_cli": "9.0.0"}))
    with pytest.raises(RunError, match=r"9\.0\.0"):
        fc.train(resume=interrupted)


def test_a_run_from_elsewhere_finds_its_data_again(
    interrupted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Path("runs").absolute()
    Path("deeper").mkdir()
    monkeypatch.chdir("deeper")
    assert fc.train(resume=interrupted, runs=str(runs)).steps == 6


def test_what_learned_nothing_yet_begins_anew_and_says_so(
    interrupted: str,
) -> None:
    for file in Path("runs", f".unfinished-{interrupted}").glob("*.checkpoint"):
        file.unlink()
    monitor = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        fc.train(resume=interrupted, monitor=monitor)
    assert "begins anew" in monitor.told[0]


def test_there_has_to_be_something_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(ForecastError) as caught:
        fc.train(resume="nope", runs=str(tmp_path))
    assert "forecast train data.csv" in caught.value.fix
    assert TrainConfig().resume is None

"""A run while it is trained: kept where it is worth something, removed where not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli.config import TrainConfig
from forecast_cli.errors import RunError, TrainingError
from forecast_cli.monitor import SilentMonitor
from forecast_cli.runs import store, unfinished
from forecast_cli.runs.unfinished import Unfinished

CONFIG = TrainConfig(data=("load.csv",), model="gru", horizon=6)
BEGUN = {
    "created": "2026-01-02T12:00:00+00:00",
    "model": "gru",
    "forecast_cli": "0.1.0",
    "task": {"horizon": 6},
    "data": {"sources": ["load.csv"], "sha256": "0" * 64, "series": 2},
}
ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "scalar": np.array(3.0, np.float32)}


class Heard(SilentMonitor):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def begun(root: Path, monitor: Any = None) -> Unfinished:
    return store.begin(root, CONFIG, BEGUN, monitor or Heard())


def killed(root: Path, *, learned: bool = True) -> str:
    """What a killed process leaves behind; its name."""
    left = begun(root)
    if learned:
        left.save("validated-0", ARRAYS, {"at": 5})
    left._own.release()
    return left.name


def ended_by(cause: BaseException, left: Unfinished, *, learned: bool = True) -> None:
    """A training that something ends."""

    def train() -> None:
        with left:
            if learned:
                left.save("validated-0", ARRAYS, {})
            raise cause

    with pytest.raises(type(cause)):
        train()


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    name = killed(tmp_path)
    with store.take_up(tmp_path, name, Heard()) as left:
        found = left.load("validated-0")
        assert found is not None
        arrays, values = found
        assert values == {"at": 5}
        assert {n: (a.shape, a.tobytes()) for n, a in arrays.items()} == {
            n: (a.shape, a.tobytes()) for n, a in ARRAYS.items()
        }
        assert left.load("validated-1") is None
        assert left.config == CONFIG


def test_an_unfinished_run_is_listed_with_the_command_that_goes_on(tmp_path: Path) -> None:
    name = killed(tmp_path)
    (entry,) = store.list_runs(tmp_path)
    assert (entry.name, entry.horizon, entry.series, entry.latest) == (name, 6, 2, False)
    assert f"forecast train --resume {name}" in entry.problem
    with pytest.raises(RunError, match="not over") as caught:
        store.find(tmp_path, name)
    assert f"--resume {name}" in caught.value.fix
    with pytest.raises(RunError, match="there is no run"):
        store.find(tmp_path)


def test_one_that_is_being_trained_is_said_to_be_and_is_not_taken_up(tmp_path: Path) -> None:
    with begun(tmp_path) as left:
        assert store.list_runs(tmp_path)[0].problem == "unfinished: it is being trained"
        with pytest.raises(RunError, match="another process"):
            store.take_up(tmp_path, left.name, Heard())


def test_nothing_remains_of_a_training_that_ends_well_or_would_fail_again(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    with begun(root) as left:
        left.save("validated-0", ARRAYS, {})
    assert not root.exists()
    ended_by(TrainingError("no"), begun(root))
    assert not root.exists()


@pytest.mark.parametrize("cause", [KeyboardInterrupt(), RunError("full")])
def test_what_was_learned_is_kept_where_the_end_is_no_failure_of_it(
    tmp_path: Path, cause: Any
) -> None:
    heard = Heard()
    left = begun(tmp_path, heard)
    ended_by(cause, left)
    assert left.path.is_dir()
    assert f"--resume {left.name}" in heard.said[-1]
    nothing = begun(tmp_path / "b")
    ended_by(cause, nothing, learned=False)
    assert not nothing.path.exists()


def test_a_disk_that_is_full_costs_a_checkpoint_and_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    heard = Heard()
    with begun(tmp_path, heard) as left:
        left.save("validated-0", ARRAYS, {"at": 1})
        monkeypatch.setattr(os, "write", full)
        for _ in range(3):
            left.save("validated-0", ARRAYS, {"at": 2})
        monkeypatch.undo()
        found = left.load("validated-0")
    assert [line for line in heard.said if "No space left" in line] == heard.said[:1]
    assert found is not None
    assert found[1] == {"at": 1}


def test_a_damaged_checkpoint_is_none_and_that_is_said(tmp_path: Path) -> None:
    heard = Heard()
    with begun(tmp_path, heard) as left:
        left.save("validated-0", ARRAYS, {})
        file = left.path / "validated-0.checkpoint"
        data = bytearray(file.read_bytes())
        data[-3] ^= 1
        file.write_bytes(bytes(data))
        assert left.load("validated-0") is None
    assert "damaged" in heard.said[0]


def test_a_name_that_is_none_lists_those_there_are(tmp_path: Path) -> None:
    name = killed(tmp_path)
    with pytest.raises(RunError) as caught:
        store.take_up(tmp_path, "nope", Heard())
    assert name in caught.value.fix


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": {"sha256": 5}}'])
def test_what_cannot_be_taken_up_is_a_run_error(tmp_path: Path, text: str) -> None:
    name = killed(tmp_path)
    (tmp_path / f".unfinished-{name}" / "begun.json").write_text(text)
    with pytest.raises(RunError, match="cannot be taken up"):
        store.take_up(tmp_path, name, Heard())
    assert store.list_runs(tmp_path)[0].problem


def test_checkpoints_are_due_after_a_while_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(unfinished.time, "monotonic", lambda: now)
    with begun(tmp_path) as left:
        assert not left.due("a")
        now += unfinished.SECONDS
        assert left.due("a")
        assert left.due("b")
        left.save("a", ARRAYS, {})
        assert not left.due("a")
        assert left.due("b")


def test_what_learned_nothing_is_removed_after_a_day_and_what_did_stays(tmp_path: Path) -> None:
    old, kept = killed(tmp_path / "a", learned=False), killed(tmp_path / "b")
    for root, name in ((tmp_path / "a", old), (tmp_path / "b", kept)):
        os.utime(root / f".unfinished-{name}", (0, 0))
        with store.begin(root, CONFIG, {**BEGUN, "seed": 1}, Heard()):
            pass
    assert store.list_runs(tmp_path / "a") == ()
    assert [entry.name for entry in store.list_runs(tmp_path / "b")] == [kept]

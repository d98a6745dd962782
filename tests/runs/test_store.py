"""Runs on disk: whole or not at all, found, checked, and refused when they are not right."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli.config import TrainConfig
from forecast_cli.data.panel import Origins
from forecast_cli.errors import ExitCode, RunError
from forecast_cli.evaluation.conformal import Calibration
from forecast_cli.forecasters.registry import create
from forecast_cli.monitor import SilentMonitor
from forecast_cli.runs import store
from forecast_cli.task import Task
from tests.conftest import make_panel

PANEL = make_panel((200, 150))
TASK = Task(horizon=6, seasons=(24,), validation=12)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def write(
    root: Path,
    model: str = "seasonal-naive",
    minutes: int = 0,
    calibration: Calibration | None = None,
    **changes: Any,
) -> Path:
    manifest = {
        "created": (NOON + timedelta(minutes=minutes)).isoformat(),
        "model": model,
        "forecast_cli": "0.1.0",
        "data": {
            "sources": ["load.csv"],
            "given": ["load.csv"],
            "absolute": ["/data/load.csv"],
            "sha256": "0" * 64,
            "series": 2,
            "frequency": "h",
            "ids": ["a", "b"],
        },
        "best_loss": None,
    }
    return store.write(
        root,
        model=create(model).fit(PANEL, TASK, PANEL.known_ends),
        task=TASK,
        config=TrainConfig(data=("load.csv",), model=model, horizon=6),
        manifest={**manifest, **changes},
        history=({"step": 1, "loss": float("nan")},),
        metrics={"best_loss": float("inf")},
        texts={"report.html": "<p>fine</p>"},
        calibration=calibration,
    )


def change_manifest(path: Path, **changes: object) -> None:
    file = path / store.MANIFEST_FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    store.seal(path)


def test_a_run_is_found_with_all_that_was_written(tmp_path: Path) -> None:
    path = write(tmp_path)
    run = store.find(tmp_path)
    assert run.path == path
    assert run.task == TASK
    assert run.config.data == ("load.csv",)
    assert run.manifest["schema"] == "forecast-cli/run/1"
    assert {file.name for file in path.iterdir()} == {
        "config.toml",
        "manifest.json",
        "manifest.sha256",
        "model.safetensors",
        "model.json",
        "history.jsonl",
        "metrics.json",
        "report.html",
    }


def test_the_name_holds_time_model_and_a_short_hash(tmp_path: Path) -> None:
    assert write(tmp_path).name.startswith("20260102-120000-seasonal-naive-")


def test_the_name_can_be_foretold(tmp_path: Path) -> None:
    manifest: Mapping[str, Any] = {"created": NOON.isoformat(), "model": "naive"}
    assert store.folder_name(manifest) == store.folder_name(dict(manifest))
    assert store.folder_name(manifest) != store.folder_name({**manifest, "seed": 1})


def test_files_for_other_tools_hold_no_bare_nan(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert json.loads((path / "history.jsonl").read_text()) == {"step": 1, "loss": None}
    assert json.loads((path / "metrics.json").read_text()) == {"best_loss": None}
    assert tomllib.loads((path / "config.toml").read_text())["horizon"] == 6


@pytest.mark.parametrize("name", ["seasonal-naive", "seasonal-naive-12", "linear"])
def test_a_model_forecasts_the_same_after_it_was_kept(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    model = store.load_model(store.find(tmp_path))
    origins = Origins(np.array([0, 1]), PANEL.known_ends - 1 - TASK.horizon)
    fresh = create(name).fit(PANEL, TASK, PANEL.known_ends)
    expected = fresh.forecast(PANEL, origins).values
    assert model.forecast(PANEL, origins).values.tobytes() == expected.tobytes()


CALIBRATION = Calibration((80, 95), ((1.5,) * 6, (2.0,) * 6), 100, int(PANEL.times[-1]), "a note")


def test_a_calibration_is_kept_beside_the_model_and_checked_as_it_is(tmp_path: Path) -> None:
    assert store.load_calibration(store.find(write(tmp_path).parent)) is None
    path = write(tmp_path, minutes=1, calibration=CALIBRATION)
    run = store.find(tmp_path)
    assert store.load_calibration(run) == CALIBRATION
    file = path / store.CALIBRATION_FILE
    file.write_text(file.read_text().replace("1.5", "0.1"))
    with pytest.raises(RunError, match=r"calibration\.json was changed"):
        store.find(tmp_path, path.name)
    file.unlink()
    with pytest.raises(RunError, match=r"calibration\.json is missing"):
        store.find(tmp_path, path.name)


def test_a_calibration_of_another_task_is_refused(tmp_path: Path) -> None:
    write(tmp_path, calibration=replace(CALIBRATION, levels=(80, 90)))
    with pytest.raises(RunError, match="of another task"):
        store.load_calibration(store.find(tmp_path))


def test_the_latest_is_the_newest_by_its_manifest_not_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, minutes=0)
    newest = write(tmp_path, minutes=30)
    write(tmp_path, minutes=10)
    newest = newest.rename(tmp_path / "0-renamed")
    assert store.find(tmp_path).path == newest


def test_a_run_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    first, _ = write(tmp_path, minutes=0), write(tmp_path, minutes=1)
    assert store.find(tmp_path, first.name).path == first
    assert store.find(Path("elsewhere"), str(first)).path == first


def test_an_unknown_run_names_those_that_exist(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(RunError) as caught:
        store.find(tmp_path, path.name[:-1] + "x")
    assert path.name in caught.value.fix
    assert caught.value.exit_code == ExitCode.BAD_RUN


def test_an_unknown_run_where_there_is_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        store.find(tmp_path, "nope")
    assert caught.value.fix == "make one with: forecast train data.csv"


def test_no_run_at_all_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        store.find(tmp_path / "none")
    assert "forecast train" in caught.value.fix


@pytest.mark.parametrize("name", store.VITAL_FILES)
def test_a_changed_file_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    path = write(tmp_path)
    file = path / name
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(RunError, match=f"{name} was changed"):
        store.find(tmp_path, path.name)


@pytest.mark.parametrize("name", [*store.VITAL_FILES, store.MANIFEST_FILE])
def test_a_missing_file_is_said(tmp_path: Path, name: str) -> None:
    path = write(tmp_path)
    (path / name).unlink()
    with pytest.raises(RunError):
        store.find(tmp_path, path.name)
    assert store.list_runs(tmp_path)[0].problem


def test_the_report_may_be_edited(tmp_path: Path) -> None:
    path = write(tmp_path)
    (path / "report.html").write_text("mine now")
    assert store.find(tmp_path).path == path


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "forecast-cli/run/9"},
        {"schema": None},
        {"files": {}},
        {"files": []},
        {"task": {"horizon": "x"}},
        {"task": []},
        {"task": {"horizon": -1, "seasons": [1], "levels": [80], "validation": 0}},
        {"data": {}},
        {"data": 5},
        {"model": 5},
        {"created": None},
        {"best_loss": "low"},
    ],
)
def test_a_foreign_manifest_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    path = write(tmp_path)
    change_manifest(path, **changes)
    with pytest.raises(RunError) as caught:
        store.find(tmp_path, path.name)
    assert caught.value.fix
    (entry,) = store.list_runs(tmp_path)
    assert entry.problem == caught.value.message
    assert "\n" not in entry.problem


@pytest.mark.parametrize("text", ["[]", "5", "", "{", "null"])
def test_a_manifest_that_is_none_is_a_run_error(tmp_path: Path, text: str) -> None:
    path = write(tmp_path)
    (path / store.MANIFEST_FILE).write_text(text)
    store.seal(path)
    with pytest.raises(RunError, match="damaged"):
        store.find(tmp_path)
    (entry,) = store.list_runs(tmp_path)
    assert (entry.horizon, entry.series, entry.latest) == (None, None, False)


def test_another_task_than_that_of_the_model_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    task = {"horizon": 60, "seasons": [24], "levels": [80, 95], "validation": 12}
    change_manifest(path, task=task)
    with pytest.raises(RunError, match="task"):
        store.load_model(store.find(tmp_path))


def test_where_all_runs_are_damaged_that_is_what_is_said(tmp_path: Path) -> None:
    first, second = write(tmp_path, minutes=0), write(tmp_path, minutes=5)
    (second / "model.safetensors").write_bytes(b"")
    (first / "model.safetensors").write_bytes(b"")
    with pytest.raises(RunError, match="none of the 2 runs") as caught:
        store.find(tmp_path)
    assert [second.name in caught.value.problems[0], first.name in caught.value.problems[1]] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("version", "warned"),
    [("9.0.0", True), ("0.9.0", True), ("0.1.0", False), ("0.1.7", False), ("0.0.9", False)],
)
def test_a_run_of_a_newer_version_is_read_with_a_warning(
    tmp_path: Path, version: str, warned: bool
) -> None:
    path = write(tmp_path)
    change_manifest(path, forecast_cli=version)
    said: list[str] = []

    class Listener(SilentMonitor):
        def say(self, message: str) -> None:
            said.append(message)

    for name in (None, path.name):
        said.clear()
        assert store.find(tmp_path, name, Listener()).path == path
        assert bool(said) is warned
        assert all(line.startswith("warning: ") and version in line for line in said)


def test_a_manifest_that_speaks_of_another_model_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    change_manifest(path, model="naive")
    with pytest.raises(RunError, match="naive"):
        store.load_model(store.find(tmp_path, path.name))


def test_a_damaged_run_is_passed_over_aloud_but_listed(tmp_path: Path) -> None:
    good, bad = write(tmp_path, minutes=0), write(tmp_path, minutes=5)
    (bad / "model.safetensors").write_bytes(b"")
    said: list[str] = []

    class Listener:
        def say(self, message: str) -> None:
            said.append(message)

    assert store.find(tmp_path, monitor=Listener()).path == good  # type: ignore[arg-type]
    assert bad.name in said[0]
    entries = store.list_runs(tmp_path)
    assert [entry.name for entry in entries] == [bad.name, good.name]
    assert [bool(entry.problem) for entry in entries] == [True, False]
    assert [entry.latest for entry in entries] == [False, True]


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left"):
        write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_synced_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, os.rename

    def synced(descriptor: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        fsync(descriptor)

    def renamed(one: Path, other: Path) -> None:
        done.append("renamed")
        rename(one, other)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    path = write(tmp_path)
    assert done[-2:] == ["renamed", tmp_path.name]  # the parent, after the rename
    assert {file.name for file in path.iterdir()} <= set(done[:-2])
    assert done[-3].startswith(".writing-")


def test_what_an_interrupted_write_left_is_no_run(tmp_path: Path) -> None:
    (tmp_path / ".writing-abc").mkdir()
    assert store.list_runs(tmp_path) == ()


def test_a_folder_that_cannot_be_written_is_a_run_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError) as caught:
        write(tmp_path / "file")
    assert "--runs" in caught.value.fix


@pytest.mark.parametrize("inside", ["", "deep/er"])
def test_a_file_in_place_of_the_folder_is_refused_beforehand(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="Not a directory"):
        store.require_writable(tmp_path / "file" / inside)


def test_a_folder_that_can_be_made_is_accepted_and_not_made(tmp_path: Path) -> None:
    store.require_writable(tmp_path / "deep" / "runs")
    assert list(tmp_path.iterdir()) == []


def test_a_run_can_be_read_by_others(tmp_path: Path) -> None:
    path = write(tmp_path)
    modes = {file.stat().st_mode & 0o444 for file in (path, *path.iterdir())}
    assert len(modes) == 1

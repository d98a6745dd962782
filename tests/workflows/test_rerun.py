"""A run repeated: the same bytes, or what is not the same and what may be why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

import forecast_cli as fc
from forecast_cli.errors import DataError, RunError, UsageError
from forecast_cli.runs.folder import seal, sha256
from forecast_cli.workflows import versions

QUICK = {"horizon": 6, "max_steps": 6, "hidden": 8, "device": "cpu", "members": 2}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    hours = pd.date_range("2026-01-01", periods=400, freq="h")
    rng = np.random.default_rng(0)
    load = 10 + 3 * np.sin(2 * np.pi * np.arange(400) / 24) + 0.2 * rng.normal(size=400)
    load[50:53] = np.nan
    frame = pd.DataFrame({"when": hours, "load": load, "heat": rng.normal(size=400)})
    frame.to_csv("data.csv", index=False)
    return "data.csv"


def tampered(run: str, change: float) -> None:
    """Change one number of the weights of a run, and the manifest's checksum with it."""
    weights, manifest = Path(run, "model.safetensors"), Path(run, "manifest.json")
    arrays = load_file(weights)
    name = next(n for n, a in sorted(arrays.items()) if a.dtype.kind == "f" and a.size > 1)
    arrays[name] = arrays[name].copy()
    arrays[name].flat[1] += change
    save_file(arrays, weights)
    told = json.loads(manifest.read_text())
    told["files"]["model.safetensors"] = sha256(weights)
    manifest.write_text(json.dumps(told))
    seal(Path(run))


@pytest.mark.parametrize("model", ["gru", "linear", "seasonal-naive", "theta"])
def test_a_run_repeats_itself_bit_for_bit_and_leaves_nothing_behind(file: str, model: str) -> None:
    run = fc.train(file, model=model, target="load", past="heat", **QUICK).run
    before = sorted(path.name for path in Path().rglob("*"))
    found = fc.rerun()
    assert (found.run, found.model) == (run, model)
    assert (found.identical, found.largest_difference, found.difference) == (True, 0.0, "")
    assert (found.kept, found.reasons) == ("", ())
    assert sorted(path.name for path in Path().rglob("*")) == before


def test_it_is_kept_where_that_is_asked_for(file: str) -> None:
    run = fc.train(file, model="linear", target="load", horizon=6).run
    found = fc.rerun(Path(run).name, keep=True)
    assert found.identical
    assert found.kept != run
    assert {entry.path for entry in fc.runs()} == {run, found.kept}


def test_data_that_moved_are_named_and_recognised_by_their_bytes(file: str) -> None:
    run = fc.train(file, model="naive", target="load", horizon=6).run
    Path(file).rename("moved.csv")
    with pytest.raises(DataError, match="there is no such file") as refused:
        fc.rerun(run)
    assert refused.value.fix == "name where the data of the run are now with --data"
    assert fc.rerun(run, data="moved.csv").identical


def test_other_data_are_refused_before_anything_is_trained(file: str) -> None:
    run = fc.train(file, model="naive", target="load", horizon=6).run
    with Path(file).open("a") as more:
        more.write("2026-03-01 00:00:00,1,1\n")
    with pytest.raises(DataError, match=r"not the data that .* was trained on"):
        fc.rerun(run)
    with pytest.raises(UsageError, match="read only once"):
        fc.rerun(run, data="-")


def test_a_difference_is_told_with_its_place_and_size(file: str) -> None:
    run = fc.train(file, model="linear", target="load", horizon=6).run
    tampered(run, 0.5)
    found = fc.rerun(run)
    assert not found.identical
    assert found.largest_difference == pytest.approx(0.5)
    assert " was " in found.difference
    assert found.difference.endswith(" now")
    assert found.reasons == ()


def test_versions_and_machine_that_changed_are_named(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fc.train(file, model="naive", target="load", horizon=6).run
    monkeypatch.setattr(versions, "version", lambda name: "9.9")
    monkeypatch.setattr("platform.machine", lambda: "abacus")
    found = fc.rerun(run)
    assert found.identical  # a naive forecast is the same anywhere
    assert any(line.startswith("torch was ") and "9.9 now" in line for line in found.reasons)
    assert any(line.endswith("and is abacus now") for line in found.reasons)


def test_a_training_that_the_clock_bounded_says_so(file: str) -> None:
    fc.train(file, model="naive", target="load", horizon=6, max_seconds=60.0)
    assert any("no clock runs twice alike" in line for line in fc.rerun().reasons)


def test_a_missing_run_is_no_run(file: str) -> None:
    with pytest.raises(RunError, match="no run"):
        fc.rerun("nothing")
    run = fc.train(file, model="naive", target="load", horizon=6).run
    shutil.rmtree(run)
    with pytest.raises(RunError):
        fc.rerun()

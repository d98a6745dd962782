"""The comparison with other libraries: what it asks, what it makes of answers and of none.

No library is installed and none is run; a worker's answer is a file.
"""

from __future__ import annotations

import doctest
import importlib
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import peers
from forecast_cli.config import Settings
from forecast_cli.data.windows import Resident, Sampler, Windows
from forecast_cli.evaluation import metrics
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecaster
from peers import Entrant, Outcome
from tests.benchmarks.conftest import BENCHMARKS

RIVAL = Outcome(
    Entrant("neuralforecast", "LSTM", 200, options=("--input", "96")),
    {"seconds": 80.0, "forecasts": 25_600, "validation_mae": 0.6, "mse": 0.5, "mae": 0.45}
    | {"steps": 200, "memory": 800.0, "version": "3.3.0"},
)
OURS = Outcome(
    Entrant("ours", "lstm", kind="ours"),
    {"seconds": 4.0, "forecasts": 256_000, "validation_mae": 0.55, "mse": 0.36, "mae": 0.39}
    | {"steps": 600, "memory": 300.0, "version": "1"},
)
MISSING = Outcome(Entrant("darts", "LSTM", 200), reason="not installed: no network")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module that workers share; their folder is on the path only while they run."""
    monkeypatch.syspath_prepend(str(BENCHMARKS / "peers"))
    yield importlib.import_module("worker")
    for name in ("worker", "run_ours"):
        sys.modules.pop(name, None)


def test_the_gains_are_ratios_of_what_was_measured() -> None:
    reached = replace(OURS, found=OURS.found | {"seconds": 0.5, "steps": 2})
    rate, time = peers.ratio_rows(OURS, RIVAL, reached, "asked")
    assert rate.value == pytest.approx((256_000 / 4) / (25_600 / 80))
    assert rate.reached is True
    assert time.value == pytest.approx(80 / 0.5)
    assert time.reached is True
    assert "start: 2; 0.50 s" in time.note


def test_a_validation_error_that_no_training_reached_is_no_gain() -> None:
    never = Outcome(OURS.entrant, {"version": "1", "memory": 300.0})
    _, time = peers.ratio_rows(OURS, RIVAL, never, "asked")
    assert math.isnan(time.value)
    assert time.reached is False
    assert time.note == "no training reached 0.6000"


def test_a_library_that_is_not_there_is_one_row_with_the_reason() -> None:
    (only,) = peers.network_rows(MISSING, "asked")
    assert math.isnan(only.value)
    assert only.who == "darts LSTM, 200 steps"
    assert only.note == MISSING.reason
    (only,) = peers.sample_rows(MISSING, "asked", 12)
    assert only.note == MISSING.reason
    assert {row.note for row in peers.ratio_rows(OURS, MISSING, MISSING, "asked")} == {
        MISSING.reason
    }


def test_a_disk_without_room_is_said_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "PLACE", tmp_path / "environments")
    monkeypatch.setattr(peers, "ROOM", 2**80)
    found = peers.ask(MISSING.entrant, tmp_path / "question.npz")
    assert "not installed" in found.reason
    assert not list((tmp_path / "environments").iterdir())


def test_an_installation_that_fails_is_said_with_its_last_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "PLACE", tmp_path)
    failed = subprocess.CompletedProcess([], 1, "", "WARNING: retry\nERROR: no network\n\n")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: failed)
    found = peers.ask(MISSING.entrant, tmp_path / "question.npz")
    assert found.reason == "not installed: ERROR: no network"
    assert not (tmp_path / "darts" / "installed").exists()


def test_a_worker_that_fails_is_said_with_its_last_line(tmp_path: Path) -> None:
    found = peers.ask(OURS.entrant, tmp_path / "absent.npz")
    assert found.reason.startswith("failed: FileNotFoundError")


def test_every_library_pins_what_it_installs() -> None:
    entrants = (*peers.NETWORKS, *peers.CLASSICAL)
    for library in {entrant.library for entrant in entrants} - {"ours"}:
        lines = (BENCHMARKS / "peers" / f"{library}.txt").read_text("utf-8").splitlines()
        assert lines
        assert all("==" in line for line in lines)
        assert any(line.startswith(f"{library}==") for line in lines)


def test_no_two_entrants_have_one_name_and_each_has_a_worker() -> None:
    for entrants in ((*peers.NETWORKS, peers.OURS), peers.CLASSICAL):
        assert len({entrant.name for entrant in entrants}) == len(entrants)
        for entrant in entrants:
            assert (BENCHMARKS / "peers" / f"run_{entrant.library}.py").is_file()


@pytest.mark.parametrize("stride", [1, peers.QUICK_STRIDE])
def test_all_are_asked_from_the_same_origins_and_about_their_block_alone(
    worker: ModuleType, tmp_path: Path, stride: int, shared_data: Path
) -> None:
    peers.ett(shared_data / "ett_h1_m1", tmp_path / "q.npz", stride)
    question = worker.Question.load(tmp_path / "q.npz")
    past = question.values[:, : question.train]
    np.testing.assert_allclose(past.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(past.std(axis=1), 1)
    for first, end in question.blocks.values():
        origins, targets = question.origins(first, end), question.targets(first, end)
        assert origins[0] == first - 1
        assert origins[-1] + question.horizon == end - 1  # the strides of a block come out even
        assert len(set(origins % 24)) == 24
        np.testing.assert_array_equal(targets[:, -1], question.values[:, end - 96 : end])


def test_scores_are_those_of_the_package(worker: ModuleType) -> None:
    ours = importlib.import_module("run_ours")
    rng = np.random.default_rng(0)
    flat, lengths = rng.normal(50, 5, 150), np.array([60, 90])
    future, forecast = rng.normal(50, 5, (2, 2, 6))
    sample = worker.Sample(flat, lengths, future, season=24)
    panel = ours.panel_of(flat, lengths)
    cells = {
        "actual": future,
        "forecast": forecast[:, :, None],
        "quantiles": (0.5,),
        "scales": metrics.seasonal_scales(panel, panel.ends, 24),
        "series": np.arange(2),
        "n_series": 2,
    }
    assert worker.mase(forecast, sample) == pytest.approx(metrics.MASE().compute(**cells).overall)
    assert worker.smape(forecast, sample) == pytest.approx(metrics.SMAPE().compute(**cells).overall)
    assert worker.errors(forecast, future) == pytest.approx(
        (metrics.RMSE().compute(**cells).overall ** 2, metrics.MAE().compute(**cells).overall)
    )


def test_forecasts_of_another_shape_are_refused(worker: ModuleType) -> None:
    with pytest.raises(ValueError, match="forecasts"):
        worker.errors(np.zeros((7, 3, 96)), np.zeros((7, 4, 96)))


def test_our_network_learns_from_no_row_that_its_validation_error_is_measured_on(
    worker: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = importlib.import_module("run_ours")
    values = np.random.default_rng(0).normal(size=(2, 500))
    values[:, 400:] += 100.0
    hours = np.arange(500) * 3_600 * 10**9
    question = worker.Question(values, hours, train=400, validation=50, horizon=2, stride=1)
    made: list[Any] = []
    create = registry.create

    def remembered(name: str, settings: Settings) -> Forecaster:
        model = create(name, settings)
        made.append(model)
        return model

    monkeypatch.setattr(registry, "create", remembered)
    ours.train(question, "rnn", steps=1)
    centres = sorted(made[0].inputs.scaling.centre)
    assert centres == pytest.approx(sorted(values[:, :400].mean(axis=1)))


def test_our_forecasts_in_training_are_counted_as_they_are_drawn(worker: ModuleType) -> None:
    ours = importlib.import_module("run_ours")
    assert doctest.testmod(ours).failed == 0
    rows, ends = 500, torch.tensor([500])
    nothing = torch.zeros(rows, 0)
    resident = Resident(
        level=torch.zeros(rows),
        observed=torch.ones(rows, dtype=torch.bool),
        past=nothing,
        known=nothing,
        calendar=nothing,
        starts=torch.tensor([0]),
        ends=ends,
        numbers=torch.tensor([0]),
        identity=torch.tensor([0]),
        static=torch.zeros(1, 0),
    )
    drawn = Sampler(Windows(resident, patch=24, patches=8, horizon=6), ends, 4096, seed=0).draw()
    counted = (drawn.weight.amax(dim=2) > 0).sum() / 4096
    assert ours.mean_patches(rows, 24, 8) == pytest.approx(float(counted), rel=0.02)

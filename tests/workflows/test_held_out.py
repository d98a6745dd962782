"""The scores that a run carries: on the validation block, by fits that did not learn from it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import forecast_cli as fc
from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.data.split import block_origins, train_ends
from forecast_cli.evaluation.metrics import seasonal_scales
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT, Monitor, SilentMonitor
from forecast_cli.results import HeldOutScores
from forecast_cli.task import Task
from forecast_cli.workflows.held_out import held_out_scores
from tests.cli.conftest import csv_text
from tests.conftest import make_panel

TASK = Task(6, (24,), validation=60)


class Listener(SilentMonitor):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def scored(
    panel: Panel, name: str = "naive", task: Task = TASK, monitor: Monitor = SILENT
) -> HeldOutScores | None:
    model = registry.create(name).fit(panel, task, panel.ends)
    return held_out_scores(model, panel, task, panel.ends, "seasonal-naive", monitor)


def test_each_model_is_fitted_before_the_block_and_scored_on_it() -> None:
    panel = make_panel((400,), missing=0.05)
    found = scored(panel)
    assert found is not None
    rows = np.unique(np.rint(np.linspace(339, 393, 50)).astype(np.int64))
    origins = Origins(np.zeros(len(rows), dtype=np.int64), rows)
    actual = panel.target[rows[:, None] + np.arange(1, 7)]
    scale = seasonal_scales(panel, np.array([340]), 24).absolute[0]
    for name, scores in found.models.items():
        model = registry.create(name).fit(panel, TASK, np.array([340]))
        error = np.abs(model.forecast(panel, origins).point - actual)
        assert scores["mae"] == pytest.approx(np.nanmean(error))
        assert scores["mase"] == pytest.approx(np.nanmean(error) / scale)
    assert list(found.models) == ["naive", "seasonal-naive", "linear"]
    assert (found.origins, found.season) == (50, 24)
    shown = panel.clock.show(panel.times[[340, 399]])
    assert [found.start, found.end] == shown


def test_a_model_that_can_be_asked_held_out_is_asked_so() -> None:
    panel = make_panel((400,))
    model = registry.create("naive").fit(panel, TASK, panel.ends)

    def held_out(
        panel: Panel, task: Task, until: object, origins: Origins, monitor: Monitor
    ) -> Forecast:
        rows = origins.rows[:, None] + np.arange(1, 7)
        values = np.repeat(panel.target[rows][:, :, None], len(task.quantiles), axis=2)
        return Forecast(origins, values, task.quantiles)

    model.held_out = held_out  # type: ignore[attr-defined]
    found = held_out_scores(model, panel, TASK, panel.ends, "seasonal-naive")
    assert found is not None
    assert found.models["naive"]["mae"] == 0
    assert found.models["linear"]["mae"] > 0


def test_a_model_without_an_answer_is_left_out_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    real = registry.create

    def create(name: str, settings: Settings | None = None) -> Forecaster:
        if name == "linear":
            raise FloatingPointError("too far")
        return real(name, settings)

    monkeypatch.setattr(registry, "create", create)
    listener = Listener()
    found = scored(make_panel((400,)), monitor=listener)
    assert found is not None
    assert list(found.models) == ["naive", "seasonal-naive"]
    (line,) = (line for line in listener.said if line.startswith("warning"))
    assert line.startswith("warning: linear has no score on the validation block:")


def test_without_a_block_or_a_value_in_it_there_are_no_scores() -> None:
    panel = make_panel((400,))
    assert scored(panel, task=replace(TASK, validation=0)) is None
    assert scored(panel, task=replace(TASK, validation=5)) is None
    values = np.where(np.arange(400)[:, None] < 330, panel.values, np.nan)
    blind = replace(panel, values=values, observed=np.isfinite(values))
    assert scored(blind) is None


def test_a_wish_to_stop_leaves_the_scores_out() -> None:
    class Stopping(Listener):
        def stop_requested(self) -> bool:
            return True

    assert scored(make_panel((400,)), monitor=Stopping()) is None


@pytest.mark.parametrize("each", [1, 3, 50])
def test_the_origins_of_a_block_lie_in_it_spread_evenly_each_once(each: int) -> None:
    panel = make_panel((400, 90, 300))
    ends = train_ends(panel, panel.ends, 60)
    assert ends[1] == panel.ends[1]  # too short to give up a block
    found = block_origins(panel, ends, panel.ends, 6, each)
    for s in (0, 2):
        rows = found.rows[found.series == s]
        assert len(rows) == min(each, 55)
        assert rows.min() == ends[s] - 1
        assert rows.max() <= panel.ends[s] - 7
        if each > 1:
            assert rows.max() == panel.ends[s] - 7
            assert np.ptp(np.diff(rows)) <= 1
            assert np.diff(rows).min() > 0
    assert not (found.series == 1).any()


def test_a_run_carries_its_scores_and_a_network_is_told_what_can_be_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(csv_text())
    listener = Listener()
    run = fc.train("data.csv", model="linear", horizon=6, monitor=listener)
    assert run.scores is not None
    kept = json.loads(Path(run.run, "metrics.json").read_text())["validation_block"]
    assert kept["models"]["linear"]["mase"] == run.scores.models["linear"]["mase"]
    assert "## Scores" in Path(run.run, "MODEL_CARD.md").read_text()
    assert not [line for line in listener.said if line.startswith("learnability")]
    fc.train("data.csv", model="gru", horizon=6, max_steps=2, members=1, monitor=listener)
    (line,) = (line for line in listener.said if line.startswith("learnability"))
    assert "strongly seasonal" in line

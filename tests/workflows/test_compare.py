"""compare-baselines, from options to result."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from forecast_cli.comparison import CompareResult
from forecast_cli.config import CompareConfig, TrainConfig
from forecast_cli.data.dataset import Dataset
from forecast_cli.data.panel import Panel
from forecast_cli.errors import DataError, UsageError
from forecast_cli.forecasters import registry
from forecast_cli.results import DataSummary
from forecast_cli.task import Task
from forecast_cli.workflows import compare as module
from forecast_cli.workflows.compare import compare, compare_baselines, lineup, reference_of
from tests.conftest import make_panel
from tests.evaluation import fakes
from tests.evaluation.fakes import Breaks, Register, shifted

register = fakes.register
SUMMARY = DataSummary(("a.csv",), 1, 1, "h", (24,), "", (), (), "", "")
QUICK = {"models": ("net",), "baselines": ("naive", "seasonal-naive"), "horizon": 6}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, register: Register) -> Panel:
    """A panel in place of a file, and a network that is perfect but for noise."""
    register(network=(shifted("net", 0.1, noisy=True), Breaks))
    panel = make_panel((600, 500, 550))
    give(monkeypatch, panel)
    return panel


def give(monkeypatch: pytest.MonkeyPatch, panel: Panel, seasons: tuple[int, ...] = (24,)) -> None:
    monkeypatch.setattr(module, "load", lambda *_: Dataset(panel, seasons, SUMMARY))


def row(result: CompareResult, name: str):  # type: ignore[no-untyped-def]
    return next(model for model in result.models if model.name == name)


def test_every_model_answers_from_the_same_origins_and_is_ranked(data: Panel) -> None:
    result = compare_baselines("a.csv", **QUICK)
    assert result.models[0].name == "net"
    assert {model.rank for model in result.models} == {1, 2, 3}
    assert set(result.result.table.forecasts) == {"net", "naive", "seasonal-naive"}
    assert row(result, "seasonal-naive").skill == 0
    assert result.verdict.finding == "network"
    assert result.direction[-1].model == "climatology"
    assert {score.model for score in result.direction} == {"net", "logistic", "climatology"}


def test_the_protocol_tells_what_was_done(data: Panel) -> None:
    result = compare_baselines("a.csv", **QUICK, stride=12, test_size=60, val_size=24, origins=3)
    protocol = result.protocol
    assert (protocol.horizon, protocol.stride, protocol.test_size, protocol.val_size) == (
        6,
        12,
        60,
        24,
    )
    assert (protocol.origins, protocol.origins_per_series) == (9, 3)
    assert np.diff(result.result.table.origin_times[:3]).tolist() == [12 * 3_600 * 10**9] * 2
    assert (protocol.metric, protocol.season, protocol.reference) == ("mase", 24, "seasonal-naive")
    assert protocol.quantiles == (0.025, 0.1, 0.5, 0.9, 0.975)
    assert protocol.start == result.result.table.clock.show([result.result.table.times.min()])[0]


def test_scores_come_from_the_table_alone(data: Panel) -> None:
    result = compare_baselines("a.csv", **QUICK)
    table = result.result.table
    error = np.abs(table.actual - table.forecasts["naive"][:, :, 2])
    assert row(result, "naive").metrics["mae"] == pytest.approx(error.mean())
    assert row(result, "naive").by_step["mae"] == pytest.approx(error.mean(axis=0))


def test_nothing_of_the_test_block_reaches_a_fit(
    data: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = {**QUICK, "models": ("linear",), "test_size": 60}
    clean = compare_baselines("a.csv", **quiet)
    poisoned = replace(data, values=data.values.copy())
    poisoned.values[poisoned.ends - 1] = 1e12  # the very last value is only ever a target
    give(monkeypatch, poisoned)
    dirty = compare_baselines("a.csv", **quiet)
    for name in clean.result.table.forecasts:
        assert (
            clean.result.table.forecasts[name].tobytes()
            == dirty.result.table.forecasts[name].tobytes()
        )


def test_a_broken_model_is_listed_last_and_the_rest_is_told(data: Panel) -> None:
    result = compare_baselines("a.csv", **{**QUICK, "models": ("breaks",)})
    assert result.models[-1].name == "breaks"
    assert result.models[-1].status == "failed"
    assert "(breaks failed)" in result.verdict.text
    assert result.direction[-1].status == "failed"


def test_by_default_every_baseline_is_compared_with_one_seasonal_naive_a_season() -> None:
    names = lineup(CompareConfig(), Task(24, seasons=(24, 168)))
    assert names[:4] == ("lstm", "gru", "seasonal-naive", "seasonal-naive-168")
    assert set(registry.names("baseline")) <= set(names)


def test_without_a_season_the_naive_is_the_reference_and_not_told_twice() -> None:
    names = lineup(CompareConfig(), Task(24))
    assert not any(name.startswith("seasonal") for name in names)
    assert reference_of(Task(24)) == "naive"


def test_the_reference_is_added_where_it_was_not_asked_for(data: Panel) -> None:
    result = compare_baselines("a.csv", **{**QUICK, "baselines": ("naive",)})
    assert row(result, "naive").skill is not None
    assert "seasonal-naive was added, since skill is measured against it" in result.notes


def test_no_baseline_but_the_reference_can_be_asked_for(data: Panel) -> None:
    result = compare_baselines("a.csv", **{**QUICK, "models": ("linear",), "baselines": "none"})
    assert {row.name for row in result.models} == {"linear", "seasonal-naive"}
    assert any(note.startswith("seasonal-naive was added") for note in result.notes)
    assert "--baselines none" in result.command


def test_a_horizon_that_nobody_gave_is_said_aloud(data: Panel) -> None:
    result = compare_baselines("a.csv", models="net", baselines="naive")
    assert result.protocol.horizon == 24
    assert [inferred.name for inferred in result.data.inferred] == ["horizon"]


def test_what_was_read_and_inferred_is_told_before_any_model_is_fitted(
    monkeypatch: pytest.MonkeyPatch, data: Panel
) -> None:
    told: list[DataSummary] = []
    monkeypatch.setattr(
        module, "backtest", lambda *_, **__: pytest.fail("fitted") if not told else ()
    )
    compare(CompareConfig(data=("a.csv",)), heard=told.append)
    assert [inferred.name for inferred in told[0].inferred] == ["horizon"]


def test_misspelt_models_are_refused_before_the_data_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "load", lambda *_: pytest.fail("read"))
    for options in ({"models": "lsmt"}, {"baselines": "niave"}):
        with pytest.raises(UsageError):
            compare_baselines("a.csv", **options)


def test_a_history_shorter_than_a_season_is_not_called_unchanging(
    monkeypatch: pytest.MonkeyPatch, data: Panel
) -> None:
    panel = make_panel((600, 500))
    panel.observed[600:1070] = False  # no value is a season before another
    panel.values[600:1070] = np.nan
    give(monkeypatch, panel)
    notes = compare_baselines("a.csv", **QUICK, test_size=24).notes
    assert any("have no two values 24 steps apart (s1)" in n for n in notes)
    assert not any("do not change" in n for n in notes)


def test_what_could_not_be_scored_is_counted(monkeypatch: pytest.MonkeyPatch, data: Panel) -> None:
    panel = make_panel((600, 500, 90))
    panel.times[-90:] -= 3_600 * 10**9 * 300  # ends before the test block
    panel.values[600:1100] = 5.0  # never changes
    panel.observed[-95] = False
    panel.values[-95] = np.nan
    give(monkeypatch, panel)
    notes = compare_baselines("a.csv", **QUICK, test_size=120).notes
    assert any(n.startswith("1 of 3 series have no origin in the test block") for n in notes)
    assert any(n.startswith("1 of 240 values to forecast were not observed") for n in notes)
    assert any("undefined for 1 of 2 series, whose training data do not change" in n for n in notes)
    assert any("stood exactly where the origin did" in n for n in notes)
    assert any("changes could not be observed" in n for n in notes)


def test_origins_without_a_past_are_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch, data: Panel
) -> None:
    panel = make_panel((600, 500))
    panel.observed[600:1050] = False
    panel.values[600:1050] = np.nan
    give(monkeypatch, panel)
    result = compare_baselines("a.csv", **QUICK, test_size=120)
    assert result.protocol.origins == 20 + 8
    assert any(
        note.startswith("12 origins come before any observed value") for note in result.notes
    )
    assert all(model.status == "ok" for model in result.models)


def test_where_no_scale_is_defined_models_are_ranked_by_the_error_itself(
    monkeypatch: pytest.MonkeyPatch, data: Panel
) -> None:
    give(monkeypatch, make_panel((600,)), seasons=(590,))
    result = compare_baselines("a.csv", **QUICK)
    assert result.protocol.metric == "mae"
    assert "MASE is undefined for every series; models are ranked by MAE" in result.notes
    assert result.models[0].rank == 1


def test_few_origins_and_overlapping_ones_are_noted(data: Panel) -> None:
    few = compare_baselines("a.csv", **QUICK, origins=5)
    assert few.verdict.finding == "inconclusive"
    assert any("5 independent origins are too few" in note for note in few.notes)
    one = compare_baselines("a.csv", **QUICK, origins=1)
    assert any("1 independent origin is too few" in note for note in one.notes)
    assert any("overlap" in note for note in compare_baselines("a.csv", **QUICK, stride=1).notes)


def test_a_test_block_without_a_value_is_bad_data(
    monkeypatch: pytest.MonkeyPatch, data: Panel
) -> None:
    panel = make_panel((300,))
    panel.values[-60:] = np.nan
    panel.observed[-60:] = False
    give(monkeypatch, panel)
    with pytest.raises(DataError, match="none of the 60 values"):
        compare_baselines("a.csv", **QUICK, test_size=60)


def test_data_without_a_past_are_bad_data(monkeypatch: pytest.MonkeyPatch, data: Panel) -> None:
    panel = make_panel((300,))
    panel.values[:] = np.nan
    panel.observed[:] = False
    give(monkeypatch, panel)
    with pytest.raises(DataError, match="no series has an observed value"):
        compare_baselines("a.csv", **QUICK, test_size=60)


def test_refits_and_seeds_are_told_and_change_nothing_else(data: Panel) -> None:
    result = compare_baselines("a.csv", **QUICK, refit=10, seeds=2)
    assert (result.protocol.refit, result.protocol.seeds) == (10, 2)
    assert row(result, "net").seed_spread == 0
    assert row(result, "naive").seed_spread is None


def test_without_data_the_latest_run_is_compared_with_its_own_task_and_settings(
    monkeypatch: pytest.MonkeyPatch, data: Panel
) -> None:
    trained = TrainConfig(data=("then.csv",), target=("load",), model="net", seed=5, level=(80,))
    asked = []

    def find(root: Path, name: str | None, *_: object) -> SimpleNamespace:
        asked.append((root, name))
        manifest = {
            "data": {"given": ["then.csv"], "absolute": ["/far/then.csv"], "sha256": "other"}
        }
        return SimpleNamespace(
            name="then",
            config=trained,
            is_of_event=False,
            task=Task(6, (24,), (80,), 50),
            manifest=manifest,
        )

    read = []

    def load(options: CompareConfig, *_: object) -> Dataset:
        read.append(options)
        return Dataset(data, (24,), SUMMARY)

    monkeypatch.setattr(module.store, "find", find)
    monkeypatch.setattr(module, "load", load)
    result = compare_baselines(baselines="naive", runs="elsewhere", seed=7)
    assert asked == [(Path("elsewhere"), None)]
    assert (read[0].data, read[0].target, read[0].seed) == (("/far/then.csv",), ("load",), 7)
    assert result.notes[0] == "the data changed since the training of then"
    assert result.protocol.horizon == 6
    assert result.protocol.quantiles == (0.1, 0.5, 0.9)
    assert {model.name for model in result.models} == {"net", "naive", "seasonal-naive"}


def test_the_data_of_a_run_are_read_for_a_comparison_as_they_were_for_the_training(
    tmp_path: Path,
) -> None:
    from forecast_cli.workflows.train import train

    rows = [f"{d:02d}/{m:02d}/2026;{d % 7},5;{d % 7},25" for m in (1, 2, 3) for d in range(1, 29)]
    file = tmp_path / "data.csv"
    file.write_text("day;a;b\n" + "\n".join(rows))
    run = train(str(file), target="a", model="drift", horizon=2, runs=str(tmp_path / "runs")).run
    kept = TrainConfig(**tomllib.loads((Path(run) / "config.toml").read_text()))
    assert (kept.sep, kept.decimal, kept.date_format) == (";", ",", "%d/%m/%Y")
    quick = {"runs": str(tmp_path / "runs"), "baselines": "naive", "max_steps": 2}
    assert compare_baselines(**quick).data.sources == (str(file),)
    other = compare_baselines(**quick, time="day", target="b")  # its own format is looked for
    assert other.result.table.ids == ("b",)


def test_data_and_a_run_together_are_refused() -> None:
    with pytest.raises(UsageError, match="both data and the run"):
        compare_baselines("a.csv", run="yesterday")


def test_a_run_on_disk_is_compared_on_the_file_it_was_trained_on(
    tmp_path: Path, sample_data: Path
) -> None:
    from forecast_cli.workflows.train import train

    file, runs = str(sample_data / "co2_weekly.csv"), str(tmp_path)
    train(file, model="drift", horizon=8, level=(90,), runs=runs)
    result = compare_baselines(runs=runs, baselines=("naive", "linear"), max_steps=2)
    assert result.data.sources == (file,)
    assert result.protocol.horizon == 8
    assert result.protocol.season == 52
    assert {model.name: model.status for model in result.models} == dict.fromkeys(
        ("lstm", "gru", "drift", "naive", "linear", "seasonal-naive"), "ok"
    )
    assert {"coverage_90", "width_90"} < set(result.models[0].metrics)
    assert not any("changed" in note for note in result.notes)
    assert all(score.status == "ok" for score in result.direction)
    assert result.verdict.finding != "not asked"


def test_origins_at_one_place_of_the_season_are_told_and_how_to_spread_them(
    data: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, data, seasons=(6,))
    notes = compare_baselines("a.csv", **QUICK, test_size=60).notes
    assert any("same place of its season of 6 steps" in n and "--stride 7" in n for n in notes)
    notes = compare_baselines("a.csv", **QUICK, test_size=60, stride=7).notes
    assert not any("same place" in n for n in notes)

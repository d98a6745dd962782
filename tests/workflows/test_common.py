"""Options into configurations, data sets into tasks."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from forecast_cli.config import CompareConfig, TaskOptions, TrainConfig
from forecast_cli.data.dataset import Dataset
from forecast_cli.data.panel import Panel
from forecast_cli.errors import UsageError
from forecast_cli.forecasters.naive import Naive
from forecast_cli.results import DataSummary, Inferred
from forecast_cli.workflows.common import (
    configure,
    context_of,
    default_horizon,
    resolve_horizon,
    resolve_task,
    sources_of,
    with_inferred,
)
from tests.conftest import make_panel

SUMMARY = DataSummary(("a.csv",), 1, 1, "h", (24,), "", (), (), "", "")


def dataset_of(panel: Panel, seasons: tuple[int, ...] = (24,)) -> Dataset:
    return Dataset(panel, seasons, SUMMARY)


@pytest.mark.parametrize(
    ("season", "rows", "horizon", "why"),
    [
        (24, 1000, 24, "one season"),
        (48, 1000, 48, "one season"),
        (7, 1000, 7, "one season"),
        (144, 1000, 24, "no season between 4 and 48 steps to take"),
        (1, 1000, 24, "no season between 4 and 48 steps to take"),
        (24, 100, 10, "a tenth of the 100 steps there are"),
        (12, 5, 1, "a tenth of the 5 steps there are"),
    ],
)
def test_the_default_horizon_is_a_season_that_the_history_affords(
    season: int, rows: int, horizon: int, why: str
) -> None:
    found, inferred = default_horizon(dataset_of(make_panel((rows,)), (season,)))
    assert found == horizon
    assert inferred.name == "horizon"
    assert inferred.value == f"{horizon} step" + ("s" if horizon > 1 else "")
    assert inferred.option == f"--horizon {horizon}"
    assert inferred.why == why


def test_rows_after_the_history_are_no_history() -> None:
    panel = make_panel((100,))
    longer = Panel(
        panel.values,
        panel.observed,
        panel.times,
        panel.offsets,
        panel.ids,
        clock=panel.clock,
        future_rows=np.array([50]),
    )
    assert default_horizon(dataset_of(longer))[0] == 5


def test_a_given_horizon_is_taken_and_nothing_was_inferred() -> None:
    assert resolve_horizon(dataset_of(make_panel((100,))), 3) == (3, ())


def test_the_task_takes_its_seasons_from_the_data_and_its_levels_in_order() -> None:
    options = TaskOptions(horizon=5, level=(95, 50, 95))
    task = resolve_task(dataset_of(make_panel((100,)), (24, 168)), options, validation=7)
    assert (task.horizon, task.seasons, task.levels, task.validation) == (5, (24, 168), (50, 95), 7)


def test_inferences_are_added_to_those_of_reading() -> None:
    added = Inferred("horizon", "3 steps", "--horizon 3")
    assert with_inferred(SUMMARY, (added,)).inferred == (added,)


def test_options_become_a_configuration_and_one_text_becomes_several() -> None:
    config = configure(CompareConfig, ("a.csv",), {"target": "load", "horizon": 3, "season": 24})
    assert config.data == ("a.csv",)
    assert config.target == ("load",)
    assert config.season == (24,)
    assert config.model_fields_set == {"data", "target", "horizon", "season"}


def test_a_misspelt_option_is_a_usage_error_that_names_the_right_one() -> None:
    with pytest.raises(UsageError) as caught:
        configure(CompareConfig, (), {"horizn": 3})
    assert caught.value.message == 'unknown option "horizn"'
    assert 'did you mean "horizon"?' in caught.value.fix


def test_a_value_that_cannot_be_is_a_usage_error_in_one_line() -> None:
    with pytest.raises(UsageError) as caught:
        configure(CompareConfig, (), {"test_size": -1})
    assert caught.value.message == "--test-size -1: input should be greater than 0"


def test_the_files_of_a_run_are_found_from_another_folder_too(tmp_path: Path) -> None:
    there = tmp_path / "a.csv"
    manifest = {"data": {"given": ["a.csv"], "absolute": [str(there)]}}
    run = SimpleNamespace(path="r", config=TrainConfig(data=("a.csv",)), manifest=manifest)
    assert sources_of(run) == (str(there),)  # type: ignore[arg-type]
    there.write_text("")
    with chdir(tmp_path):
        assert sources_of(run) == ("a.csv",)  # type: ignore[arg-type]


def test_standard_input_cannot_be_read_again() -> None:
    run = SimpleNamespace(path="r", config=TrainConfig(data=("-",)), manifest={})
    with pytest.raises(UsageError, match="standard input"):
        sources_of(run)  # type: ignore[arg-type]


def test_only_networks_have_a_context() -> None:
    network = SimpleNamespace(sizes=(SimpleNamespace(context=240), SimpleNamespace(context=720)))
    assert context_of(network) == 720  # type: ignore[arg-type]
    assert context_of(Naive()) is None
    assert context_of(None) is None

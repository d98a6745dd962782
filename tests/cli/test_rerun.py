"""``forecast rerun`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from forecast_cli.errors import ExitCode
from tests.cli.conftest import Forecast
from tests.workflows.test_rerun import tampered

TRAIN = ("train", "data.csv", "--model", "linear", "--horizon", "6")


def test_a_run_that_repeats_itself_ends_well(forecast: Forecast) -> None:
    forecast(*TRAIN)
    ended = forecast("rerun")
    assert ended.code == ExitCode.OK
    assert "identical, bit for bit" in ended.out
    ended = forecast("rerun", "--format", "json")
    payload = json.loads(ended.out)
    assert payload["schema"] == "forecast-cli/rerun/1"
    assert payload["identical"] is True
    assert payload["data"]["rows"] == 480


def test_a_run_that_does_not_fails_the_gate_and_says_where(
    forecast: Forecast, folder: Path
) -> None:
    forecast(*TRAIN)
    (run,) = (folder / "runs").iterdir()
    tampered(str(run), 0.25)
    ended = forecast("rerun", run.name, "--format", "json")
    assert ended.code == ExitCode.GATE_FAILED
    payload = json.loads(ended.out)
    assert (payload["identical"], payload["largest_difference"]) == (False, 0.25)
    assert "error: runs/" in ended.err
    assert ended.err.count("fix: ") == 1
    shown = forecast("rerun", "--quiet")
    assert shown.code == ExitCode.GATE_FAILED
    assert "differ; largest difference 0.25" in shown.out


def test_moved_data_are_named_by_an_option(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (folder / "data.csv").rename(folder / "moved.csv")
    ended = forecast("rerun")
    assert ended.code == ExitCode.BAD_DATA
    assert "--data" in ended.err
    assert forecast("rerun", "--data", "moved.csv").code == ExitCode.OK

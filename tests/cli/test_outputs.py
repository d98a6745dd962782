"""Output files are looked at before any work: nothing of the user's is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.cli.outputs import require_writable
from forecast_cli.errors import ExitCode, UsageError
from tests.cli.conftest import Forecast


@pytest.mark.parametrize("option", ["--forecasts", "--report"])
@pytest.mark.parametrize("data", ["data.csv", "*.csv", "../{here}/data.csv", "link.csv"])
def test_an_output_never_replaces_the_data(
    forecast: Forecast, folder: Path, option: str, data: str
) -> None:
    (folder / "link.csv").symlink_to("data.csv")
    before = (folder / "data.csv").read_bytes()
    ended = forecast("compare-baselines", data.format(here=folder.name), option, "data.csv")
    assert ended.code == ExitCode.USAGE
    assert f"{option} data.csv" in ended.err
    assert (folder / "data.csv").read_bytes() == before


def test_the_data_of_the_run_are_not_replaced_either(forecast: Forecast, folder: Path) -> None:
    forecast("train", "data.csv", "--model", "naive", "--horizon", "6")
    before = (folder / "data.csv").read_bytes()
    assert forecast("compare-baselines", "--forecasts", "data.csv").code == ExitCode.USAGE
    assert (folder / "data.csv").read_bytes() == before


def test_two_outputs_cannot_share_a_file(folder: Path) -> None:
    with pytest.raises(UsageError, match="same file"):
        require_writable({"--forecasts": "out", "--report": "./out"}, ["data.csv"])


@pytest.mark.parametrize(("name", "reason"), [(".", "folder"), ("nowhere/a.csv", "not exist")])
def test_what_cannot_be_written_is_refused(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        require_writable({"--forecasts": name}, ["data.csv"])


def test_a_new_file_beside_the_data_and_an_older_output_are_welcome(folder: Path) -> None:
    (folder / "old.html").write_text("old")
    require_writable({"--forecasts": "new.csv", "--report": "old.html"}, ["data.csv", "-"])


@pytest.mark.parametrize("name", ["report", "report.pdf", "report.html.txt"])
def test_a_report_of_an_unknown_kind_is_refused_before_the_work(
    forecast: Forecast, folder: Path, name: str
) -> None:
    ended = forecast("compare-baselines", "data.csv", "--report", name)
    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith(f"error: --report {name}: no report")
    assert ".html, .htm, .md, .json" in ended.err
    assert not (folder / name).exists()


def test_the_ending_of_its_name_decides_what_a_report_is(forecast: Forecast, folder: Path) -> None:
    starts = {"a.html": "<!doctype html>", "a.HTM": "<!doctype", "a.md": "# Is", "a.json": '{"sch'}
    words = ("compare-baselines", "data.csv", "--models", "mean", "--baselines", "naive")
    for name, start in starts.items():
        ended = forecast(*words, "--horizon", "6", "--report", name)
        assert ended.code == ExitCode.OK
        assert (folder / name).read_text(encoding="utf-8").startswith(start)
        assert f"the report is in {name}" in ended.err

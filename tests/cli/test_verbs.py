"""The verbs as a user runs them: streams, formats, and one line for everything that is wrong."""

from __future__ import annotations

import csv
import io
import json
import shlex
import tomllib
from pathlib import Path

import pytest

from forecast_cli.errors import ExitCode
from tests.cli.conftest import Forecast, csv_text

TRAIN = ("train", "data.csv", "--model", "seasonal-naive", "--horizon", "6")


def test_the_way_from_data_to_forecast(forecast: Forecast) -> None:
    assert forecast(*TRAIN).code == ExitCode.OK
    listed = forecast("runs")
    assert listed.code == ExitCode.OK
    assert "seasonal-naive" in listed.out
    shown = forecast("predict")
    assert shown.code == ExitCode.OK
    assert "forecast" in shown.out
    assert "2026-01-25 00:00" in shown.out


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (TRAIN, "forecast-cli/train/1"),
        (("inspect", "data.csv"), "forecast-cli/inspect/1"),
        (("models",), "forecast-cli/models/1"),
        (("models", "show", "arima"), "forecast-cli/model/1"),
        (("runs",), "forecast-cli/runs/1"),
    ],
)
def test_json_is_all_there_is_on_stdout(
    forecast: Forecast, words: tuple[str, ...], schema: str
) -> None:
    ended = forecast(*words, "--format", "json")
    assert ended.code == ExitCode.OK
    assert json.loads(ended.out)["schema"] == schema
    assert ended.out.count("\n") == 1


def test_a_forecast_as_json(forecast: Forecast) -> None:
    forecast(*TRAIN)
    ended = forecast("predict", "--format", "json")
    payload = json.loads(ended.out)
    assert payload["schema"] == "forecast-cli/predict/1"
    (series,) = payload["series"]
    assert {"id", "times", "forecast", "lo_80", "hi_80", "lo_95", "hi_95"} <= set(series)
    assert len(series["forecast"]) == 6


def test_a_forecast_as_csv_keeps_the_users_names(forecast: Forecast, folder: Path) -> None:
    long = "meter," + csv_text().replace("\n", "\nA,", 480)
    (folder / "long.csv").write_text(long)
    forecast("train", "long.csv", "--model", "naive", "--horizon", "6", "--id", "meter")
    rows = list(csv.DictReader(io.StringIO(forecast("predict", "--format", "csv").out)))
    assert list(rows[0]) == ["meter", "when", "forecast", "lo_80", "hi_80", "lo_95", "hi_95"]
    assert len(rows) == 6
    assert rows[0]["meter"] == "A"


def test_inferences_are_spoken_on_stderr_with_their_option(forecast: Forecast) -> None:
    ended = forecast(*TRAIN)
    assert "--freq h" in ended.err
    assert "--freq h" not in ended.out


def test_inferences_are_spoken_before_the_work_begins(
    forecast: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forecast_cli.errors import TrainingError
    from forecast_cli.forecasters.naive import SeasonalNaive

    def breaks(*_: object) -> None:
        raise TrainingError("it broke")

    monkeypatch.setattr(SeasonalNaive, "fit", breaks)
    ended = forecast(*TRAIN)
    assert ended.code == ExitCode.TRAINING_FAILED
    assert ended.err.index("--freq h") < ended.err.index("error: it broke")


def test_quiet_leaves_data_only(forecast: Forecast) -> None:
    ended = forecast(*TRAIN, "--quiet", "--format", "json")
    assert ended.err == ""
    assert json.loads(ended.out)["model"] == "seasonal-naive"


def test_compare_without_data_takes_the_latest_run(forecast: Forecast, folder: Path) -> None:
    forecast("train", "data.csv", "--model", "linear", "--horizon", "6")
    files = ("--forecasts", "all.csv", "--report", "report.html")
    short = ("--baselines", "naive", "--max-steps", "2")
    ended = forecast("compare-baselines", *short, "--format", "json", *files)
    assert ended.code == ExitCode.OK
    payload = json.loads(ended.out)
    assert payload["protocol"]["horizon"] == 6
    assert {"linear", "naive"} <= {model["name"] for model in payload["models"]}
    header = (folder / "all.csv").read_text().splitlines()[0]
    assert header == "series,origin,step,time,model,actual,forecast,lo_80,hi_80,lo_95,hi_95"
    assert payload["verdict"]["best"] in (folder / "report.html").read_text()


@pytest.mark.parametrize("option", ["--forecasts", "--report"])
def test_a_file_in_a_folder_that_does_not_exist_is_refused_before_the_work(
    forecast: Forecast, option: str
) -> None:
    ended = forecast("compare-baselines", "data.csv", option, "none/file")
    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith(f"error: {option} none/file")


def test_compare_leads_with_a_sentence(forecast: Forecast) -> None:
    words = ("--models", "lstm", "--max-steps", "3", "--hidden", "8", "--baselines", "naive")
    ended = forecast("compare-baselines", "data.csv", "--horizon", "6", *words)
    assert ended.code == ExitCode.OK
    assert "lstm" in ended.out[:200]
    assert ended.out.index("lstm") < ended.out.index("Ranking")


def test_settings_come_from_the_environment_and_from_a_file(
    forecast: Forecast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "forecast.toml").write_text('horizon = 4\nmodel = "drift"\n')
    monkeypatch.setenv("FORECAST_HORIZON", "5")
    payload = json.loads(forecast("train", "data.csv", "--format", "json").out)
    assert (payload["model"], payload["task"]["horizon"]) == ("drift", 5)


def test_there_is_no_colour_and_no_escape_where_no_terminal_is(forecast: Forecast) -> None:
    ended = forecast(*TRAIN)
    ended_too = forecast("predict")
    for text in (*ended[1:], *ended_too[1:]):
        assert "\x1b" not in text


def test_colour_can_be_forced_and_refused(
    forecast: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast(*TRAIN)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in forecast("runs").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in forecast("runs").out


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_tables_keep_to_the_columns(
    forecast: Forecast, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    forecast(*TRAIN)
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in (("predict",), ("inspect", "data.csv"), ("models",)):
        assert max(map(len, forecast(*words).out.splitlines())) <= columns


BROKEN = {
    "empty": ("", ()),
    "header only": ("when,load\n", ()),
    "one row": ("when,load\n2026-01-01,1\n", ()),
    "nothing observed": ("when,load\n" + "".join(f"2026-01-{d:02},\n" for d in range(1, 29)), ()),
    "no number": ("when,load\n" + "".join(f"2026-01-{d:02},x\n" for d in range(1, 29)), ()),
    "bad date": (csv_text().replace("2026-01-09T03", "2026-13-09T03"), ("--time", "when")),
    "too short": (csv_text(30), ("--horizon", "50")),
    "binary": ("\x00\x01\x02" * 50, ()),
}


@pytest.mark.parametrize("verb", ["train", "compare-baselines"])
@pytest.mark.parametrize("what", BROKEN)
def test_bad_data_are_one_line_and_a_fix(
    forecast: Forecast, folder: Path, what: str, verb: str
) -> None:
    text, words = BROKEN[what]
    (folder / "bad.csv").write_text(text)
    ended = forecast(verb, "bad.csv", *words)
    assert ended.code == ExitCode.BAD_DATA
    assert ended.out == ""
    lines = ended.err[ended.err.index("error: ") :].splitlines()  # what was read may come before
    assert lines[-1].startswith("fix: ")
    assert all(line.startswith("  ") for line in lines[1:-1])
    assert len(lines) <= 8
    assert "Traceback" not in ended.err
    assert not (folder / "runs").exists()


def test_a_missing_file_is_bad_data(forecast: Forecast) -> None:
    ended = forecast("inspect", "none.csv")
    assert ended.code == ExitCode.BAD_DATA
    assert "none.csv" in ended.err


def test_an_unknown_column_is_misuse_with_the_nearest_name(forecast: Forecast) -> None:
    ended = forecast("train", "data.csv", "--target", "laod")
    assert ended.code == ExitCode.USAGE
    assert '"load"' in ended.err


@pytest.mark.parametrize("verb", ["inspect", "train"])
def test_a_verb_without_data_says_so(forecast: Forecast, verb: str) -> None:
    ended = forecast(verb)
    assert ended.code == ExitCode.USAGE
    assert "fix: " in ended.err


def test_a_damaged_run_is_refused_but_listed(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (run,) = (folder / "runs").iterdir()
    (run / "model.safetensors").write_bytes(b"junk")
    ended = forecast("predict", "--run", run.name)
    assert ended.code == ExitCode.BAD_RUN
    assert ended.err.count("\n") == 2
    listed = forecast("runs")
    assert listed.code == ExitCode.OK
    assert run.name in listed.out


def test_no_runs_is_no_failure(forecast: Forecast) -> None:
    ended = forecast("runs")
    assert (ended.code, ended.out) == (ExitCode.OK, "")
    assert "forecast train" in ended.err


def test_a_doctor_that_finds_a_failure_ends_with_one(
    forecast: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forecast_cli.workflows import doctor

    monkeypatch.setattr(doctor, "_small_fit", lambda: 1 / 0)
    ended = forecast("doctor", "--format", "json")
    assert ended.code == ExitCode.UNEXPECTED
    checks = json.loads(ended.out)["checks"]
    assert checks[-1]["status"] == "fail"


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "data.csv", "--tz", ""),
        ("train", "data.csv", "--seed", "99999999999999999999"),
        ("inspect", "data.csv", "--freq", "0h"),
        ("inspect", "data.csv", "--freq", "-1h"),
        ("inspect", "data.csv", "--date-format", "%Q"),
    ],
)
def test_an_impossible_value_is_a_usage_error(forecast: Forecast, words: tuple[str, ...]) -> None:
    ended = forecast(*words)
    assert ended.code == ExitCode.USAGE
    assert words[2] in ended.err.splitlines()[0]


def test_output_options_may_stand_in_the_environment_and_in_a_file(
    forecast: Forecast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "forecast.toml").write_text('quiet = true\n[train]\nformat = "json"\n')
    ended = forecast(*TRAIN)
    assert json.loads(ended.out)["schema"] == "forecast-cli/train/1"
    assert ended.err == ""
    monkeypatch.setenv("FORECAST_FORMAT", "csv")
    assert ",when,forecast,lo_80" in forecast("predict").out
    monkeypatch.setenv("FORECAST_QUIET", "false")
    assert "--freq h" in forecast("predict").err  # the environment counts before the file
    assert "lo_80" in forecast("predict", "--format", "table").out


def test_an_output_option_that_cannot_be_used_names_its_place(
    forecast: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECAST_FORMAT", "csv")
    ended = forecast("runs")
    assert ended.code == ExitCode.USAGE
    assert 'FORECAST_FORMAT "csv"' in ended.err


def test_the_command_of_the_model_card_makes_the_run_again(
    forecast: Forecast, folder: Path
) -> None:
    (folder / "my data.csv").write_text(csv_text())
    words = ("train", "my data.csv", "--model", "linear", "--horizon", "6", "--level", "70")
    assert forecast(*words, "--runs", "kept here").code == ExitCode.OK
    (run,) = (folder / "kept here").iterdir()
    (command,) = [
        line.strip()
        for line in (run / "MODEL_CARD.md").read_text().splitlines()
        if line.startswith("    forecast train ")
    ]
    ended = forecast(*shlex.split(command)[1:])
    assert ended.code == ExitCode.OK, ended.err
    kept = [
        tomllib.loads((path / "config.toml").read_text())
        for path in (folder / "kept here").iterdir()
    ]
    assert len(kept) == 2
    assert kept[0] == kept[1]


def test_quiet_silences_talk_but_no_warning(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (older,) = (folder / "runs").iterdir()
    forecast("train", "data.csv", "--model", "naive", "--horizon", "6")
    (newest,) = set((folder / "runs").iterdir()) - {older}
    (newest / "model.json").write_text("{}")
    ended = forecast("predict", "--quiet")
    assert ended.code == ExitCode.OK
    (line,) = ended.err.splitlines()
    assert line.startswith("warning: passed over ")
    assert newest.name in line


def test_a_lone_damaged_run_is_called_damaged(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (run,) = (folder / "runs").iterdir()
    (run / "manifest.json").write_text("[]")
    ended = forecast("predict", "--quiet")
    assert ended.code == ExitCode.BAD_RUN
    assert "the run is damaged" in ended.err
    listed = forecast("runs")
    assert listed.code == ExitCode.OK
    row = next(line for line in listed.out.splitlines() if run.name in line)
    assert row.split()[1:4] == ["–", "–", "–"]


def test_a_gate_that_is_not_passed_ends_with_its_code_after_the_report(forecast: Forecast) -> None:
    words = ("--models", "mean", "--baselines", "naive", "--horizon", "6", "--format", "json")
    ended = forecast("compare-baselines", "data.csv", *words, "--fail-if-worse-than", "linear")
    assert ended.code == ExitCode.GATE_FAILED
    assert "linear" in {model["name"] for model in json.loads(ended.out)["models"]}
    assert "error: mean is worse than linear: MASE" in ended.err
    passed = forecast(
        "compare-baselines",
        "data.csv",
        *words,
        "--models",
        "linear",
        "--fail-if-worse-than",
        "mean",
    )
    assert passed.code == ExitCode.OK

"""Events as a user asks about them: the verbs, their streams, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import ExitCode
from tests.cli.conftest import Forecast

ASK = ("visits.csv", "--id", "patient", "--label", "died", "--static", "age")
TRAIN = ("train", *ASK, "--model", "logistic")
COMPARE = ("compare-baselines", *ASK, "--baselines", "prior", "--models", "gru")
QUICK = ("--max-steps", "2", "--members", "1", "--folds", "2")


@pytest.fixture(autouse=True)
def visits(folder: Path) -> None:
    """Forty patients with two to six visits on uneven days; the dose tells the outcome, nearly."""
    rng = np.random.default_rng(0)
    lines = ["patient,day,dose,age,died"]
    for p in range(40):
        died = int(p % 3 == 0)
        days = np.sort(rng.choice(90, int(rng.integers(2, 7)), replace=False))
        age = int(rng.integers(40, 80))
        lines += [f"p{p:02d},{day},{died + rng.normal():.3f},{age},{died}" for day in days]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")


def test_the_way_from_histories_to_probabilities(forecast: Forecast) -> None:
    ended = forecast(*TRAIN)
    assert ended.code == ExitCode.OK, ended.err
    assert "died" in ended.out
    listed = forecast("runs")
    assert "logistic" in listed.out
    assert "event" in listed.out
    answered = forecast("predict", "--format", "csv")
    assert answered.code == ExitCode.OK, answered.err
    rows = list(csv.DictReader(io.StringIO(answered.out)))
    assert list(rows[0]) == ["patient", "probability", "alarm"]
    assert len(rows) == 40
    assert all(0 <= float(row["probability"]) <= 1 for row in rows)


def test_newer_data_need_no_label(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (folder / "new.csv").write_text("patient,day,dose,age\nnew,3,0.5,55\nnew,8,0.1,55\n")
    ended = forecast("predict", "new.csv", "--format", "json")
    assert ended.code == ExitCode.OK, ended.err
    told = json.loads(ended.out)
    assert told["schema"] == "forecast-cli/predict-events/1"
    assert [answer["id"] for answer in told["answers"]] == ["new"]


def test_values_far_outside_the_training_are_told(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (folder / "new.csv").write_text("patient,day,dose,age\nnew,3,9999,55\n")
    assert "far outside" in forecast("predict", "new.csv").err


def test_a_column_that_the_model_needs_is_missed_by_name(forecast: Forecast, folder: Path) -> None:
    forecast(*TRAIN)
    (folder / "new.csv").write_text("patient,day,age\nnew,3,55\n")
    ended = forecast("predict", "new.csv")
    assert ended.code in (ExitCode.BAD_DATA, ExitCode.USAGE)
    assert "dose" in ended.err


def test_a_comparison_as_json_with_every_answer_and_a_report(
    forecast: Forecast, folder: Path
) -> None:
    files = ("--forecasts", "all.csv", "--report", "report.html")
    ended = forecast(*COMPARE, *QUICK, *files, "--format", "json")
    assert ended.code == ExitCode.OK, ended.err
    told = json.loads(ended.out)
    assert told["schema"] == "forecast-cli/compare-events/1"
    assert told["folds"] == 2
    assert told["prevalence"] == pytest.approx(14 / 40)
    assert {"gru", "prior", "logistic"} == {model["name"] for model in told["models"]}
    rows = list(csv.DictReader(io.StringIO((folder / "all.csv").read_text())))
    assert len(rows) == 3 * 40
    assert "ROC" in (folder / "report.html").read_text()


def test_compare_without_data_takes_the_run_and_its_question(forecast: Forecast) -> None:
    forecast("train", *ASK, "--model", "gru", "--max-steps", "2", "--members", "1")
    ended = forecast(
        "compare-baselines", "--baselines", "prior", "--folds", "2", "--format", "json"
    )
    assert ended.code == ExitCode.OK, ended.err
    assert json.loads(ended.out)["task"]["event"] == "died"


def test_the_gate_closes_after_the_report(forecast: Forecast) -> None:
    ended = forecast(*COMPARE[:-1], "rnn", *QUICK, "--fail-if-worse-than", "logistic")
    assert ended.code in (ExitCode.OK, ExitCode.GATE_FAILED)
    assert "Ranking" in ended.out
    itself = forecast(*COMPARE, "--fail-if-worse-than", "gru")
    assert itself.code == ExitCode.USAGE


def test_a_run_of_an_event_can_be_made_again(forecast: Forecast) -> None:
    forecast(*TRAIN)
    ended = forecast("rerun")
    assert ended.code == ExitCode.OK, ended.err


def test_inspect_describes_histories(forecast: Forecast) -> None:
    told = json.loads(forecast("inspect", *ASK, "--format", "json").out)
    assert told["schema"] == "forecast-cli/inspect-histories/1"
    assert len(told["lengths"]) == 40
    assert "died" in told["suggestion"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((*TRAIN, "--level", "80"), "--level"),
        ((*TRAIN, "--horizon", "3"), "--horizon"),
        (("train", "data.csv", "--positive", "1"), "--positive"),
        ((*COMPARE, "--metric", "mase"), "--metric"),
        (("compare-baselines", "data.csv", "--folds", "3"), "--folds"),
        ((*TRAIN[:-1], "arima"), "arima"),
    ],
)
def test_what_says_nothing_is_refused(
    forecast: Forecast, words: tuple[str, ...], named: str
) -> None:
    ended = forecast(*words)
    assert ended.code == ExitCode.USAGE
    assert named in ended.err


def test_a_threshold_on_a_regular_series(forecast: Forecast) -> None:
    words = ("data.csv", "--event", "load > 12", "--horizon", "4")
    trained = forecast("train", *words, "--model", "climatology")
    assert trained.code == ExitCode.OK, trained.err
    rows = list(csv.DictReader(io.StringIO(forecast("predict", "--format", "csv").out)))
    assert len(rows) == 1
    assert rows[0]["probability"]


def test_python_has_the_same_verbs(folder: Path) -> None:
    import forecast_cli as fc

    result = fc.compare(
        "visits.csv",
        id="patient",
        label="died",
        models="gru",
        baselines="prior",
        max_steps=2,
        members=1,
        folds=2,
    )
    assert result.verdict.ship
    assert set(result.table().index) == {"gru", "prior", "logistic"}
    assert len(result.answers()) == 3 * 40
    assert "<!doctype html>" in result.to_html()

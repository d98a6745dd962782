"""Reports of events: every form says the same figures, and obeys no text of a user."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from forecast_cli.errors import UsageError
from forecast_cli.event_comparison import ReliabilityBin
from forecast_cli.report.events import comparison, frames, payload, tables
from forecast_cli.report.events.formats import FORMS, report_of
from forecast_cli.report.events.plots import roc_plot
from forecast_cli.report.events.words import figure, main_metrics
from forecast_cli.report.formats import FORMS as FORMS_OF_VALUES
from forecast_cli.report.payload import dumps
from tests.report.events.results import HOSTILE, compared, predicted

THREE = ("none", "mild", "severe")


def shown(view: object, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, no_color=True).print(view)
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_terminal_leads_with_the_answer_and_keeps_to_its_width(width: int) -> None:
    text = shown(comparison.compare_view(compared(), width), width)
    assert text.startswith("The LSTM wins.")
    assert max(map(len, text.splitlines())) <= width
    assert "0.520" in text
    assert "boosting failed: it broke" in text.replace("\n", " ")


def test_a_wide_terminal_shows_intervals_floor_and_lead_times() -> None:
    text = shown(comparison.compare_view(compared(), 160), 160)
    assert "0.520 [0.470–0.570]" in text
    assert "chance has 0.250, the prevalence" in text
    assert "3 of 4" in text
    assert "too high" in text  # 0.95 was said where a half came true


def test_an_empty_bin_is_no_row_of_the_reliability_table() -> None:
    assert "0.500–0.900" not in shown(comparison.compare_view(compared(), 100), 100)


def test_the_json_has_every_promised_field_and_null_where_a_model_failed() -> None:
    told = json.loads(dumps(payload.compare_payload(compared())))
    assert told["schema"] == "forecast-cli/compare-events/1"
    assert told["prevalence"] == 0.25
    assert told["folds"] == 2
    promised = {"average_precision", "roc_auc", "brier", "log_loss", "f1", "min_se_pp", "ece"}
    assert all(promised <= set(model["metrics"]) for model in told["models"])
    failed = told["models"][-1]
    assert set(failed["metrics"].values()) == {None}
    assert failed["versus_reference"] is None
    assert told["models"][0]["versus_reference"]["decision"] == "better"
    assert told["verdict"]["decision"] == "network"


def test_with_more_than_two_classes_there_is_no_prevalence() -> None:
    told = json.loads(dumps(payload.compare_payload(compared(THREE))))
    assert told["prevalence"] is None
    assert "floor" not in shown(comparison.compare_view(compared(THREE), 100), 100)


@pytest.mark.parametrize("ending", sorted(FORMS))
def test_no_form_of_the_report_obeys_a_name(ending: str) -> None:
    text = report_of(compared(event=HOSTILE), f"report{ending}")
    assert "\x1b" not in text
    if ending == ".md":
        text = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)  # code spans obey nothing
    if ending != ".json":
        assert "<b>=1+1" not in text


def test_events_have_reports_of_the_same_endings_as_values() -> None:
    assert set(FORMS) == set(FORMS_OF_VALUES)


def test_the_page_shows_each_picture_once_and_asks_for_nothing_outside() -> None:
    page = report_of(compared(), "r.html")
    for title in ("ROC", "Precision and recall", "Reliability", "Lead times", "Folds"):
        assert page.count(f">{title}</h2>") == 1
    assert "Content-Security-Policy" in page
    assert 'src="' not in page
    assert 'href="http' not in page


def test_a_page_without_lead_times_has_no_empty_part() -> None:
    from dataclasses import replace

    result = compared()
    bare = replace(result, models=tuple(replace(m, lead_times=None) for m in result.models))
    assert ">Lead times</h2>" not in report_of(bare, "r.html")


def test_every_answer_is_a_row_of_the_csv(tmp_path: Path) -> None:
    frames.write_answers(compared(), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["entity", "fold", "time", "model", "class", "probability", "label"]
    assert len(rows) == 8  # four answers of two models
    assert {row["class"] for row in rows} == {"died"}
    assert [row["label"] for row in rows[:2]] == ["alive", "died"]
    assert rows[0]["fold"] == "1"


def test_with_more_classes_there_is_a_row_for_each(tmp_path: Path) -> None:
    frames.write_answers(compared(THREE), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    assert {row["class"] for row in rows} == set(THREE)


def test_answers_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        frames.write_answers(compared(), tmp_path / "none" / "a.csv")


def test_a_prediction_as_csv_keeps_the_users_names() -> None:
    rows = list(csv.DictReader(io.StringIO(frames.predict_csv(predicted()))))
    assert list(rows[0]) == ["patient", "day", "probability", "alarm"]
    assert [row["alarm"] for row in rows] == ["0", "1"]


def test_a_prediction_about_whole_histories_has_no_time() -> None:
    rows = list(csv.DictReader(io.StringIO(frames.predict_csv(predicted(THREE, timed=False)))))
    assert list(rows[0]) == [
        "patient",
        "class",
        "probability_none",
        "probability_mild",
        "probability_severe",
    ]
    assert rows[0]["class"] == "none"


def test_a_prediction_as_json_has_a_time_only_where_rows_are_asked_about() -> None:
    timed = payload.predict_payload(predicted())
    assert timed["schema"] == "forecast-cli/predict-events/1"
    assert [a["alarm"] for a in timed["answers"]] == [False, True]
    whole = payload.predict_payload(predicted(timed=False))
    assert "time" not in whole["answers"][0]


@pytest.mark.parametrize("classes", [("alive", "died"), THREE])
def test_a_prediction_in_the_terminal_shows_every_entity(classes: tuple[str, ...]) -> None:
    text = shown(tables.predict_view(predicted(classes), 80), 80)
    assert "p1" in text
    assert "\x1b[31m" not in text


def test_the_metric_that_ranks_stands_first_and_once() -> None:
    metrics = main_metrics(compared().task, "f1")
    assert metrics[0] == "f1"
    assert len(metrics) == len(set(metrics))


def test_a_rounding_error_is_shown_as_nothing() -> None:
    assert figure("ece", 4e-17) == "0.000"


def test_small_probabilities_of_a_bin_are_no_powers_of_ten() -> None:
    first, *others = compared().models
    assert first.curves is not None
    tiny = (ReliabilityBin(1.6e-15, 8e-8, 1.7e-8, 0.0, 8),)
    said = replace(first, curves=replace(first.curves, reliability=tiny))
    result = replace(compared(), models=(said, *others))
    texts = [form(result) for ending, form in FORMS.items() if ending != ".json"]
    for text in (shown(comparison.compare_view(result, 140), 140), *texts):
        assert not re.search(r"\de[-−]\d\d", text)
        assert "0.000" in text


def test_an_interval_has_the_unit_of_its_score() -> None:
    first, *others = compared().models
    skilled = replace(first, intervals={**first.intervals, "brier_skill": (-0.014, 0.41)})
    result = replace(compared(), models=(skilled, *others))
    assert "20.0 % [−1.4 to 41.0 %]" in shown(comparison.compare_view(result, 220), 220)


def test_the_legend_of_the_curves_is_never_cut_off() -> None:
    result = compared()
    for width in (60, 80, 120):
        text = roc_plot(result, width, 12, colour=False)
        assert max(map(len, text.splitlines())) <= width
        assert "chance" in text

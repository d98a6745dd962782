"""What the verbs say in the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

from forecast_cli.comparison import CompareResult, Replaced
from forecast_cli.report.grid import fitting
from forecast_cli.report.html import compare_html
from forecast_cli.report.markdown import compare_markdown
from forecast_cli.report.ranking import ranking_columns
from forecast_cli.report.tables import (
    compare_view,
    data_view,
    doctor_view,
    inspect_view,
    model_view,
    models_view,
    predict_view,
    runs_view,
    train_view,
)
from forecast_cli.results import (
    Check,
    InspectResult,
    ModelEntry,
    PredictResult,
    RunEntry,
    TrainResult,
)
from tests.report.conftest import HOSTILE
from tests.report.screen import shown

WIDTHS = (60, 80, 100, 140)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_the_comparison_is_wider_than_the_terminal(
    compare: CompareResult, compare_many: CompareResult, width: int
) -> None:
    for result in (compare, compare_many):
        lines = shown(compare_view(result, width), width).splitlines()
        assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_and_names_of_the_ranking_are_never_cut(compare: CompareResult, width: int) -> None:
    text = shown(compare_view(compare, width), width)
    ranking = text[text.index("Ranking") : text.index("Along the horizon")]
    assert "…" not in ranking
    for score in compare.models[:-1]:
        line = next(row for row in ranking.splitlines() if f" {score.name} " in row)
        assert f"{score.metrics['mase']:.3f}" in line


def test_the_comparison_leads_with_the_verdict(compare: CompareResult) -> None:
    first = shown(compare_view(compare, 140), 140).splitlines()[0]
    assert compare.verdict.text.startswith(first.strip())


def test_a_wide_terminal_shows_every_metric(compare: CompareResult) -> None:
    text = shown(compare_view(compare, 140), 140)
    header = next(line for line in text.splitlines() if line.startswith("#"))
    assert header.split() == [
        "#", "model", "kind", "MASE", "±", "skill", "RMSSE", "MAE", "RMSE", "sMAPE", "WQL", "80",
        "%", "95", "%", "fit",
    ]  # fmt: skip


def test_skill_has_its_interval_and_decision_in_eighty_columns(judged: CompareResult) -> None:
    text = shown(compare_view(judged, 80), 80)
    assert max(map(cell_len, text.splitlines())) <= 80
    for score in judged.models[:-1]:
        found = score.versus_reference
        assert found is not None
        line = next(row for row in text.splitlines() if re.match(rf"\d +{score.name} ", row))
        assert found.decision in line
        if found.decision != "reference":
            low, high = (f"{round(100 * end):+d}".replace("-", "−") for end in found.ci95)
            assert f"{low} to {high}" in line


@pytest.mark.parametrize("width", WIDTHS)
def test_columns_that_find_no_room_are_named_and_no_two_share_a_name(
    judged: CompareResult, width: int
) -> None:
    text = " ".join(
        shown(compare_view(judged, width), width).replace("\N{NO-BREAK SPACE}", " ").split()
    )
    columns = ranking_columns(judged)
    names = [column.header for column in columns if column.header]
    assert len(names) == len(set(names))
    gone = set(names) - {column.header for column in fitting(columns, width)}
    said = re.search(r"no room for ([^:]+): a wider terminal, --report FILE.html", text)
    assert bool(said) == bool(gone)
    if said is not None:
        assert said.group(1) == ", ".join(name for name in names if name in gone)


def test_the_two_widths_have_names_of_their_own(judged: CompareResult) -> None:
    text = shown(compare_view(judged, 140), 140)
    header = next(line for line in text.splitlines() if line.startswith("model") and "fit" in line)
    assert "width 80" in header
    assert "width 95" in header
    assert "as measured on the test block, after calibration" in text


def test_what_to_ship_why_and_how_to_see_it_again_are_told(judged: CompareResult) -> None:
    text = shown(compare_view(judged, 100), 100)
    assert "ship: linear, a baseline, fitted in 0.2 s" in text
    assert "learnability: Strongly seasonal" in text
    assert "No leak, proved: with everything after 1 cutoff" in text
    for rule in judged.verdict.rules:
        assert rule in text
    assert f"again: {judged.command}" in text


def test_the_reference_has_no_interval_against_itself(judged: CompareResult) -> None:
    models = tuple(
        replace(m, versus_reference=replace(m.versus_reference, ci95=(0.0, 0.0)))
        if m.versus_reference and m.name == "seasonal-naive"
        else m
        for m in judged.models
    )
    result = replace(judged, models=models)
    assert "0 to 0" not in shown(compare_view(result, 100))
    assert "0.0 to 0.0" not in compare_html(result)
    assert "0.0 to 0.0" not in compare_markdown(result)


def test_a_leak_is_told_with_the_models_that_had_it(judged: CompareResult) -> None:
    certificate = judged.leak_certificate
    assert certificate is not None
    bad = replace(certificate.proofs[0], same=False, difference="origin 3")
    leaky = replace(certificate, proved=False, proofs=(bad, *certificate.proofs[1:]))
    text = " ".join(shown(compare_view(replace(judged, leak_certificate=leaky), 100)).split())
    assert "Not free of leaks: with everything after 1 cutoff replaced by noise, lstm came" in text


def test_failed_models_stand_last_with_their_reason(compare: CompareResult) -> None:
    text = shown(compare_view(compare, 80), 80)
    ranking = [line for line in text.splitlines() if re.match(r"(\d|–)  ", line)]
    assert ranking[-1].split()[:3] == ["–", "ets", "failed"] or "failed" in ranking[-1]
    assert "ets failed: TrainingError: no finite likelihood" in text


def test_fallbacks_are_told_once(compare: CompareResult) -> None:
    said = "2 of 30 origins answered by seasonal-naive"
    models = tuple(replace(m, reason="; ".join(m.fallbacks) or m.reason) for m in compare.models)
    assert shown(compare_view(replace(compare, models=models), 100)).count(said) == 1


def with_replaced(compare: CompareResult) -> CompareResult:
    """The comparison in which ARIMA could not answer for some series."""
    records = (
        Replaced("arima", "seasonal-naive", "it is constant", 5, 30, ("a", "b", "c", "d")),
        Replaced("arima", "naive", HOSTILE, 1, 30, (HOSTILE,)),
    )
    lines = tuple(f"{r.told}, from {r.origins} of {r.of} origins" for r in records)
    arima = compare.models[3]
    assert arima.name == "arima"
    helped = replace(arima, replaced=records, fallbacks=(*lines, "another remark"))
    return replace(compare, models=(*compare.models[:3], helped, *compare.models[4:]))


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_simpler_model_answered_stands_in_a_table_and_nowhere_else(
    compare: CompareResult, width: int
) -> None:
    text = shown(compare_view(with_replaced(compare), width), width)
    part = text[text.index("Answered by a simpler model") : text.index("Along the horizon")]
    row = next(line for line in part.splitlines() if "seasonal-naive" in line)
    assert "arima" in row
    assert "5 of 30" in row
    assert text.count("it is constant") == 1
    assert "arima: another remark" in text
    assert ("a, b, c and 1 more" in row) == (width >= 80)


def test_nothing_replaced_is_no_table(compare: CompareResult) -> None:
    assert "Answered by" not in shown(compare_view(compare, 100))


def test_a_model_out_of_time_is_listed_as_such(compare: CompareResult) -> None:
    late = replace(compare.models[-1], status="timed out", reason="timed out after 300 s")
    text = shown(compare_view(replace(compare, models=(*compare.models[:-1], late)), 100))
    assert "ets timed out after 300 s" in text
    assert "failed" not in text[: text.index("Along the horizon")]


def test_all_about_a_model_is_told_and_what_is_not_known_left_out() -> None:
    known = ModelEntry("m", "baseline", "what", "who 1999", "when", "seconds", "two")
    text = shown(model_view(known))
    for words in ("m", "what (baseline)", "who 1999", "when", "seconds", "two"):
        assert words in text
    assert "cost" not in shown(model_view(replace(known, cost="")))


def test_gains_and_losses_differ_without_colour(compare: CompareResult) -> None:
    text = shown(compare_view(compare, 100))
    lines = {line.split()[1]: line for line in text.splitlines() if re.match(r"\d  ", line)}
    assert "█" in lines["lstm"]
    assert "░" in lines["drift"]
    assert "reference" in lines["seasonal-naive"]


def test_the_other_metric_leads_when_it_ranks(compare: CompareResult) -> None:
    by_wql = replace(compare, protocol=replace(compare.protocol, metric="wql"))
    header = next(
        line for line in shown(compare_view(by_wql, 140), 140).splitlines() if line[:1] == "#"
    )
    assert header.split()[3] == "WQL"
    assert header.split().count("WQL") == 1


def test_several_series_are_ranked_and_counted(compare_many: CompareResult) -> None:
    text = shown(compare_view(compare_many, 100))
    assert "lstm beats seasonal-naive on 12 of 12; its best and worst 3" in text


def test_a_horizon_of_one_has_no_bands_and_no_picture(compare: CompareResult) -> None:
    one = replace(compare, protocol=replace(compare.protocol, horizon=1))
    assert "Along the horizon" not in shown(compare_view(one, 100))


def test_a_comparison_in_which_all_failed_is_still_shown(compare: CompareResult) -> None:
    models = tuple(
        replace(m, status="failed", reason="boom", rank=None, metrics={}, by_step={}, by_series={},
                skill=None, skill_by_step=())
        for m in compare.models
    )  # fmt: skip
    text = shown(compare_view(replace(compare, models=models, direction=()), 100))
    assert text.count("failed: boom") == len(models)


def test_no_colour_code_where_there_is_no_colour(
    compare: CompareResult, predict: PredictResult, inspect: InspectResult
) -> None:
    views = (compare_view(compare, 100), predict_view(predict, 100), inspect_view(inspect))
    assert all("\x1b" not in shown(view) for view in views)


def test_the_picture_is_coloured_where_there_is_colour(compare: CompareResult) -> None:
    assert "\x1b[" in shown(compare_view(compare, 100), colour=True)


def test_a_terminal_without_unicode_can_print_every_view(
    compare: CompareResult,
    predict: PredictResult,
    inspect: InspectResult,
    train: TrainResult,
    run_entries: Sequence[RunEntry],
) -> None:
    views = (
        compare_view(compare, 100),
        predict_view(predict, 100),
        inspect_view(inspect),
        train_view(train),
        runs_view(run_entries),
    )
    for view in views:
        assert shown(view, encoding="ascii")


def test_hostile_names_cannot_speak_to_the_terminal(
    hostile_compare: CompareResult, hostile_judged: CompareResult
) -> None:
    for width in (80, 140):
        text = shown(compare_view(hostile_compare, width), width)
        text += shown(compare_view(hostile_judged, width), width)
        text += shown(data_view(hostile_compare.data), width)
        assert "\x1b" not in text
        assert "\\x1b" in text


def test_every_inference_is_shown_with_the_option_that_overrides_it(compare: CompareResult) -> None:
    text = shown(data_view(compare.data), 80)
    for inferred in compare.data.inferred:
        line = next(row for row in text.splitlines() if row.startswith(inferred.name))
        assert inferred.value in line
        assert inferred.option in line
        assert inferred.why in line


def test_every_repair_is_shown_with_its_count(compare: CompareResult) -> None:
    text = shown(data_view(compare.data), 100)
    assert re.search(r"sorted +4  rows were not in time order", text)
    assert re.search(r"gaps +31 ", text)


def test_forecasts_of_a_lone_series_are_listed_step_by_step(predict: PredictResult) -> None:
    alone = replace(predict, series=predict.series[:1])
    text = shown(predict_view(alone, 80), 80)
    series = alone.series[0]
    for time, value in zip(series.times, series.forecast, strict=True):
        line = next(row for row in text.splitlines() if row.startswith(time))
        assert line.split()[2] == f"{value:.2f}"
    assert "--format csv" not in text


def test_what_a_prediction_hides_is_said(predict: PredictResult) -> None:
    many = replace(predict, series=predict.series * 3)
    text = shown(predict_view(many, 100))
    assert "the first 6 of 24 steps of 4 of 9 series; all: --format csv" in text


def test_a_forecast_without_a_number_is_a_dash(predict: PredictResult) -> None:
    empty = replace(predict.series[0], forecast=np.full(24, np.nan))
    assert " – " in shown(predict_view(replace(predict, series=(empty,)), 80), 80)


def test_training_tells_what_it_made_and_where(train: TrainResult) -> None:
    text = shown(train_view(train), 120)
    for words in ("lstm (network)", "131,873", "600 steps in 7.8 s", "0.287", train.run):
        assert words in text


def test_a_baseline_without_steps_or_loss_leaves_those_lines_out(train: TrainResult) -> None:
    text = shown(train_view(replace(train, steps=None, best_loss=None, context=None, stopped="")))
    assert "best loss" not in text
    assert "None" not in text


def test_inspection_ends_with_the_next_command(inspect: InspectResult) -> None:
    text = shown(inspect_view(inspect))
    assert text.rstrip().endswith(inspect.suggestion)
    assert inspect.warnings[0] in text


def test_models_are_grouped_by_kind(model_entries: Sequence[ModelEntry]) -> None:
    text = shown(models_view(model_entries))
    assert text.index("networks") < text.index("lstm") < text.index("baselines")


def test_a_broken_run_is_listed_with_its_problem(run_entries: Sequence[RunEntry]) -> None:
    text = shown(runs_view(run_entries), 80)
    assert "20260101-030405-gru-9f8e7d: model.safetensors is missing" in text
    assert text.splitlines()[2].startswith("▸")


def test_no_runs_name_the_command_that_makes_one() -> None:
    assert "forecast train" in shown(runs_view(()))


def test_a_check_that_failed_shows_its_fix(checks: Sequence[Check]) -> None:
    assert "fix: chmod u+w runs" in shown(doctor_view(checks))


@pytest.mark.parametrize("view", [train_view, inspect_view])
def test_hostile_words_in_results_are_made_visible(
    view: Callable[..., object], train: TrainResult, inspect: InspectResult
) -> None:
    result = (
        replace(train, stopped=HOSTILE, run=HOSTILE, fallbacks=(HOSTILE,))
        if view is train_view
        else replace(inspect, warnings=(HOSTILE,), series=(replace(inspect.series[0], id=HOSTILE),))
    )
    assert "\x1b" not in shown(view(result))  # type: ignore[arg-type]

"""The model card: complete, and no markup from outside."""

from __future__ import annotations

from dataclasses import replace

from forecast_cli.comparison import CompareResult
from forecast_cli.report.model_card import model_card
from forecast_cli.results import TrainResult
from tests.report.conftest import HOSTILE


def test_the_card_has_its_parts_in_order(train: TrainResult) -> None:
    card = model_card(train)
    titles = [line for line in card.splitlines() if line.startswith("#")]
    assert titles == [
        "# lstm, 96 steps ahead",
        "## Data",
        "## Training",
        "## Scores",
        "## Intended use",
        "## Limits",
        "## Reproduce",
    ]


def test_the_card_names_data_and_figures(train: TrainResult) -> None:
    card = model_card(train)
    for words in ("131,873", "0.287", train.data.sha256, "--freq h", "sorted: 4"):
        assert words in card


def test_what_a_baseline_does_not_have_is_left_out(train: TrainResult) -> None:
    card = model_card(replace(train, context=None, steps=None, best_loss=None))
    assert "None" not in card
    assert "best loss" not in card


def test_hostile_names_hold_no_markup(train: TrainResult, hostile_compare: CompareResult) -> None:
    card = model_card(replace(train, data=hostile_compare.data, fallbacks=("a|b`c\nd",)))
    assert "<script>" not in card.replace("\\<", "").partition("## Reproduce")[0]
    assert "\x1b" not in card
    assert "a\\|b\\`c\\\\nd" in card
    assert HOSTILE not in card


def test_scores_stand_beside_those_of_simple_models(train: TrainResult) -> None:
    card = model_card(train)
    assert "| lstm (this model) | 0.612 | 1.840 | 0.0312 | 78.1 % | 94.0 % |" in card
    assert "| seasonal-naive | 0.903 | 2.710 | 0.0488 | 81.2 % | 95.7 % |" in card
    assert "from 50 origins" in card
    assert "over 24 steps there" in card
    assert "flatters it a little" in card
    baseline = replace(train, kind="baseline")
    assert "flatters it a little" not in model_card(baseline)


def test_without_a_validation_block_the_scores_are_left_out(train: TrainResult) -> None:
    assert "## Scores" not in model_card(replace(train, scores=None))
    assert train.scores is not None
    lacking = {name: row for name, row in train.scores.models.items() if name != "lstm"}
    unscored = replace(train, scores=replace(train.scores, models=lacking))
    assert "## Scores" not in model_card(unscored)


def test_limits_name_horizon_series_period_gaps_and_levels(train: TrainResult) -> None:
    limits = model_card(train).partition("## Limits")[2].partition("## Reproduce")[0]
    for words in ("96 steps", "1 series in training", train.data.end, "31 rows or cells missing"):
        assert words in limits
    assert "Intervals (80 % and 95 %)" in limits
    whole = replace(train, data=replace(train.data, repairs=()))
    assert "no row was missing in training" in model_card(whole)


def test_the_card_says_how_to_repeat_the_run(train: TrainResult) -> None:
    assert f"    forecast rerun {train.run}" in model_card(train)


def test_a_source_with_a_space_is_quoted_in_the_command(train: TrainResult) -> None:
    data = replace(train.data, sources=("my data.csv",))
    assert "forecast train 'my data.csv' --config" in model_card(replace(train, data=data))

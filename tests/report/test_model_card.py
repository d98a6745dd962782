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


def test_a_source_with_a_space_is_quoted_in_the_command(train: TrainResult) -> None:
    data = replace(train.data, sources=("my data.csv",))
    assert "forecast train 'my data.csv' --config" in model_card(replace(train, data=data))

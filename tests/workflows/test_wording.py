"""A configuration said as a command line means the same configuration."""

from __future__ import annotations

import shlex

from forecast_cli.config import CompareConfig, InspectConfig, TrainConfig
from forecast_cli.workflows.wording import command


def test_defaults_are_left_out() -> None:
    assert command("train", TrainConfig(data=("a.csv",))) == "forecast train a.csv"


def test_values_survive_a_shell() -> None:
    config = TrainConfig(data=("my data.csv",), target=("a b", "c"), na=("-200",), seed=3)
    words = shlex.split(command("train", config))
    assert words[:3] == ["forecast", "train", "my data.csv"]
    expected = ["--seed", "3", "--target", "a b", "--target", "c", "--na=-200"]
    assert sorted(words[3:]) == sorted(expected)


def test_a_name_with_a_comma_is_quoted_for_the_option_too() -> None:
    words = shlex.split(command("inspect", InspectConfig(target=("Load, MW",), sep=",")))
    assert words[2:] == ["--target", '"Load, MW"', "--sep", ","]


def test_changes_come_on_top() -> None:
    assert command("train", InspectConfig(horizon=3), horizon=5) == "forecast train --horizon 5"


def test_a_flag_stands_alone_and_only_where_it_differs_from_its_default() -> None:
    assert command("compare-baselines", CompareConfig(prove_no_leak=True)) == (
        "forecast compare-baselines --prove-no-leak"
    )
    assert command("compare-baselines", CompareConfig()) == "forecast compare-baselines"

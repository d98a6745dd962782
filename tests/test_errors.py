"""Errors: each knows its exit code, and names that were mistyped find their neighbours."""

from __future__ import annotations

import pytest

from forecast_cli import errors
from forecast_cli.errors import ExitCode, ForecastError, did_you_mean, one_line


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ForecastError, 1),
        (errors.UsageError, 2),
        (errors.DataError, 3),
        (errors.TrainingError, 4),
        (errors.RunError, 5),
        (errors.GateError, 6),
    ],
)
def test_every_error_leaves_with_its_documented_code(kind: type[ForecastError], code: int) -> None:
    assert issubclass(kind, ForecastError)
    assert kind("what").exit_code == code


def test_codes_that_scripts_rely_on_do_not_move() -> None:
    assert {c.name: int(c) for c in ExitCode} == {
        "OK": 0,
        "UNEXPECTED": 1,
        "USAGE": 2,
        "BAD_DATA": 3,
        "TRAINING_FAILED": 4,
        "BAD_RUN": 5,
        "GATE_FAILED": 6,
        "INTERRUPTED": 130,
    }


def test_an_error_keeps_its_cause_its_fix_and_all_problems() -> None:
    error = errors.DataError("what", "how", ["a", "b"])
    assert (str(error), error.message, error.fix, error.problems) == (
        "what",
        "what",
        "how",
        ("a", "b"),
    )


def test_the_nearest_name_is_offered_whatever_its_case() -> None:
    assert did_you_mean("Gru", ["lstm", "gru"]).startswith('did you mean "gru"?')
    assert did_you_mean("target", ["Target", "time"]).startswith('did you mean "Target"?')


def test_far_names_offer_no_guess_but_the_list() -> None:
    assert did_you_mean("xyz", ["lstm", "gru"]) == "available: lstm, gru"


def test_a_long_list_is_cut_and_counted() -> None:
    said = did_you_mean("zzz", [f"column_{i}" for i in range(500)])
    assert said.endswith("… (500 in all)")
    assert len(said) < 400


def test_the_reason_of_a_known_error_is_its_message() -> None:
    assert one_line(errors.DataError("too short", "give more")) == "too short"
    assert one_line(ValueError()) == "ValueError"

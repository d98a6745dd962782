"""What stands in the way of a forecast later on is said before the training."""

from __future__ import annotations

from forecast_cli.workflows.hints import hints
from tests.conftest import make_panel


def test_nothing_is_said_of_a_plain_panel() -> None:
    assert hints(make_panel(), 24, None) == ()
    assert hints(make_panel(), 24, 300) == ()


def test_a_context_longer_than_any_history_is_said() -> None:
    (said,) = hints(make_panel((40, 60)), 5, 61)
    assert said.startswith("--context 61 is longer than any history: 60 steps")
    assert hints(make_panel((40, 60)), 5, 60) == ()


def test_covariates_known_ahead_that_end_with_the_history_are_said() -> None:
    (said,) = hints(make_panel((40, 60), covariates=("future",)), 5, None)
    assert said.startswith('"x0": known ahead, but 2 of 2 series hold no 5 rows')

"""The gate of events: by the score, whichever way is better."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forecast_cli.errors import GateError
from forecast_cli.workflows.events.gate import require_no_worse
from tests.report.events.results import compared


def test_a_model_that_scores_more_passes() -> None:
    require_no_worse(compared(), ("lstm",), "logistic")


def test_a_model_that_scores_less_does_not_and_the_result_is_kept() -> None:
    result = compared()
    with pytest.raises(
        GateError, match=r"logistic is worse than lstm: AP 0.460 against 0.520"
    ) as e:
        require_no_worse(result, ("logistic",), "lstm")
    assert e.value.result is result


def test_of_a_loss_less_is_better() -> None:
    result = compared()
    result = replace(result, protocol=replace(result.protocol, metric="log_loss"))
    require_no_worse(result, ("logistic",), "lstm")
    with pytest.raises(GateError, match="log-loss"):
        require_no_worse(result, ("lstm",), "logistic")


def test_a_model_without_a_score_does_not_pass() -> None:
    with pytest.raises(GateError, match="cannot be judged"):
        require_no_worse(compared(), ("boosting",), "logistic")

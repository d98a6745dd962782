"""The gate: no worse than a model that is named, by the scores as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forecast_cli.comparison import CompareResult, ModelScore
from forecast_cli.errors import ExitCode, GateError, UsageError
from forecast_cli.workflows.compare import compare_baselines
from forecast_cli.workflows.gate import require_no_worse
from tests.report.conftest import make_compare
from tests.workflows.test_compare import QUICK
from tests.workflows.test_compare import data as data
from tests.workflows.test_compare import register as register


def with_losses(**losses: float) -> CompareResult:
    result = make_compare()
    template = result.models[0]
    rows: list[ModelScore] = [
        replace(template, name=name.replace("_", "-"), metrics={"mase": loss})
        for name, loss in losses.items()
    ]
    rows.append(replace(template, name="ets", metrics={}, status="failed", rank=None))
    return replace(result, models=tuple(rows))


@pytest.mark.parametrize("loss", [0.9, 1.0])
def test_a_model_that_is_no_worse_passes(loss: float) -> None:
    require_no_worse(with_losses(lstm=loss, gru=2.0, naive=1.0), ("lstm", "gru"), "naive")


def test_the_best_of_the_models_is_judged_and_the_message_says_by_how_much() -> None:
    result = with_losses(lstm=1.25, gru=2.0, naive=1.0)
    with pytest.raises(GateError) as closed:
        require_no_worse(result, ("lstm", "gru"), "naive")
    assert closed.value.message == (
        "lstm, the best of lstm, gru, is worse than naive: MASE 1.25 against 1, 25.0 % more"
    )
    assert closed.value.exit_code == ExitCode.GATE_FAILED
    assert closed.value.result is result


def test_worse_than_nothing_is_worse_without_a_share() -> None:
    with pytest.raises(GateError, match=r"MASE 1 against 0$"):
        require_no_worse(with_losses(lstm=1.0, naive=0.0), ("lstm",), "naive")


def test_the_model_of_the_gate_does_not_pass_for_the_others() -> None:
    with pytest.raises(GateError, match="gru is worse than lstm"):
        require_no_worse(with_losses(lstm=1.0, gru=2.0), ("lstm", "gru"), "lstm")


@pytest.mark.parametrize(("models", "rival"), [(("ets",), "lstm"), (("lstm",), "ets")])
def test_without_a_score_nothing_passes(models: tuple[str, ...], rival: str) -> None:
    with pytest.raises(GateError, match="cannot be judged: no score of ets"):
        require_no_worse(with_losses(lstm=1.0), models, rival)


def test_the_model_of_the_gate_joins_the_comparison_and_the_result_is_not_lost(
    data: object,
) -> None:
    options = {**QUICK, "models": ("mean",), "baselines": ("naive",)}
    with pytest.raises(GateError) as closed:
        compare_baselines("a.csv", **options, fail_if_worse_than="linear")
    result = closed.value.result
    assert isinstance(result, CompareResult)
    assert {row.name for row in result.models} == {"mean", "naive", "linear", "seasonal-naive"}


def test_a_gate_that_is_passed_is_silent(data: object) -> None:
    options = {**QUICK, "models": ("linear",), "baselines": ("naive",)}
    assert compare_baselines("a.csv", **options, fail_if_worse_than="mean").models


def test_a_misspelt_gate_is_told_before_anything_is_read() -> None:
    with pytest.raises(UsageError) as told:
        compare_baselines("nowhere.csv", fail_if_worse_than="liner")
    assert 'did you mean "linear"' in told.value.fix


@pytest.mark.parametrize("models", ["lstm", "linear"])
def test_a_model_is_not_asked_whether_it_is_worse_than_itself(models: str) -> None:
    with pytest.raises(UsageError, match="nothing to judge"):
        compare_baselines("nowhere.csv", models=models, fail_if_worse_than=models)

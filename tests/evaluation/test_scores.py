"""Rows of the comparison: ranks, skill, failures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import ForecastTable, ModelScore
from forecast_cli.config import Settings
from forecast_cli.data.split import rolling_origins, split
from forecast_cli.evaluation.backtest import Outcome, backtest, folds, tabulate
from forecast_cli.evaluation.metrics import Scales, seasonal_scales
from forecast_cli.evaluation.scores import fold_scales, score, without_rounding
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation.fakes import Breaks, Register, shifted
from tests.evaluation.tables import table_from

TASK = Task(horizon=6, seasons=(24,), levels=(80,))
PANEL = make_panel((200, 150, 180))
BLOCKS = split(PANEL, 6, test_size=36, val_size=12)
ORIGINS = rolling_origins(PANEL, BLOCKS, 6, stride=6)


def compared(
    names: list[str], refit: int = 0, seeds: int = 1
) -> tuple[ForecastTable, tuple[Outcome, ...], Scales]:
    outcomes = backtest(
        names, PANEL, TASK, BLOCKS, ORIGINS, settings=Settings(), refit=refit, seeds=seeds
    )
    table = tabulate(PANEL, ORIGINS, outcomes, TASK)
    plan = folds(PANEL, BLOCKS, ORIGINS, refit)
    return table, outcomes, fold_scales(PANEL, table, plan, 24)


def scored(names: list[str], metric: str = "mae", reference: str = "b") -> dict[str, ModelScore]:
    rows = score(*compared(names), metric=metric, reference=reference)
    return {row.name: row for row in rows}


@pytest.fixture(autouse=True)
def models(register: Register) -> None:
    register(
        network=(shifted("net", 4.0, noisy=True),),
        baseline=(shifted("a", 1.0), shifted("b", 2.0), shifted("perfect"), Breaks),
    )


def test_the_least_loss_ranks_first_and_failures_come_last_without_numbers() -> None:
    rows = list(scored(["breaks", "b", "net", "a"]).values())
    assert [(row.name, row.rank) for row in rows] == [
        ("a", 1),
        ("b", 2),
        ("net", 3),
        ("breaks", None),
    ]
    assert rows[-1].status == "failed"
    assert rows[-1].reason == "RuntimeError: no luck"
    assert rows[-1].metrics == {}


def test_a_model_out_of_time_says_so_in_its_status() -> None:
    outcome = Outcome("late", "baseline", None, "timed out after 1 s", 1.0, 0.0, 0, timed_out=True)
    table, outcomes, scales = compared(["a"])
    rows = score(table, (*outcomes, outcome), scales, metric="mase", reference="a")
    assert [(row.name, row.status) for row in rows] == [("a", "ok"), ("late", "timed out")]
    assert rows[1].reason == "timed out after 1 s"


def test_skill_is_the_share_of_the_references_loss_that_is_saved() -> None:
    rows = scored(["a", "b", "perfect"])
    assert rows["a"].skill == pytest.approx(0.5)
    assert rows["b"].skill == 0
    assert rows["perfect"].skill == 1
    assert rows["a"].skill_by_step == pytest.approx([0.5] * 6)


def test_without_a_reference_that_answered_there_is_no_skill() -> None:
    row = scored(["a", "breaks"], reference="breaks")["a"]
    assert row.skill is None
    assert row.skill_by_step == ()


def test_a_reference_without_loss_leaves_skill_undefined() -> None:
    row = scored(["a", "perfect"], reference="perfect")["a"]
    assert row.skill is None
    assert np.isnan(row.skill_by_step).all()


def test_equal_losses_share_a_rank(register: Register) -> None:
    register(baseline=(shifted("a", 1.0), shifted("twin", -1.0), shifted("b", 2.0)))
    rows = scored(["a", "twin", "b"])
    assert [row.rank for row in rows.values()] == [1, 1, 3]


def test_the_ranking_metric_decides() -> None:
    assert scored(["a", "net"], "rmse")["net"].metrics["rmse"] > 2.5
    assert set(scored(["a"], "wql")["a"].by_step) == {
        *("mase", "rmsse", "mae", "rmse", "smape", "wql", "coverage_80", "width_80", "msis_80"),
    }


def test_rows_hold_a_value_a_step_and_a_series() -> None:
    row = scored(["a", "b"])["a"]
    assert len(row.by_step["mase"]) == 6
    assert len(row.by_series["mase"]) == 3
    assert row.parameters == 7
    assert row.reason == "a fallback"


def test_scales_come_from_the_training_data_of_each_fold() -> None:
    table, _, scales = compared(["a"], refit=3)
    for fold in folds(PANEL, BLOCKS, ORIGINS, 3):
        expected = seasonal_scales(PANEL, fold.until, 24).absolute[table.series[fold.chosen]]
        assert scales.absolute[fold.chosen].tolist() == expected.tolist()
    assert len(np.unique(scales.absolute)) == 6


def test_an_undefined_metric_gives_no_rank() -> None:
    table, outcomes, scales = compared(["a", "b"])
    nothing = Scales(np.full_like(scales.absolute, np.nan), scales.squared)
    rows = score(table, outcomes, nothing, metric="mase", reference="b")
    assert [row.rank for row in rows] == [None, None]
    assert rows[0].skill is None


def test_the_spread_over_seeds_is_that_of_the_metric(register: Register) -> None:
    rows = score(*compared(["net", "b"], seeds=3), metric="wql", reference="b")
    spreads = {row.name: row.seed_spread for row in rows}
    assert spreads["b"] is None
    assert spreads["net"] is not None
    assert spreads["net"] > 0
    (net,) = (row for row in rows if row.name == "net")
    assert [each.seed for each in net.seeds] == [0, 1, 2]
    assert np.std([each.loss for each in net.seeds], ddof=1) == pytest.approx(net.seed_spread)
    assert all(row.seeds == () for row in rows if row.name == "b")


def test_an_error_of_rounding_is_none_and_any_other_stays_as_it_is() -> None:
    actual = np.array([[1e6, 2e6], [1.0, np.nan], [3.0, 2.0]])
    near, far = actual * (1 + 1e-15), actual * (1 + 1e-6)
    table = table_from({"near": near, "far": far}, origins=3)
    table = replace(table, series=np.array([0, 1, 1]), ids=("a", "b"), actual=actual[:, :2])
    settled = without_rounding(table)
    seen = np.isfinite(actual)
    assert (settled.forecasts["near"][:, :, 0][seen] == actual[seen]).all()
    assert (settled.forecasts["far"][:, :, 0] == far)[seen].all()

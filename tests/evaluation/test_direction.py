"""Will it stand higher than now: reading, scoring and asking for the probability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.config import Settings
from forecast_cli.data.panel import Panel
from forecast_cli.data.split import rolling_origins, split
from forecast_cli.evaluation.backtest import backtest, folds
from forecast_cli.evaluation.direction import (
    Answer,
    area_under_roc,
    ask,
    climatology,
    rises,
    score_direction,
)
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation.fakes import Breaks, Register, shifted
from tests.evaluation.test_metrics import panel_of


def test_ties_and_unobserved_changes_are_left_out_and_counted() -> None:
    event = rises(np.array([[1.0, 2.0, np.nan], [5.0, 5.0, 4.0]]), np.array([1.0, np.nan]))
    assert event.ties == 1
    assert event.unobserved == 4
    assert event.scored.tolist() == [[False, True, False], [False, False, False]]
    assert event.risen[0, 1]


def test_climatology_is_the_share_of_rises_in_the_training_past() -> None:
    panel = panel_of([1, 2, 3, 2, 2, 99], [7.0, np.nan])
    shares = climatology(panel, np.array([5, 8]), horizon=3)
    assert shares[0] == pytest.approx([2 / 3, 1 / 2, 1.0])
    assert shares[1].tolist() == [0.5, 0.5, 0.5]


@settings(deadline=None)  # the first call imports scikit-learn
@given(
    probability=arrays(float, 30, elements=st.floats(0, 1).map(lambda p: round(p, 1))),
    risen=arrays(bool, 30),
)
def test_the_area_under_the_curve_is_that_of_scikit_learn(
    probability: np.ndarray, risen: np.ndarray
) -> None:
    from sklearn.metrics import roc_auc_score

    found = area_under_roc(probability, risen)
    if risen.all() or not risen.any():
        assert np.isnan(found)
    else:
        assert found == pytest.approx(roc_auc_score(risen, probability))


def test_scores_of_an_answer_are_those_computed_by_hand() -> None:
    event = rises(np.array([[2.0, 0.0], [2.0, 2.0], [0.0, np.nan]]), np.ones(3))
    answer = Answer("m", "network", np.array([[0.9, 0.2], [0.5, 0.4], [0.3, 0.8]]))
    (row,) = score_direction([answer], event)
    assert row.base_rate == pytest.approx(3 / 5)
    assert row.brier == pytest.approx((0.01 + 0.04 + 0.25 + 0.36 + 0.09) / 5)
    assert row.accuracy == pytest.approx((1 + 1 + 0.5 + 0 + 1) / 5)
    assert row.auc == pytest.approx(1.0)
    assert row.by_step["accuracy"] == pytest.approx([2.5 / 3, 0.5])


def test_answers_are_ranked_by_brier_with_failures_last() -> None:
    event = rises(np.array([[2.0], [0.0]]), np.ones(2))
    rows = score_direction(
        [
            Answer("failed", "baseline", None, "no reason"),
            Answer("worse", "baseline", np.array([[0.5], [0.5]])),
            Answer("better", "network", np.array([[0.9], [0.1]])),
        ],
        event,
    )
    assert [row.model for row in rows] == ["better", "worse", "failed"]
    assert rows[-1].reason == "no reason"
    assert rows[-1].base_rate == 0.5


def test_where_nothing_can_be_scored_everything_is_undefined() -> None:
    (row,) = score_direction(
        [Answer("m", "network", np.ones((1, 1)))], rises(np.ones((1, 1)), np.ones(1))
    )
    assert np.isnan([row.base_rate, row.brier, row.accuracy, row.auc]).all()


def test_models_regression_and_climatology_are_asked_of_the_same_origins(
    register: Register,
) -> None:
    register(network=(shifted("net"), Breaks), baseline=(shifted("base"),))
    panel = make_panel((300, 260))
    task = Task(horizon=4, seasons=(24,), levels=(80,))
    blocks = split(panel, 4, test_size=40, val_size=0)
    origins = rolling_origins(panel, blocks, 4, stride=4)
    outcomes = backtest(
        ["net", "breaks", "base"], panel, task, blocks, origins, settings=Settings()
    )
    plan = folds(panel, blocks, origins, 5)
    answers = {a.model: a for a in ask(panel, task, plan, origins, outcomes, ["net", "breaks"])}
    assert list(answers) == ["net", "breaks", "logistic", "climatology"]
    assert answers["breaks"].probability is None
    assert answers["climatology"].probability.shape == (20, 4)
    assert answers["logistic"].reason == ""
    assert answers["logistic"].probability.shape == (20, 4)


def asked_of(panel: Panel, asked: Settings | None = None) -> dict[str, np.ndarray]:
    """Logistic's and climatology's probabilities at the first origins of a test block."""
    task = Task(horizon=4, seasons=(24,))
    blocks = split(panel, 4, test_size=60, val_size=0)
    every = rolling_origins(panel, blocks, 4, stride=4)
    first = np.flatnonzero(every.rows == (panel.ends - 61)[every.series])
    assert len(first) == panel.n_series
    plan = folds(panel, blocks, every[first], 0)
    answers = ask(panel, task, plan, every[first], [], [], asked)
    return {a.model: a.probability for a in answers if a.probability is not None}


@pytest.mark.parametrize("poison", [np.nan, 1e6])
def test_no_value_of_the_test_block_reaches_a_probability(poison: float) -> None:
    panel = make_panel((300, 260))
    after = np.arange(panel.n_rows) >= np.repeat(panel.ends - 60, panel.lengths)
    values = panel.values.copy()
    # A ramp: whoever looks sees nothing but rises.
    values[after, 0] = poison * np.arange(1, after.sum() + 1)
    foul = replace(panel, values=values, observed=np.isfinite(values))
    clean = asked_of(panel)
    assert list(clean) == ["logistic", "climatology"]
    for model, probability in asked_of(foul).items():
        assert probability.tobytes() == clean[model].tobytes(), model


def test_the_regression_has_the_context_that_was_asked_for() -> None:
    panel = make_panel((300, 260))
    usual, short = asked_of(panel), asked_of(panel, Settings(context=2))
    assert (usual["logistic"] != short["logistic"]).any()
    assert usual["climatology"].tobytes() == short["climatology"].tobytes()

"""Accuracy benchmarks: the split, the scores and the rows are those that the page promises."""

from __future__ import annotations

import argparse
import math

import numpy as np
import pytest

import ask
from forecast_cli.data.split import default_validation
from frame import Row
from tests.conftest import make_panel

GIVEN = argparse.Namespace(seed=0, steps=None, quick=False)
MARKS = {"sMAPE": ask.Mark(13.9, "the winner's")}


def test_the_test_part_begins_where_the_training_part_of_each_series_ends() -> None:
    past = {"a": np.arange(5.0), "b": np.arange(3.0)}
    after = {"a": np.array([5.0, 6.0]), "b": np.array([3.0, np.nan])}
    panel, until = ask.official(past, after)
    assert until.tolist() == [5, 10]
    assert panel.target[until].tolist() == [5.0, 3.0]
    assert panel.observed[:, 0].tolist() == [True] * 11 + [False]
    assert ask.last_known(until).rows.tolist() == [4, 9]


def test_the_question_is_the_one_that_train_asks_by_default() -> None:
    panel = make_panel((400, 300, 350))
    task = ask.question(panel, panel.ends - 24, 24, (24,))
    assert task.validation == default_validation(326, 0, 24) > 0


def test_an_answer_is_that_of_the_named_model_and_scored_as_defined() -> None:
    panel, until = ask.official(
        {"a": np.array([1.0, 3.0, 2.0, 4.0])}, {"a": np.array([5.0, np.nan, 4.0])}
    )
    task = ask.question(panel, until, 3, (2,))
    origins = ask.last_known(until)
    found = ask.answer("naive", GIVEN, panel, task, until, origins)
    assert (found.kind, found.failure) == ("classical", "")
    assert found.point.tolist() == [[4.0, 4.0, 4.0]]
    scores = ask.scores(("mase", "smape"), panel, until, origins, found.point, 2)
    assert scores == {"MASE": pytest.approx(0.5), "sMAPE": pytest.approx(200 / 9 / 2)}


def test_a_model_that_fails_is_a_row_that_says_why() -> None:
    panel, until = ask.official({"a": np.full(30, np.nan)}, {"a": np.ones(2)})
    task = ask.question(panel, until, 2, (1,))
    found = ask.answer("lstm", GIVEN, panel, task, until, ask.last_known(until))
    assert np.isnan(found.point).all()
    (row,) = ask.rows_of("T", "r", found, {"sMAPE": 0.0}, MARKS)
    assert math.isnan(row.value)
    assert row.note.startswith("failed: ")
    assert row.reached is False


def test_a_cell_without_a_forecast_is_a_failure() -> None:
    panel, until = ask.official(
        {"a": np.ones(30), "b": np.full(30, np.nan)}, {"a": np.ones(2), "b": np.ones(2)}
    )
    task = ask.question(panel, until, 2, (1,))
    found = ask.answer("naive", GIVEN, panel, task, until, ask.last_known(until))
    assert found.failure == "no finite forecast in 2 cells"


@pytest.mark.parametrize(("name", "target"), [("lstm", 13.9), ("linear", None)])
def test_marks_stand_at_our_own_rows_only(name: str, target: float | None) -> None:
    found = ask.Answer(name, np.zeros((1, 1)), 1.234)
    assert ask.rows_of("T", "r", found, {"sMAPE": 13.0}, MARKS) == [
        Row(
            "T",
            "r",
            "sMAPE",
            name,
            "ours" if target else "classical",
            13.0,
            target=target,
            target_note="the winner's" if target else "",
            seconds=1.23,
        )
    ]


def test_quick_leaves_the_slow_model_out() -> None:
    quick = argparse.Namespace(quick=True)
    assert ask.asked(quick, ("naive", "arima")) == ("lstm", "naive")
    assert ask.asked(GIVEN, ("naive", "arima")) == ("lstm", "naive", "arima")


def test_scores_that_are_not_the_published_ones_end_a_script() -> None:
    ask.check("Naive", {"MASE": 1.1934}, {"MASE": 1.193})
    with pytest.raises(SystemExit, match=r"Naive: MASE is 1\.1951 here, 1\.193 published"):
        ask.check("Naive", {"MASE": 1.1951}, {"MASE": 1.193})

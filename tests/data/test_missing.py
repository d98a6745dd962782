"""Sentinels count as missing only where they cannot be values."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.missing import mark_missing
from forecast_cli.data.notes import Notes

RNG = np.random.default_rng(0)
CALM = np.abs(RNG.normal(10, 2, 200))


def with_cells(values: np.ndarray, mark: float, count: int) -> np.ndarray:
    marked = values.copy()
    marked[:count] = mark
    return marked


@pytest.mark.parametrize("mark", [-99.0, -200.0, -999.0, -9999.0])
def test_a_repeated_value_far_outside_becomes_missing_and_is_counted(mark: float) -> None:
    notes = Notes()
    marked = mark_missing({"a": with_cells(CALM, mark, 5)}, (), notes, str)
    assert np.isnan(marked["a"]).sum() == 5
    assert [(r.kind, r.count) for r in notes.repairs] == [("missing marks", 5)]
    assert "--na none" in notes.repairs[0].option


@pytest.mark.parametrize(
    "values",
    [
        with_cells(CALM, -200, 1),  # only once
        with_cells(CALM, -187, 5),  # no usual mark
        RNG.normal(-150, 60, 200).round(),  # within the range of the rest
        with_cells(RNG.normal(0, 60, 200), -200, 5),  # at the edge of the rest
    ],
)
def test_a_value_that_could_be_real_is_kept(values: np.ndarray) -> None:
    notes = Notes()
    marked = mark_missing({"a": values}, (), notes, str)
    assert np.array_equal(marked["a"], values)
    assert notes.repairs == []


def test_a_sentinel_of_one_column_is_one_in_a_wider_column_too() -> None:
    wide = with_cells(RNG.uniform(2, 1500, 200), -200, 3)
    marked = mark_missing({"a": with_cells(CALM, -200, 5), "b": wide}, (), Notes(), str)
    assert np.isnan(marked["b"]).sum() == 3


def test_none_keeps_sentinels_and_a_named_number_is_always_missing() -> None:
    values = with_cells(CALM, -200, 5)
    assert not np.isnan(mark_missing({"a": values}, ("none",), Notes(), str)["a"]).any()
    named = mark_missing({"a": np.array([1.0, 2.0, 7.0])}, ("7",), Notes(), str)["a"]
    assert np.isnan(named).tolist() == [False, False, True]

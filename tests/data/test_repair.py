"""Rows on a grid: what pandas does one series at a time, done for all at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.data.frequency import infer_grid
from forecast_cli.data.notes import Notes
from forecast_cli.data.repair import regularise, sort_rows
from forecast_cli.errors import DataError


def place(row: int) -> str:
    return f"row {row}"


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_every_entity_is_what_a_group_mean_reindexed_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 200
    entity = np.concatenate([[0, 1, 2], rng.integers(0, 3, n - 3)])
    times = rng.integers(0, 60, n) * 5
    values = rng.normal(size=(n, 2))
    values[rng.random((n, 2)) < 0.2] = np.nan
    notes = Notes()
    order = sort_rows(entity, times, place, notes)
    entity, times, values = entity[order], times[order], values[order]
    grid = infer_grid(times, entity, False, None)
    regular = regularise(values, entity, times, grid, Clock(), notes, str)
    frame = pd.DataFrame({"e": entity, "t": times, "a": values[:, 0], "b": values[:, 1]})
    for e, group in frame.groupby("e"):
        expected = group.groupby("t")[["a", "b"]].mean()
        expected = expected.reindex(range(group["t"].min(), group["t"].max() + 1, grid.step))
        own = slice(regular.offsets[e], regular.offsets[e + 1])
        np.testing.assert_allclose(regular.values[own], expected.to_numpy(), atol=1e-12)
        assert regular.times[own].tolist() == expected.index.tolist()


def test_sorted_rows_are_left_alone() -> None:
    notes = Notes()
    order = sort_rows(np.array([0, 0, 1]), np.array([1, 2, 0]), place, notes)
    assert order.tolist() == [0, 1, 2]
    assert notes.repairs == []


def test_a_series_that_is_written_last_first_is_no_disorder() -> None:
    notes = Notes()
    order = sort_rows(np.array([1, 1, 0]), np.array([1, 2, 0]), place, notes)
    assert order.tolist() == [2, 0, 1]
    assert notes.repairs == []


def test_a_grid_that_dwarfs_the_data_is_refused() -> None:
    times = np.array([0, 1, 2, 10**12])
    entity = np.zeros(4, dtype=np.int64)
    grid = infer_grid(times, entity, False, None)
    with pytest.raises(DataError, match="would need"):
        regularise(np.ones((4, 1)), entity, times, grid, Clock(), Notes(), str)


def test_most_rows_at_one_time_call_for_an_id() -> None:
    times = np.repeat(np.arange(10), 5)
    entity = np.zeros(50, dtype=np.int64)
    notes = Notes()
    values = np.arange(50.0)[:, None]
    regularise(values, entity, times, infer_grid(times, entity, False, None), Clock(), notes, str)
    assert "--id" in notes.warnings[0]


def test_disorder_is_counted_within_each_entity_however_their_rows_lie() -> None:
    notes = Notes()
    entity, times = np.array([0, 1, 0, 1, 0, 1]), np.array([3, 1, 1, 2, 2, 3])
    order = sort_rows(entity, times, place, notes)
    assert order.tolist() == [2, 4, 0, 1, 3, 5]
    assert [(one.kind, one.count) for one in notes.repairs] == [("sorted", 1)]
    assert place(2) in notes.repairs[0].detail

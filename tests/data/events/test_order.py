"""Rows in order, and rows at one time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.events.order import Cells, order, sort_cells, unfold
from forecast_cli.data.notes import Notes

NAN = np.nan


def place(row: int) -> str:
    return f"rows.csv:{row + 2}"


def test_rows_at_one_time_that_contradict_nowhere_are_one():
    notes = Notes()
    values = np.array([[1, NAN], [NAN, 2], [1, NAN], [5, 6]])
    ordered = order(np.zeros(4, int), np.array([3, 3, 3, 4]), values, place, notes)
    assert ordered.times.tolist() == [3, 4]
    assert ordered.values.tolist() == [[1, 2], [5, 6]]
    assert [(r.kind, r.count) for r in notes.repairs] == [("rows at one time joined", 2)]


def test_rows_at_one_time_that_contradict_stay_in_the_order_of_their_values():
    notes = Notes()
    ordered = order(np.zeros(2, int), np.array([3, 3]), np.array([[9.0], [4.0]]), place, notes)
    assert ordered.values.tolist() == [[4], [9]]
    assert [(r.kind, r.count) for r in notes.repairs] == [("rows at one time kept", 2)]


def test_rows_of_two_entities_are_never_joined():
    ordered = order(np.array([1, 0]), np.array([3, 3]), np.array([[9.0], [4.0]]), place, Notes())
    assert ordered.entity.tolist() == [0, 1]
    assert ordered.values.tolist() == [[4], [9]]


cells = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(0, 2), st.sampled_from([1.0, 2.0, NAN])
    ),
    min_size=1,
    max_size=40,
)


@given(cells, st.randoms(use_true_random=False))
def test_cells_make_the_rows_that_a_reader_would_make(given_cells, random):
    seen = [cell for cell in given_cells if cell[3] == cell[3]]
    if not seen:
        return
    random.shuffle(given_cells)
    entity, times, variables, values = (
        np.array(column) for column in zip(*given_cells, strict=True)
    )
    flat = Cells(entity, times, variables, values.astype(float))
    rows = unfold(sort_cells(flat, place, Notes()), np.arange(3), 3)
    expected = []
    for moment in sorted({cell[:2] for cell in seen}):
        columns = [sorted({c[3] for c in seen if c[:2] == moment and c[2] == v}) for v in range(3)]
        for depth in range(max(map(len, columns))):
            row = [c[depth] if depth < len(c) else NAN for c in columns]
            expected.append((*moment, row))
    assert rows.entity.tolist() == [e for e, _, _ in expected]
    assert rows.times.tolist() == [t for _, t, _ in expected]
    assert np.array_equal(rows.values, np.array([r for _, _, r in expected]), equal_nan=True)

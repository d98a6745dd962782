"""What was last seen: vectorised answers against a walk through the rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.history import last_seen, name_some, positions, running_sum
from forecast_cli.data.panel import Panel


def panel_of(marks: list[list[bool]]) -> Panel:
    observed = np.array([seen for series in marks for seen in series], dtype=bool)[:, None]
    values = np.arange(len(observed), dtype=np.float64)[:, None]
    return Panel(
        values=np.where(observed, values, np.nan),
        observed=observed,
        times=np.concatenate([np.arange(len(series)) for series in marks]).astype(np.int64),
        offsets=np.cumsum([0, *(len(series) for series in marks)]),
        ids=tuple(str(s) for s in range(len(marks))),
    )


ragged_marks = st.lists(st.lists(st.booleans(), max_size=20), min_size=1, max_size=4)


@given(ragged_marks, st.integers(1, 7))
def test_last_seen_is_the_nearest_observed_row_of_the_phase_and_series(
    marks: list[list[bool]], season: int
) -> None:
    panel = panel_of(marks)
    expected = []
    for s, start in enumerate(panel.starts):
        for place in range(len(marks[s])):
            earlier = [i for i in range(place, -1, -season) if marks[s][i]]
            expected.append(start + earlier[0] if earlier else -1)
    assert last_seen(panel, season).tolist() == expected


@given(ragged_marks)
def test_sums_start_anew_in_every_series(marks: list[list[bool]]) -> None:
    panel = panel_of(marks)
    ones = np.ones(panel.n_rows)
    expected = [place + 1 for series in marks for place in range(len(series))]
    assert running_sum(panel, ones).tolist() == expected


def test_positions_find_names_and_mark_strangers() -> None:
    assert positions(("a", "b"), ("b", "c", "a")).tolist() == [1, -1, 0]


def test_long_lists_of_names_are_cut_and_counted() -> None:
    assert name_some(["a", "b"]) == "a, b"
    assert name_some(list("abcdefg")) == "a, b, c, d, e and 2 more"

"""The panel: what it refuses, what it knows of itself, and how it is cut and chosen from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.panel import Origins, Panel
from tests.conftest import make_panel

LENGTHS = st.lists(st.integers(0, 20), min_size=1, max_size=6).map(tuple)


def series(panel: Panel, s: int) -> list[Any]:
    """All that series s holds, comparable."""
    rows = slice(panel.starts[s], panel.ends[s])
    return [
        panel.ids[s],
        np.nan_to_num(panel.values[rows], nan=-99.0).tolist(),
        panel.observed[rows].tolist(),
        panel.times[rows].tolist(),
        panel.static[s].tolist(),
        int(panel.future_rows[s]),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": np.arange(3)}, "disagree in length"),
        ({"observed": np.ones((10, 2), dtype=bool)}, "disagree in length"),
        ({"channels": ("a", "b")}, "name and a role"),
        ({"roles": ("future",)}, "channel 0"),
        ({"offsets": np.array([0, 4, 9])}, "offsets"),
        ({"offsets": np.array([1, 4, 10])}, "offsets"),
        ({"offsets": np.array([0, 11, 10])}, "offsets"),
        ({"ids": ("s0",)}, "unique id"),
        ({"ids": ("s0", "s0")}, "unique id"),
        ({"future_rows": np.array([1, 2, 3])}, "future_rows"),
        ({"static": np.zeros((2, 1))}, "static"),
    ],
)
def test_parts_that_contradict_each_other_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(make_panel((4, 6)), **change)


def test_a_second_target_is_refused() -> None:
    panel = make_panel((4,), covariates=("past",))
    with pytest.raises(ValueError, match="channel 0, and only it"):
        replace(panel, roles=("target", "target"))


@given(lengths=LENGTHS)
def test_offsets_lengths_and_owners_agree(lengths: tuple[int, ...]) -> None:
    panel = make_panel(lengths)
    assert panel.lengths.tolist() == list(lengths)
    assert (panel.n_rows, panel.n_series) == (sum(lengths), len(lengths))
    assert np.bincount(panel.series_of_row, minlength=len(lengths)).tolist() == list(lengths)
    assert (panel.starts[panel.series_of_row] <= np.arange(panel.n_rows)).all()
    assert (np.arange(panel.n_rows) < panel.ends[panel.series_of_row]).all()


def test_channels_are_found_by_role() -> None:
    panel = make_panel((5,), covariates=("future", "past", "future"))
    assert panel.channel_positions("target") == (0,)
    assert panel.channel_positions("past") == (2,)
    assert panel.channel_positions("future") == (1, 3)


def test_the_history_ends_before_the_future_rows() -> None:
    panel = replace(make_panel((10, 8)), future_rows=np.array([3, 0]))
    assert panel.known_ends.tolist() == [7, 18]
    origins = Origins.at_end(panel)
    assert origins.rows.tolist() == [6, 17]
    assert origins.series.tolist() == [0, 1]


@given(lengths=LENGTHS, data=st.data())
def test_chosen_series_are_whole_and_in_the_order_asked(
    lengths: tuple[int, ...], data: st.DataObject
) -> None:
    panel = replace(
        make_panel(lengths, missing=0.3, covariates=("past",)),
        static=np.arange(2.0 * len(lengths)).reshape(-1, 2),
        static_names=("a", "b"),
        future_rows=np.array(lengths) // 2,
    )
    chosen = data.draw(st.lists(st.integers(0, len(lengths) - 1), unique=True, min_size=1))
    part = panel.select(chosen)
    assert [series(part, i) for i in range(len(chosen))] == [series(panel, s) for s in chosen]


@given(lengths=LENGTHS, data=st.data())
def test_a_cut_panel_holds_nothing_at_or_after_the_cut(
    lengths: tuple[int, ...], data: st.DataObject
) -> None:
    panel = replace(make_panel(lengths, missing=0.3), future_rows=np.array(lengths) // 3)
    kept = np.array([data.draw(st.integers(0, n)) for n in lengths])
    past = panel.until(panel.starts + kept)
    assert past.lengths.tolist() == kept.tolist()
    for s in range(panel.n_series):
        whole = series(panel, s)
        assert series(past, s)[1:4] == [part[: kept[s]] for part in whole[1:4]]
        history = panel.known_ends[s] - panel.starts[s]
        assert past.known_ends[s] - past.starts[s] == min(history, kept[s])


def test_a_cut_beyond_the_ends_changes_nothing_and_one_before_the_start_leaves_nothing() -> None:
    panel = make_panel((5, 7))
    assert (panel.until(panel.ends + 100).times == panel.times).all()
    assert panel.until(panel.starts - 1).n_rows == 0


def test_origins_are_sliced_like_arrays() -> None:
    origins = Origins(np.array([0, 0, 1]), np.array([3, 5, 9]))
    assert len(origins) == 3
    assert origins[1:].rows.tolist() == [5, 9]
    assert origins[np.array([True, False, True])].series.tolist() == [0, 1]
    with pytest.raises(ValueError, match="series and a row"):
        Origins(np.array([0]), np.array([1, 2]))

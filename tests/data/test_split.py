"""Blocks and origins: what may be learned from, what is scored, and from where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.data.future import extend
from forecast_cli.data.panel import Panel
from forecast_cli.data.split import Split, rolling_origins, split
from forecast_cli.errors import DataError
from tests.conftest import make_panel

HOUR = 3_600 * 10**9


def panel_of(spans: list[tuple[int, int]], freq: str | None = "h") -> Panel:
    """Series that occupy the given half-open spans of steps on one time axis."""
    lengths = [end - start for start, end in spans]
    steps = np.concatenate([np.arange(start, end) for start, end in spans])
    if freq is None:
        times = steps
    else:
        axis = Clock(freq=freq).onwards(-1, max(end for _, end in spans) + 1)
        times = axis[steps]
    return Panel(
        values=np.zeros((len(steps), 1)),
        observed=np.ones((len(steps), 1), dtype=bool),
        times=times.astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        ids=tuple(f"s{i}" for i in range(len(spans))),
        clock=Clock(freq=freq),
    )


SPANS = st.lists(
    st.tuples(st.integers(0, 80), st.integers(1, 150)).map(lambda p: (p[0], p[0] + p[1])),
    min_size=1,
    max_size=6,
)


def split_or_none(panel: Panel, horizon: int, *sizes: int | None) -> Split | None:
    try:
        return split(panel, horizon, *sizes)
    except DataError:
        return None


def test_the_standard_split_of_14400_hours_scores_all_2785_windows() -> None:
    panel = make_panel((14_400,))
    blocks = split(panel, 96, test_size=2880, val_size=2880)
    assert (blocks.fit_ends[0], blocks.test_ends[0]) == (11_520, 14_400)
    assert blocks.fit_ends[0] - blocks.validation == 8640
    origins = rolling_origins(panel, blocks, 96, stride=1)
    assert len(origins) == 2785
    assert (origins.rows == np.arange(11_519, 14_304)).all()


@pytest.mark.parametrize(
    ("n", "horizon", "test_size", "validation"),
    [
        (1000, 5, 200, 100),  # a fifth and a tenth
        (1000, 12, 240, 100),  # 20 H beat a fifth
        (1000, 24, 480, 120),  # twenty origins still leave half; 5 H of validation
        (1000, 26, 286, 130),  # they no longer do: three tenths, in whole horizons
        (1000, 48, 288, 200),  # validation capped at a fifth
        (20, 5, 5, 5),  # at least one horizon each
        (14, 5, 5, 0),  # no room for validation
        (10, 5, 5, 0),
    ],
)
@pytest.mark.parametrize("freq", ["h", "MS", None])
def test_default_sizes_follow_the_documented_rule(
    n: int, horizon: int, test_size: int, validation: int, freq: str | None
) -> None:
    blocks = split(panel_of([(0, n)], freq), horizon)
    assert (blocks.test_size, blocks.validation) == (test_size, validation)
    assert blocks.fit_ends[0] == n - test_size


def test_the_typical_length_decides_and_not_the_longest_series() -> None:
    spans = [(0, 10_000), (9000, 10_000), (9000, 10_000)]
    assert split(panel_of(spans), 5).test_size == 200


@pytest.mark.parametrize("freq", ["h", "15min", "D", "B", "W-SUN", "MS", "QS"])
def test_the_cut_is_one_time_for_all_series_of_a_calendar(freq: str) -> None:
    panel = panel_of([(0, 100), (20, 90), (0, 60), (85, 100), (95, 100)], freq)
    blocks = split(panel, 5, test_size=20, val_size=10)
    #   a whole series; one that ends early; one before the block; two that begin in it
    assert (blocks.fit_ends - panel.starts).tolist() == [80, 60, 60, 0, 0]
    assert (blocks.test_ends - panel.starts).tolist() == [100, 70, 60, 0, 0]
    assert blocks.validation == 10
    assert np.unique(rolling_origins(panel, blocks, 5, 5).series).tolist() == [0, 1]


def test_the_cut_holds_where_no_long_series_ends_last() -> None:
    panel = panel_of([(0, 99), (95, 100)])
    blocks = split(panel, 5, test_size=20)
    assert (blocks.fit_ends - panel.starts).tolist() == [80, 0]


def test_days_are_cut_on_local_midnight_though_the_clocks_change() -> None:
    clock = Clock(freq="D", tz="Europe/Berlin")
    times = clock.onwards(1_700_000_000 * 10**9, 200)  # over the end of March 2024
    panel = replace(panel_of([(0, 200)], "D"), times=times, clock=clock)
    blocks = split(panel, 7, test_size=70)
    assert blocks.fit_ends[0] == 130


def test_plain_steps_are_cut_from_each_series_own_end() -> None:
    panel = panel_of([(0, 100), (300, 350), (0, 24), (0, 3)], freq=None)
    blocks = split(panel, 5, test_size=20, val_size=10)
    assert (blocks.fit_ends - panel.starts).tolist() == [80, 30, 24, 3]
    assert (blocks.test_ends - panel.starts).tolist() == [100, 50, 24, 3]
    assert blocks.validation == 10
    assert np.unique(rolling_origins(panel, blocks, 5, 5).series).tolist() == [0, 1]


@pytest.mark.parametrize("freq", ["h", None])
def test_rows_after_the_history_belong_to_no_block(freq: str | None) -> None:
    panel = make_panel((400, 300), freq=freq)
    plain, extended = split(panel, 24), split(extended_panel := extend(panel, 100), 24)
    for name in ("fit_ends", "test_ends"):
        inside = getattr(plain, name) - panel.starts
        assert (getattr(extended, name) - extended_panel.starts == inside).all()


def test_rows_after_an_early_end_do_not_count_as_learned() -> None:
    whole = panel_of([(0, 100), (0, 90)])
    panel = replace(whole, future_rows=np.array([0, 30]))  # ends at 60, covariates go on to 90
    blocks = split(panel, 5, test_size=20)
    assert (blocks.fit_ends - panel.starts).tolist() == [80, 60]
    assert (blocks.test_ends - panel.starts).tolist() == [100, 60]


def test_validation_is_left_out_where_there_is_no_room_for_it() -> None:
    # Two of three series would have nothing left to train on.
    assert split(panel_of([(0, 28), (0, 28), (0, 300)], freq=None), 10).validation == 0
    assert split(panel_of([(0, 30), (0, 30), (0, 300)], freq=None), 10).validation == 10
    # The only series that can be scored would have nothing left.
    assert split(panel_of([(0, 80), (0, 80), (80, 100)]), 5, test_size=15).validation == 0


def test_series_without_rows_disturb_nobody() -> None:
    panel = panel_of([(0, 0), (0, 100), (0, 0)])
    blocks = split(panel, 5, test_size=20)
    assert blocks.fit_ends.tolist() == [0, 80, 100]
    assert set(rolling_origins(panel, blocks, 5, 5).series) == {1}
    after_future_rows = replace(panel, future_rows=np.array([0, 10, 0]))
    assert split(after_future_rows, 5, test_size=20).fit_ends.tolist() == [0, 70, 100]


@given(
    spans=SPANS,
    horizon=st.integers(1, 20),
    stride=st.integers(1, 30),
    calendar=st.booleans(),
    sizes=st.tuples(st.none() | st.integers(1, 60), st.none() | st.integers(0, 60)),
)
def test_blocks_are_ordered_and_every_target_lies_in_the_test_block(
    spans: list[tuple[int, int]],
    horizon: int,
    stride: int,
    calendar: bool,
    sizes: tuple[int | None, int | None],
) -> None:
    panel = panel_of(spans, "h" if calendar else None)
    blocks = split_or_none(panel, horizon, *sizes)
    if blocks is None:
        return
    assert (panel.starts <= blocks.fit_ends).all()
    assert (blocks.fit_ends <= blocks.test_ends).all()
    assert (blocks.test_ends <= panel.known_ends).all()
    assert 0 <= blocks.validation <= (blocks.fit_ends - panel.starts).max() - horizon
    origins = rolling_origins(panel, blocks, horizon, stride)
    assert len(origins) > 0
    assert (origins.rows + 1 >= blocks.fit_ends[origins.series]).all()
    assert (origins.rows + horizon < blocks.test_ends[origins.series]).all()
    assert (origins.rows >= panel.starts[origins.series] + horizon - 1).all()
    if calendar:
        learned = panel.times[np.arange(panel.n_rows) < blocks.fit_ends[panel.series_of_row]]
        assert learned.max() < panel.times[origins.rows + 1].min()


@given(spans=SPANS, horizon=st.integers(1, 15), stride=st.integers(1, 30))
def test_origins_are_all_that_fit_in_order_and_apart_by_the_stride(
    spans: list[tuple[int, int]], horizon: int, stride: int
) -> None:
    panel = panel_of(spans)
    blocks = split_or_none(panel, horizon)
    if blocks is None:
        return
    origins = rolling_origins(panel, blocks, horizon, stride)
    expected = [
        (s, row)
        for s in range(panel.n_series)
        for row in range(blocks.fit_ends[s] - 1, blocks.test_ends[s] - horizon, stride)
    ]
    assert list(zip(origins.series.tolist(), origins.rows.tolist(), strict=True)) == expected


@given(spans=SPANS, horizon=st.integers(1, 15))
def test_targets_do_not_overlap_when_the_stride_is_the_horizon(
    spans: list[tuple[int, int]], horizon: int
) -> None:
    panel = panel_of(spans)
    blocks = split_or_none(panel, horizon)
    if blocks is None:
        return
    origins = rolling_origins(panel, blocks, horizon, horizon)
    rows = (origins.rows[:, None] + np.arange(1, horizon + 1)).ravel()
    assert len(np.unique(rows)) == len(rows)


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_a_limit_keeps_the_latest_origins_of_each_series(limit: int) -> None:
    panel = make_panel((400, 300, 350))
    blocks = split(panel, 10)
    everything = rolling_origins(panel, blocks, 10, 3)
    limited = rolling_origins(panel, blocks, 10, 3, limit)
    for s in range(panel.n_series):
        rows = everything.rows[everything.series == s]
        assert limited.rows[limited.series == s].tolist() == rows[-limit:].tolist()


def test_the_default_block_has_twenty_origins_where_the_data_allow() -> None:
    panel = make_panel((2000,))
    assert len(rolling_origins(panel, split(panel, 24), 24, 24)) == 20


@pytest.mark.parametrize("freq", ["h", None])
@pytest.mark.parametrize(
    ("spans", "horizon", "sizes", "message", "fix"),
    [
        ([(0, 50), (0, 20)], 26, (None, None), "50 steps, .*at least 52", "--horizon 25 or less"),
        ([(0, 1)], 1, (None, None), "has 1 step,", "give a longer history"),
        ([(0, 100)], 24, (10, None), "10 steps is shorter.* 24", "--test-size 24 or more"),
        ([(0, 100)], 24, (90, None), "90 steps leaves no series 24", "--test-size 76 or less"),
        ([(0, 100)], 24, (999, None), "999 steps leaves", "--test-size 76 or less"),
        ([(0, 100)], 24, (48, 40), "40 steps of validation", "--val-size 28 or less"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_with_the_largest_that_would(
    freq: str | None,
    spans: list[tuple[int, int]],
    horizon: int,
    sizes: tuple[int | None, int | None],
    message: str,
    fix: str,
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        split(panel_of(spans, freq), horizon, *sizes)
    assert caught.value.fix.startswith(fix)


@given(
    spans=SPANS,
    horizon=st.integers(1, 40),
    beyond_horizon=st.integers(0, 200),
    freq=st.sampled_from(["h", "B", "MS", None]),
)
def test_the_test_size_that_a_refusal_offers_is_accepted_and_the_next_is_not(
    spans: list[tuple[int, int]], horizon: int, beyond_horizon: int, freq: str | None
) -> None:
    panel = panel_of(spans, freq)
    try:
        split(panel, horizon, horizon + beyond_horizon, 0)
    except DataError as error:
        option, size, _, more_or_less = error.fix.replace(",", "").split()[:4]
        if option == "--test-size":
            split(panel, horizon, int(size), 0)
            beyond = int(size) + (1 if more_or_less == "less" else -1)
            with pytest.raises(DataError):
                split(panel, horizon, beyond, 0)


def test_a_block_that_only_new_series_reach_is_refused_with_the_size_that_reaches_old_ones() -> (
    None
):
    with pytest.raises(DataError, match="leaves no series") as caught:
        split(panel_of([(0, 100), (195, 205)]), 6, test_size=20)
    assert caught.value.fix == "--test-size 111 or more"
    with pytest.raises(DataError) as caught:
        split(panel_of([(0, 100), (0, 150), (195, 205)]), 6, test_size=20)
    assert caught.value.fix == "--test-size 61 or more"

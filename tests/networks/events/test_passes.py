"""Passes: short histories from their start, long ones from fixed places, whoever else asks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.networks.events.passes import WHOLE, Reach, passes_of

HOUR = 3600 * 10**9


def _panel(lengths: tuple[int, ...], start: int = 0) -> Panel:
    rows = sum(lengths)
    times = np.concatenate([np.arange(n) for n in lengths]) + start
    return Panel(
        values=np.zeros((rows, 1)),
        observed=np.ones((rows, 1), dtype=np.bool_),
        times=times.astype(np.int64) * HOUR,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        ids=tuple(f"s{k}" for k in range(len(lengths))),
        clock=Clock(freq="h"),
    )


def _begins(panel: Panel, moments: Origins, reach: Reach) -> np.ndarray:
    """[M] the absolute row with which each moment's pass begins; its row follows from ``at``."""
    passes = passes_of(panel, moments, reach)
    first = passes.first[passes.each]
    np.testing.assert_array_equal(first + passes.at, moments.rows)
    assert (passes.at < passes.lengths[passes.each]).all()
    assert (passes.series[passes.each] == moments.series).all()
    return first


def test_an_ordinary_history_is_one_pass_from_its_start() -> None:
    panel = _panel((5, 9))
    rows = np.arange(14)
    passes = passes_of(panel, Origins(panel.series_of_row, rows), Reach())
    assert passes.series.tolist() == [0, 1]
    assert passes.first.tolist() == [0, 5]
    assert passes.lengths.tolist() == [5, 9]


@given(st.lists(st.integers(0, 4999), min_size=1, max_size=30, unique=True), st.booleans())
def test_where_a_pass_begins_does_not_depend_on_who_else_asks(
    rows: list[int], regular: bool
) -> None:
    panel = _panel((5000,))
    reach = Reach(warm=100, carried=70, regular=regular)
    asked = Origins(np.zeros(len(rows), dtype=np.int64), np.array(rows))
    together = _begins(panel, asked, reach)
    alone = [_begins(panel, asked[k : k + 1], reach)[0] for k in range(len(rows))]
    assert together.tolist() == alone
    long = asked.rows >= (0 if regular else WHOLE)
    context = asked.rows - together + 1
    assert (context[long] > np.minimum(100, asked.rows[long])).all()
    assert (context[long] <= 170).all()


def test_on_a_regular_series_the_places_are_those_of_the_clock() -> None:
    reach = Reach.of((24,), 24)
    longer, shorter = _panel((900,)), _panel((880,), start=20)
    rows = np.arange(500, 880)
    zero = np.zeros(len(rows), dtype=np.int64)
    one = _begins(longer, Origins(zero, rows), reach)
    other = _begins(shorter, Origins(zero, rows - 20), reach) + 20
    np.testing.assert_array_equal(one, other)

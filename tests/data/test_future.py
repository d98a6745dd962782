"""Rows after the end: their times follow, nothing in them is made up, the past is untouched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.data.future import extend
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from tests.conftest import make_panel


def with_future(lengths: tuple[int, ...], future_rows: tuple[int, ...]) -> Panel:
    """A panel with a known-ahead covariate and given numbers of rows after each history."""
    panel = make_panel(lengths, covariates=("past", "future"))
    rows = np.arange(panel.n_rows)
    series = panel.series_of_row
    after = rows >= (panel.ends - np.array(future_rows))[series]
    observed = panel.observed.copy()
    observed[after, :2] = False
    return replace(
        panel,
        observed=observed,
        values=np.where(observed, panel.values, np.nan),
        future_rows=np.array(future_rows),
    )


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=5).map(tuple),
    horizon=st.integers(1, 40),
    freq=st.sampled_from(["h", "MS", None]),
)
def test_histories_are_kept_and_followed_by_unobserved_rows_on_the_clock(
    lengths: tuple[int, ...], horizon: int, freq: str | None
) -> None:
    panel = make_panel(lengths, freq=freq)
    longer = extend(panel, horizon)
    assert (longer.future_rows == horizon).all()
    assert (longer.lengths == panel.lengths + horizon).all()
    for s in range(panel.n_series):
        past = slice(longer.starts[s], longer.known_ends[s])
        ahead = slice(longer.known_ends[s], longer.ends[s])
        own = slice(panel.starts[s], panel.ends[s])
        assert (longer.values[past] == panel.values[own]).all()
        assert (longer.times[past] == panel.times[own]).all()
        assert longer.observed[past].all()
        assert np.isnan(longer.values[ahead]).all()
        assert not longer.observed[ahead].any()
        following = panel.clock.onwards(int(panel.times[panel.ends[s] - 1]), horizon)
        assert (longer.times[ahead] == following).all()


def test_given_rows_are_used_and_only_the_missing_ones_are_added() -> None:
    panel = make_panel((50, 50, 50))
    panel = replace(panel, future_rows=np.array([0, 5, 24]))
    longer = extend(panel, 12)
    assert longer.lengths.tolist() == [62, 57, 50]
    assert longer.future_rows.tolist() == [12, 12, 24]
    assert (longer.known_ends - longer.starts).tolist() == [50, 45, 26]
    steps = np.diff(longer.times)
    inside = np.diff(longer.series_of_row) == 0
    assert (steps[inside] == panel.clock.fixed_step).all()


def test_a_panel_that_reaches_far_enough_is_returned_as_it_is() -> None:
    panel = replace(make_panel((50, 40)), future_rows=np.array([10, 12]))
    assert extend(panel, 10) is panel


def test_extending_twice_is_extending_once() -> None:
    once = extend(make_panel((50, 40)), 10)
    assert extend(once, 10) is once
    assert (extend(extend(make_panel((50, 40)), 4), 10).times == once.times).all()


def test_forecasts_are_still_asked_from_the_end_of_the_history() -> None:
    panel = make_panel((50, 40))
    longer = extend(panel, 10)
    origins = Origins.at_end(longer)
    assert (longer.times[origins.rows] == panel.times[panel.ends - 1]).all()
    assert (longer.target[origins.rows] == panel.target[panel.ends - 1]).all()


def test_monthly_and_daily_rows_follow_the_calendar_of_the_zone() -> None:
    clock = Clock(freq="D", tz="Europe/Berlin", date_only=True)
    start = int(pd.Timestamp("2024-03-28", tz=clock.tz).as_unit("ns").value)
    panel = replace(make_panel((2, 1)), clock=clock, times=np.array([start - 1, start, start]))
    shown = clock.show(extend(panel, 4).times)
    assert shown[2:6] == shown[7:11] == ["2024-03-29", "2024-03-30", "2024-03-31", "2024-04-01"]


def test_known_covariates_pass_through_untouched() -> None:
    panel = with_future((60, 50), (24, 24))
    assert extend(panel, 24) is panel
    assert extend(panel, 10) is panel


def test_a_covariate_that_is_not_known_ahead_is_named_with_the_rows_it_needs() -> None:
    panel = with_future((60, 50, 40), (24, 10, 24))
    with pytest.raises(DataError) as caught:
        extend(panel, 24)
    error = caught.value
    last = panel.clock.show(panel.times[panel.known_ends[1] - 1])[0]
    assert error.message == (
        f'covariate "x1" of series "s1" is known for 10 of the 24 rows after {last}'
    )
    assert error.fix.startswith("add 24 rows")
    assert "target empty" in error.fix
    assert error.problems == ()  # the message says it


def test_every_missing_covariate_is_listed() -> None:
    panel = with_future((60, 50, 40), (0, 10, 24))
    with pytest.raises(DataError, match=r'"s0" is known for 0 of the 24.*\(and 1 more\)') as caught:
        extend(panel, 24)
    (other,) = caught.value.problems
    assert other.startswith('covariate "x1" of series "s1"')


def test_a_hole_in_the_known_future_is_not_filled() -> None:
    panel = with_future((60, 50), (24, 24))
    observed = panel.observed.copy()
    observed[panel.known_ends[1] + 3, 2] = False
    with pytest.raises(DataError, match='"s1" is known for 23 of the 24'):
        extend(replace(panel, observed=observed), 24)
    with pytest.raises(DataError, match='"s1" is known for 9 of the 10'):
        extend(replace(panel, observed=observed), 10)
    assert extend(replace(panel, observed=observed), 3).n_rows == panel.n_rows


def test_covariates_of_the_past_need_no_future() -> None:
    assert extend(make_panel((30,), covariates=("past",)), 5).n_rows == 35


def test_a_series_without_history_is_named() -> None:
    panel = make_panel((30, 0, 5))
    with pytest.raises(DataError, match='series "s1" has no history'):
        extend(panel, 5)
    with pytest.raises(DataError, match=r'"s1" has no history.*\(and 1 more\)'):
        extend(replace(panel, future_rows=np.array([0, 0, 5])), 5)

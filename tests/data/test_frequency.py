"""The grid is found in spite of gaps and strays, and gives its own times back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.data.frequency import Grid, describe, infer_grid
from forecast_cli.errors import UsageError

ALIASES = ["s", "min", "10min", "15min", "30min", "h", "3h", "D", "B", "MS", "ME", "QS", "QE-DEC"]
ALIASES += ["YS", "YE-DEC", "W-TUE", "W-SUN", "2D"]


def nanos(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("ns").asi8


def grid_of(times: np.ndarray, freq: str | None = None, calendar: bool = True) -> Grid:
    return infer_grid(times, np.zeros(len(times), dtype=np.int64), calendar, freq)


@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_is_recognised_and_counts_on_as_pandas_does(alias: str) -> None:
    times = nanos(pd.date_range("2019-03-05", periods=60, freq=alias))
    grid = grid_of(times)
    assert pd.tseries.frequencies.to_offset(grid.freq) == pd.tseries.frequencies.to_offset(alias)
    zero = np.zeros(60, dtype=np.int64)
    position = grid.position(times, zero)
    assert np.array_equal(np.diff(position), np.ones(59))
    assert np.array_equal(grid.times(position, zero), times)
    assert np.array_equal(Clock(freq=grid.freq).onwards(int(times[0]), 59), times[1:])


@pytest.mark.parametrize("alias", ["10min", "h", "D", "MS", "W-TUE"])
@given(seed=st.integers(0, 1000))
def test_gaps_do_not_defeat_it(alias: str, seed: int) -> None:
    times = nanos(pd.date_range("2019-03-05", periods=200, freq=alias))
    kept = np.sort(np.random.default_rng(seed).permutation(200)[:150])
    assert grid_of(times[kept]).freq == alias


def test_a_phase_past_the_hour_is_kept() -> None:
    times = nanos(pd.date_range("2019-01-01 00:10", periods=50, freq="h"))
    grid = grid_of(times)
    zero = np.zeros(50, dtype=np.int64)
    assert np.array_equal(grid.times(grid.position(times, zero), zero), times)


def test_each_entity_may_have_its_own_phase() -> None:
    a = nanos(pd.date_range("2019-01-01 00:10", periods=50, freq="h"))
    b = nanos(pd.date_range("2019-01-01 00:25", periods=50, freq="h"))
    times, entity = np.concatenate([a, b]), np.repeat([0, 1], 50)
    grid = infer_grid(times, entity, True, None)
    assert np.array_equal(grid.times(grid.position(times, entity), entity), times)


def test_jitter_of_seconds_is_seen_through() -> None:
    times = nanos(pd.date_range("2019-01-01", periods=300, freq="5min"))
    times = times + np.random.default_rng(0).integers(-8, 9, 300) * 10**9
    assert grid_of(times).freq == "5min"


def test_steps_keep_their_own_distance() -> None:
    grid = grid_of(np.array([10, 20, 30, 50]), calendar=False)
    assert (grid.freq, grid.step, describe(grid)) == (None, 10, "10 steps")


def test_a_named_frequency_is_obeyed_old_spellings_included() -> None:
    times = nanos(pd.date_range("2019-01-01", periods=96, freq="15min"))
    assert grid_of(times, "15T").freq == "15min"
    assert grid_of(times, "H").coarser
    assert grid_of(times, "h").freq == "h"


def test_an_unknown_frequency_is_refused() -> None:
    with pytest.raises(UsageError):
        grid_of(np.arange(3) * 10**9, "fortnight")


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("h", "1 hour"),
        ("30min", "30 minutes"),
        ("D", "1 day"),
        ("MS", "1 month"),
        ("QS", "1 quarter"),
        ("W-TUE", "1 week"),
        ("B", "1 business day"),
        ("s", "1 second"),
        ("YS", "1 year"),
    ],
)
def test_a_grid_is_described_in_words(alias: str, words: str) -> None:
    assert describe(grid_of(nanos(pd.date_range("2019-03-05", periods=40, freq=alias)))) == words


@pytest.mark.parametrize("freq", ["0h", "-1h", "0D", "-1MS", "2B"])
def test_a_step_that_leads_nowhere_is_refused(freq: str) -> None:
    times = pd.date_range("2020-01-01", periods=9, freq="h").as_unit("ns").asi8
    with pytest.raises(UsageError):
        infer_grid(times, np.zeros(9, dtype=np.int64), True, freq)

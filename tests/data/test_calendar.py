"""Calendar features: which there are, where on the circle a time lies, and in whose time."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.data.calendar import calendar_features, calendar_names

DAY, WEEK, YEAR = "time_of_day", "day_of_week", "day_of_year"


def features(texts: list[str], clock: Clock) -> dict[str, np.ndarray]:
    """Each circle's [rows, 2] sine and cosine at local times."""
    times = pd.DatetimeIndex(texts).tz_localize(clock.tz or "UTC").as_unit("ns").asi8
    table = calendar_features(times, clock)
    names = calendar_names(clock)
    return {n[:-4]: table[:, k : k + 2] for k, n in enumerate(names) if n.endswith("sin")}


@pytest.mark.parametrize(
    ("freq", "circles"),
    [
        (None, []),
        ("s", [DAY, WEEK, YEAR]),
        ("15min", [DAY, WEEK, YEAR]),
        ("h", [DAY, WEEK, YEAR]),
        ("6h", [DAY, WEEK, YEAR]),
        ("24h", [WEEK, YEAR]),
        ("D", [WEEK, YEAR]),
        ("B", [WEEK, YEAR]),
        ("2D", [YEAR]),
        ("W-SUN", [YEAR]),
        ("MS", [YEAR]),
        ("ME", [YEAR]),
        ("QS", [YEAR]),
        ("QE-NOV", [YEAR]),
        ("6MS", []),
        ("YS", []),
    ],
)
def test_a_step_has_the_circles_that_it_can_tell_apart(
    freq: str | None, circles: list[str]
) -> None:
    names = calendar_names(Clock(freq=freq))
    assert names == tuple(f"{c}_{wave}" for c in circles for wave in ("sin", "cos"))
    table = calendar_features(np.arange(4) * 10**15, Clock(freq=freq))
    assert table.shape == (4, len(names))
    assert table.dtype == np.float32


def test_the_hours_of_a_day_go_once_around() -> None:
    day = features(["2024-01-01 00:00", "2024-01-01 06:00", "2024-01-01 12:00"], Clock(freq="h"))
    assert day[DAY] == pytest.approx(np.array([[0, 1], [1, 0], [0, -1]]), abs=1e-6)


def test_minutes_lie_between_the_hours() -> None:
    minutes = features(["2024-01-01 00:45"], Clock(freq="15min"))[DAY]
    angle = 2 * np.pi * 45 / 1440
    assert minutes == pytest.approx(np.array([[np.sin(angle), np.cos(angle)]]), abs=1e-6)


def test_weekdays_are_those_of_the_calendar_all_day_long() -> None:
    for start in ("1969-12-29", "2024-01-01"):  # Mondays, one before the epoch
        days = pd.date_range(start, periods=7 * 24, freq="h")
        week = features([str(d) for d in days], Clock(freq="h"))[WEEK]
        angle = 2 * np.pi * days.day_of_week.to_numpy() / 7
        assert week == pytest.approx(np.column_stack([np.sin(angle), np.cos(angle)]), abs=1e-6)


@pytest.mark.parametrize("year", [1968, 1999, 2000, 2024, 2100])
def test_days_go_once_around_the_year_leap_years_too(year: int) -> None:
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    around = features([str(d) for d in days], Clock(freq="D"))[YEAR]
    angle = 2 * np.pi * (days.day_of_year.to_numpy() - 1) / len(days)
    assert around == pytest.approx(np.column_stack([np.sin(angle), np.cos(angle)]), abs=1e-6)


def test_the_calendar_is_read_on_the_wall_clock_of_the_zone() -> None:
    zone = Clock(freq="h", tz="Australia/Melbourne")
    summer, winter = "2024-01-15 18:00", "2024-07-15 18:00"
    assert features([summer], zone)[DAY] == pytest.approx(features([winter], zone)[DAY], abs=1e-6)
    eve = pd.DatetimeIndex(["2024-06-30 15:00"]).as_unit("ns").asi8  # Monday 01:00 in Melbourne
    names = calendar_names(zone)
    monday = calendar_features(eve, zone)[0, names.index("day_of_week_sin")]
    sunday = calendar_features(eve, Clock(freq="h"))[0, names.index("day_of_week_sin")]
    assert (monday, sunday) == pytest.approx((0, np.sin(12 * np.pi / 7)), abs=1e-6)


def test_the_day_goes_on_by_an_hour_each_hour_though_the_clocks_change() -> None:
    clock = Clock(freq="h", tz="Europe/Berlin")
    start = int(pd.Timestamp("2024-10-27", tz=clock.tz).as_unit("ns").value)
    table = calendar_features(clock.onwards(start - 3_600 * 10**9, 26), clock)
    hours = np.arctan2(table[:, 0], table[:, 1]) % (2 * np.pi) * 24 / (2 * np.pi)
    assert hours.round(3).tolist() == pytest.approx([0, 1, 2, 2, *range(3, 24), 0])


@given(
    seconds=st.lists(st.integers(-3_000_000_000, 6_000_000_000), max_size=30),
    freq=st.sampled_from(["15min", "h", "D", "MS"]),
    tz=st.sampled_from([None, "Europe/Berlin", "+05:45"]),
)
def test_every_time_lies_on_the_circle_and_depends_on_itself_alone(
    seconds: list[int], freq: str, tz: str | None
) -> None:
    clock = Clock(freq=freq, tz=tz)
    times = np.array(seconds, dtype=np.int64) * 10**9
    table = calendar_features(times, clock)
    assert table[:, 0::2] ** 2 + table[:, 1::2] ** 2 == pytest.approx(1, abs=1e-5)
    assert (calendar_features(times[::-1], clock) == table[::-1]).all()


def test_a_million_times_take_no_loop_over_them() -> None:
    times = np.arange(10**6) * 900 * 10**9
    began = time.process_time()
    calendar_features(times, Clock(freq="15min", tz="Europe/Berlin"))
    assert time.process_time() - began < 3  # about 0.2 s


@given(
    freq=st.sampled_from(["15min", "h", "D", "B", "MS"]),
    tz=st.sampled_from([None, "Europe/Berlin"]),
    starts=st.lists(st.integers(0, 40), min_size=1, max_size=12),
)
def test_series_that_share_their_times_have_the_features_of_each_alone(
    freq: str, tz: str | None, starts: list[int]
) -> None:
    clock = Clock(freq=freq, tz=tz)
    first = pd.Timestamp("2024-03-25", tz=tz or "UTC").value
    walk = clock.onwards(first, 80)
    alone = [calendar_features(walk[start : start + 40], clock) for start in starts]
    together = calendar_features(
        np.concatenate([walk[start : start + 40] for start in starts]), clock
    )
    np.testing.assert_array_equal(together, np.concatenate(alone))

"""Local hours that a zone skips or doubles are where its rules say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast_cli.data.notes import Notes
from forecast_cli.data.zones import localise, named_by_end, saving_marks, transitions

HOUR = 3_600 * 10**9


def nanos(*moments: str) -> list[int]:
    return pd.DatetimeIndex(moments).as_unit("ns").asi8.tolist()


@pytest.mark.parametrize(
    ("zone", "hole", "double"),
    [
        ("America/New_York", "2020-03-08 02:00", "2020-11-01 01:00"),
        ("Europe/Berlin", "2020-03-29 02:00", "2020-10-25 02:00"),
        ("Europe/London", "2020-03-29 01:00", "2020-10-25 01:00"),
        ("Australia/Sydney", "2020-10-04 02:00", "2020-04-05 02:00"),
    ],
)
def test_the_hours_of_2020(zone: str, hole: str, double: str) -> None:
    start, end = nanos("2020-01-02", "2020-12-30")
    holes, doubles = transitions(zone, start, end)
    assert holes.tolist() == nanos(hole)
    assert doubles.tolist() == nanos(double)


ZONES = ["America/New_York", "Europe/Berlin", "Europe/London", "Australia/Sydney"]


def stamped(zone: str, step: str, shift: int, start: str, end: str) -> tuple[list[int], list[int]]:
    """Local times without a zone, ``shift`` steps late, and what they are in UTC."""
    index = pd.date_range(start, end, freq=step, tz=zone)
    late = shift * pd.Timedelta(step).value
    local = index.tz_localize(None).as_unit("ns").asi8 + late
    return local, index.tz_convert("UTC").as_unit("ns").asi8 + late


@pytest.mark.parametrize("step", ["1h", "15min"])
def test_times_that_name_the_end_of_a_step_are_seen_too(step: str) -> None:
    local, _ = stamped("America/New_York", step, 1, "2018-01-01", "2020-01-01")
    times, counts = np.unique(local, return_counts=True)
    notes = Notes()
    saving_marks(times, counts, pd.Timedelta(step).value, notes)
    assert "name the end of a step" in notes.warnings[0]
    assert "America/New_York" in notes.warnings[0]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("step", ["1h", "15min"])
@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2018-01-01", "2019-12-31"),  # both changes, twice
        ("2019-02-20", "2019-05-01"),  # one of them
        ("2019-09-15", "2019-12-01"),  # the other
        ("2019-06-01", "2019-08-01"),  # none
    ],
)
def test_local_times_return_to_utc_whether_they_name_start_or_end(
    zone: str, step: str, shift: int, start: str, end: str
) -> None:
    local, utc = stamped(zone, step, shift, start, end)
    notes = Notes()
    found = localise(local, np.zeros(len(local), dtype=np.int64), zone, notes)
    np.testing.assert_array_equal(found, utc)
    assert notes.repairs == []


def test_complete_days_with_a_stray_gap_do_not_name_the_end() -> None:
    times = np.arange(0, 2 * 365 * 24) * HOUR + nanos("2018-01-01")[0]
    times = times[times != nanos("2018-03-11 03:00")[0]]
    assert named_by_end(times, np.ones(len(times), dtype=np.int64), "America/New_York") == 0


def test_complete_days_show_no_marks() -> None:
    times = np.arange(0, 3 * 365 * 24) * HOUR + nanos("2018-01-01")[0]
    notes = Notes()
    saving_marks(times, np.ones(len(times), dtype=np.int64), HOUR, notes)
    assert notes.warnings == []


def test_an_hour_that_does_not_exist_is_moved_and_counted() -> None:
    local = np.array(nanos("2020-03-29 01:00", "2020-03-29 02:30", "2020-03-29 03:00"))
    notes = Notes()
    utc = localise(local, np.zeros(3, dtype=np.int64), "Europe/Berlin", notes)
    assert utc.tolist() == nanos("2020-03-29 00:00", "2020-03-29 01:00", "2020-03-29 01:00")
    assert [(r.kind, r.count) for r in notes.repairs] == [("times that do not exist", 1)]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", "2023-10-01"),
        ("America/New_York", "2023-10-01"),
        ("Europe/Berlin", "2023-03-01"),
        ("America/New_York", "2023-03-01"),
    ],
)
def test_one_change_of_clocks_is_enough(zone: str, start: str) -> None:
    local = pd.date_range(start, periods=60 * 24, freq="h", tz="UTC").tz_convert(zone)
    times, counts = np.unique(local.tz_localize(None).as_unit("ns").asi8, return_counts=True)
    notes = Notes()
    saving_marks(times, counts, HOUR, notes)
    assert len(notes.warnings) == 1
    assert f"--tz {zone}" in notes.warnings[0]

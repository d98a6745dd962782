"""Local hours that a zone skips or doubles are where its rules say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast_cli.data.notes import Notes
from forecast_cli.data.zones import localise, saving_marks, transitions

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


def test_hours_named_by_their_end_are_seen_too() -> None:
    index = pd.date_range("2018-01-01", "2020-01-01", freq="h", tz="America/New_York")
    local = index.tz_localize(None).as_unit("ns").asi8 + HOUR
    times, counts = np.unique(local, return_counts=True)
    notes = Notes()
    saving_marks(times, counts, HOUR, notes)
    assert "named by their end" in notes.warnings[0]
    assert "America/New_York" in notes.warnings[0]


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

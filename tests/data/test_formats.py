"""The look of some cells tells the formats that they may have."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.formats import (
    epoch_unit,
    is_time_of_day,
    is_years,
    likely_formats,
    recognise,
)


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("2020-12-31", "%Y-%m-%d"),
        ("2020-12-31 23:00", "%Y-%m-%d %H:%M"),
        ("2020-12-31T23:00:00", "%Y-%m-%dT%H:%M:%S"),
        ("2020-12-31T23:00:00Z", "ISO8601"),
        ("2020-12-31 23:00:00.123", "ISO8601"),
        ("2020-12-31 23:00+01:00", "ISO8601"),
        ("2013/1/1 0:00", "%Y/%m/%d %H:%M"),
        ("31.12.2020 23:00:00", "%d.%m.%Y %H:%M:%S"),
        ("31/12/2020", "%d/%m/%Y"),
        ("12/31/2020 11:00 PM", "%m/%d/%Y %I:%M %p"),
        ("01-01-2011", "%d-%m-%Y"),
        ("31.12.2020 23.00", "%d.%m.%Y %H.%M"),
        ("20201231", "%Y%m%d"),
        ("31-Dec-2020", "%d-%b-%Y"),
        ("Jan 2020", "%b %Y"),
        ("1982-04", "%Y-%m"),
        ("1982M04", "%YM%m"),
        ("2020Q3", "%Y-Q"),
    ],
)
def test_a_written_time_is_recognised(cell: str, form: str) -> None:
    assert form in recognise([cell])


@pytest.mark.parametrize(
    "cell", ["", "abc", "12.5", "A3349849A", "2e06918610327a", "18:00", "1-2", "MT_001", "00:07"]
)
def test_what_is_no_date_is_not_taken_for_one(cell: str) -> None:
    assert recognise([cell]) == ()


def test_one_odd_cell_denies_certainty_but_not_likelihood() -> None:
    cells = ["2020-01-01", "2020-01-02", "soon"]
    assert recognise(cells) == ()
    assert likely_formats(cells) == ("%Y-%m-%d",)


def test_times_of_day_are_told_from_decimals() -> None:
    assert is_time_of_day(["18.00.00", "19.00.00"])
    assert is_time_of_day(["00:00", "24:00"])
    assert not is_time_of_day(["18.75", "2.50"])
    assert not is_time_of_day(["25:00"])


def test_the_size_of_an_epoch_tells_its_unit() -> None:
    seconds = np.array([1_451_624_400, 1_451_624_401])
    for unit, scale in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        assert epoch_unit(seconds * scale) == unit
    assert epoch_unit(np.array([1, 2, 3])) is None


def test_years_come_one_by_one() -> None:
    assert is_years(np.array([1990, 1991, 1992]))
    assert not is_years(np.array([1990, 2090, 2190]))
    assert not is_years(np.array([1, 2, 3]))

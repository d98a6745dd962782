"""How the times of histories are found, read, counted and shown."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import DataError
from tests.data.events.conftest import inferred, table


def visits(*times: object, header: str = "patient,when,x") -> str:
    return table(header, *[(f"p{i % 3}", t, i) for i, t in enumerate(times)])


def test_spans_beyond_a_day_are_durations(read):
    histories = read(visits("00:00", "01:30", "47:20", "00:10", "30:00", "48:00"))
    scale = histories.task.scale
    assert (scale.kind, scale.name) == ("duration", "hour")
    assert scale.show(histories.panel.times[histories.panel.ends - 1]) == [
        "00:10",
        "30:00",
        "48:00",
    ]


def test_dates_are_told_in_the_unit_that_suits_their_gaps(read):
    days = read(visits(*[f"2024-01-{1 + 3 * i:02d}" for i in range(9)]))
    assert (days.task.scale.kind, days.task.scale.name) == ("date", "day")
    assert days.task.scale.show(days.panel.times[:1]) == ["2024-01-01"]
    hours = read(visits(*[f"2024-01-01 {2 * i:02d}:15" for i in range(9)]))
    assert hours.task.scale.name == "hour"
    assert hours.task.scale.show(hours.panel.times[:1]) == ["2024-01-01 00:15:00"]


def test_numbers_with_decimals_are_counted_in_ticks(read):
    histories = read(visits(0.5, 1, 0.25, 2, 3.75, 4, header="patient,day,x"))
    scale = histories.task.scale
    assert (scale.kind, scale.unit, scale.name) == ("number", 100, "day")
    assert histories.panel.times.tolist() == [50, 200, 100, 375, 25, 400]
    assert scale.show(histories.panel.times[:1]) == ["0.5"]


def test_newer_numbers_are_counted_as_the_run_counts(read):
    text = visits(0.5, 1, 0.25, 2, 3.75, 4, header="patient,day,x")
    trained = read(text)
    later = read(visits(1, 2, 3, 4, 5, 6, header="patient,day,x"), known=trained.task)
    assert later.panel.times.tolist() == [100, 400, 200, 500, 300, 600]


def test_other_times_than_those_of_the_run_are_refused(read):
    trained = read(visits(*range(6), header="patient,day,x"))
    dates = visits(*[f"2024-01-0{i + 1}" for i in range(6)], header="patient,day,x")
    with pytest.raises(DataError, match="trained on numbers"):
        read(dates, known=trained.task)


def test_a_number_that_is_fixed_for_an_entity_is_not_its_time(read):
    text = table(
        "id,age_days,time,x", ("a", 9, 1, 3), ("a", 9, 4, 1), ("b", 7, 2, 5), ("b", 7, 9, 5)
    )
    histories = read(text)
    assert inferred(histories)["time"] == '"time"'
    assert histories.panel.static_names == ("age_days",)


def test_without_times_the_order_of_rows_counts_and_is_said(read):
    text = table("unit,x", ("a", 5.5), ("b", 1.5), ("a", 7.5), ("b", 2.5))
    histories = read(text, id="unit")
    assert "none" in inferred(histories)["time"]
    assert histories.panel.values[:, 0].tolist() == [5.5, 7.5, 1.5, 2.5]
    assert np.all(np.diff(histories.panel.times[:2]) > 0)

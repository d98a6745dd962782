"""Which column is the time: names and cells decide, and what cannot be read is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecast_cli.data.dataset import Dataset
from forecast_cli.errors import DataError

Load = Callable[..., Dataset]

MONTHS = pd.date_range("2000-01-01", periods=36, freq="MS")
HOURS = pd.date_range("2024-01-01", periods=60, freq="h")


def lines(header: str, *columns: object) -> str:
    body = "".join(",".join(map(str, row)) + "\n" for row in zip(*columns, strict=True))
    return f"{header}\n{body}"


def shown(dataset: Dataset) -> list[str]:
    return dataset.panel.clock.show(dataset.panel.times)


@pytest.mark.parametrize(
    "names",
    [MONTHS.month, MONTHS.strftime("%b"), MONTHS.strftime("%B"), MONTHS.strftime("%b").str.upper()],
)
@pytest.mark.parametrize("options", [{}, {"time": ("Year", "Month")}])
def test_year_and_month_columns_are_a_time(
    load_text: Load, names: object, options: dict[str, object]
) -> None:
    dataset = load_text(lines("Year,Month,passengers", MONTHS.year, names, range(36)), **options)
    assert dataset.panel.clock.freq == "MS"
    assert shown(dataset) == MONTHS.strftime("%Y-%m-%d").tolist()


def test_what_is_no_month_is_shown_with_its_line(load_text: Load) -> None:
    months = [*MONTHS.strftime("%b")[:-1], "Foo"]
    text = lines("Year,Month,y", MONTHS.year, months, range(36))
    with pytest.raises(DataError, match=r'data.csv:37, column "Month": "Foo" is not a month'):
        load_text(text, time=("Year", "Month"))


def test_a_target_that_counts_and_starts_again_is_no_time(load_text: Load) -> None:
    count = np.arange(120)
    dataset = load_text(lines("t,y", count * 2 + 5, count % 24))
    assert dataset.panel.times.tolist() == (count * 2 + 5).tolist()
    assert dataset.panel.ids == ("y",)


def test_a_time_of_fractions_that_cannot_be_read_is_said_and_no_target(load_text: Load) -> None:
    count = np.arange(120)
    dataset = load_text(lines("t,y", 45292 + count / 24, count % 24))
    assert dataset.panel.ids == ("y",)
    assert dataset.panel.times.tolist() == count.tolist()
    assert any('"t" is named like a time' in said for said in dataset.warnings)


def test_a_count_that_starts_again_with_each_id_is_the_time(load_text: Load) -> None:
    ids = np.repeat(["a", "b", "c"], 30)
    dataset = load_text(lines("unit,age,y", ids, np.tile(range(30), 3), range(90)))
    assert dataset.panel.ids == ("a", "b", "c")
    assert dataset.panel.times[:30].tolist() == list(range(30))


def test_iso_weeks_are_mondays(load_text: Load) -> None:
    mondays = pd.date_range("2019-12-23", periods=60, freq="W-MON")
    dataset = load_text(lines("week,y", mondays.strftime("%G-W%V"), range(60)))
    assert dataset.panel.clock.freq == "W-MON"
    assert shown(dataset) == mondays.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize("week", ["2020-W54", "2020-W00", "2020W60"])
def test_a_week_that_does_not_exist_is_refused(load_text: Load, week: str) -> None:
    with pytest.raises(DataError, match=r"data.csv:4.*is not a date"):
        load_text(lines("week,y", ["2020-W01", "2020-W02", week], range(3)))


def test_dates_in_two_forms_are_refused_where_the_second_begins(load_text: Load) -> None:
    stamps = [*HOURS[:30].strftime("%Y-%m-%d %H:%M"), *HOURS[30:].strftime("%d/%m/%Y %H:%M")]
    with pytest.raises(DataError, match=r'data.csv:32, column "t": "02/01/2024 06:00"') as caught:
        load_text(lines("t,y", stamps, range(60)))
    assert "--date-format" in caught.value.fix
    assert caught.value.message not in caught.value.problems


@pytest.mark.parametrize("zoned_first", [True, False])
def test_offsets_in_half_of_the_times_are_refused(load_text: Load, zoned_first: bool) -> None:
    plain = HOURS.strftime("%Y-%m-%dT%H:%M:%S").tolist()
    zoned = [stamp + "+01:00" for stamp in plain]
    first, second = (zoned, plain) if zoned_first else (plain, zoned)
    with pytest.raises(DataError, match=r'data.csv:\d+, column "t"') as caught:
        load_text(lines("t,y", [*first[:30], *second[30:]], range(60)))
    assert "offset from UTC" in caught.value.fix


def test_a_column_named_time_that_holds_words_is_said(load_text: Load) -> None:
    dataset = load_text(lines("time,y", ["dawn", "noon", "dusk"] * 10, range(30)))
    assert any('"time" is named like a time' in said for said in dataset.warnings)


def test_a_column_beside_a_time_may_be_called_t(load_text: Load) -> None:
    text = lines("date,t,y", HOURS.strftime("%Y-%m-%d %H:%M"), np.cos(range(60)), np.sin(range(60)))
    dataset = load_text(text)
    assert dataset.panel.ids == ("t", "y")
    assert not dataset.warnings


def test_a_period_that_repeats_yields_to_a_count_that_does_not(load_text: Load) -> None:
    count = np.arange(60)
    text = lines("x,period,y", count * 10, count % 12 + 1, np.sin(count))
    dataset = load_text(text, target=("y",))
    assert dataset.panel.times.tolist() == (count * 10).tolist()

"""From a file to a panel: every rule of reading, on small files written for it.

The files of the data layer that only work together (assemble, axis, columns, layouts,
series) are tested here, through the one door.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.errors import DataError, UsageError


@pytest.fixture
def read(tmp_path: Path):
    """Write a file and load it with options."""

    def _read(text: str, name: str = "data.csv", **options: object) -> Dataset:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load(DataOptions(data=(str(path),), **options))

    return _read


def rows(times: object, *columns: object, header: str = "time,y") -> str:
    """CSV text of columns side by side."""
    body = "".join(",".join(map(str, row)) + "\n" for row in zip(times, *columns, strict=True))
    return f"{header}\n{body}"


def repairs(dataset: Dataset) -> dict[str, int]:
    return {repair.kind: repair.count for repair in dataset.summary.repairs}


def inferred(dataset: Dataset) -> dict[str, str]:
    return {guess.name: guess.value for guess in dataset.summary.inferred}


def shown(dataset: Dataset) -> list[str]:
    return dataset.panel.clock.show(dataset.panel.times)


HOURS = pd.date_range("2020-01-01", periods=30, freq="h")
DAYS = pd.date_range("2020-01-01", periods=30, freq="D")


# --- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%d.%m.%Y %H:%M",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %I:%M %p",
        "%Y%m%d%H%M",
        "%d-%b-%Y %H:%M",
    ],
)
def test_one_moment_reads_the_same_in_every_format(read, form: str) -> None:
    index = pd.date_range("2020-01-28", periods=60, freq="h")
    dataset = read(rows(index.strftime(form), range(60)))
    assert dataset.panel.times.tolist() == index.as_unit("ns").asi8.tolist()
    assert dataset.panel.clock.freq == "h"


@pytest.mark.parametrize(("unit", "scale"), [("s", 10**9), ("ms", 10**6), ("us", 10**3), ("ns", 1)])
def test_epochs_read_as_what_they_count(read, unit: str, scale: int) -> None:
    nanos = HOURS.as_unit("ns").asi8
    dataset = read(rows(nanos // scale, range(30)))
    assert dataset.panel.times.tolist() == nanos.tolist()
    assert inferred(dataset)["time format"] == f"{unit} since 1970"


def test_day_first_is_decided_by_a_value_above_12(read) -> None:
    index = pd.date_range("2020-01-10", periods=10, freq="D")
    day_first = read(rows(index.strftime("%d/%m/%Y"), range(10)))
    month_first = read(rows(index.strftime("%m/%d/%Y"), range(10)))
    assert shown(day_first) == shown(month_first) == list(index.strftime("%Y-%m-%d"))


def test_an_undecidable_order_of_day_and_month_follows_the_steps_and_says_so(read) -> None:
    index = pd.date_range("2020-03-01", periods=12, freq="D")
    dataset = read(rows(index.strftime("%m/%d/%Y"), range(12)))
    assert shown(dataset)[0] == "2020-03-01"
    assert dataset.panel.clock.freq == "D"
    (guess,) = [g for g in dataset.summary.inferred if g.name == "time format"]
    assert "swapped" in guess.why
    assert guess.option.startswith("--date-format")


def test_date_and_time_may_stand_in_two_columns(read) -> None:
    text = rows(HOURS.strftime("%d/%m/%Y"), HOURS.strftime("%H.%M.%S"), range(30), header="D,T,y")
    dataset = read(text)
    assert dataset.panel.times.tolist() == HOURS.as_unit("ns").asi8.tolist()
    assert dataset.panel.clock.name == "D T"


def test_a_date_with_an_hour_number_is_a_time(read) -> None:
    text = rows(HOURS.strftime("%Y-%m-%d"), HOURS.hour, range(30), header="date,hour,y")
    assert read(text).panel.times.tolist() == HOURS.as_unit("ns").asi8.tolist()


def test_hours_named_1_to_24_end_when_named(read) -> None:
    index = pd.date_range("2020-01-01", periods=72, freq="h")
    text = rows(index.strftime("%Y-%m-%d"), index.hour + 1, range(72), header="date,hour,y")
    assert read(text).panel.times.tolist() == index.as_unit("ns").asi8.tolist()


def test_year_month_day_hour_columns_are_a_time(read) -> None:
    text = rows(
        HOURS.year, HOURS.month, HOURS.day, HOURS.hour, range(30), header="year,month,day,hour,y"
    )
    dataset = read(text)
    assert dataset.panel.times.tolist() == HOURS.as_unit("ns").asi8.tolist()
    assert dataset.panel.ids == ("y",)


@pytest.mark.parametrize(
    ("cells", "freq"),
    [
        ([f"{y}Q{q}" for y in range(2000, 2004) for q in range(1, 5)], "QS"),
        ([str(y) for y in range(1990, 2010)], "YS"),
        (list(pd.date_range("2000-01", periods=20, freq="MS").strftime("%Y-%m")), "MS"),
        (list(pd.date_range("2000-01", periods=20, freq="ME").strftime("%Y-%m-%d")), "ME"),
        (list(pd.date_range("2000-01-07", periods=20, freq="W-FRI").strftime("%Y-%m-%d")), "W-FRI"),
        (list(pd.date_range("2000-01-03", periods=40, freq="B").strftime("%Y-%m-%d")), "B"),
    ],
)
def test_calendar_steps_are_recognised(read, cells: list[str], freq: str) -> None:
    dataset = read(rows(cells, np.random.default_rng(0).normal(size=len(cells)), header="date,y"))
    assert dataset.panel.clock.freq == freq
    assert dataset.panel.n_rows == len(cells)
    assert dataset.panel.clock.date_only


def test_without_a_time_rows_are_steps_from_zero(read) -> None:
    dataset = read(rows([0.5, 0.1, 0.9], [3.5, 1.25, 2.5], header="a,b"))
    assert dataset.panel.times.tolist() == [0, 1, 2] * 2
    assert dataset.panel.clock.freq is None
    assert dataset.summary.frequency == "step"


def test_a_counting_column_is_the_time(read) -> None:
    dataset = read(rows(range(5, 25), np.sin(range(20)), header="cycle,y"))
    assert dataset.panel.times.tolist() == list(range(5, 25))
    assert dataset.panel.clock.name == "cycle"


def test_steps_may_be_ten_apart(read) -> None:
    dataset = read(rows([0, 10, 20, 40], [1.5, 2, 3, 4], header="t,y"))
    assert dataset.panel.times.tolist() == [0, 10, 20, 30, 40]
    assert dataset.panel.clock.onwards(40, 2).tolist() == [50, 60]


# --- zones -------------------------------------------------------------------------------------


def test_offsets_in_the_file_become_utc_and_name_the_zone(read) -> None:
    index = pd.date_range("2020-01-01", periods=30, freq="h", tz="+01:00")
    dataset = read(rows([t.isoformat() for t in index], range(30)))
    assert dataset.panel.times.tolist() == index.tz_convert("UTC").as_unit("ns").asi8.tolist()
    assert dataset.panel.clock.tz == "+01:00"
    assert not dataset.warnings


def test_changing_offsets_are_said_with_a_zone_that_fits(read) -> None:
    index = pd.date_range("2020-03-01", periods=24 * 60, freq="h", tz="Europe/Berlin")
    text = rows([t.isoformat() for t in index], np.arange(len(index)))
    dataset = read(text)
    assert dataset.panel.times.tolist() == index.tz_convert("UTC").as_unit("ns").asi8.tolist()
    assert any("--tz Europe/Berlin" in w for w in dataset.warnings)
    assert read(text, tz="Europe/Berlin").panel.clock.tz == "Europe/Berlin"


@pytest.mark.parametrize("newest_first", [False, True])
def test_naive_local_times_with_a_zone_lose_neither_hour(read, newest_first: bool) -> None:
    index = pd.date_range("2020-01-01", periods=24 * 365, freq="h", tz="Europe/Berlin")
    order = slice(None, None, -1 if newest_first else 1)
    text = rows(index.strftime("%Y-%m-%d %H:%M")[order], np.arange(len(index))[order])
    dataset = read(text, tz="Europe/Berlin")
    assert dataset.panel.times.tolist() == index.tz_convert("UTC").as_unit("ns").asi8.tolist()
    assert dataset.panel.target.tolist() == list(range(len(index)))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_daylight_saving_without_a_zone_is_counted_and_a_zone_is_named(read, zone: str) -> None:
    index = pd.date_range("2019-01-01", periods=24 * 730, freq="h", tz=zone)
    text = rows(index.strftime("%Y-%m-%d %H:%M"), np.arange(len(index)))
    dataset = read(text)
    assert repairs(dataset)["gaps"] == 2
    assert repairs(dataset)["duplicates merged"] == 2
    assert any(f"--tz {zone}" in warning for warning in dataset.warnings)
    assert dataset.panel.clock.tz is None


def test_dates_options_are_refused_where_time_is_a_count(read) -> None:
    for options in ({"freq": "h"}, {"tz": "Europe/Berlin"}):
        with pytest.raises(UsageError, match="count of steps"):
            read(rows(range(30), np.sin(range(30)), header="t,y"), **options)


def test_an_unknown_zone_is_refused_even_where_offsets_are_in_the_file(read) -> None:
    index = pd.date_range("2020-01-01", periods=30, freq="h", tz="+01:00")
    with pytest.raises(UsageError, match="time zone"):
        read(rows([t.isoformat() for t in index], range(30)), tz="Mars/Base")


def test_an_unknown_zone_is_refused(read) -> None:
    with pytest.raises(UsageError, match="time zone"):
        read(rows(HOURS, range(30)), tz="Mars/Base")


def test_dates_have_no_zone(read) -> None:
    dataset = read(rows(DAYS.strftime("%Y-%m-%d"), range(30)), tz="Europe/Berlin")
    assert dataset.panel.clock.tz is None
    assert shown(dataset)[0] == "2020-01-01"
    assert any("--tz is not used" in warning for warning in dataset.warnings)


# --- layouts -----------------------------------------------------------------------------------


def test_every_number_column_of_a_wide_file_is_a_series(read) -> None:
    text = rows(HOURS, range(30), np.arange(30) ** 2, ["x"] * 30, [7] * 30, header="time,a,b,c,d")
    dataset = read(text)
    assert dataset.panel.ids == ("a", "b")
    assert repairs(dataset) == {"text columns": 1, "constant columns": 1}
    assert dataset.panel.id_name == "series"


def test_a_long_file_is_told_by_an_id_whose_times_repeat(read) -> None:
    text = "".join(
        f"{t},{i},{n * 100 + k}\n" for n, i in enumerate("ab") for k, t in enumerate(HOURS)
    )
    dataset = read("time,shop,y\n" + text)
    assert dataset.panel.ids == ("a", "b")
    assert dataset.panel.id_name == "shop"
    assert dataset.panel.channels == ("y",)
    assert dataset.panel.target[30:].tolist() == list(range(100, 130))


def test_two_columns_may_be_needed_to_tell_series_apart(read) -> None:
    text = "".join(
        f"{t},{a},{b},{k * 0.5}\n" for a in "xy" for b in "uv" for k, t in enumerate(HOURS)
    )
    assert read("time,state,trade,y\n" + text).panel.ids == ("x/u", "x/v", "y/u", "y/v")


def test_several_targets_of_a_long_file_name_id_and_target(read) -> None:
    text = "".join(f"{t},{i},{k}.5,{k * k}.5\n" for i in "ab" for k, t in enumerate(HOURS))
    dataset = read("time,shop,y,z\n" + text)
    assert dataset.panel.ids == ("a/y", "a/z", "b/y", "b/z")
    assert dataset.panel.target[30:32].tolist() == [0.5, 1.5]


def two_meters(common: int, rows: int = 1000, names: tuple[str, str] = ("A", "B")) -> str:
    """A small and a large meter, of which the second begins late: ``common`` hours are shared."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2020-01-01", periods=2 * rows - common, freq="h")
    small = zip(index[:rows], 5 + rng.random(rows), strict=True)
    large = zip(index[-rows:], 500 + rng.random(rows), strict=True)
    body = [
        f"{t},{name},{y:.3f}\n"
        for name, meter in zip(names, (small, large), strict=True)
        for t, y in meter
    ]
    return "time,meter,kwh\n" + "".join(body)


@pytest.mark.parametrize("names", [("A", "B"), ("17", "18")])
@pytest.mark.parametrize("common", [20, 180, 600])
def test_series_that_share_few_of_their_times_are_told_apart(read, common: int, names) -> None:
    dataset = read(two_meters(common, names=names))
    assert dataset.panel.ids == names
    assert dataset.panel.lengths.tolist() == [1000, 1000]
    assert np.nanmax(dataset.panel.target[:1000]) < 10 < np.nanmin(dataset.panel.target[1000:])
    assert repairs(dataset).get("duplicates merged", 0) == 0


def test_rows_that_stand_twice_do_not_hide_an_id(read) -> None:
    text = two_meters(180)
    lines = text.splitlines(keepends=True)
    dataset = read(text + "".join(lines[5:60]))
    assert dataset.panel.ids == ("A", "B")
    assert repairs(dataset)["identical duplicates"] == 55


@pytest.mark.parametrize(("start", "days"), [("2020-01-01", 730), ("2020-09-01", 120)])
def test_doubled_autumn_hours_are_no_id_though_a_column_tells_them_apart(
    read, start: str, days: int
) -> None:
    index = pd.date_range(start, periods=24 * days, freq="h", tz="America/New_York")
    y = np.random.default_rng(0).random(len(index)).round(3)
    dataset = read(rows(index.tz_localize(None), index.strftime("%Z"), y, header="time,zone,y"))
    assert dataset.panel.n_series == 1
    assert any('column "zone" ("EDT", "EST")' in warning for warning in dataset.warnings)


def test_corrected_and_identical_rows_are_no_series(read) -> None:
    index = pd.date_range("2020-01-01", periods=400, freq="D").strftime("%Y-%m-%d")
    final = [f"{t},final,{k}.5\n" for k, t in enumerate(index)]
    first = [f"{t},first,{k}.1\n" for k, t in enumerate(index) if k % 20 == 7]
    dataset = read("time,status,y\n" + "".join([*final, *first, *final[8:27]]))
    assert dataset.panel.n_series == 1
    assert repairs(dataset)["duplicates merged"] == 20
    found = [warning for warning in dataset.warnings if '--id "status"' in warning]
    assert [warning.partition(" time")[0] for warning in found] == ["20 rows share their"]


def test_doubles_that_differ_in_an_unused_text_only_are_merged_without_alarm(read) -> None:
    text = "".join(f"{t},{note},{k}.5\n" for k, t in enumerate(HOURS) for note in "a")
    dataset = read("time,note,y\n" + text + f"{HOURS[3]},b,3.5\n")
    assert dataset.warnings == ()


def test_ids_are_text_as_written(read) -> None:
    names = ["007", "2e06918610327a", "4e492493924924", "10"]
    text = "".join(f"{t},{i},{k}.5\n" for i in names for k, t in enumerate(HOURS))
    dataset = read("time,meter,y\n" + text)
    assert set(dataset.panel.ids) == set(names)


def test_names_and_values_unfold_into_series(read) -> None:
    text = "".join(f"{t},{v},{k + n}\n" for k, t in enumerate(HOURS) for n, v in enumerate("ab"))
    dataset = read("time,what,much\n" + text, variable="what", value="much")
    assert dataset.panel.ids == ("a", "b")
    assert dataset.panel.target[30:].tolist() == list(range(1, 31))
    covered = read("time,what,much\n" + text, variable="what", value="much", past=("b",))
    assert covered.panel.ids == ("a",)
    assert covered.panel.channels == ("a", "b")
    assert covered.panel.roles == ("target", "past")


def test_one_series_a_row_ends_where_its_cells_end(read) -> None:
    dataset = read("id,V2,V3,V4,V5,V6,V7\nH1,1,2,3,,,\nH2,4,,6,7,8,9\n")
    assert dataset.panel.ids == ("H1", "H2")
    assert dataset.panel.lengths.tolist() == [3, 6]
    assert dataset.panel.observed[:, 0].tolist() == [True] * 4 + [False] + [True] * 4


def test_covariates_and_statics_have_their_roles(read) -> None:
    text = "".join(
        f"{t},{i},{'' if k >= 25 else k},{k * 2},{k * 3},{i}x\n"
        for i in "ab"
        for k, t in enumerate(HOURS)
    )
    dataset = read(
        "time,shop,y,p,f,kind\n" + text,
        id="shop",
        target=("y",),
        past=("p",),
        future=("f",),
        static=("kind",),
    )
    panel = dataset.panel
    assert panel.channels == ("y", "p", "f")
    assert panel.roles == ("target", "past", "future")
    assert panel.static.tolist() == [[0.0], [1.0]]
    assert panel.future_rows.tolist() == [5, 5]
    assert panel.known_ends.tolist() == [25, 55]


def test_trailing_missing_rows_stay_and_leading_ones_go(read) -> None:
    dataset = read("time,a,b\n2020-01-01,1.5,\n2020-01-02,2,5\n2020-01-03,3,6\n2020-01-04,,7\n")
    assert dataset.panel.lengths.tolist() == [4, 3]
    assert np.isnan(dataset.panel.target[3])
    assert repairs(dataset)["leading rows"] == 1


def test_trailing_rows_that_hold_no_column_in_use_go_and_are_counted(read) -> None:
    head = "".join(f"2024-01-{d:02},{d},{d}\n" for d in range(1, 11))
    text = "t,load,heat\n" + head + "2024-01-11,,11\n2024-01-12,,12\n"
    alone = read(text, target=("load",))
    assert alone.panel.n_rows == 10
    assert next(r.count for r in alone.summary.repairs if r.kind == "trailing rows") == 2
    with_heat = read(text, target=("load",), future=("heat",))
    assert with_heat.panel.n_rows == 12
    assert with_heat.panel.future_rows.tolist() == [2]


def test_two_series_of_one_name_are_refused(read) -> None:
    rows = "".join(
        f"{name},2024-01-{d:02},{d},{d}\n" for name in ("a", "a/b") for d in range(1, 11)
    )
    with pytest.raises(DataError, match='"a/b/c"') as caught:
        read("id,t,b/c,c\n" + rows, id="id", target=("b/c", "c"))
    assert caught.value.fix


def test_true_and_false_become_numbers_when_asked_for(read) -> None:
    flags = ["True", "False"] * 15
    text = rows(HOURS, np.arange(30) * 1.5, flags, header="time,y,on")
    assert read(text).panel.ids == ("y",)
    assert read(text, target=("on",)).panel.target[:2].tolist() == [1.0, 0.0]


def test_files_of_one_layout_are_joined_and_others_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(rows(DAYS[:10], range(10)))
    (tmp_path / "b.csv").write_text(rows(DAYS[10:], range(10, 30)))
    dataset = load(DataOptions(data=(str(tmp_path / "*.csv"),)))
    assert dataset.panel.target.tolist() == list(range(30))
    assert dataset.summary.rows == 30
    (tmp_path / "c.csv").write_text(rows(DAYS, range(30), header="time,z"))
    with pytest.raises(DataError, match="columns differ") as caught:
        load(DataOptions(data=(str(tmp_path / "*.csv"),)))
    assert any("only in" in problem for problem in caught.value.problems)


# --- repairs -----------------------------------------------------------------------------------


def test_gaps_doubles_strays_and_disorder_are_mended_and_counted(read) -> None:
    text = (
        "time,y\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n2020-01-01 02:00,3\n"
        "2020-01-01 05:00,6\n2020-01-01 04:00,5\n2020-01-01 06:05,7\n2020-01-01 07:00,8\n"
        "2020-01-01 07:00,10\n2020-01-01 08:00,9\n2020-01-01 08:00,9\n2020-01-01 09:00,11\n"
    )
    dataset = read(text)
    np.testing.assert_array_equal(dataset.panel.target, [1, 2, 3, np.nan, 5, 6, 7, 9, 9, 11])
    assert repairs(dataset) == {
        "sorted": 1,
        "off-grid times": 1,
        "identical duplicates": 1,
        "duplicates merged": 1,
        "gaps": 1,
    }
    (order,) = [r for r in dataset.summary.repairs if r.kind == "sorted"]
    assert "data.csv:6" in order.detail


def test_rows_from_newest_to_oldest_are_turned_round(read) -> None:
    dataset = read(rows(HOURS[::-1], range(30)[::-1]))
    assert dataset.panel.target.tolist() == list(range(30))
    assert "newest" in dataset.summary.repairs[0].detail


@pytest.mark.parametrize("mark", ["", "?", "NA", "N/A", "NaN", "null", "-"])
def test_missing_marks_stay_missing(read, mark: str) -> None:
    cells = [*range(10), mark, *range(11, 30)]
    dataset = read(rows(HOURS, cells, range(30), header="time,y,z"), target=("y",))
    assert np.flatnonzero(~dataset.panel.observed[:, 0]).tolist() == [10]
    assert mark in inferred(dataset)["missing marks"] or mark == ""


def test_a_mark_of_the_users_own_is_missing_too(read) -> None:
    cells = [*range(10), "broken", *range(11, 30)]
    assert not read(rows(HOURS, cells), na=("broken",)).panel.observed[10, 0]


def test_a_sentinel_is_missing_unless_kept(read) -> None:
    cells = [*(np.sin(np.arange(25)) + 5).round(3), *[-9999] * 5]
    text = rows(HOURS, cells)
    assert repairs(read(text))["missing marks"] == 5
    assert read(text, na=("none",)).panel.observed.all()


def test_empty_columns_and_rows_at_the_end_are_left_out_and_counted(read) -> None:
    body = "".join(f"{t};{k},5;;\n" for k, t in enumerate(HOURS))
    dataset = read("time;y;;\n" + body + ";;;\n;;;\n")
    assert repairs(dataset) == {"empty columns": 2, "empty rows": 2}
    assert dataset.panel.target[1] == 1.5
    assert dataset.summary.rows == 32


def test_only_what_follows_a_gap_that_dwarfs_the_series_is_used(read) -> None:
    early = pd.date_range("2010-01-01", periods=20, freq="h")
    dataset = read(rows([*early, *HOURS], np.arange(50) * 1.5))
    assert dataset.panel.n_rows == 30
    assert repairs(dataset)["rows before a long gap"] == 20
    assert any("nothing was observed" in warning for warning in dataset.warnings)


def test_a_named_step_averages_finer_rows(read) -> None:
    index = pd.date_range("2020-01-01", periods=48, freq="30min")
    dataset = read(rows(index, range(48)), freq="h")
    assert dataset.panel.target.tolist() == [2 * k + 0.5 for k in range(24)]
    assert repairs(dataset) == {"averaged": 48}


def test_days_average_to_months(read) -> None:
    index = pd.date_range("2020-01-01", periods=91, freq="D")
    dataset = read(rows(index.strftime("%Y-%m-%d"), index.month * 1.5), freq="M")
    assert dataset.panel.target.tolist() == [1.5, 3.0, 4.5]
    assert dataset.panel.clock.freq == "MS"
    assert repairs(dataset) == {"averaged": 91}


def test_padded_and_quoted_numbers_are_numbers(read) -> None:
    text = "time,a,b\n" + "".join(f'{t}, {k}.5 ,"1,{k:03d}"\n' for k, t in enumerate(HOURS))
    dataset = read(text)
    assert dataset.panel.select([0]).target[:2].tolist() == [0.5, 1.5]
    assert dataset.panel.select([1]).target[:2].tolist() == [1000.0, 1001.0]


# --- errors ------------------------------------------------------------------------------------


def test_a_bad_date_is_shown_with_its_line_and_column(read) -> None:
    cells = [*DAYS[:5].strftime("%Y-%m-%d"), "2024-13-01", *DAYS[6:].strftime("%Y-%m-%d")]
    with pytest.raises(DataError) as caught:
        read(rows(cells, range(30), header="ts,y"))
    assert caught.value.message.endswith('data.csv:7, column "ts": "2024-13-01" is not a date')
    assert "--date-format" in caught.value.fix


def test_a_date_beyond_nanoseconds_is_no_date(read) -> None:
    with pytest.raises(DataError, match=r'"0001-01-01" is not a date'):
        read(rows([*DAYS[:5].strftime("%Y-%m-%d"), "0001-01-01"], range(6)))


def test_lines_are_counted_past_preambles_blank_lines_and_quoted_breaks(read) -> None:
    body = "".join(f'{t},{k},"two\nlines"\n' for k, t in enumerate(HOURS[:20]))
    text = "some title\n\ntime,y,note\n" + body + "\n2020-99-01 00:00:00,1,x\n"
    with pytest.raises(DataError, match=r"data\.csv:45,"):
        read(text)


def test_text_in_an_asked_for_target_is_an_error_else_the_column_is_left_out(read) -> None:
    cells = [*range(10), "12a", *range(11, 30)]
    text = rows(HOURS, cells, np.sin(range(30)), header="time,y,z")
    dataset = read(text)
    assert dataset.panel.ids == ("z",)
    assert any('"12a"' in warning for warning in dataset.warnings)
    with pytest.raises(DataError, match=r'data\.csv:12, column "y": "12a"') as caught:
        read(text, target=("y",))
    assert '--na "12a"' in caught.value.fix


@pytest.mark.parametrize(
    "options",
    [
        {"target": ("valu",)},
        {"time": ("valu",)},
        {"id": "valu"},
        {"past": ("valu",)},
        {"future": ("valu",)},
        {"static": ("valu",)},
    ],
)
def test_an_unknown_column_is_a_usage_error_with_the_nearest_name(read, options) -> None:
    with pytest.raises(UsageError) as caught:
        read(rows(HOURS, range(30), header="time,value"), **options)
    assert 'did you mean "value"' in caught.value.fix


def test_a_column_has_one_role(read) -> None:
    with pytest.raises(UsageError, match="--target and by --past"):
        read(rows(HOURS, range(30)), target=("y",), past=("y",))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "empty"),
        ("time,y\n", "no rows"),
        ("time,y\n2020-01-01,1\n", "one row"),
        ("time,y\n2020-01-01,\n2020-01-02,\n", 'column "y" has no value at all'),
        ("time,y\n2020-01-01,a\n2020-01-02,b\n", "no column of numbers"),
        ("time,y\n2020-01-01,1\n2020-01-02,2,3,4\n2020-01-03,2\n2020-01-04,2\n", "4 fields"),
        ('time,y\n2020-01-01,1\n2020-01-02,"2\n2020-01-03,3\n', "quotation|number"),
        ("time,y\n1970-01-01 00:00:00,1\n1970-01-01 00:00:01,2\n2020-01-01 00:00:00,3\n", "steps"),
    ],
)
def test_a_file_that_is_no_series_is_refused_with_cause_and_fix(read, text, cause) -> None:
    with pytest.raises(DataError, match=cause) as caught:
        read(text)
    assert caught.value.fix


def test_an_asked_for_target_without_a_value_is_refused(read) -> None:
    with pytest.raises(DataError, match="no value at all"):
        read("time,y,z\n2020-01-01,,1\n2020-01-02,,2\n", target=("y",))


# --- laws --------------------------------------------------------------------------------------


def long_file(rng: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    parts = []
    for name in ids:
        index = pd.date_range("2021-05-03", periods=int(rng.integers(20, 60)), freq="h")
        y = rng.normal(size=len(index)).round(6)
        y[rng.random(len(y)) < 0.1] = np.nan
        y[0] = 1.0
        parts.append(pd.DataFrame({"time": index, "meter": name, "y": y}))
    return pd.concat(parts, ignore_index=True)


def load_frame(frame: pd.DataFrame, path: Path) -> Dataset:
    frame.to_csv(path, index=False)
    return load(DataOptions(data=(str(path),), id="meter"))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_shuffled_rows_and_renamed_ids_give_the_same_panel(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = long_file(rng, ["a", "b", "c"])
    plain = load_frame(frame, tmp_path / "plain.csv")
    shuffled = frame.iloc[rng.permutation(len(frame))]
    other = load_frame(shuffled, tmp_path / "shuffled.csv")
    for name in ("values", "observed", "times", "offsets"):
        np.testing.assert_array_equal(getattr(plain.panel, name), getattr(other.panel, name))
    assert plain.panel.ids == other.panel.ids
    assert plain.seasons == other.seasons
    names = {"a": "z9", "b": "10", "c": "q"}
    renamed = load_frame(frame.assign(meter=frame["meter"].map(names)), tmp_path / "renamed.csv")
    order = [renamed.panel.ids.index(names[i]) for i in plain.panel.ids]
    again = renamed.panel.select(order)
    np.testing.assert_array_equal(plain.panel.values, again.values)
    np.testing.assert_array_equal(plain.panel.times, again.times)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), exponent=st.integers(-12, 12))
def test_a_panel_written_to_csv_is_read_back_to_the_last_bit(
    tmp_path: Path, seed: int, exponent: int
) -> None:
    rng = np.random.default_rng(seed)
    index = pd.date_range("2021-05-03 00:10", periods=40, freq="15min")
    y = rng.normal(size=40) * 10.0**exponent
    y[1:][rng.random(39) < 0.2] = np.nan
    frame = pd.DataFrame({"time": index, "y": y, "z": rng.normal(size=40)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    dataset = load(DataOptions(data=(str(tmp_path / "a.csv"),)))
    assert dataset.panel.ids == ("y", "z")
    np.testing.assert_array_equal(dataset.panel.select([0]).target, y)
    assert dataset.panel.select([1]).times.tolist() == index.as_unit("ns").asi8.tolist()


SCRAPS = ["", '"', ",", ";", "\n", "NA", "1e400", "-9999", "x", "2020-02-30", "#", " ", "\r", "é"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 100_000), hits=st.integers(1, 8))
def test_a_damaged_file_is_read_or_refused_with_a_fix(tmp_path: Path, seed: int, hits: int) -> None:
    rng = np.random.default_rng(seed)
    text = rows(HOURS, np.sin(range(30)).round(2), range(30), header="time,a,b")
    for _ in range(hits):
        at = int(rng.integers(len(text)))
        text = text[:at] + str(rng.choice(SCRAPS)) + text[at + int(rng.integers(3)) :]
    (tmp_path / "a.csv").write_text(text, encoding="latin-1")
    try:
        dataset = load(DataOptions(data=(str(tmp_path / "a.csv"),)))
    except DataError as error:
        refusal = error.fix
    else:
        refusal = "none needed"
        panel = dataset.panel
        assert np.array_equal(panel.observed, np.isfinite(panel.values))
        assert all(
            np.all(np.diff(panel.times[a:b]) > 0)
            for a, b in zip(panel.starts, panel.ends, strict=True)
        )
    assert refusal


def test_the_summary_counts_names_and_fingerprints(read, tmp_path: Path) -> None:
    dataset = read(rows(HOURS, range(30)), season=(24,))
    summary = dataset.summary
    assert (summary.rows, summary.series, summary.frequency) == (30, 1, "h")
    assert (summary.start, summary.end) == ("2020-01-01 00:00:00", "2020-01-02 05:00:00")
    assert summary.seasons == dataset.seasons == (24,)
    assert len(summary.sha256) == 64
    assert {
        "separator",
        "decimal mark",
        "encoding",
        "time",
        "target",
        "layout",
        "frequency",
    } <= set(inferred(dataset))
    assert all(guess.option for guess in summary.inferred)

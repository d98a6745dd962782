"""Newer data are read as older data were, and what they contradict is let go aloud."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.again import load_again
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.errors import DataError

Write = Callable[[str, str], DataOptions]
DAYS = "".join(f"2026-01-{d:02d},{d % 5}.5,{d * 1.25}\n" for d in range(1, 29))
KEPT = DataOptions.model_fields.keys() - {"data"}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_text(text: str, name: str = "data.csv") -> DataOptions:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return DataOptions(data=(str(tmp_path / name),))

    return write_text  # type: ignore[return-value]


def again(first: Dataset, newer: DataOptions, **given: object) -> Dataset:
    options = first.options.model_copy(update={"data": newer.data, **given})
    return load_again(options, KEPT - given.keys(), first.labels)


def same(one: Dataset, other: Dataset) -> None:
    np.testing.assert_array_equal(one.panel.values, other.panel.values)
    np.testing.assert_array_equal(one.panel.times, other.panel.times)
    assert one.panel.ids == other.panel.ids
    assert one.panel.clock == other.panel.clock
    assert one.panel.channels == other.panel.channels
    assert one.options == other.options


@pytest.mark.parametrize(
    "name",
    [
        "household_energy_simulated",
        "co2_weekly",
        "elnino_monthly",
        "sunspots_yearly",
        "pump_sensors_simulated",
    ],
)
def test_the_resolved_options_read_the_same_file_in_the_same_way(
    sample_data: Path, name: str
) -> None:
    first = load(DataOptions(data=(str(sample_data / f"{name}.csv"),)))
    same(first, load(first.options))
    same(first, again(first, first.options))


@pytest.mark.parametrize(
    "name",
    [
        "airquality_uci/AirQualityUCI.csv",
        "bike_sharing_hourly/hour.csv",
        "elspot_dk/Elspotprices.csv",
        "vic_elec/vic_elec.csv.gz",
        "nn5/train.csv",
        "m4_hourly/Hourly-train.csv",
        "opsd_germany_daily/opsd_germany_daily.csv",
    ],
)
def test_the_resolved_options_read_real_files_in_the_same_way(shared_data: Path, name: str) -> None:
    first = load(DataOptions(data=(str(shared_data / name),), season=(7,)))
    same(first, load(first.options))


def test_another_separator_and_decimal_mark_are_taken_aloud(write: Write) -> None:
    first = load(write("day,a,b\n" + DAYS, "old.csv"))
    text = ("day,a,b\n" + DAYS).replace(",", ";").replace(".", ",")
    second = again(first, write(text, "new.csv"))
    np.testing.assert_array_equal(first.panel.values, second.panel.values)
    (warning,) = second.warnings
    assert '--sep "," → ";"' in warning
    assert '--decimal "." → ","' in warning


def test_only_the_option_that_stands_in_the_way_is_let_go(write: Write) -> None:
    first = load(write("day;a;b\n" + DAYS.replace(",", ";"), "old.csv"))
    text = ("day;a;b\n" + DAYS.replace(",", ";")).replace(".", ",")
    (warning,) = again(first, write(text, "new.csv")).warnings
    assert "--decimal" in warning
    assert "--sep" not in warning


def test_an_option_that_is_given_now_is_never_let_go(write: Write) -> None:
    first = load(write("day,a,b\n" + DAYS, "old.csv"))
    text = ("day,a,b\n" + DAYS).replace(",", ";")
    with pytest.raises(DataError, match="none of the series"):
        again(first, write(text, "new.csv"), sep=",")


def test_a_bad_cell_is_told_as_in_any_reading(write: Write) -> None:
    first = load(write("day,a,b\n" + DAYS, "old.csv"))
    with pytest.raises(DataError, match=r'new\.csv:6, column "a": "oops" is not a number'):
        again(first, write("day,a,b\n" + DAYS.replace(",0.5,", ",oops,", 1), "new.csv"))


def test_another_time_column_is_taken_aloud(write: Write) -> None:
    first = load(write("day,a,b\n" + DAYS, "old.csv"))
    second = again(first, write("date,a,b\n" + DAYS, "new.csv"))
    assert second.panel.clock.name == "date"
    assert 'no time column "day"' in second.warnings[0]


def test_a_covariate_that_is_not_there_is_refused(write: Write) -> None:
    options = write("day,a,b\n" + DAYS, "old.csv").model_copy(update={"past": ("b",)})
    first = load(options)
    with pytest.raises(DataError, match=r'no column "b", which the model .* reads') as caught:
        again(first, write("day,a,c\n" + DAYS, "new.csv"))
    assert "train again without it" in caught.value.fix


def test_a_plainly_different_step_is_not_forced_onto_the_old_grid(write: Write) -> None:
    first = load(write("day,a,b\n" + DAYS, "old.csv"))
    assert first.options.freq == "D"
    hours = "".join(f"2026-02-01 {h:02d}:00,{h}.5,{h * 1.5}\n" for h in range(24))
    assert again(first, write("day,a,b\n" + hours, "finer.csv")).panel.clock.freq == "h"
    weeks = "".join(f"2026-0{m}-{d:02d},{m * d}.5,1.{d}\n" for m, d in ((1, 5), (1, 12), (1, 19)))
    assert again(first, write("day,a,b\n" + weeks, "coarser.csv")).panel.clock.freq == "W-MON"


def test_series_keep_their_names_where_one_target_is_left(write: Write) -> None:
    rows = [f"2026-01-{d:02d},{m},{d}.5,{d * 2}.5\n" for d in range(1, 15) for m in "xy"]
    first = load(write("day,meter,a,b\n" + "".join(rows), "old.csv"))
    assert first.panel.ids == ("x/a", "x/b", "y/a", "y/b")
    second = again(first, write("day,meter,a,c\n" + "".join(rows), "new.csv"))
    assert second.panel.ids == ("x/a", "y/a")
    assert second.panel.channels == first.panel.channels


def test_the_variables_of_a_name_value_file_are_the_targets(write: Write) -> None:
    def rows(names: str) -> str:
        return "day,what,y\n" + "".join(
            f"2026-01-{d:02d},{name},{d}.5\n" for d in range(1, 15) for name in names
        )

    named = {"variable": "what", "value": "y"}
    first = load(write(rows("ab"), "old.csv").model_copy(update=named))
    second = again(first, write(rows("bz"), "new.csv"))
    assert second.panel.ids == ("b",)
    assert '1 of the 2 targets of the training; not forecast: "a"' in second.warnings[0]


def test_marks_that_are_numbers_are_counted(write: Write) -> None:
    options = write("day,a,b\n" + DAYS, "old.csv").model_copy(update={"na": ("2.5",)})
    (repair,) = [r for r in load(options).summary.repairs if r.kind == "missing marks"]
    assert (repair.count, repair.option) == (7, "--na 2.5")

"""Real files, read without any option: what they are was checked by eye once, and holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.errors import DataError

pytestmark = pytest.mark.shared_data


def read(folder: Path, name: str, **options: object) -> Dataset:
    return load(DataOptions(data=(str(folder / name),), **options))


def repairs(dataset: Dataset) -> dict[str, int]:
    return {repair.kind: repair.count for repair in dataset.summary.repairs}


# file, series, panel rows, frequency, seasons, start, end
FILES = [
    ("ett_h1_m1/ETTh1.csv", 7, 7 * 17420, "h", (24, 168), "2016-07-01 00", "2018-06-26 19"),
    ("ett_h1_m1/ETTm1.csv.gz", 7, 7 * 69680, "15min", (96,), "2016-07-01 00", "2018-06-26 19"),
    (
        "pjm_hourly_load/PJME_hourly.csv.gz",
        1,
        145392,
        "h",
        (24, 168),
        "2002-01-01 01",
        "2018-08-03",
    ),
    (
        "vic_elec/vic_elec.csv.gz",
        2,
        2 * 52608,
        "30min",
        (48, 336),
        "2011-12-31 23",
        "2014-12-31 22",
    ),
    (
        "airquality_uci/AirQualityUCI.csv",
        13,
        13 * 9357,
        "h",
        (24, 168),
        "2004-03-10 18",
        "2005-04-04",
    ),
    (
        "household_power_sample/household_power_consumption_first14days.txt",
        7,
        7 * 20004,
        "min",
        (1440,),
        "2006-12-16 17:24",
        "2006-12-30 14:47",
    ),
    (
        "household_power_sample/household_power_consumption_with_missing.txt",
        6,
        6 * 194,
        "min",
        (1,),
        "2007-04-30 14:24",
        "2007-04-30 17:37",
    ),
    (
        "beijing_pm25/pollution.csv.gz",
        7,
        7 * 43824 - 24,
        "h",
        (24,),
        "2010-01-01 00",
        "2014-12-31 23",
    ),
    (
        "jena_climate_hourly/jena_climate_hourly.csv.gz",
        14,
        981792,
        "h",
        (24,),
        "2009-01-01",
        "2016-12-31",
    ),
    ("nn5/train.csv", 111, 111 * 735, "step", (7,), "1", "735"),
    ("m4_hourly/Hourly-train.csv", 414, 353500, "step", (24, 168), "0", "959"),
    (
        "opsd_germany_daily/opsd_germany_daily.csv",
        4,
        11689,
        "D",
        (7, 365),
        "2006-01-01",
        "2017-12-31",
    ),
    (
        "bike_sharing_hourly/hour.csv",
        9,
        9 * 17544,
        "h",
        (24, 168),
        "2011-01-01 00",
        "2012-12-31 23",
    ),
    (
        "appliances_energy/energydata_complete.csv.gz",
        28,
        28 * 19735,
        "10min",
        (144,),
        "2016-01-11 17",
        "2016-05-27 18",
    ),
    ("elspot_dk/Elspotprices.csv", 2, 40000, "h", (24, 168), "2020-07-08 14", "2022-10-19 21"),
    (
        "de_price_2020_zones/2020-hour-price.csv",
        1,
        8808,
        "h",
        (24, 168),
        "2020-01-01 00",
        "2021-01-01 23",
    ),
    ("knmi_daily_257/etmgeg_257.txt", 20, 20 * 4194, "D", (365,), "2015-01-01", "2026-06-25"),
    ("london_air_long/LaqnData.csv", 6, 21918, "D", (365,), "2011-01-01", "2020-12-31"),
    (
        "smart_meter_10_households/smart_meter10.csv.gz",
        10,
        298042,
        "30min",
        (48,),
        "2012-02-10 08",
        "2014-03-03 12",
    ),
    ("aus_retail_hierarchy/aus_retail.csv.gz", 152, 64532, "MS", (12,), "1982-04-01", "2018-12-01"),
    ("ili_weekly/illness.csv", 7, 7 * 966, "W-TUE", (52,), "2002-01-01", "2020-06-30"),
    (
        "smart_home_unix_sample/HomeC.csv",
        28,
        28 * 2838,
        "s",
        (1,),
        "2016-01-01 05",
        "2016-01-01 05",
    ),
    (
        "nab/realKnownCause/nyc_taxi.csv",
        1,
        10320,
        "30min",
        (48, 336),
        "2014-07-01 00",
        "2015-01-31 23",
    ),
    ("nab/artificialNoAnomaly/art_noisy.csv", 1, 4032, "5min", (1,), "2014-04-01", "2014-04-14"),
    ("skab/valve1/1.csv", 8, 8 * 1201, "s", (1,), "2020-03-09 10:34:33", "2020-03-09 10:54:33"),
    ("ae_demand_hierarchy/ae_demand.csv", 13, 13 * 240, "step", (52,), "1", "240"),
    ("nh4_gaps/nh4.csv", 2, 2 * 4552, "step", (144,), "1", "4552"),
    ("epf_np_pjm/NP.csv.gz", 3, 3 * 52416, "h", (24, 168), "2013-01-01 00", "2018-12-24 23"),
    ("cmapss_fd001/train_FD001.txt.gz", 1700, 17 * 20631, "step", (1,), "1", "362"),
]


@pytest.mark.parametrize(
    ("name", "series", "rows", "freq", "seasons", "start", "end"), FILES, ids=lambda v: str(v)[-24:]
)
def test_a_file_is_what_it_was_seen_to_be(
    shared_data: Path, name, series, rows, freq, seasons, start, end
) -> None:
    dataset = read(shared_data, name)
    assert dataset.panel.n_series == series
    assert dataset.panel.n_rows == rows
    assert dataset.summary.frequency == freq
    assert dataset.seasons == seasons
    assert dataset.summary.start.startswith(start)
    assert dataset.summary.end.startswith(end)


def test_ett_is_read_to_the_last_bit(shared_data: Path) -> None:
    frame = pd.read_csv(shared_data / "ett_h1_m1/ETTh1.csv")
    dataset = read(shared_data, "ett_h1_m1/ETTh1.csv")
    assert dataset.panel.ids == tuple(frame.columns[1:])
    np.testing.assert_array_equal(
        dataset.panel.target.reshape(7, -1), frame.iloc[:, 1:].to_numpy().T
    )
    assert repairs(dataset) == {}
    assert all("values are stuck" in warning for warning in dataset.warnings)  # as they are


def test_pjm_is_sorted_and_its_daylight_saving_is_said(shared_data: Path) -> None:
    dataset = read(shared_data, "pjm_hourly_load/PJME_hourly.csv.gz")
    assert repairs(dataset) == {"sorted": 6041, "duplicates merged": 4, "gaps": 30}
    assert any("--tz America/New_York" in warning for warning in dataset.warnings)
    raw = pd.read_csv(shared_data / "pjm_hourly_load/PJME_hourly.csv.gz", parse_dates=["Datetime"])
    expected = raw.groupby("Datetime")["PJME_MW"].mean().asfreq("h")
    np.testing.assert_array_equal(dataset.panel.target, expected.to_numpy())


def test_pjm_names_the_end_of_its_hours_and_its_zone_repairs_spring_and_autumn(
    shared_data: Path,
) -> None:
    dataset = read(shared_data, "pjm_hourly_load/PJME_hourly.csv.gz", tz="America/New_York")
    # Before 2014 the file lacks both autumn hours; one hour of 2010 is missing besides.
    assert repairs(dataset) == {"sorted": 6041, "gaps": 2 * 12 + 1}
    panel = dataset.panel
    lost = panel.clock.show(panel.times[~panel.observed[:, 0]])
    assert all(time[5:7] in ("10", "11") or time.startswith("2010-12-10") for time in lost)


def test_vic_elec_is_kept_in_utc_and_a_fitting_zone_is_named(shared_data: Path) -> None:
    dataset = read(shared_data, "vic_elec/vic_elec.csv.gz", target=("demand",))
    raw = pd.read_csv(shared_data / "vic_elec/vic_elec.csv.gz")
    utc = pd.to_datetime(raw["time"], utc=True, format="ISO8601").dt.as_unit("ns")
    assert dataset.panel.times.tolist() == pd.DatetimeIndex(utc).asi8.tolist()
    assert dataset.panel.clock.tz == "+10:00"
    assert any("--tz Australia/Sydney" in warning for warning in dataset.warnings)


def test_every_minus_200_of_air_quality_is_missing(shared_data: Path) -> None:
    dataset = read(shared_data, "airquality_uci/AirQualityUCI.csv")
    raw = pd.read_csv(shared_data / "airquality_uci/AirQualityUCI.csv", sep=";", decimal=",")
    marks = int((raw.iloc[:, 2:15] == -200).to_numpy().sum())
    assert repairs(dataset) == {"empty columns": 2, "empty rows": 114, "missing marks": marks}
    assert int((~dataset.panel.observed).sum()) == marks
    kept = read(shared_data, "airquality_uci/AirQualityUCI.csv", na=("none",))
    assert kept.panel.observed.all()


def test_beijing_keeps_its_missing_target_missing(shared_data: Path) -> None:
    dataset = read(shared_data, "beijing_pm25/pollution.csv.gz", target=("pm2.5",))
    raw = pd.read_csv(shared_data / "beijing_pm25/pollution.csv.gz")["pm2.5"]
    assert int((~dataset.panel.observed).sum()) == int(raw.isna().sum()) - 24
    assert repairs(dataset) == {"leading rows": 24}


def test_jena_wind_outliers_are_missing_and_the_doubled_rows_merged(shared_data: Path) -> None:
    found = repairs(read(shared_data, "jena_climate_hourly/jena_climate_hourly.csv.gz"))
    assert found["missing marks"] == 7
    assert found["sorted"] == 2


def test_opsd_wind_starts_late(shared_data: Path) -> None:
    panel = read(shared_data, "opsd_germany_daily/opsd_germany_daily.csv").panel
    starts = panel.clock.show(panel.times[panel.starts])
    assert dict(zip(panel.ids, starts, strict=True)) == {
        "Consumption": "2006-01-01",
        "Wind": "2010-01-01",
        "Solar": "2012-01-01",
        "Wind+Solar": "2012-01-01",
    }


def test_m4_series_end_where_their_cells_end(shared_data: Path) -> None:
    panel = read(shared_data, "m4_hourly/Hourly-train.csv").panel
    raw = pd.read_csv(shared_data / "m4_hourly/Hourly-train.csv").iloc[:, 1:]
    assert panel.lengths.tolist() == raw.notna().sum(axis=1).tolist()
    assert panel.ids[:3] == ("H1", "H2", "H3")


def test_de_price_suggests_its_zone_which_then_loses_no_hour(shared_data: Path) -> None:
    name = "de_price_2020_zones/2020-hour-price.csv"
    assert any("--tz Europe/Berlin" in w for w in read(shared_data, name).warnings)
    zoned = read(shared_data, name, tz="Europe/Berlin")
    assert repairs(zoned).keys() == {"text columns"}
    assert zoned.panel.n_rows == 8808


def test_smart_home_leaves_out_the_column_with_text(shared_data: Path) -> None:
    dataset = read(shared_data, "smart_home_unix_sample/HomeC.csv")
    assert "cloudCover" not in dataset.panel.ids
    assert any('"cloudCover"' in warning for warning in dataset.warnings)
    mended = read(shared_data, "smart_home_unix_sample/HomeC.csv", na=("cloudCover",))
    assert "cloudCover" in mended.panel.ids


@pytest.mark.slow
def test_a_million_minutes_are_read(shared_data: Path) -> None:
    dataset = read(shared_data, "solar_1min_dtu_2016_2017/dtu_2016_2017.csv.gz")
    assert dataset.panel.n_rows == 2 * 1_052_640
    assert (dataset.summary.frequency, dataset.seasons) == ("min", (1440,))


@pytest.mark.slow
def test_every_other_file_is_read_or_refused_with_a_fix(shared_data: Path) -> None:
    refused = {}
    for path in sorted(shared_data.glob("*/*.csv*")):
        if path.name.startswith("published") or path.stat().st_size > 2_000_000:
            continue
        try:
            load(DataOptions(data=(str(path),)))
        except DataError as error:
            refused[path.name] = error.fix
    assert refused.keys() == {"MovementAAL_DatasetGroup.csv", "MovementAAL_Paths.csv"}
    assert all(refused.values())

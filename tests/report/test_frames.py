"""CSV out: exact, whole, harmless."""

from __future__ import annotations

import csv
import gzip
import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.clock import Clock
from forecast_cli.comparison import CompareResult, ForecastTable
from forecast_cli.errors import UsageError
from forecast_cli.report import frames
from forecast_cli.report.frames import predict_csv, write_forecasts
from forecast_cli.results import PredictResult

HEADER = "series,origin,step,time,model,actual,forecast,lo_80,hi_80,lo_95,hi_95"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def small(ids: tuple[str, ...] = ("a",), quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)):
    """Two origins, two steps, one model."""
    values = np.array([[[0.1, 1 / 3, 5.0], [1.0, 2.0, 3.0]], [[-1.0, 0.0, 1e-300], [4, 5, 6.5]]])
    return ForecastTable(
        ids=ids,
        series=np.array([0, len(ids) - 1]),
        origin_times=np.array([10, 12]),
        times=np.array([[11, 12], [13, 14]]),
        actual=np.array([[0.25, np.nan], [3.0, -2.5]]),
        quantiles=quantiles,
        forecasts={"naive": values},
        clock=Clock(),
    )


def test_the_whole_table_is_written_as_expected(tmp_path: Path) -> None:
    write_forecasts(small(), tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text() == (
        "series,origin,step,time,model,actual,forecast,lo_80,hi_80\n"
        "a,10,1,11,naive,0.25,0.3333333333333333,0.1,5.0\n"
        "a,10,2,12,naive,,2.0,1.0,3.0\n"
        "a,12,1,13,naive,3.0,0.0,-1.0,1e-300\n"
        "a,12,2,14,naive,-2.5,5.0,4.0,6.5\n"
    )


def test_every_number_reads_back_to_the_same_bits(
    compare_many: CompareResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "CHUNK_ROWS", 1000)  # several blocks
    table = compare_many.table
    write_forecasts(table, tmp_path / "f.csv")
    text = (tmp_path / "f.csv").read_text()
    assert text.partition("\n")[0] == HEADER
    rows = read(tmp_path / "f.csv")
    assert len(rows) == table.actual.size * len(table.forecasts)
    where = {
        (s, o): k for k, (s, o) in enumerate(zip(table.series, table.origin_times, strict=True))
    }
    times = {
        text: t
        for t, text in zip(table.origin_times, table.clock.show(table.origin_times), strict=True)
    }
    for row in rows[:: len(rows) // 500]:
        o = where[table.ids.index(row["series"]), times[row["origin"]]]
        h = int(row["step"]) - 1
        forecast = table.forecasts[row["model"]][o, h]
        written = [float(row[c]) for c in ("lo_95", "lo_80", "forecast", "hi_80", "hi_95")]
        assert written == forecast.tolist()
        assert row["time"] == table.clock.show(table.times[o, h])[0]
        assert (float(row["actual"]) if row["actual"] else None) == (
            table.actual[o, h] if np.isfinite(table.actual[o, h]) else None
        )


def test_the_columns_follow_the_levels_of_the_table(tmp_path: Path) -> None:
    write_forecasts(small(quantiles=(0.5,)), tmp_path / "f.csv")
    header = (tmp_path / "f.csv").read_text().splitlines()[0]
    assert header == "series,origin,step,time,model,actual,forecast"


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-x", "@a", "\tb", 'a"b,c', "line\nbreak"])
def test_hostile_ids_are_disarmed_and_stay_one_cell(name: str, tmp_path: Path) -> None:
    write_forecasts(small(ids=(name, "b")), tmp_path / "f.csv")
    cell = read(tmp_path / "f.csv")[0]["series"]
    assert cell.lstrip("'") == name
    assert not cell.startswith(("=", "+", "-", "@", "\t"))


@given(st.integers(-1000, 1000))
def test_ids_that_are_numbers_stay_numbers(number: int) -> None:
    assert frames.cell(str(number)) == str(number)


def test_gz_is_compressed_and_the_same_twice(tmp_path: Path) -> None:
    write_forecasts(small(), tmp_path / "f.csv")
    for name in ("one.csv.gz", "two.csv.gz"):
        write_forecasts(small(), tmp_path / name)
    packed = (tmp_path / "one.csv.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "f.csv").read_bytes()
    assert packed == (tmp_path / "two.csv.gz").read_bytes()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("before")
    broken = replace(small(), forecasts={"naive": np.zeros((1, 1, 1))})
    with pytest.raises((ValueError, IndexError)):
        write_forecasts(broken, path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["f.csv"]


def test_a_missing_folder_is_a_usage_error_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written") as caught:
        write_forecasts(small(), tmp_path / "no" / "f.csv")
    assert "--forecasts" in caught.value.fix


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_forecasts(small(), os.devnull)
    assert not Path(os.devnull).is_file()


def test_predict_keeps_the_names_of_the_user(predict: PredictResult) -> None:
    rows = list(csv.reader(io.StringIO(predict_csv(predict))))
    assert rows[0] == ["meter", "date", "forecast", "lo_80", "hi_80", "lo_95", "hi_95"]
    assert len(rows) == 1 + 3 * 24
    series = predict.series[1]
    first = rows[1 + 24]
    assert first[:2] == [series.id, series.times[0]]
    bounds = [b[level][0] for level in (80, 95) for b in (series.lower, series.upper)]
    assert [float(cell) for cell in first[2:]] == [series.forecast[0], *bounds]


@pytest.mark.slow
def test_two_million_rows_take_seconds(tmp_path: Path) -> None:
    import time

    from tests.report.conftest import make_table

    table = make_table(series=1, horizon=96, origins=2333)
    began = time.perf_counter()
    write_forecasts(table, tmp_path / "f.csv")
    assert table.actual.size * len(table.forecasts) > 2_000_000
    assert time.perf_counter() - began < 60  # 8 s on one free core; the margin is for shared ones

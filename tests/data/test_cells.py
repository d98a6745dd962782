"""Text read at a fixed width is the text that the parser makes."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.config import DataOptions
from forecast_cli.data import parse
from forecast_cli.data.cells import as_text, fixed_widths
from forecast_cli.data.dialect import detect
from forecast_cli.data.notes import Notes
from forecast_cli.data.read import Source

HOURS = [str(t) for t in pd.date_range("2024-01-01", periods=30, freq="h")]


def lines(*columns: list[str]) -> bytes:
    header = ",".join(["time", "name", "value"][: len(columns)])
    return "\n".join([header, *map(",".join, zip(*columns, strict=True))]).encode() + b"\n"


def widths(content: bytes, *text: str) -> dict[str, int]:
    dialect = detect(Source("f.csv", content, content), content, "utf-8", DataOptions())
    return fixed_widths(content, dialect, text)


def table(content: bytes) -> pd.DataFrame:
    source = Source("f.csv", content, content)
    return parse.read_table([source], DataOptions(), Notes()).frame


def test_times_that_come_once_are_read_at_a_fixed_width_and_names_that_come_again_are_not() -> None:
    content = lines(HOURS, ["north", "south"] * 15, [str(i) for i in range(30)])
    assert widths(content, "time", "name") == {"time": 20}


@pytest.mark.parametrize("strange", ["caf\N{LATIN SMALL LETTER E WITH ACUTE}", "a\0b"])
def test_a_file_with_other_letters_is_read_the_ordinary_way(strange: str) -> None:
    content = lines(HOURS, [strange, *["x"] * 29], ["1"] * 30)
    assert widths(content, "time") == {}


def test_long_text_is_read_the_ordinary_way() -> None:
    content = lines(HOURS, [f"{i:060d}x" for i in range(30)], ["1"] * 30)
    assert "name" not in widths(content, "time", "name")


@given(st.lists(st.sampled_from([*HOURS, "", " 2024", '"a,b"', "NA", "x y "]), min_size=2))
def test_the_text_is_that_of_the_parser(cells: list[str]) -> None:
    content = lines(cells, ["1"] * len(cells), ["2"] * len(cells))

    def read(kind: str) -> pd.DataFrame:
        return pd.read_csv(
            io.BytesIO(content),
            dtype={"time": kind},
            na_values={"time": [""]},
            keep_default_na=False,
            skipinitialspace=True,
        )

    narrow, plain = read("S30"), read("str")
    assert as_text(narrow, {"time": 30})
    pd.testing.assert_frame_equal(narrow, plain)


def test_a_cell_below_the_sample_that_is_longer_than_all_in_it_is_read_whole() -> None:
    times = [str(t) for t in pd.date_range("2024-01-01", periods=3000, freq="h")]
    times[-1] += ".250 and more"
    frame = table(lines(times, ["x"] * 3000, ["1"] * 3000))
    assert frame["time"].iloc[-1] == times[-1]
    assert frame["time"].iloc[0] == times[0]


def test_a_cut_cell_is_told() -> None:
    frame = pd.DataFrame({"time": np.array([b"2024-01-01 00:00"], dtype="S16")})
    assert not as_text(frame, {"time": 16})

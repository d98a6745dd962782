"""Cells become numbers only where they are numbers, and can be traced to their line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.notes import Notes
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import read_sources
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError


@pytest.fixture
def table(tmp_path: Path):
    def _table(*texts: str, **options: object) -> Table:
        paths = []
        for i, text in enumerate(texts):
            paths.append(str(tmp_path / f"{i}.csv"))
            Path(paths[-1]).write_text(text, encoding="utf-8")
        return read_table(read_sources(paths), DataOptions(**options), Notes())

    return _table


def test_text_that_parses_to_infinity_stays_text(table) -> None:
    body = "".join(f"{k},{k}.5\n" for k in range(1000))
    found = table("id,y\n" + body + "4e492493924924,1\n1e400,2\n")
    assert found.text("id").tolist()[-2:] == ["4e492493924924", "1e400"]
    assert found.numbers("id")[1].sum() == 2


def test_identifiers_with_leading_zeros_stay_text(table) -> None:
    assert table("id,y\n007,1\n008,2\n").text("id").tolist() == ["007", "008"]


def test_a_column_named_as_id_is_text_even_where_it_looks_like_numbers(table) -> None:
    assert table("id,y\n1.50,1\n2.50,2\n", id="id").text("id").tolist() == ["1.50", "2.50"]


def test_bad_cells_are_marked_and_the_others_are_numbers(table) -> None:
    values, bad = table("t,y\n1,1.5\n2,x\n3,\n4, 2.5 \n").numbers("y")
    np.testing.assert_array_equal(values, [1.5, np.nan, np.nan, 2.5])
    assert bad.tolist() == [False, True, False, False]


def test_european_numbers_among_text_are_read_as_european(table) -> None:
    values, bad = table("t;y\n1;1.234,5\n2;x\n3;-0,25\n").numbers("y")
    np.testing.assert_array_equal(values, [1234.5, np.nan, -0.25])
    assert bad.sum() == 1


def test_whole_numbers_with_gaps_are_text_without_a_point(table) -> None:
    assert table("k,y\n1,1\n,2\n3,3\n").text("k").dropna().tolist() == ["1", "3"]


@pytest.mark.parametrize(
    ("cells", "boolean"), [(["true", "False"], True), (["yes", "no"], True), (["yes", "x"], False)]
)
def test_booleans_are_recognised(table, cells: list[str], boolean: bool) -> None:
    found = table("t,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert found.is_boolean("y") is boolean


def test_a_row_is_traced_to_its_file_and_line(table) -> None:
    found = table("title\n\nt,y\n1,1\n\n2,2\n", "t,y\n3,3\n4,4\n")
    places = [Path(found.place(row)).name for row in range(4)]
    assert places == ["0.csv:4", "0.csv:6", "1.csv:2", "1.csv:3"]


def test_a_row_that_is_cut_short_has_missing_cells(table) -> None:
    found = table("t,y,z\n1,1,1\n2,2,2\n3,3\n")
    assert found.frame["z"].isna().tolist() == [False, False, True]


def test_a_line_that_only_python_calls_blank_is_counted_as_the_parser_counts_it(load_text) -> None:
    with pytest.raises(DataError, match=r':3, column "y": "5x"'):
        load_text("t  y\n\x1d\n1  5x\n2  6\n" + "".join(f"{i}  {i}.5x\n" for i in range(3, 40)))


def test_columns_that_were_read_can_be_let_go_of_all_at_once(load_text) -> None:
    rows = "".join(f"2024-01-{d:02d}" + f",{d % 5}.5" * 500 + "\n" for d in range(1, 9))
    dataset = load_text("day" + "".join(f",c{i}" for i in range(500)) + "\n" + rows)
    assert dataset.panel.n_series == 500

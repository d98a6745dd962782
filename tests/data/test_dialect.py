"""Encoding, separator, decimal mark and header are read off the first lines."""

from __future__ import annotations

import codecs

import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.dialect import SPACES, Dialect, decode, detect
from forecast_cli.data.read import Source
from forecast_cli.errors import DataError, UsageError


def dialect(text: str, **options: object) -> Dialect:
    source = Source("f.csv", text.encode(), text.encode())
    content, encoding = decode(source, None)
    return detect(source, content, encoding, DataOptions(**options))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("é;1\n".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "é;1\n".encode(), "utf-8-sig"),
        ("é;1\n".encode("utf-16"), "utf-16"),
        ("é;1\n".encode("utf-32"), "utf-32"),
        ("é;1\n23;4\n".encode("utf-16-le"), "utf-16-le"),
        ("é;1\n23;4\n".encode("utf-16-be"), "utf-16-be"),
        ("é;1\n".encode("cp1252"), "cp1252"),
        ("é;1\n".encode("latin-1") + b"\x81", "latin-1"),
    ],
)
def test_the_encoding_is_found_and_the_content_becomes_utf8(raw: bytes, name: str) -> None:
    content, found = decode(Source("f", raw, raw), None)
    assert found == name
    assert content.startswith("é;1\n".encode())


def test_nul_bytes_are_no_text() -> None:
    with pytest.raises(DataError, match="binary"):
        decode(Source("f", b"", b"a\0b"), None)


def test_an_unknown_or_wrong_encoding_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown encoding"):
        decode(Source("f", b"", b"a"), "utf-99")
    with pytest.raises(DataError, match="is not utf-8-sig"):
        decode(Source("f", b"", codecs.BOM_UTF8 + b"\xff"), None)
    with pytest.raises(DataError, match="is not ascii"):
        decode(Source("f", b"", "é".encode()), "ascii")


ROWS = {
    ",": "t,a,b\n2020-01-01 00:00,1.5,2\n2020-01-02 00:00,2.5,3\n",
    ";": "t;a;b\n2020-01-01 00:00;1,5;2\n2020-01-02 00:00;2,5;3\n",
    "\t": "t\ta\tb\n2020-01-01 00:00\t1.5\t2\n2020-01-02 00:00\t2.5\t3\n",
    "|": "t|a|b\n2020-01-01 00:00|1.5|2\n2020-01-02 00:00|2.5|3\n",
    SPACES: "t  a  b\n1  1.5 2\n2  2.5   3\n",
}


@pytest.mark.parametrize("sep", ROWS)
def test_the_separator_is_the_one_that_cuts_lines_alike(sep: str) -> None:
    found = dialect(ROWS[sep])
    assert (found.sep, found.names) == (sep, ("t", "a", "b"))
    assert found.decimal == ("," if sep == ";" else ".")


def test_two_columns_with_decimal_commas_are_not_three() -> None:
    found = dialect("time;value\n" + "".join(f"2020-01-{d:02d};1,{d}\n" for d in range(1, 20)))
    assert (found.sep, found.decimal, found.names) == (";", ",", ("time", "value"))


def test_separators_inside_quotes_do_not_count() -> None:
    found = dialect('name,y\n"a, b, c",1\n"d, e",2\n"f",3\n')
    assert found.sep == ","
    assert found.sample[0] == ("a, b, c", "1")


@pytest.mark.parametrize(
    ("cells", "sep", "decimal", "thousands"),
    [
        (["1.5", "2.25"], ";", ".", None),
        (["1,5", "2,25"], ";", ",", None),
        (["1.234,5", "2,25"], ";", ",", "."),
        (["1,234.5", "2.25"], ";", ".", ","),
        (['"1,234"', '"2,500"'], ",", ".", ","),
        (['"1,5"', '"2,25"'], ",", ",", None),
        (["0,123", "0,456"], ";", ",", None),
    ],
)
def test_decimal_and_thousands_marks(
    cells: list[str], sep: str, decimal: str, thousands: str | None
) -> None:
    found = dialect(f"t{sep}y\n" + "".join(f"{i}{sep}{c}\n" for i, c in enumerate(cells)))
    assert (found.decimal, found.thousands) == (decimal, thousands)


def test_a_preamble_and_a_commented_header_are_passed_over() -> None:
    text = "Station data\nSource: us, and them\n\n# T, Y\n\n1, 2\n2, 3\n3, 4\n"
    found = dialect(text)
    assert found.names == ("T", "Y")
    assert text.splitlines()[found.skip :] == ["1, 2", "2, 3", "3, 4"]


def test_the_separator_line_of_spreadsheets_is_believed() -> None:
    text = "sep=;\nt;y\n1;1,5\n2;2,5\n"
    found = dialect(text)
    assert (found.sep, found.names) == (";", ("t", "y"))
    assert text.splitlines()[found.skip] == "1;1,5"


def test_a_file_without_a_header_gets_numbered_names() -> None:
    found = dialect("1,2.5\n2,3.5\n3,4.5\n")
    assert found.names == ("column1", "column2")
    assert found.skip == 0


def test_years_as_column_names_are_a_header() -> None:
    assert dialect("name,1990,1991\na,1,2\nb,3,4\n").names == ("name", "1990", "1991")


def test_names_become_unique_and_the_row_name_column_may_lack_one() -> None:
    assert dialect("t,y,y\n1,2,3\n2,3,4\n").names == ("t", "y", "y.2")
    assert dialect("a,b\n1,2,3\n2,3,4\n3,4,5\n").names == ("column1", "a", "b")


def test_a_separator_at_the_end_of_each_row_is_no_column_of_row_names() -> None:
    assert dialect("a,b\n1,2,\n2,3,\n3,4,\n").names == ("a", "b", "column3")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    raw = end.join(["t,y", "1,2", "2,3", ""]).encode()
    assert decode(Source("f", raw, raw), None)[0] == b"t,y\n1,2\n2,3\n"


def test_a_header_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        dialect("t,y\n")


def test_options_overrule_and_bad_ones_are_refused() -> None:
    assert dialect(ROWS[","], sep=";").sep == ";"
    assert dialect(ROWS["\t"], sep="tab").sep == "\t"
    assert dialect(ROWS[";"], decimal=".").decimal == "."
    with pytest.raises(UsageError):
        dialect(ROWS[","], sep="::")
    with pytest.raises(UsageError):
        dialect(ROWS[","], decimal="x")


@pytest.mark.parametrize("sep", ["\n", '"', "5", "e", ".", "-", "§"])
def test_a_separator_that_cells_are_made_of_is_refused(load_text, sep: str) -> None:
    with pytest.raises(UsageError, match="--sep"):
        load_text("t,y\n1,2\n2,3\n", sep=sep)


@pytest.mark.parametrize(
    "text", [",,\n" * 9, '""\n' * 9, '"\n' * 9, "\ufeff", "\ufeff\n", "sep=,\n"]
)
def test_a_file_without_a_cell_is_refused_in_words(load_text, text: str) -> None:
    with pytest.raises(DataError):
        load_text(text)


def test_names_that_come_three_times_stay_apart(load_text) -> None:
    rows = "".join(f"2024-01-{d:02d},{d % 5},{d % 3},{d % 7},{d % 4}\n" for d in range(1, 29))
    dataset = load_text("day,y,y,y.2,y\n" + rows)
    assert dataset.panel.ids == ("y", "y.2", "y.2.2", "y.3")


def test_a_second_that_no_clock_shows_is_no_time(load_text) -> None:
    rows = "".join(f"2024-01-01 {h:02d}:59:{s},{h}\n" for h in range(20) for s in ("00", "30"))
    with pytest.raises(DataError, match=r':3, column "when": ".*00:59:60" is not a date'):
        load_text("when,y\n" + rows.replace("00:59:30", "00:59:60"))


def test_a_cell_of_a_megabyte_is_named_in_brief(load_text) -> None:
    rows = "".join(f"{i},{i % 7}\n" for i in range(500))
    with pytest.raises(DataError, match=r':502, column "y": "xxx') as caught:
        load_text("t,y\n" + rows + "500," + "x" * 1_000_000 + "\n")
    assert len(caught.value.message) < 300

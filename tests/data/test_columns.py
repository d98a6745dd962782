"""Roles of columns: what stands in the way of a target is shown, and likely ids are named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast_cli.data.dataset import Dataset
from forecast_cli.errors import DataError

Load = Callable[..., Dataset]
DAYS = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")


def lines(header: str, *columns: object, sep: str = ",") -> str:
    body = "".join(sep.join(map(str, row)) + "\n" for row in zip(*columns, strict=True))
    return f"{header}\n{body}"


def test_a_few_words_in_the_only_column_are_shown_with_the_fix(load_text: Load) -> None:
    values: list[object] = list(range(40))
    values[20] = "oops"
    with pytest.raises(DataError, match=r'data.csv:22, column "y": "oops" is not a num') as caught:
        load_text(lines("t,y", DAYS, values))
    assert '--na "oops"' in caught.value.fix


@pytest.mark.parametrize("form", ["{}%", "${}.50", "\N{MINUS SIGN}{}.5", "1_{}"])
def test_numbers_that_are_written_with_signs_are_shown(load_text: Load, form: str) -> None:
    cells = [form.format(i + 101) for i in range(40)]
    with pytest.raises(DataError, match=r'data.csv:2, column "y": ".*" is not a number') as caught:
        load_text(lines("t,y", DAYS, cells))
    assert "plain numbers" in caught.value.fix


def test_a_value_that_no_square_can_hold_is_refused(load_text: Load) -> None:
    with pytest.raises(DataError, match=r'data.csv:2, column "y": "1e\+300" is beyond 1e\+100'):
        load_text(lines("t,y", DAYS, [f"{i + 1}e300" for i in range(40)]))


def test_a_huge_value_in_a_row_of_values_is_refused(load_text: Load) -> None:
    cells = [[f"H{i}", *range(10), 2e200] for i in range(5)]
    header = "id," + ",".join(f"V{i}" for i in range(11))
    with pytest.raises(DataError, match="is beyond"):
        load_text(header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in cells))


def test_an_id_in_blocks_without_times_is_suggested(load_text: Load) -> None:
    ids = np.repeat(np.arange(8), [5, 4, 6, 5, 5, 5, 5, 5])
    dataset = load_text(lines("id,y", ids, np.sin(np.arange(40))))
    assert any('--id "id"' in said for said in dataset.warnings)
    told = load_text(lines("id,y", ids, np.sin(np.arange(40))), id="id")
    assert told.panel.n_series == 8


def test_names_beside_values_without_times_are_suggested(load_text: Load) -> None:
    ids = np.repeat([7, 8], 20)
    names = np.tile(["HR", "Temp"], 20)
    dataset = load_text(lines("RecordID,Parameter,Value", ids, names, np.sin(np.arange(40))))
    said = " ".join(dataset.warnings)
    assert '--id "RecordID" --variable "Parameter" --value "Value"' in said


def test_one_series_with_a_remark_is_not_called_many(load_text: Load) -> None:
    dataset = load_text(lines("remark,y", ["a", "b"] * 20, np.sin(np.arange(40))))
    assert not any("--id" in said for said in dataset.warnings)


def test_a_text_that_marks_phases_is_no_id(load_text: Load) -> None:
    phases = np.repeat(["train", "test"], 20)
    dataset = load_text(lines("phase,y", phases, np.sin(np.arange(40))))
    assert not any("--id" in said for said in dataset.warnings)

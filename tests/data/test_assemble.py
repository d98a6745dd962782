"""Reading as a whole: what was merged, moved or taken for something is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecast_cli.data.dataset import Dataset

Load = Callable[..., Dataset]
DAYS = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")  # 40


def lines(header: str, *columns: object, sep: str = ",") -> str:
    body = "".join(sep.join(map(str, row)) + "\n" for row in zip(*columns, strict=True))
    return f"{header}\n{body}"


def repairs(dataset: Dataset) -> dict[str, int]:
    return {repair.kind: repair.count for repair in dataset.summary.repairs}


@pytest.mark.parametrize("options", [{}, {"id": "country"}])
def test_ids_that_look_missing_are_ids(load_text: Load, options: dict[str, object]) -> None:
    ids = np.tile(["NA", "ZA", "null"], 40)
    text = lines("date,country,y", np.repeat(DAYS, 3), ids, np.sin(range(120)))
    panel = load_text(text, **options).panel
    assert panel.ids == ("NA", "ZA", "null")
    assert panel.lengths.tolist() == [40, 40, 40]


def test_an_id_that_looks_missing_may_fill_all_of_the_first_rows(load_text: Load) -> None:
    days = np.arange("2020-01-01", "2021-09-01", dtype="datetime64[D]")
    ids = np.repeat(["NA", "ZA"], len(days))
    text = lines("date,country,y", np.tile(days, 2), ids, np.sin(range(2 * len(days))))
    assert load_text(text).panel.ids == ("NA", "ZA")


def test_marks_stay_missing_in_numbers_that_stand_among_text(load_text: Load) -> None:
    values = [*map(str, range(38)), "NA", "null"]
    panel = load_text(lines("date,y", DAYS, values), target=("y",)).panel
    assert panel.observed[:, 0].sum() == 38


def test_rows_without_an_id_are_one_series_and_counted(load_text: Load) -> None:
    ids = np.repeat(["a", "", "b"], 40)
    dataset = load_text(lines("date,id,y", np.tile(DAYS, 3), ids, np.sin(range(120))), id="id")
    assert dataset.panel.ids == ("(missing)", "a", "b")
    assert repairs(dataset)["rows without an id"] == 40


def test_ids_that_differ_in_blanks_are_one_series_and_said(load_text: Load) -> None:
    ids = np.repeat(["a", " a", "b"], 40)
    dataset = load_text(lines("id,t,y", ids, np.tile(DAYS, 3), np.sin(range(120))), id="id")
    assert dataset.panel.ids == ("a", "b")
    assert repairs(dataset)["ids with blanks around them"] == 1


def test_dates_within_a_month_move_to_its_first_day_and_that_is_said(load_text: Load) -> None:
    months = pd.date_range("2000-01-15", periods=40, freq="MS") + pd.Timedelta(days=14)
    dataset = load_text(lines("t,y", months.strftime("%Y-%m-%d"), np.sin(range(40))))
    said = next(r for r in dataset.summary.repairs if r.kind == "days of the month")
    assert said.count == 40
    assert "first day of their month" in said.detail


def test_rows_cut_short_are_counted_with_the_first(load_text: Load) -> None:
    rows = lines("t,y,z", DAYS, np.sin(range(40)), np.cos(range(40))).splitlines()
    rows[11] = rows[11].rsplit(",", 1)[0]
    dataset = load_text("\n".join(rows))
    said = next(r for r in dataset.summary.repairs if r.kind == "rows with too few fields")
    assert (said.count, "data.csv:12" in said.detail) == (1, True)


def test_empty_cells_at_the_end_are_not_rows_cut_short(load_text: Load) -> None:
    last = ["", *np.cos(range(39))]
    assert "rows with too few fields" not in repairs(
        load_text(lines("t,y,z", DAYS, np.sin(range(40)), last))
    )


def test_columns_of_one_name_are_renamed_and_said(load_text: Load) -> None:
    dataset = load_text(lines("t,y,y", DAYS, np.sin(range(40)), np.cos(range(40))))
    assert dataset.panel.ids == ("y", "y.2")
    assert repairs(dataset)["columns of one name"] == 1


def test_a_comma_that_may_mark_thousands_is_warned_of(load_text: Load) -> None:
    dataset = load_text(lines("t;y", DAYS, [f"1,{100 + i}" for i in range(40)], sep=";"))
    assert any('"1,100" is taken for 1.100, not for 1100' in said for said in dataset.warnings)
    plain = load_text(lines("t;y", DAYS, [f"1,{10 + i}" for i in range(40)], sep=";"))
    assert not plain.warnings

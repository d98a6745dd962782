"""The page says what the result files hold: marks, opponents, sources, remarks, provenance."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import frame
import render
from frame import Measured, Results, Row
from render import Remark
from tests.benchmarks.test_frame import STAMP

OURS = Row("Long: A", "one", "MSE", "lstm", "ours", 0.365, target=0.36, seconds=2.5)
CLASSICAL = [
    replace(OURS, who=name, kind="classical", value=value, target=None, note="all | months")
    for name, value in (("linear", 0.37), ("arima", 0.41), ("broken", float("nan")))
]
PUBLISHED = [
    replace(OURS, who=name, kind="published", value=value, target=None, source=source)
    for name, value, source in (("FITS", 0.372, "Xu 2024"), ("DLinear", 0.384, "Zeng 2023"))
]
SAID = Remark("Long: A", "one", "Wider was tried.")


def page(*rows: Row, said: tuple[Remark, ...] = ()) -> str:
    return render.page([Results("How it is done.", (Measured(STAMP, rows),))], said)


def line_of(text: str) -> str:
    """The headline of the one question."""
    (found,) = re.findall(r"^\| one \| MSE \| \*\*.*$", text, re.MULTILINE)
    return str(found)


def test_a_line_holds_ours_and_the_best_of_each_other_kind() -> None:
    line = line_of(page(OURS, *CLASSICAL, *PUBLISHED))
    assert line.startswith("| one | MSE | **0.3650** | ≤ 0.3600 ✗ **missed** | 0.3700 linear | –")
    assert line.endswith("| 0.3720 FITS [1] | 2.5 s |")


def test_the_higher_is_the_best_where_higher_is_better() -> None:
    rows = [replace(row, better="higher") for row in (OURS, *CLASSICAL)]
    line = line_of(page(*rows))
    assert "≥ 0.3600 ✓ reached" in line
    assert "0.4100 arima" in line


def test_a_missed_row_shows_its_remark_and_a_reached_one_does_not() -> None:
    assert "- **one, MSE**: Wider was tried." in page(OURS, said=(SAID,))
    assert "no remark yet" in page(OURS)
    reached = page(replace(OURS, value=0.35), said=(SAID,))
    assert "Wider" not in reached
    assert "no remark" not in reached


def test_a_remark_on_two_metrics_is_said_once() -> None:
    text = page(OURS, replace(OURS, metric="MAE"), said=(SAID,))
    assert text.count("Wider was tried.") == 1
    assert "**one, MSE; one, MAE**" in text
    only = page(OURS, replace(OURS, metric="MAE"), said=(replace(SAID, metric="MAE"),))
    assert "**one, MAE**: Wider" in only


def test_the_summary_counts_the_marks_and_leads_to_what_was_missed() -> None:
    text = page(OURS, replace(OURS, row="two", value=0.3))
    assert "**1 of 2 marks reached.**" in text
    assert "- [Long: A](#long-a): one, MSE" in text
    assert "Nothing has been measured" in render.page([], [])


def test_rows_of_two_scripts_share_a_table_and_each_run_is_named() -> None:
    later = replace(STAMP, date="2026-02-03 04:05", command="python benchmarks/peers.py")
    peer = replace(OURS, who="DeepAR", kind="peer", value=0.4, target=None)
    text = render.page(
        [
            Results("Ours.", (Measured(STAMP, (OURS,)),)),
            Results("Theirs.", (Measured(later, (peer,)),)),
        ],
        [],
    )
    assert text.count("## Long: A") == 1
    assert "0.4000 DeepAR" in line_of(text)
    assert "Measured 2026-01-02 03:04 UTC by `python benchmarks/some.py`, commit abc1234" in text
    assert "Measured 2026-02-03 04:05 UTC by `python benchmarks/peers.py`" in text
    assert "a processor, 2 cores, 8 GiB, no GPU; python 3.11.7" in text


def test_what_was_asked_is_named_once_for_all_its_metrics() -> None:
    text = page(OURS, replace(OURS, metric="MAE", target_note="of the winner"))
    headlines = text.partition("<details>")[0]
    assert headlines.count("| one | MSE | **") == 1
    assert "|  | MAE | **0.3650** | ≤ 0.3600 ✗ **missed**<br>of the winner |" in headlines


def test_a_bar_in_a_note_does_not_end_its_cell() -> None:
    assert "all \\| months" in page(OURS, *CLASSICAL)


def test_every_figure_and_source_is_on_the_page() -> None:
    text = page(OURS, *CLASSICAL, *PUBLISHED)
    for row in (*CLASSICAL, *PUBLISHED):
        assert f"| one | MSE | {row.who} | {frame.number(row.value)} |" in text
    assert "1. Xu 2024\n2. Zeng 2023" in text
    assert "How it is done." in text


def test_remarks_are_read_with_and_without_a_metric(tmp_path: Path) -> None:
    path = tmp_path / "remarks.toml"
    path.write_text('[[remark]]\ntable = "T"\nrow = "r"\nmetric = "MSE"\ntext = "why"\n')
    assert render.remarks(path) == (Remark("T", "r", "why", "MSE"),)


def test_a_remark_on_no_row_is_found_out() -> None:
    stray = replace(SAID, row="renamed")
    assert render.pointless([SAID, stray, replace(SAID, metric="MAE")], [OURS]) == [
        stray,
        replace(SAID, metric="MAE"),
    ]


def test_every_remark_of_the_repository_is_about_a_measured_row_and_holds_no_figure() -> None:
    said = render.remarks()
    rows = [row for each in render.results() for run in each.runs for row in run.rows]
    assert render.pointless(said, rows) == []
    assert [remark for remark in said if re.search(r"\d\.\d|\d %", remark.text)] == []


def test_the_page_of_the_repository_is_that_of_its_result_files() -> None:
    if not render.PAGE.is_file():
        pytest.skip("nothing was measured yet")
    assert render.PAGE.read_text("utf-8") == render.page(render.results(), render.remarks())

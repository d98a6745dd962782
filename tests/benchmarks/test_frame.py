"""What a benchmark writes is what the page reads, and no run wipes out what it did not measure."""

from __future__ import annotations

import argparse
import doctest
import math
from dataclasses import replace
from pathlib import Path

import pytest

import frame
from frame import Row
from stamp import Stamp

STAMP = Stamp(
    command="python benchmarks/some.py",
    date="2026-01-02 03:04",
    commit="abc1234",
    machine={"processor": "a processor", "cores": "2", "memory": "8 GiB", "GPU": "none"},
    versions={"python": "3.11.7"},
)
ROW = Row("T", "one, 96 ahead", "MSE", "lstm", "ours", 0.36, target=0.37, seconds=2.5, note="n")


def test_the_examples_of_the_frame_hold() -> None:
    found = doctest.testmod(frame)
    assert found.attempted > 0
    assert found.failed == 0


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    rows = (ROW, replace(ROW, who="linear", kind="classical", target=None, seconds=None))
    frame.save(tmp_path / "some.json", rows, STAMP, about="What it is.")
    found = frame.read(tmp_path / "some.json")
    assert found == frame.Results("What it is.", (frame.Measured(STAMP, rows),))


def test_a_figure_that_is_no_number_comes_back_as_none(tmp_path: Path) -> None:
    frame.save(tmp_path / "some.json", [replace(ROW, value=math.nan)], STAMP)
    (run,) = frame.read(tmp_path / "some.json").runs
    assert math.isnan(run.rows[0].value)
    assert run.rows[0].reached is False


def test_a_partial_run_replaces_its_own_rows_and_keeps_the_others_with_their_stamp(
    tmp_path: Path,
) -> None:
    path, later = tmp_path / "some.json", replace(STAMP, date="2026-02-03 04:05")
    kept = replace(ROW, row="two, 96 ahead")
    frame.save(path, [ROW, kept], STAMP)
    new = replace(ROW, value=0.35)
    frame.save(path, [new], later, partial=True)
    assert frame.read(path).runs == (frame.Measured(STAMP, (kept,)), frame.Measured(later, (new,)))


def test_a_whole_run_leaves_nothing_of_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    frame.save(path, [replace(ROW, row="gone")], STAMP)
    frame.save(path, [ROW], STAMP)
    assert [row.row for run in frame.read(path).runs for row in run.rows] == [ROW.row]


def test_one_figure_measured_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"measured twice.*lstm"):
        frame.save(tmp_path / "some.json", [ROW, ROW], STAMP)


@pytest.mark.parametrize(
    ("value", "better", "reached"),
    [
        (0.36, "lower", True),
        (0.37, "lower", True),
        (0.38, "lower", False),
        (0.38, "higher", True),
        (0.36, "higher", False),
        (math.nan, "lower", False),
        (math.nan, "higher", False),
        (math.inf, "lower", False),
    ],
)
def test_a_mark_is_reached_at_it_or_on_its_better_side(
    value: float, better: str, reached: bool
) -> None:
    row = replace(ROW, value=value, better=better)  # type: ignore[arg-type]
    assert row.reached is reached


def test_a_row_without_a_mark_neither_reaches_nor_misses() -> None:
    assert replace(ROW, target=None).reached is None


def test_absent_data_end_a_script_in_one_line_without_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        frame.data_set(argparse.Namespace(data=tmp_path), "nn5")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "nn5" in said
    assert "--data" in said


def test_a_script_that_is_only_tried_out_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    frame.finish([ROW], argparse.Namespace(steps=3))
    assert list(tmp_path.iterdir()) == []
    assert "0.3600" in capsys.readouterr().out


@pytest.mark.parametrize("quick", [False, True])
def test_a_quick_run_is_a_partial_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    monkeypatch.setattr(frame, "REPOSITORY", tmp_path)
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    monkeypatch.setattr("sys.argv", ["benchmarks/some.py"])
    frame.save(tmp_path / "some.json", [replace(ROW, row="slow")], STAMP)
    frame.finish([ROW], argparse.Namespace(steps=None, quick=quick))
    rows = [row.row for run in frame.read(tmp_path / "some.json").runs for row in run.rows]
    assert rows == (["slow", ROW.row] if quick else [ROW.row])


def test_everything_is_shown_under_its_question(capsys: pytest.CaptureFixture[str]) -> None:
    published = replace(ROW, who="FITS", kind="published", value=0.372, target=None)
    frame.show([ROW, published, replace(ROW, metric="MAE", value=0.5)])
    said = capsys.readouterr().out
    assert said.count("one, 96 ahead: MSE") == 1
    assert "reached" in said
    assert "missed" in said
    assert "published" in said

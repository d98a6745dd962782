"""What ``fc.compare`` returns: the result, its tables, its pages."""

from __future__ import annotations

import pickle
from dataclasses import fields
from pathlib import Path

import pytest

from forecast_cli.comparison import CompareResult
from forecast_cli.workflows.comparison import Comparison
from tests.report.conftest import HOSTILE, make_hostile, make_judged


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(make_judged())


def test_every_field_of_the_result_can_be_read(comparison: Comparison) -> None:
    for each in fields(CompareResult):
        if each.name != "table":
            assert getattr(comparison, each.name) is getattr(comparison.result, each.name)
    with pytest.raises(AttributeError, match="nonsense"):
        comparison.nonsense  # noqa: B018


def test_tables_are_those_of_the_result(comparison: Comparison) -> None:
    assert comparison.table().loc["lstm", "rank"] == 1
    assert comparison.forecasts()["model"].nunique() == 9


def test_a_page_is_returned_or_written(comparison: Comparison, tmp_path: Path) -> None:
    for make, name in ((comparison.to_html, "a.html"), (comparison.to_markdown, "a.md")):
        assert make(tmp_path / name) is None
        assert (tmp_path / name).read_text(encoding="utf-8") == make()


def test_a_notebook_shows_the_verdict_and_the_table(comparison: Comparison) -> None:
    shown = comparison._repr_html_()
    assert shown.startswith("<p><b>The network is worth it")
    assert "Ship linear." in shown
    assert shown.count("<tr") == 1 + len(comparison.models)
    hostile = Comparison(make_hostile(make_judged()))._repr_html_()
    assert "<script" not in hostile
    assert "&lt;script&gt;" in hostile
    assert HOSTILE not in hostile


def test_printing_is_one_line_and_a_copy_is_the_same(comparison: Comparison) -> None:
    assert repr(comparison) == f"<Comparison: {comparison.verdict.text}>"
    again = pickle.loads(pickle.dumps(comparison))
    assert again.verdict == comparison.verdict

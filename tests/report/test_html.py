"""The HTML report: one file, well formed, inert whatever a user's names hold."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from forecast_cli.comparison import CompareResult, Replaced
from forecast_cli.report.html import compare_html, train_html
from forecast_cli.results import TrainResult
from tests.report.conftest import HOSTILE

VOID = {"meta", "br"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "p", "ul",
    "li", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "i", "figure",
    "figcaption", "svg", "path", "rect", "circle", "line", "text", "polygon",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_is_well_formed_and_stands_alone(
    compare: CompareResult, compare_many: CompareResult, train: TrainResult
) -> None:
    for html in (compare_html(compare), compare_html(compare_many), train_html(train)):
        page = Reader(html)
        assert page.open == []
        assert set(page.tags) <= ALLOWED
        assert {name for name, _ in page.attributes}.isdisjoint(
            {"src", "href", "onclick", "onload"}
        )
        assert "default-src 'none'" in html
        assert not re.search(r"https?://|@import|url\(", html)
        assert "prefers-color-scheme:dark" in html
        assert len(html) < 200_000


def test_the_verdict_comes_first(compare: CompareResult) -> None:
    words = Reader(compare_html(compare)).words
    assert words.index("The network is worth it") < words.index("Ranking")


@pytest.mark.parametrize("where", ["compare", "train"])
def test_hostile_names_are_inert(
    where: str, hostile_compare: CompareResult, train: TrainResult
) -> None:
    hostile_train = replace(
        train,
        data=hostile_compare.data,
        run=HOSTILE,
        stopped=HOSTILE,
        settings={HOSTILE: HOSTILE},
        fallbacks=(HOSTILE,),
        history=({"step": 1.0, f"loss{HOSTILE}": 1.0}, {"step": 2.0, f"loss{HOSTILE}": 0.5}),
    )
    html = compare_html(hostile_compare) if where == "compare" else train_html(hostile_train)
    page = Reader(html)
    assert page.open == []
    assert set(page.tags) <= ALLOWED  # no script
    assert "\x1b" not in html
    assert "<script>alert(1)</script>" in page.words  # as words


def test_attributes_cannot_be_left_with_a_quote(compare: CompareResult) -> None:
    name = "\" onload='alert(1)' x=\""
    models = (replace(compare.models[0], name=name), *compare.models[1:])
    table = replace(
        compare.table,
        ids=(name,),
        forecasts={name: compare.table.forecasts["lstm"]} | dict(compare.table.forecasts),
    )
    page = Reader(compare_html(replace(compare, models=models, table=table)))
    assert "onload" not in {attribute for attribute, _ in page.attributes}
    assert page.open == []


def test_every_table_has_a_caption_and_named_rows(compare_many: CompareResult) -> None:
    html = compare_html(compare_many)
    tables = re.findall(r"<table>.*?</table>", html, re.S)
    assert len(tables) >= 8
    for table in tables:
        assert re.search(r"<caption>[^<]+</caption>", table)
        body = table.partition("<tbody>")[2]
        assert body.count("<tr") == body.count('<th scope="row"')
        assert len(re.findall(r'<th scope="col"', table)) in {
            0,
            len(re.findall(r"<t[hd]", body)) // body.count("<tr"),
        }


def test_every_chart_has_a_name(compare: CompareResult) -> None:
    html = compare_html(compare)
    charts = re.findall(r'<svg viewBox[^>]*role="img" aria-label="([^"]+)"', html)
    assert len(charts) == html.count("<svg viewBox") >= 4


def test_ranks_and_scores_are_those_of_the_result(compare: CompareResult) -> None:
    html = compare_html(compare)
    for score in compare.models[:-1]:
        row = re.search(rf'<th scope="row" class="left">{score.name}</th>(.*?)</tr>', html, re.S)
        assert row is not None
        assert f"{score.metrics['mase']:.3f}" in row.group(1)
    assert "ets failed: TrainingError: no finite likelihood" in Reader(html).words


def test_what_a_simpler_model_answered_stands_in_a_table(compare: CompareResult) -> None:
    record = Replaced("arima", "naive", HOSTILE, 5, 30, (HOSTILE, "b"))
    helped = replace(compare.models[3], replaced=(record,))
    models = (*compare.models[:3], helped, *compare.models[4:])
    words = Reader(compare_html(replace(compare, models=models))).words
    assert "Answered by a simpler model" in words
    assert "5 of 30" in words
    assert "Answered by" not in Reader(compare_html(compare)).words


def test_a_model_out_of_time_is_listed_as_such(compare: CompareResult) -> None:
    late = replace(compare.models[-1], status="timed out", reason="timed out after 300 s")
    words = Reader(compare_html(replace(compare, models=(*compare.models[:-1], late)))).words
    assert "ets timed out after 300 s" in words


def test_the_examples_show_the_last_origin(compare: CompareResult) -> None:
    table = compare.table
    last = table.clock.show([int(table.origin_times.max())])[0]
    assert f"meter_00, from the last origin, {last}" in Reader(compare_html(compare)).words


def test_an_exploding_model_is_cut_and_said_to_be(compare: CompareResult) -> None:
    worst = replace(compare.models[1], skill=-9e7, skill_by_step=(-9e7,) * 24)
    html = compare_html(replace(compare, models=(compare.models[0], worst, *compare.models[2:])))
    words = Reader(html).words
    assert "lines are cut at −100 %" in words
    assert "worse than −100 % is drawn at it" in words


def test_no_coordinate_is_undefined(compare: CompareResult) -> None:
    holes = compare.table.actual.copy()
    holes[-1, 3:9] = np.nan
    steps = (math.nan, *compare.models[0].skill_by_step[1:])
    first = replace(compare.models[0], skill_by_step=steps)
    result = replace(
        compare,
        models=(first, *compare.models[1:]),
        table=replace(compare.table, actual=holes),
    )
    assert not re.search(r'="[^"]*(nan|inf)[^"]*"', compare_html(result))


def test_a_comparison_in_which_all_failed_still_makes_a_page(compare: CompareResult) -> None:
    models = tuple(
        replace(m, status="failed", reason="boom", rank=None, metrics={}, by_step={}, by_series={},
                skill=None, skill_by_step=())
        for m in compare.models
    )  # fmt: skip
    table = replace(compare.table, forecasts={})
    page = Reader(compare_html(replace(compare, models=models, direction=(), table=table)))
    assert page.open == []
    assert page.words.count("failed: boom") == len(models)


def test_one_step_and_one_origin_make_a_page(compare: CompareResult) -> None:
    t = compare.table
    table = replace(
        t,
        series=t.series[:1],
        origin_times=t.origin_times[:1],
        times=t.times[:1, :1],
        actual=t.actual[:1, :1],
        forecasts={name: f[:1, :1] for name, f in t.forecasts.items()},
    )
    result = replace(compare, table=table, protocol=replace(compare.protocol, horizon=1))
    assert Reader(compare_html(result)).open == []


def test_training_without_a_history_has_no_chart(train: TrainResult) -> None:
    assert "<svg viewBox" in train_html(train)
    assert "<svg viewBox" not in train_html(replace(train, history=()))

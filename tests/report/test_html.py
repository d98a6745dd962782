"""The HTML report: one file, well formed, inert whatever a user's names hold."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from forecast_cli.clock import Clock
from forecast_cli.comparison import CompareResult, Replaced
from forecast_cli.report.html import compare_html, train_html
from forecast_cli.report.markdown import compare_markdown
from forecast_cli.results import TrainResult
from tests.report.conftest import HOSTILE, make_compare

VOID = {"meta", "br", "input"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "h3", "p",
    "ul", "li", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "i",
    "figure", "figcaption", "svg", "path", "rect", "circle", "line", "text", "polygon", "g",
    "nav", "a", "dl", "dt", "dd", "small", "details", "summary", "ol", "label", "select", "input",
    "output", "script", "pre", "code",
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
    compare: CompareResult, judged_many: CompareResult, train: TrainResult
) -> None:
    for html in (compare_html(compare), compare_html(judged_many), train_html(train)):
        page = Reader(html)
        assert page.open == []
        assert set(page.tags) <= ALLOWED
        names = {name for name, _ in page.attributes}
        assert names.isdisjoint({"src", "style", "onclick", "onload"})
        assert all(link.startswith("#") for name, link in page.attributes if name == "href")  # type: ignore[union-attr]
        addresses = set(re.findall(r"https?://[^\"']*", html))
        assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not an address
        assert not re.search(r"@import|url\(|fetch\(|XMLHttp|innerHTML|eval\(", html)
        assert "light-dark(" in html


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(
    judged: CompareResult,
) -> None:
    html = compare_html(judged)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.group(1).split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    # The policy stands before all that it rules.
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_parts_that_were_not_found_out_are_left_out(
    compare: CompareResult, judged: CompareResult
) -> None:
    titles = (
        "Skill, with intervals",
        "Who wins where",
        "Learnability",
        "Leak certificate",
        "Again",
    )
    for title in titles:
        assert f">{title}</h2>" in compare_html(judged)
        assert title not in Reader(compare_html(compare)).words


def test_every_link_leads_to_a_part(judged: CompareResult) -> None:
    html = compare_html(judged)
    links = re.findall(r'href="#([^"]+)"', html)
    assert len(links) >= 14
    assert all(f' id="{link}"' in html for link in links)
    names = re.findall(r' id="([^"]+)"', html)
    assert len(names) == len(set(names))


def test_what_to_ship_its_rules_and_the_skill_with_its_interval_are_told(
    judged: CompareResult,
) -> None:
    words = Reader(compare_html(judged)).words.replace("\N{NO-BREAK SPACE}", " ")
    found = judged.models[0].versus_reference
    assert found is not None
    low, high = (f"{100 * end:+.1f}" for end in found.ci95)
    assert f"{low} to {high} %" in words
    for rule in judged.verdict.rules:
        assert rule in words
    assert "shiplinear" in words
    assert judged.command in words
    assert "0a" * 32 in words
    assert "2.13.0" in words


def test_a_win_map_says_each_winner_in_words(judged: CompareResult) -> None:
    html = compare_html(judged)
    table = re.search(r'<table class="map">.*?</table>', html, re.S)
    assert table is not None
    assert judged.where is not None
    cells = re.findall(r'class="unseen">(\w+), skill', table.group(0))
    assert cells == [name for row in judged.where.maps[0].best for name in row]
    assert "lstm, 48 cells" in html


def test_a_page_of_many_models_series_and_origins_stays_small() -> None:
    rng = np.random.default_rng(0)
    series, origins, horizon, names = 400, 200, 24, [f"model-{k}" for k in range(20)]
    base = make_compare(series=2)
    times = np.tile(np.arange(origins), series)[:, None] * 24 + np.arange(1, horizon + 1)
    actual = rng.normal(size=(series * origins, horizon))
    shared = (actual[:, :, None] + np.linspace(-2, 2, 5)).astype(np.float64)  # [O, H, Q]
    table = replace(
        base.table,
        ids=tuple(f"meter {s}" for s in range(series)),
        series=np.repeat(np.arange(series), origins),
        origin_times=times[:, 0] - 1,
        times=times,
        actual=actual,
        forecasts=dict.fromkeys(names, shared),
        clock=Clock(),
    )
    models = tuple(
        replace(
            base.models[0], name=name, rank=k + 1, by_series={"mase": tuple(rng.random(series))}
        )
        for k, name in enumerate(names)
    )
    html = compare_html(replace(base, models=models, table=table))
    assert "12 of 400 series" in html
    assert "8 of 20 models" in html
    assert len(html.encode()) < 6_000_000


def test_the_verdict_comes_first(compare: CompareResult) -> None:
    words = Reader(compare_html(compare)).words
    assert words.index("The network is worth it") < words.index("Models")


@pytest.mark.parametrize("where", ["compare", "judged", "train"])
def test_hostile_names_are_inert(
    where: str,
    hostile_compare: CompareResult,
    hostile_judged: CompareResult,
    train: TrainResult,
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
    made = {
        "compare": lambda: compare_html(hostile_compare),
        "judged": lambda: compare_html(hostile_judged),
        "train": lambda: train_html(hostile_train),
    }
    html = made[where]()
    page = Reader(html)
    assert page.open == []
    assert set(page.tags) <= ALLOWED
    assert page.tags.count("script") == (1 if where == "train" else 2)  # its own, and its data
    assert "<script>alert" not in html
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


def test_every_table_has_a_caption_and_named_rows(judged_many: CompareResult) -> None:
    html = compare_html(judged_many)
    tables = re.findall(r"<table[^>]*>.*?</table>", html, re.S)
    assert len(tables) >= 8
    for table in tables:
        assert re.search(r"<caption>[^<]+</caption>", table)
        body = table.partition("<tbody>")[2]
        assert body.count("<tr") == body.count('<th scope="row"')
        assert len(re.findall(r'<th scope="col"', table)) in {
            0,
            len(re.findall(r"<t[hd]", body)) // body.count("<tr"),
        }


def test_every_chart_has_a_name(judged: CompareResult) -> None:
    html = compare_html(judged)
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


def test_a_suspect_covariate_is_not_hidden_behind_the_proof(judged: CompareResult) -> None:
    proof = judged.leak_certificate
    assert proof is not None
    clean, foul = (
        Reader(compare_html(replace(judged, leak_certificate=replace(proof, suspects=s)))).words
        for s in ((), ("price: says nearly all",))
    )
    assert "no leakproved" in clean
    assert "suspect" not in clean
    assert "no leakproved" not in foul
    assert "leaks1 suspect covariateno leak in fits and forecasts: proved" in foul
    assert "What no proof can see: 1 suspect covariate." in foul


def test_series_without_an_origin_are_not_counted_as_asked(judged_many: CompareResult) -> None:
    assert " of 12 series, " in Reader(compare_html(judged_many)).words
    idle = replace(judged_many, data=replace(judged_many.data, series=16))
    words = Reader(compare_html(idle)).words
    assert " of 12 of 16 series, " in words
    assert " of 12 of 16 series, at most " in words
    assert " of 12 of 16 series, " in compare_markdown(idle)

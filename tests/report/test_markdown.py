"""The Markdown report: the answer, the table, and nothing that a forge would obey."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.comparison import CompareResult
from forecast_cli.report.markdown import code, compare_markdown, plain


def rows(markdown: str) -> list[list[str]]:
    """The cells of every row of every table, as GitHub parts them."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [
        [c.strip() for c in re.split(r"(?<!\\)\|", line.strip().removeprefix("|"))[:-1]]
        for line in lines
    ]


def test_the_verdict_leads_and_what_to_ship_follows(judged: CompareResult) -> None:
    lines = [line for line in compare_markdown(judged).splitlines() if line]
    assert lines[0].startswith("# ")
    assert lines[1].startswith("**The network is worth it: lstm")
    assert "Ship `linear`, fitted in 0.2 s." in lines


def test_every_model_stands_in_the_table_with_its_skill_and_interval(
    judged: CompareResult,
) -> None:
    table = {row[1].strip("`"): row for row in rows(compare_markdown(judged)) if len(row) == 9}
    for score in judged.models[:-1]:
        found = score.versus_reference
        assert found is not None
        assert table[score.name][3] == f"{score.metrics['mase']:.3f}"
        assert table[score.name][6] == found.decision
    assert table["lstm"][5] == "+22.3 to +33.3 %"
    assert table["ets"][3] == "failed"
    assert "ets failed: TrainingError: no finite likelihood" in compare_markdown(judged)


@pytest.mark.parametrize("kind", ["compare", "judged", "hostile_judged"])
def test_every_row_has_as_many_cells_as_its_header(
    kind: str, request: pytest.FixtureRequest
) -> None:
    markdown = compare_markdown(request.getfixturevalue(kind))
    for block in re.split(r"\n\n", markdown):
        cells = rows(block)
        assert len({len(row) for row in cells}) <= 1


def test_folded_parts_are_closed_and_empty_ones_left_out(
    judged: CompareResult, compare: CompareResult
) -> None:
    markdown = compare_markdown(judged)
    assert markdown.count("<details>") == markdown.count("</details>") >= 9
    for part in ("Leak certificate", "Versions", "The rules", "Where it fails"):
        assert part in markdown
        assert part not in compare_markdown(compare)


def test_the_command_and_the_hashes_can_be_copied(judged: CompareResult) -> None:
    markdown = compare_markdown(judged)
    assert f"```sh\n{judged.command}\n```" in markdown
    assert f"`{'0a' * 32}`" in markdown
    assert f"`{judged.data.sha256}`" in markdown


def test_hostile_names_neither_draw_nor_link_nor_call(hostile_judged: CompareResult) -> None:
    evil = "a|b\n# c <img src=x> [d](http://e) `f` @g ![h](i) </details>"
    table = replace(hostile_judged.table, ids=(evil,))
    data = replace(hostile_judged.data, sources=(evil,), channels=(evil,))
    result = replace(
        hostile_judged, data=data, table=table, notes=(evil,), versions={evil: evil}, command=evil
    )
    for markdown in (compare_markdown(result), compare_markdown(hostile_judged)):
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown, flags=re.S)  # no code
        tags = set(re.findall(r"<[a-zA-Z/][^>]*>", outside))
        assert tags <= {"<details>", "</details>", "<summary>", "</summary>"}
        assert "\x1b" not in markdown
        assert not re.search(r"[@#]\w", outside.replace("&#8203;", "\u200b"))
        assert "](" not in re.sub(r"\\\]", "", outside)
        assert "http:" not in outside
        assert outside.count("<details>") == outside.count("</details>")


@given(st.text(max_size=30))
def test_no_text_ends_its_code_span(words: str) -> None:
    span = code(words)
    fence = re.match("`+", span)
    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)
    assert "\n" not in span
    assert not re.search(r"(?<!\\)\|", span)


@given(st.text(max_size=30))
def test_no_text_draws_or_breaks_a_cell(words: str) -> None:
    inert = plain(words)
    assert "\n" not in inert
    assert not re.search(r"(?<!\\)(\\\\)*[|`*_\[\]]", inert.replace("\\\\", ""))
    assert "<" not in inert
    assert not re.search(r"[@#]\w", inert.replace("&#8203;", "\u200b"))

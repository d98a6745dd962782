"""Tables that give way: columns go whole, numbers stay whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from forecast_cli.report.grid import Column, Grid, View, bar, fitting, total_width
from tests.report.screen import shown

columns = st.lists(
    st.builds(
        Column,
        header=st.text("ab", max_size=3),
        cells=st.just(("x",)) | st.just(("x" * 12,)),
        drop=st.integers(0, 9),
    ),
    min_size=1,
    max_size=8,
)


@given(columns, st.integers(10, 120))
def test_the_least_important_columns_go_first_and_no_more_than_needed(
    given_columns: list[Column], width: int
) -> None:
    kept = fitting(given_columns, width)
    gone = [c for c in given_columns if not any(c is k for k in kept)]
    assert all(c.drop for c in gone)
    if any(c.drop for c in kept):
        assert total_width(kept) <= width
    if gone:
        back = min(gone, key=lambda c: c.drop)  # the last that went, first of its equals
        assert all(c.drop <= back.drop for c in kept)
        with_it = [c for c in given_columns if c is back or any(c is k for k in kept)]
        assert total_width(with_it) > width


def test_prose_folds_where_numbers_stay_whole() -> None:
    grid = Grid(
        [
            Column("n", ["123456.789"]),
            Column("why", ["many words that do not fit on one line"], right=False, prose=True),
        ]
    )
    text = shown(grid, width=30)
    assert "123456.789" in text
    assert len(text.splitlines()) > 3


def test_markup_and_emoji_codes_in_cells_are_plain_text() -> None:
    text = shown(Grid([Column("id", ["[red]x[/red] :smile:"], right=False)]))
    assert "[red]x[/red] :smile:" in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_gets_signs_that_it_has(encoding: str) -> None:
    view = View([Text("−5 – Köln → 日本 ░█◂"), Grid([Column("a", ["1"])])])
    assert shown(view, encoding=encoding).splitlines()[0].startswith("-5 - K")


@pytest.mark.parametrize(
    ("share", "text"), [(0, ""), (0.5, "██"), (1, "████"), (7, "████"), (1e-9, "▏")]
)
def test_a_bar_fills_its_share_and_never_more_than_its_room(share: float, text: str) -> None:
    assert bar(share, 4) == text

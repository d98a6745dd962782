"""Text for people: shared decimals, visible control characters."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.report.words import (
    clean,
    duration,
    lead,
    metric_name,
    number,
    numbers,
    percent,
    plain_ascii,
    short_times,
    size,
)


@given(st.text())
def test_cleaned_text_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    kinds = {unicodedata.category(char) for char in clean(text)}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_an_escape_code_becomes_visible() -> None:
    assert clean("\x1b]0;title\x07\u202eabc") == "\\x1b]0;title\\x07\\u202eabc"


@given(st.text(), st.integers(2, 40))
def test_shortened_text_keeps_its_limit(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


@given(st.text())
def test_plain_ascii_keeps_the_number_of_signs(text: str) -> None:
    plain = plain_ascii(text)
    assert plain.isascii()
    assert len(plain) == len(text)


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=8))
def test_numbers_of_a_column_share_their_decimals(values: list[float]) -> None:
    places = {len(cell.partition(".")[2]) for cell in numbers(values)}
    assert len(places) == 1


@given(st.floats(1e-5, 1e6))
def test_a_number_shows_at_least_three_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=6e-3)


def test_an_exploding_value_does_not_widen_its_column() -> None:
    assert numbers([0.812, 9.1e7, math.nan]) == ["0.812", "9.1e+07", "–"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(-1e-9, "0.0 %"), (0.0734, "+7.3 %"), (-12.5, "−1250 %"), (-1e7, "−1.0e+09 %"), (None, "–")],
)
def test_signed_percentages_never_show_a_negative_zero(share: float | None, text: str) -> None:
    assert percent(share, signed=True) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0996, "0.1 s"), (59.97, "1 min 0 s"), (3600, "1 h 0 min"), (math.nan, "–")],
)
def test_durations_round_up_to_the_next_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_sizes_round_up_to_the_next_unit() -> None:
    assert [size(n) for n in (999, 999_960, 3 * 10**12)] == ["999 B", "1.0 MB", "3000.0 GB"]


def test_the_lead_of_a_lone_sentence_has_no_rest() -> None:
    assert lead("MASE of 0.71, 3.1 % lower.") == ("MASE of 0.71, 3.1 % lower.", "")


def test_short_times_keep_what_tells_them_apart() -> None:
    assert short_times(["2024-01-01 00:00:00", "2024-01-01 00:00:30"]) == [
        "2024-01-01 00:00:00",
        "2024-01-01 00:00:30",
    ]
    assert short_times(["1", "2"]) == ["1", "2"]
    assert short_times([]) == []


def test_metrics_carry_their_usual_names() -> None:
    assert [metric_name(m) for m in ("mase", "smape", "wql")] == ["MASE", "sMAPE", "WQL"]

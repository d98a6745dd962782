"""The little TOML writer against the standard library's reader."""

from __future__ import annotations

import math
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.runs import toml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))  # lone surrogates are no text
SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | TEXTS
KEYS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1)


@given(st.dictionaries(KEYS, SCALARS | st.lists(TEXTS, max_size=4)))
def test_what_is_written_is_read_back(values: dict[str, object]) -> None:
    assert tomllib.loads(toml.dumps(values)) == values


def test_none_is_left_out_and_a_tuple_becomes_an_array() -> None:
    assert toml.dumps({"tz": None, "level": (80, 95)}) == "level = [80, 95]\n"


def test_what_is_not_a_number_stays_so() -> None:
    assert math.isnan(tomllib.loads(toml.dumps({"loss": math.nan}))["loss"])


def test_a_value_without_a_toml_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        toml.dumps({"x": object()})

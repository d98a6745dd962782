"""--event: rules, and the rows at which they are answered."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.events.rules import Rule, parse_rule, threshold_examples
from forecast_cli.data.panel import Panel
from forecast_cli.errors import DataError, UsageError
from tests.data.events.conftest import table


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("load > 4200", Rule("load", ">", 4200.0)),
        ("load>=-1.5e3", Rule("load", ">=", -1500.0)),
        ('"my load" != 0', Rule("my load", "!=", 0.0)),
        ("'a>b' < .5", Rule("a>b", "<", 0.5)),
        ("PM 2.5 <= 35", Rule("PM 2.5", "<=", 35.0)),
        ("x == 1", Rule("x", "==", 1.0)),
    ],
)
def test_a_rule_is_a_column_a_sign_and_a_number(text, rule):
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    "text",
    ["", "load", "load >", "> 3", "load > much", "load = 3", "a > 1 > 2", "x > nan", "x =>1"],
)
def test_what_is_no_rule_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="--event") as caught:
        parse_rule(text)
    assert "load > 4200" in caught.value.fix


@given(
    st.text(st.sampled_from("ab >=<!"), min_size=1, max_size=6).filter(str.strip).map(str.strip),
    st.sampled_from([">", ">=", "<", "<=", "==", "!="]),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_rule_reads_what_it_writes(column, sign, limit):
    rule = Rule(column, sign, limit)
    assert parse_rule(str(rule)) == rule


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, math.nan]), min_size=2, max_size=30),
    st.integers(1, 6),
)
def test_an_answer_looks_at_the_next_steps_and_needs_enough_of_them(values, horizon):
    y = np.array(values)
    panel = Panel(
        y[:, None], np.isfinite(y)[:, None], np.arange(len(y)), np.array([0, len(y)]), ("a",)
    )
    found = threshold_examples(panel, Rule("y", ">", 1.5), horizon)
    expected = {}
    for r in range(len(y) - horizon):
        ahead = y[r + 1 : r + 1 + horizon]
        if np.isfinite(ahead).sum() >= 0.75 * horizon:
            expected[r] = int(np.any(ahead > 1.5))
    rows = found.moments.rows.tolist()
    assert dict(zip(rows, found.labels.tolist(), strict=True)) == expected


def hours(values: list[object]) -> str:
    return table(
        "t,load", *[(f"2024-01-{1 + i // 24:02d} {i % 24:02d}:00", v) for i, v in enumerate(values)]
    )


def test_a_regular_series_is_read_as_for_forecasting(read):
    histories = read(hours([i % 24 for i in range(240)]), event="load > 20", horizon=3)
    assert histories.task.kind == "threshold"
    assert histories.task.event == "load > 20"
    assert histories.panel.roles == ("target",)
    assert histories.panel.clock.freq == "h"
    assert histories.task.seasons == (24,)
    assert histories.task.scale.name == "hour"
    assert histories.options.target == ("load",)
    assert len(histories.examples) == 237


def test_a_rule_that_never_holds_is_refused_with_the_range(read):
    with pytest.raises(DataError, match="from 0 to 23"):
        read(hours([i % 24 for i in range(240)]), event="load > 99", horizon=3)


def test_a_rule_needs_a_horizon_and_a_column_that_is_there(read):
    with pytest.raises(UsageError, match="steps ahead"):
        read(hours([1, 2, 3]), event="load > 2")
    with pytest.raises(UsageError, match='no column "laod"') as caught:
        read(hours([1, 2, 3]), event="laod > 2", horizon=1)
    assert "load" in caught.value.fix

"""Columns that may know the answer too well."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.events.leaks import tells
from forecast_cli.errors import UsageError
from tests.data.events.conftest import repairs, table


@given(st.integers(0, 1000))
def test_noise_does_not_tell(seed):
    rng = np.random.default_rng(seed)
    assert not tells(rng.normal(size=60), rng.permutation(np.repeat([0, 1], 30)))


@given(st.integers(0, 1000), st.booleans())
def test_a_limit_tells_whichever_side_the_event_is_on(seed, high):
    values = np.random.default_rng(seed).normal(size=60)
    assert tells(values, ((values > 0.1) == high).astype(int))


def test_few_values_tell_several_classes():
    labels = np.repeat([0, 1, 2], 20)
    assert tells(np.array([7.0, 3.0, 5.0])[labels], labels)


def test_few_examples_or_a_rare_class_are_no_proof():
    assert not tells(np.arange(10.0), np.repeat([0, 1], 5))
    assert not tells(np.arange(100.0), np.repeat([0, 1], [97, 3]))


def test_a_static_written_after_the_event_is_said(read):
    rows = [(f"u{e}", t, t, e % 2, 3 - e % 2) for e in range(30) for t in range(3)]
    histories = read(table("unit,t,x,died,discharge", *rows), label="died")
    assert any('"discharge" alone tells' in line for line in histories.warnings)
    assert "discharge" in histories.panel.static_names


def test_a_static_that_no_time_passes_is_said(read):
    ends = np.random.default_rng(0).integers(5, 50, 40)
    rows = [
        (f"u{e}", t, t * e % 7, int(e % 3 == 0), int(ends[e]) + 2)
        for e in range(40)
        for t in (0, 2, int(ends[e]))
    ]
    histories = read(table("unit,t,x,died,followed", *rows), label="died")
    assert any('"followed" is never before' in line for line in histories.warnings)


OUTCOMES = table("unit,end", *[(f"u{i}", i % 2) for i in range(6)])


def told_twice(header: str = "unit,t,x,y,end") -> str:
    """Histories that hold the answer as well, whatever a file of labels says."""
    found = [(f"u{i}", t, t, (i * t) % 3, i % 2) for i in range(6) for t in range(3)]
    return table(header, *found)


@pytest.mark.parametrize("options", [{}, {"label": "end"}, {"id": "unit"}])
def test_the_answer_of_a_file_is_no_feature_where_the_histories_have_it_too(read, options):
    histories = read(told_twice(), labels=OUTCOMES, **options)
    assert "end" not in {*histories.panel.channels, *histories.panel.static_names}
    assert repairs(histories)["columns of answers"] == 1


def test_the_answer_is_no_feature_of_name_and_value_files(read):
    found = [
        (f"u{i}", t, name, value)
        for i in range(6)
        for t in range(3)
        for name, value in (("x", t), ("y", i * t), ("end", i % 2))
    ]
    text = table("unit,t,name,value", *found)
    histories = read(text, labels=OUTCOMES, variable="name", value="value")
    assert histories.panel.channels == ("x", "y")
    assert histories.panel.static_names == ()
    assert repairs(histories)["rows of answers"] == 18


def test_the_answer_is_no_feature_where_it_stands_in_the_file_of_statics(read):
    fixed = table("unit,age,end", *[(f"u{i}", 40 + i, i % 2) for i in range(6)])
    rows = told_twice("unit,t,x,y,z")
    assert read(rows, labels=OUTCOMES, statics=fixed).panel.static_names == ("z", "age")
    in_rows = read(told_twice(), statics=fixed, label="end")
    assert in_rows.panel.static_names == ("age",)


def test_the_answer_of_a_file_cannot_be_asked_for_as_a_feature(read):
    with pytest.raises(UsageError, match="by --label and by --static"):
        read(told_twice(), labels=OUTCOMES, static=("end",))


def test_a_file_of_labels_that_starts_with_the_label_keeps_the_ids(read):
    swapped = table("end,unit", *[(i % 2, f"u{i}") for i in range(6)])
    assert read(told_twice("unit,t,x,y,z"), labels=swapped).panel.ids[:2] == ("u0", "u1")

"""Columns that may know the answer too well."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.events.leaks import tells
from tests.data.events.conftest import table


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

"""Aggregates: those of a plain loop and of pandas, at any row, with nothing of what follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.classifiers.aggregates import (
    ALL,
    MEANS,
    THREE,
    aggregates,
    feature_names,
    running_sums,
)
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.events import EventTask, TimeScale
from tests.events import random_histories

TASK = EventTask("entity", "died")


def every_moment(panel: Panel) -> Origins:
    return Origins(panel.series_of_row, np.arange(panel.n_rows))


def by_hand(values: Floats, times: Floats, now: float) -> list[float]:
    """What the kinds of ``ALL``, then "middle", are of one channel's measurements."""
    if not len(values):
        return [np.nan] * 7 + [0.0, np.nan, np.nan]
    slope = np.polyfit(times - times[0], values, 1)[0] if np.ptp(times) else 0.0
    return [
        values.mean(),
        values.min(),
        values.max(),
        values[0],
        values[-1],
        slope,
        values.std(),
        np.log1p(len(values)),
        now - times[-1],
        values[(len(values) - 1) // 2],
    ]


@given(seed=st.integers(0, 1000), longest=st.integers(1, 25))
def test_every_row_has_what_a_loop_over_its_past_finds(seed: int, longest: int) -> None:
    panel, _ = random_histories(6, seed=seed, longest=longest)
    moments = every_moment(panel)
    found = aggregates(panel, TASK, moments, (*ALL, "middle"))
    for row, series in zip(moments.rows.tolist(), moments.series.tolist(), strict=True):
        past = slice(panel.starts[series], row + 1)
        times, wanted = panel.times[past].astype(float), []
        for c in range(len(panel.channels)):
            seen = panel.observed[past, c]
            wanted += by_hand(panel.values[past, c][seen], times[seen], times[-1])
        wanted += [np.log1p(len(times)), times[-1] - times[0], *panel.static[series]]
        np.testing.assert_allclose(found[row], wanted, rtol=1e-8, atol=1e-8)


def test_whole_histories_have_the_aggregates_of_pandas() -> None:
    panel, examples = random_histories(300, seed=1)
    kinds = ("mean", "minimum", "maximum", "first", "last", "deviation", "count")
    found = aggregates(panel, TASK, examples.moments, kinds)[:, : len(kinds)]
    grouped = pd.Series(panel.values[:, 0]).groupby(panel.series_of_row)
    wanted = grouped.agg(["mean", "min", "max", "first", "last"]).to_numpy()
    np.testing.assert_allclose(found[:, :5], wanted, rtol=1e-12)
    np.testing.assert_allclose(found[:, 5], grouped.std(ddof=0), atol=1e-12)
    np.testing.assert_allclose(found[:, 6], np.log1p(grouped.count()), rtol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_a_running_aggregate_is_that_of_the_cut_history_to_the_last_bit(seed: int) -> None:
    panel, _ = random_histories(30, seed=seed)
    running = aggregates(panel, TASK, every_moment(panel), (*ALL, *THREE))
    ends = panel.starts + np.random.default_rng(seed).integers(1, panel.lengths + 1)
    cut = panel.until(ends)
    at_end = aggregates(cut, TASK, Origins.at_end(cut), (*ALL, *THREE))
    np.testing.assert_array_equal(running[ends - 1], at_end)


def test_other_histories_change_no_bit() -> None:
    panel, examples = random_histories(30, seed=3)
    own = panel.series_of_row == 7
    loud = np.where(own[:, None], panel.values, 1e12 * (1 + np.arange(panel.n_rows)[:, None]))
    strange = replace(panel, values=np.where(panel.observed, loud, np.nan))
    asked = examples.moments[7:8]
    np.testing.assert_array_equal(
        aggregates(strange, TASK, asked, ALL), aggregates(panel, TASK, asked, ALL)
    )


def test_a_large_offset_costs_no_digits() -> None:
    panel, examples = random_histories(30, seed=4)
    high = replace(panel, values=panel.values + 1e9)
    kinds = ("slope", "deviation")
    np.testing.assert_allclose(
        aggregates(high, TASK, examples.moments, kinds),
        aggregates(panel, TASK, examples.moments, kinds),
        atol=1e-5,
    )


def test_slopes_and_gaps_are_counted_in_units() -> None:
    panel, examples = random_histories(30, seed=5)
    hours = EventTask("entity", "died", scale=TimeScale("duration", 3600, "hour"))
    slow = replace(panel, times=3600 * panel.times)
    np.testing.assert_allclose(
        aggregates(slow, hours, examples.moments, ALL),
        aggregates(panel, TASK, examples.moments, ALL),
        rtol=1e-9,
    )


def test_a_text_is_how_often_it_said_each_label_and_a_strange_one_says_none() -> None:
    panel, examples = random_histories(20, seed=6)
    codes = np.where(panel.observed[:, 2], np.arange(panel.n_rows) % 3, np.nan)
    static = np.column_stack([panel.static[:, 0], np.arange(20) % 2])
    static[4, 1] = np.nan
    panel = replace(panel, values=np.column_stack([panel.values[:, :2], codes]), static=static)
    task = EventTask("entity", "died", categories={"c": ("x", "y", "z"), "t": ("f", "m")})
    assert feature_names(panel, task, MEANS) == (
        "mean of a", "mean of b", "mean of c=x", "mean of c=y", "mean of c=z", "s", "t=f", "t=m",
    )  # fmt: skip
    found = aggregates(panel, task, examples.moments, MEANS)
    shares = found[np.isfinite(found[:, 2]), 2:5]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert found[4, -2:].tolist() == [0, 0]
    assert found[5, -2:].tolist() == [0, 1]


@pytest.mark.parametrize("kinds", [MEANS, THREE, ALL])
def test_every_column_has_a_name(kinds: tuple[str, ...]) -> None:
    panel, examples = random_histories(5, seed=7)
    names = feature_names(panel, TASK, kinds)
    assert len(set(names)) == aggregates(panel, TASK, examples.moments, kinds).shape[1]


@given(lengths=st.lists(st.integers(0, 9), max_size=12), seed=st.integers(0, 99))
def test_running_sums_are_those_of_each_segment_alone(lengths: list[int], seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(sum(lengths), 2)) * 1e6
    found = running_sums(x, np.array(lengths, dtype=np.int64))
    begin = 0
    for length in lengths:
        part = slice(begin, begin + length)
        np.testing.assert_array_equal(found[part], np.cumsum(x[part], axis=0))
        begin += length

"""Bands, pairs and rankings that the reports read out of a result."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.comparison import CompareResult
from forecast_cli.report.derived import (
    bands,
    by_series,
    horizon_profile,
    levels,
    median_position,
    remarks,
    step_ticks,
    ticks,
)
from forecast_cli.task import Task


@given(st.integers(1, 1000), st.integers(1, 12))
def test_bands_cut_the_horizon_without_gap_or_overlap(horizon: int, most: int) -> None:
    cut = bands(horizon, most)
    covered = [step for band in cut for step in range(band.first, band.last + 1)]
    sizes = [band.last - band.first + 1 for band in cut]
    assert covered == list(range(1, horizon + 1))
    assert len(cut) <= most
    assert max(sizes) - min(sizes) <= 1


@given(st.sets(st.integers(1, 99), min_size=1, max_size=5))
def test_levels_are_read_back_from_the_quantiles_of_a_task(wanted: set[int]) -> None:
    task = Task(horizon=1, levels=tuple(sorted(wanted)))
    found = levels(task.quantiles)
    assert [level for level, _, _ in found] == sorted(wanted)
    assert median_position(task.quantiles) == task.median


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_lie_inside_their_limits(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert 2 <= len(marks) <= 12
    assert all(low - 1e-6 * span <= v <= low + span * (1 + 1e-6) for v in marks)


@given(st.integers(2, 1000))
def test_step_ticks_are_evenly_spaced_steps_of_the_horizon(horizon: int) -> None:
    marks = step_ticks(horizon)
    assert marks
    assert all(1 <= step <= horizon for step in marks)
    gaps = {later - sooner for sooner, later in pairwise(marks)}
    assert gaps <= {marks[0]}  # evenly spaced, from nought on


def test_the_best_of_a_band_has_the_highest_mean_skill(compare: CompareResult) -> None:
    profile = horizon_profile(compare)
    for k, best in enumerate(profile.best):
        means = {name: row[k] for name, row in profile.rows}
        assert means[best] == max(means.values())


def test_without_a_reference_the_profile_shows_the_metric_and_prefers_the_least(
    compare: CompareResult,
) -> None:
    models = tuple(replace(m, skill=None, skill_by_step=()) for m in compare.models)
    profile = horizon_profile(replace(compare, models=models))
    assert not profile.is_skill
    first = {name: row[0] for name, row in profile.rows}
    assert first[profile.best[0]] == min(first.values())


def test_an_undefined_step_leaves_the_mean_of_the_others(compare: CompareResult) -> None:
    lstm = replace(compare.models[0], skill_by_step=(math.nan, 0.4, 0.2) + (0.0,) * 21)
    profile = horizon_profile(replace(compare, models=(lstm, *compare.models[1:])))
    assert profile.rows[0][1][0] == pytest.approx(0.3)


def test_series_are_listed_from_the_best_to_the_worst(compare_many: CompareResult) -> None:
    values = [row.value for row in by_series(compare_many)]
    assert len(values) == 12
    assert values == sorted(values)


def test_a_lone_series_is_not_ranked(compare: CompareResult) -> None:
    assert by_series(compare) == ()


def test_a_remark_does_not_repeat_the_name_of_its_model(compare: CompareResult) -> None:
    score = replace(compare.models[0], name="arima", fallbacks=("arima: naive, from 3 origins",))
    assert remarks(score) == ("naive, from 3 origins",)

"""Charts show the numbers of the result, at the right places."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import CompareResult
from forecast_cli.report.charts import cost_chart, examples, loss_chart, skill_chart
from forecast_cli.report.svg import Axis, Line, line_chart
from forecast_cli.results import TrainResult


def points(svg: str, name: str) -> list[list[tuple[float, float]]]:
    """The unbroken stretches of a named line, as pixels."""
    path = re.search(rf' d="([^"]*)"><title>{re.escape(name)}</title>', svg)
    assert path is not None
    stretches = path.group(1).split("M")[1:]
    return [[tuple(map(float, p.split(","))) for p in s.split("L")] for s in stretches]  # type: ignore[misc]


def test_pixels_are_a_straight_map_of_the_values() -> None:
    svg = line_chart("t", Axis("x"), Axis("y"), [Line("a", [0, 1, 2, 4], [5.0, 1.0, 3.0, 2.0])])
    (stretch,) = points(svg, "a")
    x, y = np.array(stretch).T
    np.testing.assert_allclose((x - x[0]) / (x[-1] - x[0]), [0, 0.25, 0.5, 1], atol=1e-4)
    np.testing.assert_allclose((y - y[1]) / (y[0] - y[1]), [1, 0, 0.5, 0.25], atol=1e-4)
    assert y[0] < y[1]  # up is more


def test_the_numbers_of_an_axis_stand_at_their_values() -> None:
    svg = line_chart("t", Axis("x"), Axis("y"), [Line("a", [0, 10], [0.0, 10.0])])
    (stretch,) = points(svg, "a")
    label = re.search(r'<text class="mid" x="([\d.]+)"[^>]*>4</text>', svg)
    assert label is not None
    place = (float(label.group(1)) - stretch[0][0]) / (stretch[1][0] - stretch[0][0])
    assert place == pytest.approx(0.4, abs=1e-3)


def test_an_undefined_step_breaks_the_line_of_skill(compare: CompareResult) -> None:
    first = compare.models[0]
    steps = (*first.skill_by_step[:5], math.nan, *first.skill_by_step[6:])
    result = replace(compare, models=(replace(first, skill_by_step=steps), *compare.models[1:]))
    assert [len(stretch) for stretch in points(skill_chart(result), "lstm")] == [5, 18]


def test_the_past_reaches_to_the_origin_and_the_forecast_starts_after_it(
    compare: CompareResult,
) -> None:
    (svg,) = examples(compare)
    mark = re.search(r'<line class="rule" x1="([\d.]+)"', svg)
    assert mark is not None
    origin = float(mark.group(1))
    (actual,) = points(svg, "actual")
    (forecast,) = points(svg, "lstm")
    assert len(actual) == 3 * 24  # two horizons of past and what came
    assert origin in [x for x, _ in actual]
    assert len(forecast) == 24
    assert min(x for x, _ in forecast) > origin


def test_the_rival_is_the_best_of_the_other_kind(compare: CompareResult) -> None:
    (svg,) = examples(compare)
    assert points(svg, "linear")
    assert "<title>gru</title>" not in svg


def test_few_of_many_series_are_shown(compare_many: CompareResult) -> None:
    titles = [re.search(r"<figcaption>(\w+)", svg).group(1) for svg in examples(compare_many)]  # type: ignore[union-attr]
    assert titles == ["meter_00", "meter_05", "meter_11"]


def test_a_model_without_skill_is_not_a_point(compare: CompareResult) -> None:
    models = tuple(replace(m, skill=None) for m in compare.models)
    assert cost_chart(replace(compare, models=models)) == ""
    assert cost_chart(compare).count('rx="5.5"') == 2  # the networks


def test_both_losses_are_drawn_against_the_step(train: TrainResult) -> None:
    svg = loss_chart(train)
    assert len(points(svg, "training block")[0]) == len(train.history)
    assert len(points(svg, "validation block")[0]) == len(train.history)

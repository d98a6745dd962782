"""Charts show the numbers of the result, at the right places."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import CompareResult
from forecast_cli.report.charts import (
    cost_chart,
    error_chart,
    forest,
    loss_chart,
    quantile_chart,
    skill_chart,
)
from forecast_cli.report.derived import ladder
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


def test_errors_far_beyond_the_reference_are_not_drawn_and_said_not_to_be(
    compare: CompareResult,
) -> None:
    assert "is not drawn" not in error_chart(compare)
    first = compare.models[0]
    steps = (*first.by_step["mase"][:9], 1e9, *first.by_step["mase"][10:])
    worse = replace(first, by_step={**first.by_step, "mase": steps})
    svg = error_chart(replace(compare, models=(worse, *compare.models[1:])))
    assert [len(stretch) for stretch in points(svg, "lstm")] == [9, 14]
    assert "more than 3 times that of the reference is not drawn" in svg
    assert "1.0e+09" in svg or "1e+09" in svg  # the table has it


def test_a_row_of_the_forest_shows_skill_and_interval_at_their_places(
    judged: CompareResult,
) -> None:
    svg = forest(judged)
    found = judged.models[0].versus_reference
    assert found is not None
    ticks = {
        float(label.replace("−", "-")): float(x)
        for x, label in re.findall(r'<text class="mid" x="([\d.]+)" y="\d+">([−\d]+)</text>', svg)
    }
    low, high = min(ticks), max(ticks)
    scale = (ticks[high] - ticks[low]) / (high - low)
    start, stop = map(float, re.findall(r'whisker good" x1="([\d.]+)" x2="([\d.]+)"', svg)[0])
    assert start == pytest.approx(ticks[low] + scale * (100 * found.ci95[0] - low), abs=0.2)
    assert stop == pytest.approx(ticks[low] + scale * (100 * found.ci95[1] - low), abs=0.2)
    assert svg.count("<rect class=") == 8  # nine models, without the reference
    assert svg.count("inconclusive") >= 1


def test_an_interval_that_leaves_the_picture_has_an_arrow(judged: CompareResult) -> None:
    assert forest(judged).count("arrow") == 1  # drift, to the left
    found = judged.models[0].versus_reference
    assert found is not None
    wide = replace(judged.models[0], versus_reference=replace(found, ci95=(-3.0, 2.0)))
    svg = forest(replace(judged, models=(wide, *judged.models[1:])))
    assert svg.count("arrow good") == 2
    assert "(−300 to +200 %)" in svg


def test_without_a_test_there_is_no_forest(compare: CompareResult) -> None:
    assert forest(compare) == ""


def test_the_calibration_lies_against_its_diagonal(judged: CompareResult) -> None:
    svg = quantile_chart(judged)
    (diagonal,) = points(svg, "as it should be")
    (line,) = points(svg, "lstm")
    x = np.interp([x for x, _ in line], *zip(*[(a, b) for a, b in diagonal], strict=True))
    above = [y < d for (_, y), d in zip(line, x, strict=True)]  # up is a smaller y
    shares, quantiles = judged.calibration[0].shares, judged.protocol.quantiles
    assert above == [share > q for share, q in zip(shares, quantiles, strict=True)]


def test_the_stairs_climb_over_the_models_that_no_cheaper_one_equals(
    compare: CompareResult,
) -> None:
    path = re.search(r'<path class="line thin c2" d="M([^"]+)"', cost_chart(compare))
    assert path is not None
    treads = path.group(1).split("H")[1:-1]
    names = [score.name for score in ladder(compare)]
    assert names == ["mean", "seasonal-naive", "linear", "lstm"]
    assert len(treads) == len(names) - 1
    heights = [float(tread.split("V")[1]) for tread in treads]
    assert heights == sorted(heights, reverse=True)


def test_a_model_without_skill_is_not_a_point(compare: CompareResult) -> None:
    models = tuple(replace(m, skill=None) for m in compare.models)
    assert cost_chart(replace(compare, models=models)) == ""
    assert cost_chart(compare).count('rx="5.5"') == 2  # the networks


def test_both_losses_are_drawn_against_the_step(train: TrainResult) -> None:
    svg = loss_chart(train.history)
    assert len(points(svg, "training block")[0]) == len(train.history)
    assert len(points(svg, "validation block")[0]) == len(train.history)

"""Pictures of characters: where what is drawn, how wide, and in which signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from forecast_cli.comparison import CompareResult
from forecast_cli.report.plots import (
    _rows_apart,
    error_by_step_plot,
    forecast_plot,
    history_plot,
)
from forecast_cli.results import InspectResult, PredictResult

Draw = Callable[..., str]


@pytest.fixture(params=["forecast", "error", "history"])
def draw(
    request: pytest.FixtureRequest,
    predict: PredictResult,
    compare: CompareResult,
    inspect: InspectResult,
) -> Draw:
    """Each picture as a function of width and height."""
    series = predict.series[0]
    return {
        "forecast": lambda *a, **k: forecast_plot(series, *a, **k),
        "error": lambda *a, **k: error_by_step_plot(compare, *a, **k),
        "history": lambda *a, **k: history_plot(inspect, *a, **k),
    }[request.param]


@pytest.mark.parametrize(("width", "height"), [(60, 10), (80, 16), (140, 20)])
def test_a_picture_has_the_size_asked_for(draw: Draw, width: int, height: int) -> None:
    lines = draw(width, height, colour=False).splitlines()
    assert len(lines) == height
    assert max(map(cell_len, lines[1:])) == width


def test_without_colour_there_is_no_code(draw: Draw) -> None:
    assert "\x1b" not in draw(80, 16, colour=False)
    assert "\x1b[" in draw(80, 16, colour=True)


def test_ascii_pictures_are_ascii(draw: Draw) -> None:
    assert draw(80, 16, ascii_only=True, colour=False).isascii()


@pytest.mark.parametrize("height", [10, 14, 16, 20])
def test_the_values_on_the_axis_lie_equally_many_rows_apart(draw: Draw, height: int) -> None:
    lines = draw(80, height, colour=False).splitlines()[1:]
    rows = [k for k, line in enumerate(lines) if "┤" in line]
    assert len(rows) >= 2
    assert len({b - a for a, b in pairwise(rows)}) == 1
    values = [float(lines[k].split("┤")[0].replace("−", "-")) for k in rows]
    assert len({round(b - a, 6) for a, b in pairwise(values)}) == 1


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(4, 40))
def test_the_limits_of_a_picture_hold_all_of_its_values(low: float, span: float, rows: int) -> None:
    lower, upper, marks = _rows_apart(low, low + span, rows)
    assert lower <= low + 1e-6 * span
    assert upper >= low + span * (1 - 1e-6)
    assert all(lower - 1e-6 * span <= mark <= upper + 1e-6 * span for mark in marks)


def test_a_picture_does_not_depend_on_the_one_before(
    predict: PredictResult, compare: CompareResult
) -> None:
    first = forecast_plot(predict.series[0], 80, 16)
    error_by_step_plot(compare, 120, 10)
    assert forecast_plot(predict.series[0], 80, 16) == first


def test_the_band_lies_right_of_the_origin_only(predict: PredictResult) -> None:
    lines = forecast_plot(predict.series[0], 100, 16, colour=False).splitlines()[1:]
    origin = lines[1].index("│", 10)  # the first within the frame
    where = [k for line in lines for k, sign in enumerate(line) if sign == "░"]
    assert where
    assert min(where) >= origin - 1


def test_the_widest_interval_is_named(predict: PredictResult) -> None:
    assert "95 % interval" in forecast_plot(predict.series[0], 80, 16).splitlines()[0]


def test_time_labels_stand_apart(predict: PredictResult) -> None:
    for width in (60, 80, 140):
        axis = forecast_plot(predict.series[0], width, 16, colour=False).splitlines()[-1]
        labels = [label for label in axis.split("  ") if label.strip()]
        assert len(labels) >= 2
        assert all(len(label.strip()) == len("2023-11-14 22:00") for label in labels)


def test_missing_values_leave_a_hole(predict: PredictResult) -> None:
    series = predict.series[0]
    past = series.past.copy()
    past[20:52] = np.nan
    lines = forecast_plot(replace(series, past=past), 100, 16, colour=False).splitlines()[1:-1]
    middle = [line[40:50] for line in lines]
    assert all(set(part) <= {" ", "─"} for part in middle)


@pytest.mark.parametrize("horizon", [1, 2])
def test_short_forecasts_without_past_or_interval_are_drawn(
    predict: PredictResult, horizon: int
) -> None:
    series = predict.series[0]
    bare = replace(
        series,
        times=series.times[:horizon],
        forecast=series.forecast[:horizon],
        lower={},
        upper={},
        past=np.zeros(0),
        past_times=(),
    )
    assert len(forecast_plot(bare, 80, 16, colour=False).splitlines()) == 16


def test_a_forecast_of_nothing_but_missing_values_is_drawn(predict: PredictResult) -> None:
    series = predict.series[0]
    empty = replace(
        series, past=np.full(72, np.nan), forecast=np.full(24, np.nan), lower={}, upper={}
    )
    assert forecast_plot(empty, 80, 16)


def test_the_reference_is_always_among_the_drawn_models(compare: CompareResult) -> None:
    legend = error_by_step_plot(compare, 100, 14, colour=False).splitlines()[0]
    assert "1 lstm" in legend
    assert "seasonal-naive" in legend


def test_mae_is_drawn_where_the_ranking_metric_has_no_steps(compare: CompareResult) -> None:
    by_wql = replace(compare, protocol=replace(compare.protocol, metric="wql"))
    assert error_by_step_plot(by_wql, 80, 14).startswith("MAE by step")


def test_hostile_names_hold_no_code(predict: PredictResult) -> None:
    named = replace(predict.series[0], id="\x1b[31mred\x07")
    assert "\x1b" not in forecast_plot(named, 200, 16, colour=False)

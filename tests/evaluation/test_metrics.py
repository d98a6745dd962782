"""Metrics against hand-computed values, published figures, and laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.clock import Clock
from forecast_cli.data.panel import Panel
from forecast_cli.evaluation.metrics import (
    RANKING,
    Scales,
    Scores,
    levels_of,
    metrics_for,
    rounding,
    seasonal_scales,
)
from tests.conftest import make_panel

GRID = (0.1, 0.5, 0.9)
NAN = float("nan")


def panel_of(*series: list[float]) -> Panel:
    values = np.concatenate([np.asarray(s, dtype=float) for s in series])[:, None]
    lengths = [len(s) for s in series]
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.concatenate([np.arange(n) for n in lengths]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        ids=tuple(f"s{i}" for i in range(len(series))),
        clock=Clock(),
    )


def compute(
    name: str,
    actual: list[list[float]],
    forecast: list[list[list[float]]],
    *,
    quantiles: tuple[float, ...] = GRID,
    scale: list[float] | None = None,
    series: list[int] | None = None,
) -> Scores:
    n = len(actual)
    absolute = np.asarray(scale if scale is not None else [1.0] * n)
    owner = np.asarray(series if series is not None else [0] * n)
    return metrics_for(quantiles)[name].compute(
        actual=np.asarray(actual, dtype=float),
        forecast=np.asarray(forecast, dtype=float),
        quantiles=quantiles,
        scales=Scales(absolute, absolute**2),
        series=owner,
        n_series=int(owner.max()) + 1,
    )


# Two origins of two series, two steps; medians 1, 2 / 3, 4; the last actual is missing.
ACTUAL = [[2.0, 4.0], [3.0, NAN]]
FORECAST = [[[0, 1, 3], [1, 2, 3]], [[2, 3, 5], [3, 4, 6]]]


@pytest.mark.parametrize(
    ("name", "overall", "by_step", "by_series"),
    [
        ("mae", (1 + 2 + 0) / 3, [0.5, 2.0], [1.5, 0.0]),
        ("rmse", np.sqrt(5 / 3), [np.sqrt(0.5), 2.0], [np.sqrt(2.5), 0.0]),
        # scales 2 and 4: series means .75 and 0; at step 2 only the first series is seen
        ("mase", 0.375, [0.25, 1.0], [0.75, 0.0]),
        ("rmsse", np.sqrt(2.5) / 4, [0.25, 1.0], [np.sqrt(2.5) / 2, 0.0]),
        ("smape", (200 / 3 + 400 / 6 + 0) / 3, [100 / 3, 200 / 3], [200 / 3, 0.0]),
        ("coverage_80", 2 / 3, [1.0, 0.0], [0.5, 1.0]),
        ("width_80", (3 + 2 + 3) / 3, [3.0, 2.0], [2.5, 3.0]),
    ],
)
def test_scores_are_those_computed_by_hand(
    name: str, overall: float, by_step: list[float], by_series: list[float]
) -> None:
    found = compute(name, ACTUAL, FORECAST, scale=[2.0, 4.0], series=[0, 1])
    assert found.overall == pytest.approx(overall)
    assert found.by_step == pytest.approx(np.asarray(by_step))
    assert found.by_series == pytest.approx(np.asarray(by_series))


def test_msis_is_the_width_and_the_weighed_misses_in_units_of_the_scale_of_mase() -> None:
    actual = [[1.0, 9.0], [-3.0, NAN]]
    forecast = [[[0.0, 1.0, 4.0]] * 2, [[0.0, 1.0, 2.0]] * 2]
    found = compute("msis_80", actual, forecast, scale=[2.0, 0.5], series=[0, 1])
    first = (4 + (4 + 10 * 5)) / 2 / 2  # inside, and 5 above: 2 / 0.2 = 10
    second = (2 + 10 * 3) / 0.5
    assert found.by_series == pytest.approx([first, second])
    assert found.overall == pytest.approx((first + second) / 2)


def test_wql_is_twice_the_pinball_sum_over_the_sum_of_sizes_averaged_over_levels() -> None:
    found = compute("wql", [[-2.0, 4.0]], [[[-3, -1, 0], [1, 2, 6]]])
    at_10 = 0.1 * 1 + 0.1 * 3  # y - f is 1 and 3
    at_50 = 0.5 * 1 + 0.5 * 2  # -1 and 2
    at_90 = 0.1 * 2 + 0.1 * 2  # -2 and -2
    assert found.overall == pytest.approx(2 * (at_10 + at_50 + at_90) / 3 / 6)


def test_wql_of_the_median_alone_is_the_absolute_error_over_the_sum_of_sizes() -> None:
    found = compute("wql", [[-2.0, 4.0]], [[[-1], [2]]], quantiles=(0.5,))
    assert found.overall == pytest.approx(3 / 6)


def test_a_target_that_is_zero_throughout_has_no_wql() -> None:
    assert np.isnan(compute("wql", [[0.0]], [[[1, 1, 1]]]).overall)


def test_smape_of_zero_forecast_as_zero_is_zero() -> None:
    assert compute("smape", [[0.0, 1.0]], [[[0, 0, 0], [1, 1, 1]]]).overall == 0


def test_a_series_without_a_scale_scores_nan_and_does_not_touch_the_others() -> None:
    found = compute("mase", [[2.0], [9.0]], [[[1, 1, 1]]] * 2, scale=[1.0, NAN], series=[0, 1])
    assert found.overall == 1
    assert found.by_step.tolist() == [1]
    assert np.isnan(found.by_series[1])


def test_scores_are_nan_and_silent_when_nothing_was_observed() -> None:
    for name in metrics_for(GRID):
        found = compute(name, [[NAN, NAN]], [[[1, 1, 1]] * 2])
        assert np.isnan(found.overall)
        assert np.isnan(found.by_step).all()
        assert np.isnan(found.by_series).all()


def test_mase_weighs_series_equally_however_many_origins_they_have() -> None:
    found = compute("mase", [[1.0]] * 4, [[[0, 0, 0]]] * 4, scale=[1, 1, 1, 4], series=[0, 0, 0, 1])
    assert found.overall == pytest.approx((1 + 0.25) / 2)
    assert compute("mae", [[1.0]] * 4, [[[0, 0, 0]]] * 4).overall == 1


def test_the_scale_is_the_mean_seasonal_change_before_the_cutoff_over_observed_pairs() -> None:
    panel = panel_of([1, 2, 4, NAN, 8, 1000], [5, 5, 5, 5])
    scales = seasonal_scales(panel, until=np.array([5, 10]), season=2)
    assert scales.absolute[0] == pytest.approx((3 + 4) / 2)
    assert scales.squared[0] == pytest.approx((9 + 16) / 2)
    assert np.isnan(scales.absolute[1])
    assert np.isnan(scales.squared[1])


def test_the_scale_does_not_see_what_comes_after_the_cutoff() -> None:
    panel = make_panel((200, 150))
    until = panel.ends - 50
    before = seasonal_scales(panel, until, 24)
    panel.values[np.concatenate([np.arange(end, end + 50) for end in until])] = 1e12
    after = seasonal_scales(panel, until, 24)
    assert before.absolute.tobytes() == after.absolute.tobytes()


@pytest.mark.parametrize("season", [5, 6, 100])
def test_a_season_longer_than_the_training_data_has_no_scale(season: int) -> None:
    panel = panel_of([1, 2, 3, 4, 5])
    assert np.isnan(seasonal_scales(panel, panel.ends, season).absolute).all()


def test_the_levels_of_a_grid_are_its_central_intervals() -> None:
    assert levels_of((0.5,)) == {}
    assert levels_of((0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)) == {
        50: (2, 4),
        90: (1, 5),
        99: (0, 6),
    }


def test_every_metric_is_registered_under_its_own_name() -> None:
    found = metrics_for((0.025, 0.1, 0.5, 0.9, 0.975))
    assert all(metric.name == name for name, metric in found.items())
    assert set(found) == {
        *("mase", "rmsse", "mae", "rmse", "smape", "wql"),
        *("coverage_80", "coverage_95", "width_80", "width_95", "msis_80", "msis_95"),
    }


numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 3))


@settings(max_examples=40, deadline=None)
@given(
    actual=arrays(float, (4, 3), elements=numbers),
    forecast=arrays(float, (4, 3, 3), elements=numbers),
    factor=st.floats(0.5, 20),
)
def test_relative_scores_do_not_depend_on_the_unit_and_absolute_ones_are_in_it(
    actual: np.ndarray, forecast: np.ndarray, factor: float
) -> None:
    forecast = np.sort(forecast, axis=2)
    series = np.array([0, 0, 1, 1])
    base = Scales(np.full(4, 2.0), np.full(4, 5.0))
    grown = Scales(base.absolute * factor, base.squared * factor**2)
    for name, metric in metrics_for(GRID).items():
        one, other = (
            metric.compute(
                actual=a, forecast=f, quantiles=GRID, scales=s, series=series, n_series=2
            ).overall
            for a, f, s in ((actual, forecast, base), (actual * factor, forecast * factor, grown))
        )
        in_units = name in ("mae", "rmse") or name.startswith("width")
        if not name.startswith("coverage"):  # an actual on the edge may round out of it
            assert other == pytest.approx(one * (factor if in_units else 1), nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(6)))
def test_the_order_of_the_origins_changes_no_score(order: list[int]) -> None:
    rng = np.random.default_rng(0)
    actual, forecast = rng.normal(size=(6, 4)), np.sort(rng.normal(size=(6, 4, 3)), axis=2)
    series, scale = np.array([0, 0, 1, 1, 2, 2]), rng.random(6) + 1
    for metric in RANKING.values():
        one, other = (
            metric.compute(
                actual=actual[o],
                forecast=forecast[o],
                quantiles=GRID,
                scales=Scales(scale[o], scale[o]),
                series=series[o],
                n_series=3,
            )
            for o in (np.arange(6), np.asarray(order))
        )
        assert other.overall == pytest.approx(one.overall)
        assert other.by_series == pytest.approx(one.by_series)


@pytest.mark.parametrize(
    ("method", "smape", "mase"),
    [("Naive", 43.003, 11.608), ("sNaive", 13.912, 1.193), ("Naive2", 18.383, 2.395)],
)
def test_m4_hourly_scores_are_the_published_ones(
    shared_data: Path, method: str, smape: float, mase: float
) -> None:
    import pandas as pd

    folder = shared_data / "m4_hourly"
    past = pd.read_csv(folder / "Hourly-train.csv", index_col=0).to_numpy(float)
    actual = pd.read_csv(folder / "Hourly-test.csv", index_col=0).to_numpy(float)
    points = pd.read_csv(folder / "forecasts" / f"{method}.csv.gz", index_col=0).to_numpy(float)
    panel = panel_of(*(row[np.isfinite(row)].tolist() for row in past))
    scores = {
        name: RANKING[name].compute(
            actual=actual,
            forecast=points[:, :, None],
            quantiles=(0.5,),
            scales=seasonal_scales(panel, panel.ends, 24),
            series=np.arange(len(actual)),
            n_series=len(actual),
        )
        for name in ("smape", "mase")
    }
    assert round(scores["smape"].overall, 3) == smape
    assert round(scores["mase"].overall, 3) == mase


def test_a_wave_that_repeats_itself_up_to_rounding_has_no_scale() -> None:
    wave = 10 + 5 * np.sin(2 * np.pi * np.arange(960) / 24)
    panel = replace(make_panel((960,)), values=wave[:, None])
    assert np.any(wave[24:] != wave[:-24])
    assert np.isnan(seasonal_scales(panel, panel.ends, 24).absolute).all()
    assert np.isfinite(seasonal_scales(panel, panel.ends, 23).absolute).all()


@pytest.mark.parametrize("size", [1e-300, 1e-12, 1.0, 1e15, 1e300])
def test_rounding_goes_with_the_size_of_the_data(size: float) -> None:
    values = np.random.default_rng(0).normal(size=500)
    assert rounding(size * values) == pytest.approx(1e-9 * size, rel=0.1)
    assert rounding(np.full(5, size)) == pytest.approx(1e-13 * size)
    assert rounding(np.full(5, np.nan)) == 0

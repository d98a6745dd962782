"""What counts as one piece of evidence, and what is lost in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.comparison import ForecastTable
from forecast_cli.evaluation.metrics import RANKING, Scales
from forecast_cli.evaluation.significance import compare
from forecast_cli.evaluation.units import UnitLosses, independent_units, unit_losses
from tests.evaluation.tables import scales_of, table_from, table_of


def losses_of(table: ForecastTable, metric: str, stride: int = 4) -> UnitLosses:
    return unit_losses(table, independent_units(table, stride), scales_of(table), metric)


def test_overlapping_origins_are_thinned_to_a_horizon_apart() -> None:
    (units,) = independent_units(table_of({}, origins=30, stride=1, horizon=4), stride=1)
    assert (units.kind, units.count) == ("origins", 8)
    assert np.flatnonzero(units.of_origin >= 0).tolist() == [1, 5, 9, 13, 17, 21, 25, 29]


@pytest.mark.parametrize("freq", ["h", None])
def test_series_share_a_unit_at_the_same_moment_in_time_order(freq: str | None) -> None:
    (units,) = independent_units(table_of({}, origins=5, series=3, freq=freq), stride=4)
    assert units.count == 5
    assert units.of_origin.tolist() == [0, 1, 2, 3, 4] * 3


def test_without_a_calendar_moments_count_back_from_the_end_of_each_series() -> None:
    table = replace(
        table_of({}, freq=None),
        series=np.array([0, 0, 0, 1, 1]),
        origin_times=np.array([4, 8, 12, 103, 107]),
        actual=np.zeros((5, 4)),
    )
    (units,) = independent_units(table, stride=4)
    assert units.count == 3
    assert units.of_origin.tolist() == [0, 1, 2, 1, 2]


def test_twenty_series_on_a_calendar_are_looked_at_both_ways() -> None:
    moments, series = independent_units(table_of({}, origins=5, series=20), stride=4)
    assert (moments.kind, moments.count) == ("origins", 5)
    assert (series.kind, series.count) == ("series", 20)


def test_twenty_series_that_share_no_calendar_are_twenty_pieces_of_evidence() -> None:
    (units,) = independent_units(table_of({}, origins=1, series=20, freq=None), stride=4)
    assert (units.kind, units.count) == ("series", 20)


@pytest.mark.parametrize("metric", list(RANKING))
@pytest.mark.parametrize(("series", "freq"), [(1, "h"), (3, "h"), (25, "h"), (25, None)])
def test_the_mean_of_the_unit_losses_is_the_score(
    metric: str, series: int, freq: str | None
) -> None:
    table = table_of({"a": 2.0}, series=series, origins=6, freq=freq)
    rng = np.random.default_rng(5)
    actual = rng.normal(size=table.actual.shape)
    actual[rng.random(actual.shape) < 0.3] = np.nan
    table = replace(table, actual=actual)
    scales = Scales(*(np.repeat(rng.random(series) + 1, 6) for _ in range(2)))
    units = independent_units(table, 4)
    score = RANKING[metric].compute(
        actual=table.actual,
        forecast=table.forecasts["a"],
        quantiles=table.quantiles,
        scales=scales,
        series=table.series,
        n_series=series,
    )
    for losses in unit_losses(table, units, scales, metric).of_model["a"]:
        assert np.nanmean(losses) == pytest.approx(score.overall, rel=1e-12)


def test_a_root_is_divided_along_its_tangent() -> None:
    """The jackknife agrees on how far each unit moves the score."""
    table = table_of({"a": 1.0}, origins=40, spread=0.3)
    (losses,) = losses_of(table, "rmse").of_model["a"]
    squares = (table.forecasts["a"][:, :, 0] ** 2).mean(axis=1)  # [U]
    whole = np.sqrt(squares.mean())
    without = np.array([np.sqrt(np.delete(squares, u).mean()) for u in range(40)])
    jackknife = 40 * whole - 39 * without
    assert losses == pytest.approx(jackknife, rel=0.02)


def test_units_in_which_nothing_could_be_scored_are_nan_and_not_counted() -> None:
    table = table_of({"a": 1.0}, origins=25)
    actual = table.actual.copy()
    actual[7] = np.nan
    found = losses_of(replace(table, actual=actual), "mae")
    assert np.flatnonzero(np.isnan(found.of_model["a"][0])).tolist() == [7]
    assert found.scarcest == (24, "origins")


def test_series_without_a_scale_are_no_units() -> None:
    table = table_of({"a": 1.0}, origins=2, series=22, freq=None)
    absolute = np.ones(44)
    absolute[:2] = np.nan
    units = independent_units(table, 4)
    found = unit_losses(table, units, Scales(absolute, absolute), "mase")
    assert found.scarcest == (21, "series")
    assert np.isnan(found.of_model["a"][0]).tolist() == [True] + [False] * 21


def test_a_unit_whose_values_are_all_zero_still_loses_in_a_weighted_metric() -> None:
    table = table_of({"a": 1.0}, origins=3)
    actual = table.actual.copy()
    actual[1:] = 2.0
    (losses,) = losses_of(replace(table, actual=actual), "wql").of_model["a"]
    assert losses[0] > 0


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 6))
def test_units_are_numbered_without_gaps_and_a_horizon_apart(
    origins: int, stride: int, horizon: int
) -> None:
    table = table_of({}, origins=origins, stride=stride, horizon=horizon)
    (units,) = independent_units(table, stride)
    kept = units.of_origin[units.of_origin >= 0]
    assert kept.tolist() == list(range(units.count))
    apart = np.diff(table.origin_times[units.of_origin >= 0]) // (3_600 * 10**9)
    assert (apart >= horizon).all()


def test_a_table_without_forecasts_has_no_units_to_count() -> None:
    assert losses_of(table_of({}), "mase").scarcest == (0, "origins")


def ending_early(table: ForecastTable, cut: int, of: int) -> ForecastTable:
    """The first ``of`` series lose their last ``cut`` moments."""
    last = table.origin_times.max()
    step = np.diff(np.unique(table.origin_times))[0]
    kept = (table.series >= of) | (table.origin_times <= last - cut * step)
    return replace(
        table,
        series=table.series[kept],
        origin_times=table.origin_times[kept],
        times=table.times[kept],
        actual=table.actual[kept],
        forecasts={name: values[kept] for name, values in table.forecasts.items()},
    )


def decided_of(trials: int, lead: float, cut: int, metric: str) -> float:
    """Share of trials in which two models of six series are told apart."""
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(trials):
        level = np.repeat([0.5, 3, 1, 1, 1, 1], 40)[:, None]  # of a series' errors
        errors = {name: level * (1 + 0.3 * rng.normal(size=(240, 4))) for name in "ab"}
        errors["b"] *= 1 - lead
        table = table_from({n: np.abs(e) for n, e in errors.items()}, origins=40, series=6)
        found += compare(losses_of(ending_early(table, cut, 2), metric), "a", "b").p < 0.05
    return found / trials


@pytest.mark.parametrize("metric", ["mase", "rmsse", "mae"])
def test_series_that_end_early_neither_hide_a_better_model_nor_make_one(metric: str) -> None:
    """The panel changes at the end, which is no reason for losses to resemble each other."""
    assert decided_of(200, 0.0, cut=12, metric=metric) <= 0.09  # of 200: two errors above 5 %
    together = decided_of(100, 0.06, cut=0, metric=metric)
    assert together > 0.7
    assert decided_of(100, 0.06, cut=12, metric=metric) > together - 0.12


@pytest.mark.parametrize("metric", list(RANKING))
def test_a_loss_that_never_changes_leaves_nothing_to_chance_whoever_ends_early(metric: str) -> None:
    """Each series always loses the same, so that no unit stands out for who is in it."""
    loss = np.repeat([1.0, 2.0, 5.0], 30)[:, None] * np.ones((90, 4))
    whole = table_from({"a": loss}, origins=30, series=3)
    whole = replace(whole, actual=np.full((90, 4), 10.0), forecasts={"a": 10 + loss[:, :, None]})
    (losses,) = losses_of(ending_early(whole, 10, 1), metric).of_model["a"]
    if RANKING[metric].by_series_first:
        assert losses == pytest.approx(losses.mean(), rel=1e-12)
    else:  # what changes is the mixture, which the score of all cells as one holds as well
        assert np.ptp(losses[:20]) == pytest.approx(0, abs=1e-12)
        assert np.ptp(losses[20:]) == pytest.approx(0, abs=1e-12)

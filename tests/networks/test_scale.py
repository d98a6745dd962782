"""Causal scaling: measured before the cutoff, blind to units, sensible where nothing moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.panel import Origins, Panel
from forecast_cli.networks.scale import (
    GRID,
    Scaling,
    canonical_order,
    entering,
    first_observed,
    fit_scaling,
    own_history,
    to_grid,
)
from tests.conftest import make_panel


def single(values: list[float]) -> Panel:
    flat = np.array(values)[:, None]
    return Panel(
        values=flat,
        observed=np.isfinite(flat),
        times=np.arange(len(flat)),
        offsets=np.array([0, len(flat)]),
        ids=("a",),
    )


def test_centre_and_spread_are_mean_and_deviation_of_the_observed_training_rows() -> None:
    panel = make_panel((40, 30), missing=0.2, covariates=("past",))
    ends = panel.starts + np.array([25, 20])
    scaling = fit_scaling(panel, ends)
    seen_x = []
    for s in range(2):
        rows = slice(panel.starts[s], ends[s])
        assert scaling.centre[s] == pytest.approx(np.nanmean(panel.target[rows]))
        assert scaling.spread[s] == pytest.approx(np.nanstd(panel.target[rows]))
        seen_x.append(panel.values[rows, 1])
    assert scaling.covariate_centre[1] == pytest.approx(np.concatenate(seen_x).mean())
    assert scaling.covariate_spread[1] == pytest.approx(np.concatenate(seen_x).std())


def test_rows_after_the_cutoff_change_no_bit_of_the_scaling() -> None:
    panel = make_panel((40, 30), covariates=("past",))
    ends = panel.starts + 20
    late = np.arange(panel.n_rows) >= ends[panel.series_of_row]
    poisoned = replace(panel, values=np.where(late[:, None], 1e12, panel.values))
    before, after = fit_scaling(panel, ends).arrays(), fit_scaling(poisoned, ends).arrays()
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)


def test_a_constant_series_takes_the_median_spread_of_the_others() -> None:
    panel = make_panel((40, 30, 35))
    values = panel.values.copy()
    values[panel.starts[1] : panel.ends[1]] = 0.1 * 3
    scaling = fit_scaling(replace(panel, values=values), panel.ends)
    assert scaling.spread[1] == np.median(scaling.spread[[0, 2]])
    assert fit_scaling(single([0.3] * 9), np.array([9])).spread[0] == 1.0


def test_a_series_with_a_floor_is_measured_in_logarithms() -> None:
    panel = make_panel((40, 30), missing=0.2)
    ends, floor = panel.starts + 20, np.array([np.nan, 19.0])
    scaling = fit_scaling(panel, ends, floor)
    raw, logs = (panel.target[panel.starts[s] : ends[s]] for s in range(2))
    assert scaling.centre[0] == pytest.approx(np.nanmean(raw))
    logs = np.log(np.maximum(logs, 19.0))
    assert scaling.centre[1] == pytest.approx(np.nanmean(logs))
    assert scaling.spread[1] == pytest.approx(np.nanstd(logs))
    assert np.array_equal(scaling.floor, floor, equal_nan=True)


def test_what_enters_is_the_logarithm_down_to_the_floor_or_the_value() -> None:
    values, series = np.array([1.0, 8.0, np.nan, -3.0, 8.0]), np.array([0, 0, 0, 0, 1])
    entered = entering(values, series, np.array([2.0, np.nan]))
    np.testing.assert_array_equal(entered, [np.log(2), np.log(8), np.nan, np.log(2), 8])
    assert entering(values, series, np.full(2, np.nan)) is values


def test_a_constant_series_takes_a_spread_of_its_own_kind() -> None:
    panel = make_panel((40, 30, 35, 30, 35))
    values = panel.values.copy()
    for s in (1, 4):
        values[panel.starts[s] : panel.ends[s]] = 7.0
    floor = np.array([1.0, 1.0, 1.0, np.nan, np.nan])
    scaling = fit_scaling(replace(panel, values=values), panel.ends, floor)
    assert scaling.spread[1] == np.median(scaling.spread[[0, 2]])
    own = scaling.spread[[0, 2]] * np.exp(scaling.centre[[0, 2]])  # in the unit of the series
    assert scaling.spread[4] == pytest.approx(np.median([*own, scaling.spread[3]]))
    np.testing.assert_allclose(scaling.own_spread[[0, 2, 3]], [*own, scaling.spread[3]])


def test_a_series_without_observations_has_no_centre() -> None:
    scaling = fit_scaling(single([np.nan] * 5), np.array([5]))
    assert np.isnan(scaling.centre[0])
    assert scaling.spread[0] == 1.0


def test_unknown_static_features_are_left_out_of_their_mean() -> None:
    panel = make_panel((10, 10, 10))
    static = np.array([[1.0], [np.nan], [3.0]])
    scaling = fit_scaling(replace(panel, static=static, static_names=("size",)), panel.ends)
    assert scaling.static_centre[0] == 2.0
    assert scaling.static_spread[0] == 1.0


def test_the_scaling_survives_the_disk() -> None:
    scaling = fit_scaling(make_panel((40, 30)), np.array([40, 70]), np.array([np.nan, 3.0]))
    back = Scaling.from_arrays(scaling.arrays())
    assert np.array_equal(back.floor, scaling.floor, equal_nan=True)
    assert np.array_equal(back.centre, scaling.centre)
    assert np.array_equal(back.spread, scaling.spread)


@given(factor=st.floats(1e-3, 1e4), spreads=st.floats(-100, 100), seed=st.integers(0, 100))
def test_another_unit_gives_the_same_scaled_bytes(factor: float, spreads: float, seed: int) -> None:
    values, offset = np.random.default_rng(seed).normal(size=50), factor * spreads

    def scaled(y: np.ndarray) -> np.ndarray:
        scaling = fit_scaling(single(list(y)), np.array([50]))
        return to_grid((y - scaling.centre[0]) / scaling.spread[0])

    assert np.array_equal(scaled(values), scaled(factor * values + offset))


@given(order=st.permutations(range(5)))
def test_the_canonical_order_is_that_of_the_series_and_not_of_the_panel(order: list[int]) -> None:
    panel = make_panel((40, 40, 40, 30, 30), missing=0.1, covariates=("past",))
    shuffled = panel.select(order)
    plain, other = (canonical_order(p, p.ends - 5) for p in (panel, shuffled))
    assert [shuffled.ids[s] for s in other] == [panel.ids[s] for s in plain]


def test_the_canonical_order_sees_neither_units_nor_rows_after_the_cutoff() -> None:
    panel = make_panel((40, 40, 40, 40, 40), missing=0.1)
    order = canonical_order(panel, panel.ends - 5)
    moved = replace(panel, values=3.7 * panel.values + 17.3)
    assert np.array_equal(canonical_order(moved, panel.ends - 5), order)
    late = np.arange(panel.n_rows) >= (panel.ends - 5)[panel.series_of_row]
    poisoned = replace(panel, values=np.where(late[:, None], 1e12, panel.values))
    assert np.array_equal(canonical_order(poisoned, panel.ends - 5), order)


def test_series_with_the_same_target_are_told_apart_by_what_else_they_have() -> None:
    panel = make_panel((40, 40, 40), covariates=("past",))
    values = panel.values.copy()
    values[:, 0] = 1.0
    for held in (values, values * [1, 0]):  # by the covariate, then by the static feature
        same = replace(
            panel, values=held, static=np.array([[2.0], [3.0], [1.0]]), static_names=("size",)
        )
        turned = same.select([1, 2, 0])
        plain, other = (canonical_order(p, p.ends) for p in (same, turned))
        assert [turned.ids[s] for s in other] == [same.ids[s] for s in plain]


def test_the_grid_moves_a_value_by_half_a_cell_at_most() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    assert np.abs(to_grid(values) - values).max() <= GRID / 2 + 1e-7


def test_own_history_is_the_mean_and_deviation_up_to_each_origin() -> None:
    panel = make_panel((40, 30), missing=0.3)
    origins = Origins(np.array([0, 0, 1]), np.array([9, 30, 60]))
    anchor = first_observed(panel)
    own = own_history(panel, origins, anchor, fallback=1.0)
    for o in range(3):
        past = panel.target[panel.starts[origins.series[o]] : origins.rows[o] + 1]
        assert own.centre[o] == pytest.approx(np.nanmean(past))
        assert own.spread[o] == pytest.approx(np.nanstd(past))


def test_own_history_keeps_the_tenths_of_a_large_meter() -> None:
    panel = single([1e9 + x for x in (0.1, 0.2, 0.3, 0.4)])
    own = own_history(panel, Origins.at_end(panel), first_observed(panel), fallback=1.0)
    assert own.spread[0] == pytest.approx(np.std([0.1, 0.2, 0.3, 0.4]), rel=1e-5)


def test_own_history_does_not_see_beyond_its_origin() -> None:
    panel = make_panel((40,))
    origins = Origins(np.array([0]), np.array([20]))
    values = panel.values.copy()
    values[21:] = 1e12
    clean = own_history(panel, origins, first_observed(panel), fallback=1.0)
    poisoned = replace(panel, values=values)
    dirty = own_history(poisoned, origins, first_observed(poisoned), fallback=1.0)
    assert np.array_equal(clean.centre, dirty.centre)
    assert np.array_equal(clean.spread, dirty.spread)


def test_own_history_without_a_past_or_a_movement_says_so_or_falls_back() -> None:
    panel = single([np.nan, np.nan, 5.0, 5.0])
    origins = Origins(np.array([0, 0]), np.array([1, 3]))
    own = own_history(panel, origins, first_observed(panel), fallback=7.0)
    assert np.isnan(own.centre[0])
    assert own.centre[1] == 5.0
    assert own.spread[1] == 7.0

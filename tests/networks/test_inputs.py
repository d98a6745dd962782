"""What of a panel a network reads, and from which rows each input is made."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.networks.inputs import Inputs, carried_forward, turned_twice
from tests.conftest import make_panel

CPU = torch.device("cpu")


def learn(panel: Panel) -> Inputs:
    return Inputs.learn(panel, panel.ends - 60, season=24)


def multiplicative(count: int = 24, length: int = 200) -> Panel:
    """Series whose swings are a share of their growing level, of six sizes."""
    panel = make_panel((length,) * count, season=12, noise=0.1)
    step = np.arange(panel.n_rows) - panel.starts[panel.series_of_row]
    waves = panel.target - 10 * (panel.series_of_row + 1)
    level = np.power(10.0, panel.series_of_row % 6)
    return replace(panel, values=(level * np.exp(0.01 * step + 0.1 * waves))[:, None])


def test_time_since_the_last_observation_restarts_with_each_series() -> None:
    values = np.array([np.nan, 1.0, np.nan, np.nan, 5.0, np.nan])[:, None]
    panel = Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.array([0, 1, 2, 0, 1, 2]),
        offsets=np.array([0, 3, 6]),
        ids=("a", "b"),
    )
    level, since = carried_forward(panel, 0, 0.0, 1.0)
    assert level.tolist() == [0, 1, 1, 0, 5, 5]
    assert since.tolist() == [1, 0, 1, 1, 0, 1]


def test_a_row_is_made_of_rows_up_to_it() -> None:
    panel = make_panel(missing=0.1, covariates=("past", "future"))
    cut = panel.ends - 100
    late = np.arange(panel.n_rows) >= cut[panel.series_of_row]
    values = np.where(late[:, None] & [True, True, False], 1e12, panel.values)
    inputs = learn(panel)
    clean = inputs.resident(panel, CPU)
    poisoned = inputs.resident(replace(panel, values=values), CPU)
    for name in ("level", "past", "known", "calendar"):
        assert torch.equal(getattr(clean, name)[~late], getattr(poisoned, name)[~late]), name


def test_the_target_is_scaled_by_its_series_and_a_covariate_by_all() -> None:
    panel = make_panel((400, 300), covariates=("past",))
    inputs = learn(panel)
    rows = inputs.resident(panel, CPU)
    for s in range(2):
        train = slice(panel.starts[s], panel.ends[s] - 60)
        assert float(rows.level[train].mean()) == pytest.approx(0, abs=1e-5)
        assert float(rows.level[train].std(correction=0)) == pytest.approx(1, abs=1e-5)
    assert rows.past.shape[1] == 1
    expected = (panel.values[:, 1] - inputs.scaling.covariate_centre[1]) / (
        inputs.scaling.covariate_spread[1]
    )
    np.testing.assert_allclose(rows.past[:, 0], expected, atol=2e-6)


def test_future_covariates_come_with_the_calendar_of_their_row() -> None:
    panel = make_panel(covariates=("future",))
    rows = learn(panel).resident(panel, CPU)
    assert torch.equal(rows.known[:, 0], rows.past[:, 0])
    assert torch.equal(rows.known[:, 1:], rows.calendar)


def test_mask_and_gap_are_read_only_where_the_training_rows_have_gaps() -> None:
    assert not learn(make_panel()).gaps
    gapped = make_panel(missing=0.1)
    inputs = learn(gapped)
    assert inputs.gaps
    rows = inputs.resident(gapped, CPU)
    assert torch.equal(rows.past[:, 0].bool(), rows.observed)
    assert torch.equal(rows.past[:, 1] == 0, rows.observed)


def test_gaps_after_the_training_rows_are_not_seen_by_the_choice_of_inputs() -> None:
    panel = make_panel()
    observed = panel.observed.copy()
    observed[panel.ends - 10] = False
    late = replace(panel, values=np.where(observed, panel.values, np.nan), observed=observed)
    assert not learn(late).gaps
    assert Inputs.learn(late, late.ends, season=24).gaps


def test_a_series_that_was_not_fitted_is_laid_out_as_finely_in_any_unit() -> None:
    panel = make_panel()
    inputs = learn(panel)
    for unit in (1e-9, 1.0, 1e9):
        moved = replace(panel, ids=("x", "s1", "s2"), values=panel.values * [unit])
        level = inputs.resident(moved, CPU).level[: panel.ends[0]].double().numpy()
        relative = panel.target[: panel.ends[0]] - panel.target[0]
        np.testing.assert_allclose(level / unit, relative, rtol=1e-6)


def test_series_are_recognised_by_name_in_any_order() -> None:
    panel = make_panel()
    inputs = learn(panel)
    assert inputs.number(panel.select([2, 0])).tolist() == [2, 0]
    assert inputs.number(replace(panel, ids=("s1", "new", "s0"))).tolist() == [1, -1, 0]


def test_units_are_those_of_the_fit_and_of_its_own_past_for_a_new_series() -> None:
    panel = make_panel()
    inputs = learn(panel)
    origins = Origins(np.array([0, 1]), np.array([200, panel.starts[1] + 100]))
    known = inputs.units(panel, origins)
    assert known.shift is None
    assert np.array_equal(known.spread, inputs.scaling.spread[:2])
    mixed = inputs.units(replace(panel, ids=("s0", "new", "s2")), origins)
    past = panel.target[panel.starts[1] : panel.starts[1] + 101]
    assert mixed.centre[0] == inputs.scaling.centre[0]
    assert mixed.centre[1] == pytest.approx(past.mean())
    assert mixed.spread[1] == pytest.approx(past.std())
    assert mixed.factor is not None
    assert mixed.factor[0] == 1


def test_a_panel_that_votes_for_logarithms_enters_and_leaves_by_them() -> None:
    panel = multiplicative()
    inputs = learn(panel)
    scaling = inputs.scaling
    assert np.isfinite(scaling.floor).all()
    level = inputs.resident(panel, CPU).level.double().numpy()
    owner = panel.series_of_row
    expected = (np.log(panel.target) - scaling.centre[owner]) / scaling.spread[owner]
    np.testing.assert_allclose(level, expected, atol=2e-6)
    rows = np.array([150, panel.starts[1] + 150, panel.starts[2] + 150])
    units = inputs.units(panel, Origins(np.arange(3), rows))
    back = units.restore(level[rows][:, None, None], np.arange(3))
    np.testing.assert_allclose(back[:, 0, 0], panel.target[rows], rtol=1e-6)


def test_logarithms_are_blind_to_the_unit() -> None:
    panel = multiplicative()
    larger = replace(panel, values=3 * panel.values)
    plain, other = learn(panel), learn(larger)
    for name in ("level", "past"):
        one, two = plain.resident(panel, CPU), other.resident(larger, CPU)
        assert torch.equal(getattr(one, name), getattr(two, name)), name
    np.testing.assert_allclose(np.exp(other.scaling.centre - plain.scaling.centre), 3)
    np.testing.assert_allclose(other.scaling.spread, plain.scaling.spread)


def test_values_below_the_floor_enter_as_the_floor() -> None:
    panel = multiplicative()
    inputs = learn(panel)
    assert not inputs.raised(panel).any()
    values = panel.values.copy()
    values[[150, 151, 152]] = [[0.0], [-4.0], [np.nan]]
    low = replace(panel, values=values, observed=np.isfinite(values))
    assert np.flatnonzero(inputs.raised(low)).tolist() == [150, 151]
    level = inputs.resident(low, CPU).level[150:153].numpy()
    floor = (np.log(inputs.scaling.floor[0]) - inputs.scaling.centre[0]) / inputs.scaling.spread[0]
    np.testing.assert_allclose(level, [floor] * 3, atol=2e-6)


def test_a_new_series_enters_a_network_of_logarithms_as_it_is() -> None:
    panel = multiplicative()
    inputs = learn(panel)
    new = replace(panel.select([3, 4]), ids=("new", "s4"))
    origins = Origins(np.array([0, 1]), np.array([100, 300]))
    units = inputs.units(new, origins)
    assert units.logs.tolist() == [False, True]
    assert units.apart.tolist() == [True, False]
    past = new.target[:101]
    assert units.centre[0] == pytest.approx(past.mean())
    level = inputs.resident(new, CPU).level[:200].numpy()
    np.testing.assert_allclose(level, new.target[:200] - new.target[0], rtol=1e-6)
    negative = replace(new, values=-new.values)
    assert not inputs.raised(negative)[:200].any()
    still = replace(new, values=np.where(np.arange(400)[:, None] < 200, 5.0, new.values))
    assert inputs.units(still, origins).spread[0] == np.median(inputs.scaling.own_spread)


def test_every_series_knows_the_number_of_its_first_step() -> None:
    panel = make_panel()
    shorter = panel.select([2, 0])
    numbers = learn(panel).resident(shorter, CPU).numbers.tolist()
    assert numbers == [panel.times[panel.starts[s]] // (3_600 * 10**9) for s in (2, 0)]
    empty = panel.until(panel.starts + np.array([0, 9, 0]))
    assert learn(panel).resident(empty, CPU).numbers[[0, 2]].tolist() == [0, 0]


def test_a_year_enters_the_calendar_only_after_two() -> None:
    names = {
        days: turned_twice(panel, panel.ends)
        for days in (10, 400, 800)
        for panel in [make_panel((days * 24,))]
    }
    panel = make_panel((800 * 24,))
    early = Inputs.learn(panel, panel.starts + 10 * 24, season=24)
    assert early.calendar == names[10]  # later rows do not count
    assert names[10] == ("time_of_day_sin", "time_of_day_cos")
    assert "day_of_week_sin" in names[400]
    assert "day_of_year_sin" not in names[400]
    assert "day_of_year_sin" in names[800]


def test_inputs_survive_the_disk() -> None:
    inputs = learn(make_panel(missing=0.1, covariates=("past", "future")))
    back = Inputs.from_json(inputs.scaling, json.loads(json.dumps(inputs.as_json())))
    assert back.as_json() == inputs.as_json()
    assert back.covariates == inputs.covariates


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (make_panel(covariates=("future",)), "trained with covariates: x0 .past.*have: x0 .future"),
        (make_panel(covariates=("past",), freq=None), "trained on the calendar"),
    ],
    ids=["covariates", "calendar"],
)
def test_a_panel_that_lacks_an_input_is_refused(panel: Panel, message: str) -> None:
    inputs = learn(make_panel(covariates=("past",)))
    with pytest.raises(DataError, match=message) as caught:
        inputs.check(panel)
    assert caught.value.fix

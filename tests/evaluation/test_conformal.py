"""Split conformal calibration: its law of coverage, its laws of form, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import train_ends
from forecast_cli.evaluation.conformal import (
    ALIKE_ORIGINS,
    ENOUGH_SCORES,
    LARGEST,
    MOST_ORIGINS,
    SMALLEST,
    Calibration,
    calibrate,
    conformity,
    held_out_origins,
    learned,
    stretched,
)
from forecast_cli.evaluation.timeout import TimedOut
from forecast_cli.forecasters.base import Forecast
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation.fakes import Shifted, shifted

TASK = Task(horizon=4, seasons=(24,), levels=(80, 95), validation=60)
GRID = TASK.quantiles


def intervals(median: Floats, *half: float) -> Floats:
    """[O, H, Q] with these half widths, the inner first, on both sides."""
    offsets = np.array([*(-h for h in reversed(half)), 0.0, *half])
    return median[:, :, None] + offsets


def share_inside(values: Floats, actual: Floats, level: int) -> float:
    low, high = {80: (1, 3), 95: (0, 4)}[level]
    return float(np.mean((values[:, :, low] <= actual) & (actual <= values[:, :, high])))


@pytest.mark.parametrize("level", [80, 95])
def test_exchangeable_values_are_held_as_often_as_the_level_says(level: int) -> None:
    """The theorem of split conformal prediction, averaged over 400 calibrations of 60 scores."""
    rng = np.random.default_rng(0)
    held = []
    for _ in range(400):
        size = rng.uniform(1, 100, size=(120, 4))  # series of any size
        actual = 2.5 * size * rng.standard_t(4, size=size.shape)
        values = intervals(np.zeros_like(actual), 1.0, 2.0) * size[:, :, None]
        calibration = learned(conformity(values[:60], actual[:60], GRID), replace(TASK, horizon=4))
        held.append(share_inside(calibration.apply(values[60:], GRID), actual[60:], level))
    assert np.mean(held) == pytest.approx(level / 100, abs=0.012)


def test_the_factor_is_the_order_statistic_that_the_theorem_names() -> None:
    scores = np.tile(np.arange(1.0, 151.0)[None, :, None], (2, 1, 4)) / 10
    calibration = learned(scores, TASK)
    assert calibration.factors[0] == (12.1,) * 4  # ceil(151 x 0.8) = 121
    assert calibration.factors[1] == (14.4,) * 4  # ceil(151 x 0.95) = 144
    assert calibration.scores == 600
    assert calibration.note == ""


def test_steps_with_few_scores_borrow_from_their_neighbours() -> None:
    scores = np.full((1, 120, 5), np.nan)
    scores[0, :, 0], scores[0, :60, 1], scores[0, :, 2], scores[0, 0, 4] = 1.0, 2.0, 3.0, 9.0
    found = learned(scores, Task(horizon=5, levels=(80,))).factors[0]
    assert ENOUGH_SCORES == 100
    assert found[0] == 1.0  # has enough of its own
    assert found[1] == 3.0  # 60 twos, with 120 ones and 120 threes
    assert found[2] == 3.0
    assert found[4] == 3.0  # one nine and 120 threes


@pytest.mark.parametrize(("origins", "expected"), [(3, (False, False)), (18, (True, False))])
def test_too_few_origins_leave_a_level_as_it_was_and_say_so(
    origins: int, expected: tuple[bool, bool]
) -> None:
    calibration = learned(np.full((2, origins, 4), 2.0), TASK)
    assert calibration.calibrated == expected
    assert f"{origins} held-out origins are too few for " in calibration.note
    assert calibration.note.endswith("95 %")
    assert (calibration.scores > 0) == any(expected)


def test_nineteen_origins_are_enough_for_both_levels() -> None:
    assert learned(np.full((2, 19, 4), 2.0), TASK).calibrated == (True, True)


def test_a_value_that_was_not_observed_has_no_score() -> None:
    values = intervals(np.zeros((1, 2)), 1.0, 2.0)
    scores = conformity(values, np.array([[np.nan, 3.0]]), GRID)
    assert np.isnan(scores[:, 0, 0]).all()
    assert scores[:, 0, 1].tolist() == [3.0, 1.5]


def test_no_width_at_all_has_no_score_and_half_of_one_an_infinite_one_beyond_it() -> None:
    none = np.array([[[5.0, 5.0, 5.0, 5.0, 5.0]]])
    assert np.isnan(conformity(none, np.array([[7.0]]), GRID)).all()
    upper = np.array([[[5.0, 5.0, 5.0, 6.0, 7.0]]])
    assert conformity(upper, np.array([[4.0]]), GRID).ravel().tolist() == [np.inf, np.inf]
    assert conformity(upper, np.array([[5.0]]), GRID).ravel().tolist() == [0.0, 0.0]
    calibration = learned(np.full((2, 200, 4), np.inf), TASK)
    assert calibration.factors == ((1.0,) * 4,) * 2


def test_a_forecast_that_is_not_finite_has_no_score_and_gets_none_in_silence() -> None:
    values = np.full((1, 1, 5), np.inf)
    assert np.isnan(conformity(values, np.array([[1.0]]), GRID)).all()
    found = stretched(values, GRID, np.ones((2, 1, 1)))
    assert not np.isfinite(found).any()


def test_factors_stay_within_reason() -> None:
    scores = np.stack([np.zeros((100, 4)), np.full((100, 4), 1e9)])
    found = learned(scores, TASK)
    assert (found.factors[0][0], found.factors[1][0]) == (SMALLEST, LARGEST)


numbers = st.floats(-1e6, 1e6, allow_nan=False)
widths = st.floats(0, 1e6, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(
    median=numbers,
    inner=widths,
    more=widths,
    factors=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)),
)
def test_the_median_stays_and_quantiles_do_not_cross_whatever_the_factors(
    median: float, inner: float, more: float, factors: tuple[float, float]
) -> None:
    values = intervals(np.full((1, 1), median), inner, inner + more)
    found = stretched(values, GRID, np.array(factors)[:, None, None])
    assert found[0, 0, 2] == median
    assert (np.diff(found) >= 0).all()


def test_factors_of_one_level_do_not_widen_the_other() -> None:
    values = intervals(np.zeros((1, 1)), 1.0, 4.0)
    found = stretched(values, GRID, np.array([2.0, 1.0])[:, None, None])
    assert found.ravel().tolist() == [-4.0, -2.0, 0.0, 2.0, 4.0]


def asked_at(panel: Panel, until: Ints, *behind: int) -> Origins:
    rows = (until[:, None] - 1 + np.array(behind)).ravel()
    return Origins(np.repeat(np.arange(panel.n_series), len(behind)), rows)


def test_held_out_origins_have_all_their_steps_in_the_block_of_their_series() -> None:
    panel = make_panel((400, 90, 300), missing=0.1)
    until = panel.ends - 40
    origins = held_out_origins(panel, TASK, until, asked_at(panel, until, 0, 3))
    ends = train_ends(panel, until, TASK.validation)
    assert set(origins.series) == {0, 2}  # the second has no room for a block
    assert (origins.rows >= ends[origins.series] - 1).all()
    assert (origins.rows + TASK.horizon < until[origins.series]).all()
    assert len(origins) == 2 * (60 - 4 + 1)


def test_held_out_origins_are_at_the_place_in_the_season_of_those_asked_where_these_suffice() -> (
    None
):
    panel = make_panel((2000,) * 30)
    until, task = panel.ends - 100, replace(TASK, validation=400)
    for behind in (0, 5, 29):
        origins = held_out_origins(panel, task, until, asked_at(panel, until, behind))
        places = (origins.rows + 1 - until[origins.series]) % 24
        assert set(places) == {behind % 24}
        assert ALIKE_ORIGINS <= len(origins) <= MOST_ORIGINS
    origins = held_out_origins(panel, task, until, asked_at(panel, until, 0, 1))
    assert len(set((origins.rows - until[origins.series]) % 24)) > 2
    one = panel.select([0])
    few = held_out_origins(one, task, one.ends - 100, asked_at(one, one.ends - 100, 0))
    assert len(set((few.rows - one.ends[0]) % 24)) == 24  # 16 would be too few


def test_held_out_origins_lie_as_near_to_their_fit_as_those_asked() -> None:
    panel = make_panel((2000,) * 30)
    until, task = panel.ends - 300, replace(TASK, validation=400)
    ends = train_ends(panel, until, task.validation)
    behind = {}
    for reach in (0, 240):
        asked = asked_at(panel, until, *range(0, reach + 1, 24))
        origins = held_out_origins(panel, task, until, asked)
        behind[reach] = int((origins.rows + 1 - ends[origins.series]).max())
    assert behind[0] < 240 - 24
    assert 240 - 24 < behind[240] <= 240


def test_the_model_is_asked_held_out_and_its_intervals_widened_by_what_it_missed() -> None:
    panel = make_panel((400, 300))
    until = panel.ends - 40
    model = shifted("model", 3.0)().fit(panel, TASK, until)  # half widths of 1 and 2
    found = calibrate([model], panel, TASK, until, asked_at(panel, until, 0))
    assert found.factors == ((pytest.approx(3.0),) * 4, (pytest.approx(1.5),) * 4)
    assert found.scores == 4 * 2 * 57
    assert found.end == panel.times[until - 1].max()
    ends = train_ends(panel, until, TASK.validation)
    assert [u.tolist() for u in type(model).untils] == [until.tolist(), ends.tolist()]


class Fragile(Shifted):
    """Fits once, and not again."""

    name = "fragile"
    error: Exception = RuntimeError("no luck")

    def unfitted(self) -> Self:
        return self

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        raise self.error


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (RuntimeError("no luck"), "the held-out fit failed (RuntimeError: no luck)"),
        (TimedOut("timed out after 3 s"), "not calibrated: timed out after 3 s"),
    ],
)
def test_a_held_out_fit_that_fails_leaves_the_intervals_and_says_why(
    error: Exception, note: str
) -> None:
    panel = make_panel((400,))
    until = panel.ends - 40
    model = type("Fragile", (Fragile,), {"error": error})()
    found = calibrate([model], panel, TASK, until, asked_at(panel, until, 0))
    assert found.note == note
    assert found.calibrated == (False, False)
    values = intervals(np.zeros((1, 4)), 1.0, 2.0)
    assert found.apply(values, GRID) is values


def test_no_room_for_a_block_is_said() -> None:
    panel = make_panel((50,))
    until = panel.ends
    model = shifted("model", 3.0)().fit(panel, TASK, until)
    found = calibrate([model], panel, TASK, until, asked_at(panel, until - 4, 0))
    assert found.note == "no series has room for 4 held-out steps"


def test_several_seeds_are_calibrated_as_their_average() -> None:
    class Apart(Shifted):
        """Two models whose errors cancel."""

        name = "apart"
        sign = 1.0

        def held_out(  # type: ignore[override]
            self, panel: Panel, task: Task, until: Ints, origins: Origins, monitor: Monitor
        ) -> Forecast:
            self.fit(panel, task, until)
            answer = self.forecast(panel, origins)
            return replace(answer, values=answer.values + self.sign * 5.0)

    panel = make_panel((400,))
    until = panel.ends - 40
    models = [Apart(), Apart()]
    models[1].sign = -1.0
    found = calibrate(models, panel, TASK, until, asked_at(panel, until, 0))
    assert found.factors[0] == (SMALLEST,) * 4


def test_a_calibration_survives_json_and_refuses_what_is_none() -> None:
    calibration = learned(np.abs(np.random.default_rng(0).normal(size=(2, 200, 4))), TASK, 7)
    saved = json.loads(json.dumps(calibration.as_json()))
    assert Calibration.from_json(saved, TASK) == calibration
    for change in (
        {"levels": [80, 90]},
        {"factors": [[1.0] * 4]},
        {"factors": [[1.0] * 3] * 2},
        {"factors": [[-1.0] * 4] * 2},
        {"factors": [[float("nan")] * 4] * 2},
    ):
        with pytest.raises(ValueError, match="calibration"):
            Calibration.from_json({**saved, **change}, TASK)

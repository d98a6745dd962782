"""Intervals that follow: the law of long-run coverage, and that the future cannot be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.data.future import extend
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.evaluation.conformal import Calibration
from forecast_cli.evaluation.targets import targets
from forecast_cli.evaluation.tracking import GAIN, MOST_CHANGE, follow, track
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation.fakes import shifted

H = 5
TASK = Task(horizon=H, levels=(80, 95))
GRID = TASK.quantiles


def noise(n: int, *, series: int = 1, spread: Floats | float = 1.0, seed: int = 0) -> Panel:
    panel = make_panel((n,) * series)
    rng = np.random.default_rng(seed)
    values = np.concatenate([spread * rng.normal(size=n) for _ in range(series)])
    return replace(panel, values=values[:, None], observed=np.ones((n * series, 1), dtype=bool))


def every(panel: Panel, stride: int = H, first: int = 10) -> Origins:
    back = np.arange(first, panel.lengths[0] - H, stride)
    rows = (panel.starts[:, None] + back).ravel()
    return Origins(np.repeat(np.arange(panel.n_series), len(back)), rows)


def guess(origins: Origins, half: tuple[float, float] = (1.28, 1.96)) -> Floats:
    """[O, H, Q] of a standard normal law, unless told otherwise."""
    offsets = np.array([-half[1], -half[0], 0.0, half[0], half[1]])
    return np.tile(offsets, (len(origins), H, 1))


def coverage(panel: Panel, origins: Origins, values: Floats) -> list[float]:
    actual = targets(panel, origins, H)
    return [
        float(np.mean((values[:, :, low] <= actual) & (actual <= values[:, :, high])))
        for low, high in ((1, 3), (0, 4))
    ]


@pytest.mark.parametrize("stride", [1, 2, H, 3 * H])
@pytest.mark.parametrize("wrong", [0.4, 1.0, 2.5])
def test_coverage_comes_to_the_level_however_wrong_the_model_is(stride: int, wrong: float) -> None:
    panel = noise(4000)
    origins = every(panel, stride)
    values = track(panel, origins, guess(origins) * wrong, GRID)
    assert coverage(panel, origins, values) == pytest.approx([0.8, 0.95], abs=0.02)


def test_coverage_comes_to_the_level_where_the_spread_changes_fourfold() -> None:
    spread = np.repeat([1.0, 4.0, 0.5, 2.0], 500)
    panel = noise(2000, spread=spread)
    origins = every(panel)
    before = coverage(panel, origins, guess(origins))
    after = coverage(panel, origins, track(panel, origins, guess(origins), GRID))
    assert before[0] < 0.65
    assert after == pytest.approx([0.8, 0.95], abs=0.02)


def test_a_miss_widens_and_a_hit_narrows_by_the_rule() -> None:
    panel = noise(60)
    panel = replace(panel, values=np.where(np.arange(60) < 30, 9.0, 0.0)[:, None])
    origins = every(panel, first=9)  # rows 9, 14, 19, ...
    values = track(panel, origins, guess(origins), GRID)
    width = values[:, 0, 3] / 1.28  # of the 80 % interval
    assert np.log(width[1]) == pytest.approx(0.8 * GAIN)  # all of the first was missed
    assert np.log(width[-1] / width[-2]) == pytest.approx(-0.2 * GAIN)  # nothing of late
    assert width.max() <= MOST_CHANGE + 1e-12


def test_series_asked_at_one_moment_move_together() -> None:
    panel = noise(200, series=3)
    origins = every(panel)
    values = track(panel, origins, guess(origins), GRID).reshape(3, -1, H, 5)
    assert (values == values[:1]).all()


@pytest.mark.parametrize("freq", ["h", None])
@pytest.mark.parametrize("stride", [2, H])
def test_nothing_after_an_origin_touches_its_interval(stride: int, freq: str | None) -> None:
    panel = replace(make_panel((120, 90), freq=freq), observed=np.ones((210, 1), dtype=bool))
    back = np.arange(60, H, -stride)
    rows = (panel.ends[:, None] - 1 - back).ravel()
    origins = Origins(np.repeat([0, 1], len(back)), rows)
    values = panel.target[origins.rows][:, None, None] + guess(origins)
    clean = track(panel, origins, values, GRID)
    for o in range(len(origins)):
        # The distance to the end is what both series have in common, with and without calendar.
        after = np.repeat(panel.ends, panel.lengths) - np.arange(panel.n_rows) < (
            panel.ends[origins.series[o]] - origins.rows[o]
        )
        foul = replace(panel, values=np.where(after[:, None], 1e9, panel.values))
        same = panel.ends[origins.series] - origins.rows == (
            panel.ends[origins.series[o]] - origins.rows[o]
        )
        assert track(foul, origins, values, GRID)[same].tobytes() == clean[same].tobytes()


def test_a_moment_of_which_nothing_was_observed_changes_nothing() -> None:
    panel = noise(100)
    gone = np.arange(100) >= 40
    panel = replace(
        panel,
        values=np.where(gone[:, None], np.nan, panel.values),
        observed=~gone[:, None],
    )
    origins = every(panel)
    width = track(panel, origins, guess(origins), GRID)[:, 0, 3]
    late = origins.rows >= 44
    assert np.ptp(width[late]) == 0


def test_a_level_that_does_not_follow_is_left_alone() -> None:
    panel = noise(300)
    origins = every(panel)
    values = track(panel, origins, guess(origins, (0.5, 3.0)), GRID, (True, False))
    assert (values[:, :, [0, 4]] == guess(origins, (0.5, 3.0))[:, :, [0, 4]]).all()
    assert np.ptp(values[:, :, 3]) > 0


def test_medians_stay_and_the_order_of_the_origins_changes_nothing() -> None:
    panel = noise(300, series=2)
    origins = every(panel)
    values = guess(origins) + np.arange(len(origins))[:, None, None]
    found = track(panel, origins, values, GRID)
    assert (found[:, :, 2] == values[:, :, 2]).all()
    assert (np.diff(found, axis=2) >= 0).all()
    back = track(panel, origins[::-1], values[::-1], GRID)[::-1]
    np.testing.assert_allclose(back, found)


def ones(end: int, factor: float = 2.0) -> Calibration:
    return Calibration((80, 95), ((factor,) * H,) * 2, 100, end)


def test_live_use_follows_what_newer_data_missed_and_nothing_the_model_has_learned_from() -> None:
    panel = extend(noise(200), H)
    model = shifted("model", 30.0)().fit(panel, TASK, panel.known_ends - 50)
    forecast = model.forecast(panel, Origins.at_end(panel))
    width = {}
    for newer in (0, H - 1, H, 4 * H):
        end = int(panel.times[panel.known_ends[0] - 1 - newer])
        values = follow(model, ones(end), panel, forecast)
        width[newer] = (values[0, 0, 3] - values[0, 0, 2]) / 2.0
    assert width[0] == width[H - 1] == pytest.approx(1.0)  # only the factor of the training
    assert width[H] == pytest.approx(np.exp(0.8 * GAIN))
    assert width[4 * H] == pytest.approx(min(np.exp(4 * 0.8 * GAIN), MOST_CHANGE))


def test_what_was_not_calibrated_is_not_followed() -> None:
    panel = extend(noise(200), H)
    model = shifted("model", 30.0)().fit(panel, TASK, panel.known_ends - 50)
    forecast = model.forecast(panel, Origins.at_end(panel))
    end = int(panel.times[100])
    assert follow(model, ones(end, 1.0), panel, forecast) is forecast.values

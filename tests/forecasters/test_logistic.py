"""Direction: skill where there is some, the base rate where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.forecasters.logistic import DirectionModel
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=30, seasons=(24,))


def late(panel: Panel) -> Origins:
    rows = np.arange(panel.ends[0] - 120, panel.ends[0] - 31)
    return Origins(np.zeros_like(rows), rows)


def rises(panel: Panel, origins: Origins) -> Floats:
    ahead = panel.target[origins.rows[:, None] + np.arange(1, TASK.horizon + 1)]
    return (ahead > panel.target[origins.rows][:, None]).astype(np.float64)


def test_the_direction_of_a_wave_is_foreseen() -> None:
    panel = make_panel((600, 500))
    model = DirectionModel().fit(panel, TASK, panel.ends - 120)
    origins = late(panel)
    chance = model.probability(panel, origins)
    assert chance.shape == (len(origins), TASK.horizon)
    assert ((chance > 0) & (chance < 1)).all()
    assert np.mean((chance - rises(panel, origins)) ** 2) < 0.1  # the base rate has 0.25


def test_white_noise_shows_only_its_return_to_the_mean() -> None:
    rng = np.random.default_rng(0)
    panel = make_panel((900,))
    noise = replace(panel, values=rng.normal(size=panel.values.shape))
    model = DirectionModel().fit(noise, TASK, noise.ends - 120)
    origins = late(noise)
    brier = np.mean((model.probability(noise, origins) - rises(noise, origins)) ** 2)
    assert 0.12 < brier < 0.22  # 1/6 for one who knows the distribution


def test_nothing_after_an_origin_changes_its_probability() -> None:
    panel = make_panel((400, 300), missing=0.1, covariates=("past",))
    until = panel.ends - 100
    model = DirectionModel().fit(panel, TASK, until)
    origins = Origins(np.array([0, 1]), until - 1)
    clean = model.probability(panel, origins)
    after = np.arange(panel.n_rows) >= np.repeat(until, panel.lengths)
    foul = replace(panel, values=np.where(after[:, None], 1e12, panel.values))
    again = DirectionModel().fit(foul, TASK, until)
    assert clean.tobytes() == model.probability(foul, origins).tobytes()
    assert clean.tobytes() == again.probability(foul, origins).tobytes()


def test_too_few_windows_give_the_base_rate() -> None:
    panel = make_panel((40,), season=4)
    rising = replace(panel, values=np.arange(40.0)[:, None])
    model = DirectionModel().fit(rising, Task(horizon=3, seasons=(4,)), rising.ends)
    chance = model.probability(rising, Origins(np.array([0]), np.array([39])))
    assert (chance > 0.9).all()


def test_scale_and_level_do_not_matter() -> None:
    panel = make_panel((400,))
    moved = replace(panel, values=8 * panel.values - 100)
    until, origins = panel.ends - 100, Origins(np.array([0]), panel.ends - 100)
    plain = DirectionModel().fit(panel, TASK, until).probability(panel, origins)
    scaled = DirectionModel().fit(moved, TASK, until).probability(moved, origins)
    np.testing.assert_allclose(scaled, plain, atol=1e-4)

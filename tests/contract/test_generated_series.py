"""The laws of every baseline on a thousand generated series of seven awkward kinds.

All are one panel, so that a failure names its series. Lengths are short: a law that holds for
sixty values is not broken by six hundred, and the whole has to run in a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.panel import Bools, Floats, Origins, Panel
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecaster
from forecast_cli.monitor import SILENT
from forecast_cli.task import Task

SERIES = 1000
TASK = Task(horizon=5, seasons=(6,), validation=6)
Draw = Callable[[np.random.Generator, int], Floats]

KINDS: dict[str, Draw] = {
    "constant": lambda rng, n: np.full(n, rng.normal() * 10.0 ** rng.integers(-6, 7)),
    "huge": lambda rng, n: 1e12 * (1 + rng.random(n)),
    "tiny": lambda rng, n: 1e-9 * rng.normal(size=n),
    "signed": lambda rng, n: np.cumsum(rng.normal(size=n)),
    "gappy": lambda rng, n: np.where(rng.random(n) < 0.4, np.nan, 10 + wave(rng, n)),
    "intermittent": lambda rng, n: rng.poisson(0.3, n) * rng.exponential(5, n),
    "short": lambda rng, n: 5 + wave(rng, int(rng.integers(1, 12))),
}

baselines = pytest.mark.parametrize("name", registry.names("baseline"))
pytestmark = pytest.mark.slow


def wave(rng: np.random.Generator, n: int) -> Floats:
    return 3 * np.sin(2 * np.pi * (np.arange(n) + rng.integers(6)) / 6) + rng.normal(size=n)


@cache
def generated() -> Panel:
    """A thousand series; each ends with the horizon that is to be forecast."""
    rng = np.random.default_rng(0)
    kinds = list(KINDS)
    drawn = {
        f"{kinds[s % len(kinds)]} {s}": KINDS[kinds[s % len(kinds)]](rng, int(rng.integers(20, 60)))
        for s in range(SERIES)
    }
    ahead = np.full(TASK.horizon, np.nan)
    flat = np.concatenate([np.append(values, ahead) for values in drawn.values()])
    lengths = [len(values) + TASK.horizon for values in drawn.values()]
    return Panel(
        values=flat[:, None],
        observed=np.isfinite(flat)[:, None],
        times=np.concatenate([np.arange(length) for length in lengths]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        ids=tuple(drawn),
    )


def ends(panel: Panel) -> Origins:
    """The last row before the horizon of every series in which anything was observed."""
    seen = np.add.reduceat(panel.observed[:, 0].astype(int), panel.starts) > 0
    return Origins(np.flatnonzero(seen), (panel.ends - TASK.horizon - 1)[seen])


def fit(name: str, panel: Panel) -> Forecaster:
    model = registry.create(name, Settings(device="cpu"))
    return model.fit(panel, TASK, panel.ends - TASK.horizon, SILENT)


@cache
def answered(name: str) -> Floats:
    return fit(name, generated()).forecast(generated(), ends(generated())).values


def kind_of(panel: Panel, wrong: Bools) -> list[str]:
    return [panel.ids[s] for s in ends(panel).series[wrong]]


@baselines
def test_every_forecast_is_finite_and_its_quantiles_do_not_cross(name: str) -> None:
    panel, values = generated(), answered(name)
    assert values.shape == (len(ends(panel)), TASK.horizon, len(TASK.quantiles))
    assert kind_of(panel, ~np.isfinite(values).all(axis=(1, 2))) == []
    assert kind_of(panel, (np.diff(values, axis=2) < 0).any(axis=(1, 2))) == []


@baselines
def test_no_forecast_leaves_its_history_far_behind(name: str) -> None:
    panel, values = generated(), answered(name)
    origins = ends(panel)
    part = panel.select(origins.series)
    low, high = (
        reduce.reduceat(np.where(part.observed[:, 0], part.target, empty), part.starts)
        for reduce, empty in ((np.fmin, np.inf), (np.fmax, -np.inf))
    )
    room = 10 * (high - low) + 1e-6 * np.maximum(np.abs(high), np.abs(low))
    point = values[:, :, TASK.median]
    far = (point < (low - room)[:, None]) | (point > (high + room)[:, None])
    assert kind_of(panel, far.any(axis=1)) == []


@baselines
def test_another_unit_gives_the_same_forecasts_in_that_unit(name: str) -> None:
    """A power of two, so that nothing is rounded otherwise."""
    panel = generated()
    moved = replace(panel, values=panel.values * 1024.0)
    values = fit(name, moved).forecast(moved, ends(moved)).values / 1024.0
    spread = np.abs(answered(name)).max(axis=(1, 2), keepdims=True) + 1e-300
    assert kind_of(panel, (np.abs(values - answered(name)) > 1e-6 * spread).any(axis=(1, 2))) == []


@baselines
def test_what_comes_after_the_origin_changes_no_byte(name: str) -> None:
    panel = generated()
    ahead = np.arange(panel.n_rows) >= np.repeat(panel.ends - TASK.horizon, panel.lengths)
    values, observed = panel.values.copy(), panel.observed.copy()
    values[ahead], observed[ahead] = 1e15, True
    foul = replace(panel, values=values, observed=observed)
    again = fit(name, foul).forecast(foul, ends(panel)).values
    assert again.tobytes() == answered(name).tobytes()

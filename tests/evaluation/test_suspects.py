"""Covariates that were made from the target are named, and honest ones are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import load
from forecast_cli.data.panel import Panel
from forecast_cli.evaluation.suspects import suspects
from tests.conftest import make_panel


def with_covariate(panel: Panel, column: npt.NDArray[np.float64], name: str = "x") -> Panel:
    return replace(
        panel,
        values=np.column_stack([panel.values, column]),
        observed=np.column_stack([panel.observed, np.isfinite(column)]),
        channels=(*panel.channels, name),
        roles=(*panel.roles, "future"),
    )


def autoregressive(rows: int, memory: float, seed: int) -> npt.NDArray[np.float64]:
    noise = np.random.default_rng(seed).normal(size=rows)
    found = np.zeros(rows)
    for t in range(1, rows):
        found[t] = memory * found[t - 1] + noise[t]
    return found


@settings(max_examples=12, deadline=None)
@given(memory=st.floats(0, 1), seed=st.integers(1, 1000))
def test_a_copy_of_the_target_with_noise_is_named_however_the_target_wanders(
    memory: float, seed: int
) -> None:
    panel = make_panel((600,), noise=0.0, missing=0.03)
    values = panel.values.copy()
    values[:, 0] += autoregressive(600, memory, seed)
    panel = replace(panel, values=values)
    copy = values[:, 0] + 0.05 * np.random.default_rng(seed).normal(size=600)
    line = suspects(with_covariate(panel, copy, "price"), panel.ends, 24, 24)["price"]
    assert line.startswith("price: ")
    assert "--past price" in line


@settings(max_examples=12, deadline=None)
@given(effect=st.floats(0, 2), memory=st.floats(0.5, 0.99), seed=st.integers(1, 1000))
def test_weather_that_moves_the_target_is_not_named(
    effect: float, memory: float, seed: int
) -> None:
    panel = make_panel((600,), noise=1.0)
    weather = autoregressive(600, memory, seed)
    values = panel.values.copy()
    values[:, 0] += effect * weather
    foul = with_covariate(replace(panel, values=values), weather, "temperature")
    assert suspects(foul, panel.ends, 24, 24) == {}


@settings(max_examples=12, deadline=None)
@given(
    effect=st.floats(0, 2),
    memory=st.floats(0.5, 0.99),
    late=st.integers(-3, 3),
    seed=st.integers(1, 1000),
)
def test_weather_that_moves_the_target_later_or_earlier_is_not_named(
    effect: float, memory: float, late: int, seed: int
) -> None:
    panel = make_panel((600,), noise=1.0)
    weather = autoregressive(600, memory, seed)
    values = panel.values.copy()
    values[:, 0] += effect * np.roll(weather, late)
    foul = with_covariate(replace(panel, values=values), weather, "temperature")
    assert suspects(foul, panel.ends, 24, 24) == {}


def wandering(rows: int = 900) -> Panel:
    panel = make_panel((rows,))
    values = panel.values.copy()
    values[:, 0] = autoregressive(rows, 1.0, 3)
    return replace(panel, values=values)


@pytest.mark.parametrize(
    ("steps", "words"),
    [(1, "1 step before it comes"), (3, "3 steps before it comes"), (-2, "2 steps later")],
)
def test_the_target_of_another_step_is_named_with_its_lead(steps: int, words: str) -> None:
    panel = wandering()
    moved = np.roll(panel.values[:, 0], -steps)
    assert words in suspects(with_covariate(panel, moved), panel.ends - 5, 24, 24)["x"]


@pytest.mark.parametrize("width", [3, 5, 7])
def test_a_centred_mean_of_the_target_is_named(width: int) -> None:
    panel = wandering()
    mean = np.convolve(panel.values[:, 0], np.full(width, 1 / width), mode="same")
    assert "before it comes" in suspects(with_covariate(panel, mean), panel.ends - 5, 24, 24)["x"]


def test_the_target_of_a_horizon_ago_and_the_mean_of_its_past_are_honest() -> None:
    panel = wandering()
    y = panel.values[:, 0]
    late = with_covariate(panel, np.roll(y, 2))
    assert suspects(late, panel.ends, 24, 2) == {}
    assert suspects(late, panel.ends, 24, 3)
    past = np.convolve(y, np.r_[np.zeros(9), np.full(5, 0.2)], mode="same")
    assert suspects(with_covariate(panel, past), panel.ends, 24, 2) == {}


def test_the_calendar_and_a_constant_are_not_named() -> None:
    panel = make_panel((600, 500))
    hour = np.sin(2 * np.pi * np.arange(panel.n_rows) / 24)
    assert suspects(with_covariate(panel, hour), panel.ends, 24, 24) == {}
    assert suspects(with_covariate(panel, np.ones(panel.n_rows)), panel.ends, 24, 24) == {}


def test_only_covariates_that_are_called_known_ahead_are_looked_at() -> None:
    panel = make_panel((400,))
    copy = with_covariate(panel, panel.values[:, 0])
    assert suspects(copy, panel.ends, 24, 24)
    assert suspects(replace(copy, roles=("target", "past")), panel.ends, 24, 24) == {}


def test_what_comes_after_the_end_plays_no_part() -> None:
    panel = make_panel((400, 300))
    column = np.random.default_rng(0).normal(size=panel.n_rows)
    copied = column.copy()
    after = np.arange(panel.n_rows) >= np.repeat(panel.ends - 100, panel.lengths)
    copied[after] = panel.values[after, 0]
    foul = with_covariate(panel, copied)
    assert suspects(foul, panel.ends - 100, 24, 24) == {}


@pytest.mark.parametrize("rows", [0, 1, 5, 15])
def test_too_few_rows_say_nothing(rows: int) -> None:
    panel = make_panel((60,))
    assert suspects(with_covariate(panel, panel.values[:, 0]), panel.starts + rows, 24, 24) == {}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("path", "target", "future"),
    [
        ("vic_elec/vic_elec.csv.gz", "demand", ("temperature",)),
        ("ett_h1_m1/ETTh1.csv", "HUFL", ("MUFL", "OT")),
        ("bike_sharing_hourly/hour.csv", "count", ("temp", "humidity")),
    ],
)
def test_honest_columns_of_real_data_are_not_named(
    shared_data: Path, path: str, target: str, future: tuple[str, ...]
) -> None:
    dataset = load(
        DataOptions(data=(str(shared_data / path),), target=(target,), future=future, season=(24,))
    )
    assert suspects(dataset.panel, dataset.panel.known_ends, 24, 24) == {}

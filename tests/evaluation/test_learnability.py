"""What is said before training: true of made-up series, blind to the future, and quick."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import load
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.data.split import split
from forecast_cli.evaluation.learnability import in_words, learnability, ridge_skill
from forecast_cli.forecasters import registry
from forecast_cli.task import Task
from tests.conftest import make_panel

NAN = float("nan")


def noise(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=rows)


def panel_of(y: np.ndarray) -> Panel:
    panel = make_panel((len(y),))
    return replace(panel, values=y[:, None], observed=np.isfinite(y)[:, None])


def test_the_skill_of_ridge_is_that_of_the_models_themselves_on_the_block() -> None:
    panel, task = make_panel((400,), noise=1.0), Task(6, (24,), validation=80)
    rows = np.unique(np.linspace(319, 393, 20).round().astype(np.int64))
    origins = Origins(np.zeros(len(rows), dtype=np.int64), rows)
    actual = panel.target[rows[:, None] + np.arange(1, 7)]
    until = np.array([320])
    mae = {
        name: np.abs(
            registry.create(name).fit(panel, task, until).forecast(panel, origins).point - actual
        ).mean()
        for name in ("linear", "seasonal-naive")
    }
    expected = 1 - mae["linear"] / mae["seasonal-naive"]
    assert ridge_skill(panel, task, "seasonal-naive") == pytest.approx(expected, abs=0.02)


def test_without_a_block_ridge_is_not_told() -> None:
    panel = make_panel((400, 300))
    assert np.isnan(ridge_skill(panel, Task(6, (24,), validation=0), "seasonal-naive"))
    assert np.isnan(ridge_skill(panel, Task(6, (24,), validation=290), "seasonal-naive"))


@pytest.mark.parametrize("poison", [np.nan, 1e12, -3.0])
def test_nothing_after_the_end_of_training_is_looked_at(poison: float) -> None:
    panel = make_panel((500, 420, 460), covariates=("past", "future"))
    blocks = split(panel, 12)
    task = Task(12, (24,), validation=blocks.validation)
    after = np.arange(panel.n_rows) >= np.repeat(blocks.fit_ends, panel.lengths)
    values = np.where(after[:, None], poison, panel.values)
    foul = replace(panel, values=values, observed=np.isfinite(values))
    clean = learnability(panel, task, blocks.fit_ends, "seasonal-naive")
    dirty = learnability(foul, task, blocks.fit_ends, "seasonal-naive")
    assert replace(clean, seconds=0.0) == replace(dirty, seconds=0.0)
    assert np.isfinite([clean.seasonal_strength, clean.predictability, clean.ridge_skill]).all()


def test_odd_panels_are_told_without_an_error() -> None:
    for lengths in ((3,), (1, 2), (30, 0, 400), tuple([60] * 30)):
        panel = make_panel(lengths)
        found = learnability(panel, Task(2, (24,), validation=4), panel.ends, "seasonal-naive")
        assert found.text
    empty = learnability(panel, Task(2), panel.starts, "naive")
    assert empty.text == "too little data to say anything before training"


@pytest.mark.parametrize(
    ("strength", "predictable", "skill", "cycles", "words"),
    [
        (0.93, 0.6, 0.21, 20, "strongly seasonal (0.93), quite predictable (0.60); ridge already"),
        (
            0.5,
            0.3,
            0.0,
            20,
            "moderately seasonal (0.50), partly predictable (0.30); ridge is about",
        ),
        (0.5, 0.01, NAN, 2, "hardly seasonal (0.50), close to noise (0.01): do not expect much"),
        (0.9, 0.01, NAN, 20, "strongly seasonal (0.90), partly predictable (0.01)"),
        (NAN, 0.4, -0.3, 1, "partly predictable (0.40); ridge is 30 % worse than naive on the"),
        (NAN, NAN, NAN, 1, "too little data"),
    ],
)
def test_words_say_what_the_numbers_do(
    strength: float, predictable: float, skill: float, cycles: float, words: str
) -> None:
    assert in_words(strength, predictable, skill, "naive", cycles=cycles).startswith(words)


def test_pure_noise_is_called_so_and_beating_a_naive_forecast_of_it_is_no_praise() -> None:
    found = learnability(
        panel_of(noise(2000)), Task(6, (24,), validation=200), np.array([2000]), "seasonal-naive"
    )
    assert "close to noise" in found.text
    assert "do not expect much of any model" in found.text
    assert found.text.endswith("as the mean of noise would")


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("path", "target", "season", "horizon"),
    [
        ("ett_h1_m1/ETTh1.csv", "OT", (24, 168), 96),
        ("vic_elec/vic_elec.csv.gz", "demand", (48, 336), 48),
    ],
)
def test_it_takes_about_a_second_on_long_series(
    shared_data: Path, path: str, target: str, season: tuple[int, ...], horizon: int
) -> None:
    file = str(shared_data / path)
    panel = load(DataOptions(data=(file,), target=(target,), season=season)).panel
    blocks = split(panel, horizon)
    task = Task(horizon, season, validation=blocks.validation)
    began = time.process_time()
    found = learnability(panel, task, blocks.fit_ends, "seasonal-naive")
    assert time.process_time() - began < 4  # on any machine; about one here
    assert found.ridge_skill > 0.05


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_series_of_one_value_is_called_constant(value: float) -> None:
    panel = panel_of(np.full(400, value))
    blocks = split(panel, 6, test_size=60, val_size=60)
    task = Task(horizon=6, seasons=(24,), levels=(80,), validation=60)
    found = learnability(panel, task, blocks.fit_ends, "seasonal-naive")
    assert found.text == "constant: the last value will do"


def test_what_is_exact_up_to_rounding_gives_no_share() -> None:
    panel = panel_of(10 + 5 * np.sin(2 * np.pi * np.arange(960) / 24))
    blocks = split(panel, 24, test_size=240, val_size=96)
    task = Task(horizon=24, seasons=(24,), levels=(80,), validation=96)
    found = learnability(panel, task, blocks.fit_ends, "seasonal-naive")
    assert np.isnan(found.ridge_skill)
    assert "ridge" not in found.text

"""The simulation simulates what it says, and a small one holds the mark."""

from __future__ import annotations

import math

import numpy as np
import pytest

import false_wins
import frame
from false_wins import MARK, World

CERTAIN = 3  # standard errors of a share


def least(share: float, draws: int) -> float:
    """What a simulated share, in per cent, may reach where the true one is at the mark."""
    return share + CERTAIN * 100 * math.sqrt(share / 100 * (1 - share / 100) / draws)


def test_losses_have_the_dependence_in_time_that_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    found = false_wins.waves(World(4000, 0.5), rng, 3)[:, 0]
    assert found.std(axis=1) == pytest.approx(1, abs=0.1)
    for wave in found:
        assert np.corrcoef(wave[1:], wave[:-1])[0, 1] == pytest.approx(0.5, abs=0.06)


def test_losses_of_different_series_are_correlated_as_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    draws = [false_wins.waves(World(1, 0.0, 2, 0.5), rng, 1)[0, :, 0] for _ in range(4000)]
    assert np.corrcoef(np.stack(draws), rowvar=False)[0, 1] == pytest.approx(0.5, abs=0.05)


def test_models_share_what_moves_their_losses_and_differ_only_as_was_asked_for() -> None:
    lost = false_wins.losses(World(20_000, 0.0, networks=0.8), np.random.default_rng(0))
    logarithms = {name: np.log(loss[0]) for name, loss in lost.items()}
    correlation = np.corrcoef(logarithms["lstm"], logarithms["linear"])[0, 1]
    kin = np.corrcoef(logarithms["lstm"], logarithms["gru"])[0, 1]
    assert (correlation, kin) == pytest.approx((0.8, 0.9), abs=0.01)
    assert lost["lstm"].mean() / lost["linear"].mean() == pytest.approx(0.8, abs=0.01)
    assert lost["naive"].mean() / lost["linear"].mean() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "world",
    [World(20, 0.3), World(58, 0.5), World(58, 0.3, others=1.3), World(30, 0.3, 20, 0.5)],
    ids=lambda world: world.asked,
)
def test_equal_models_have_few_winners(world: World) -> None:
    found = false_wins.shares(world, draws=80, seed=1)
    assert found["network"] + found["simple"] <= least(MARK, 80)
    if world.others == 1:
        assert found["told apart"] <= least(MARK, 80)


@pytest.mark.slow
@pytest.mark.parametrize("origins", [20, 58, 200])
@pytest.mark.parametrize("autocorrelation", [0.0, 0.5])
def test_equal_models_have_few_winners_in_a_larger_simulation(
    origins: int, autocorrelation: float
) -> None:
    found = false_wins.shares(World(origins, autocorrelation), draws=600, seed=2)
    assert found["network"] + found["simple"] <= MARK
    assert found["told apart"] <= least(MARK, 600)


def test_series_that_were_forecast_from_one_moment_have_no_winner() -> None:
    found = false_wins.shares(World(1, 0.0, 50, 0.5), draws=30, seed=0)
    assert found == {"network": 0, "simple": 0, "told apart": 0}


def test_a_clear_lead_is_found_and_told_from_a_lag() -> None:
    ahead = false_wins.shares(World(200, 0.3, networks=0.8), draws=30, seed=0)
    behind = false_wins.shares(World(200, 0.3, networks=1.25), draws=30, seed=0)
    assert ahead["network"] > 90
    assert behind["simple"] > 90


def test_the_bootstrap_finds_a_lead_and_not_one_that_is_none() -> None:
    rng = np.random.default_rng(0)
    losses = rng.lognormal(0, 0.1, 100)
    assert false_wins.bootstrap(0.5 * losses, losses, rng)
    assert not false_wins.bootstrap(losses, losses, rng)


def test_one_pair_is_tested_in_three_ways() -> None:
    rows = list(false_wins.one_pair(World(58, 0.5), draws=60, seed=0))
    values = {row.who: row.value for row in rows}
    assert values["long-run variance"] < values["t test, Diebold-Mariano"]
    assert {row.kind for row in rows} == {"ours", "peer"}


def test_the_figures_of_the_verdict_page_are_those_that_were_measured() -> None:
    measured = frame.read(frame.RESULTS / "false_wins.json")
    table = false_wins.digest([row for run in measured.runs for row in run.rows])
    page = (frame.REPOSITORY / "docs" / "verdict.md").read_text("utf-8")
    assert table in page, f"docs/verdict.md: put this in place of its table\n{table}"


def test_every_mark_that_was_missed_is_one_of_twenty_origins_and_strong_dependence() -> None:
    measured = frame.read(frame.RESULTS / "false_wins.json")
    missed = [row for run in measured.runs for row in run.rows if row.reached is False]
    assert {row.row for row in missed} <= {World(20, 0.7).asked}
    assert {row.metric for row in missed} <= {false_wins.DECISIONS}

"""The linear start, against scikit-learn's ridge, plain loops and laws it must find."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from torch import Tensor

from forecast_cli.data.windows import Batch
from forecast_cli.networks.heads import Highway
from forecast_cli.training import start as module
from forecast_cli.training.start import (
    BATCHES,
    LEAST_WINDOWS,
    PENALTIES,
    WORK,
    Start,
    solve_highway,
)

B, N, P, K, H, F = 16, 6, 3, 2, 2, 2
NO_START = Start("none", 0.0)


def made(level: Tensor, target: Tensor, known: Tensor | None = None) -> Batch:
    """Sequences [B, N, P] of full length, whose targets [B, N, H] all count."""
    sequences, patches, patch = level.shape
    nothing = torch.zeros(sequences, patches, 0)
    steps = patches * patch + target.shape[2]
    return Batch(
        level=level, past=nothing, calendar=nothing,
        known=torch.zeros(sequences, steps, 0) if known is None else known,
        phase=torch.zeros(sequences, dtype=torch.int64),
        identity=torch.zeros(sequences, dtype=torch.int64), static=torch.zeros(sequences, 0),
        lengths=torch.full((sequences,), patches), target=target, weight=torch.ones_like(target),
    )  # fmt: skip


def batch(seed: int, noise: float = 0.0) -> Batch:
    """The first step lies half way back to the value one patch ago, the second beyond."""
    generator = torch.Generator().manual_seed(seed)
    flat = torch.randn(B, N * P, generator=generator)
    level = flat.unflatten(1, (N, P))
    last = level[:, :, -1:]
    before = torch.cat([flat[:, :1, None], level[:, :-1, -1:]], dim=1)
    back = before - last
    target = torch.cat([last + 0.5 * back, last - 0.25 * back], dim=2)
    return made(level, target + noise * torch.randn(B, N, H, generator=generator))


def covariate(seed: int) -> Batch:
    """Each step is the last value plus a linear law of two covariates at its own row."""
    generator = torch.Generator().manual_seed(seed)
    level = torch.randn(B, N, P, generator=generator)
    known = torch.randn(B, N * P + H, F, generator=generator)
    effect = known @ torch.tensor([2.0, -1.0])  # [B, N*P+H]
    return made(level, level[:, :, -1:] + effect[:, P:].unfold(1, H, P), known)


def last_only(given: Batch) -> list[Batch]:
    return [replace(given, target=given.target[:, -1:], weight=given.weight[:, -1:])]


def held_out(noise: float = 0.0) -> list[Batch]:
    return last_only(batch(10_000, noise))


def solved(
    highway: Highway,
    validation: list[Batch],
    *,
    season: int = 1,
    noise: float = 0.0,
    known: Start = module.UNTRIED,
) -> Start:
    seeds = count()
    return solve_highway(
        highway, lambda: batch(next(seeds), noise), validation, season, known=known
    )


def change(highway: Highway, given: Batch) -> Tensor:
    return highway(given.level, given.known).detach()  # type: ignore[no-any-return]


def test_a_linear_law_is_found_in_one_solve() -> None:
    highway = Highway(P, K, H)
    assert solved(highway, held_out()).penalty == min(PENALTIES)
    given = batch(99)
    forecast = given.level[:, :, -1:] + change(highway, given)
    assert (forecast - given.target)[:, 1:].abs().max() < 0.001


def test_a_linear_law_of_what_is_known_ahead_is_found_in_one_solve() -> None:
    highway, seeds = Highway(P, K, H, F), count()
    validation = last_only(covariate(10_000))
    solve_highway(highway, lambda: covariate(next(seeds)), validation, season=1)
    given = covariate(99)
    forecast = given.level[:, :, -1:] + change(highway, given)
    assert (forecast - given.target).abs().max() < 0.01


@pytest.mark.parametrize("guess", ["last", "season"])
def test_the_solution_is_that_of_ridge_regression_towards_the_guess(guess: str) -> None:
    from sklearn.linear_model import Ridge

    highway, penalty = Highway(P, K, H), 0.3
    assert solved(highway, [], season=P, noise=0.5, known=Start(guess, penalty)) == Start(
        guess, penalty
    )
    batches = [batch(seed, noise=0.5) for seed in range(BATCHES)]
    X = torch.cat([highway.inputs(b.level, b.known).flatten(0, 1) for b in batches]).double()
    Y = torch.cat([(b.target - b.level[:, :, -1:]).flatten(0, 1) for b in batches]).double()
    towards = np.zeros((H, X.shape[1]))
    if guess == "season":  # the values P steps before each target, relative to the last
        towards[[0, 1], [P * K - P, P * K - P + 1]] = 1.0
    X, Y = X.numpy(), Y.numpy()
    oracle = Ridge(alpha=penalty * np.mean((X**2).sum(0)), solver="cholesky")
    oracle.fit(X, Y - X @ towards.T)
    weight, bias = highway.linear.weight.detach(), highway.linear.bias.detach()
    assert np.allclose(weight, oracle.coef_ + towards, atol=1e-5)
    assert np.allclose(bias, oracle.intercept_, atol=1e-5)


@pytest.mark.parametrize("season", [2, 3, 4, 5])
@pytest.mark.parametrize("guess", ["last", "trend", "season", "seasons"])
def test_an_endless_penalty_leaves_the_guess(guess: str, season: int) -> None:
    steps, lags = 7, P * 4
    highway, seeds = Highway(P, 4, steps), count()

    def draw() -> Batch:
        generator = torch.Generator().manual_seed(next(seeds))
        level = torch.randn(B, N, P, generator=generator)
        return made(level, torch.randn(B, N, steps, generator=generator))

    solve_highway(highway, draw, [], season, known=Start(guess, 1e12))
    given = draw()
    forecast = (
        given.level[:, -1, -1:] + change(highway, given)[:, -1] - highway.linear.bias.detach()
    )
    for b in range(B):
        seen = given.level[b].flatten()[-lags:].tolist()
        for h in range(steps):
            same = [seen[lag] for lag in range(lags) if (lags + h - lag) % season == 0]
            expected = {
                "last": seen[-1],
                "trend": seen[-1] + (h + 1) / steps * (seen[-1] - seen[-1 - steps]),
                "season": same[-1],
                "seasons": np.mean(same),
            }
            assert float(forecast[b, h]) == pytest.approx(expected[guess], abs=1e-4)


def test_what_is_taken_is_the_best_of_all_on_the_validation_block() -> None:
    """One by one, as a second fit would take each."""
    validation, errors = held_out(noise=1.0), {}
    for guess in ("last", "trend", "season", "seasons"):
        for penalty in PENALTIES:
            highway = Highway(P, K, H)
            solved(highway, [], season=2, noise=1.0, known=Start(guess, penalty))
            (given,) = validation
            forecast = given.level[:, -1, -1:] + change(highway, given)[:, -1]
            errors[Start(guess, penalty)] = float((forecast - given.target[:, 0]).abs().mean())
    best = Highway(P, K, H)
    assert solved(best, validation, season=2, noise=1.0) == min(errors, key=errors.__getitem__)


def test_a_start_that_was_chosen_is_taken_again_without_a_validation_block() -> None:
    first, second = Highway(P, K, H), Highway(P, K, H)
    chosen = solved(first, held_out(noise=0.5), season=3, noise=0.5)
    assert solved(second, [], season=3, noise=0.5, known=chosen) == chosen
    assert torch.equal(first.linear.weight, second.linear.weight)
    assert torch.equal(first.linear.bias, second.linear.bias)


def test_no_start_that_was_chosen_draws_nothing() -> None:
    def draw() -> Batch:
        raise AssertionError("drawn")

    highway = Highway(P, K, H)
    assert solve_highway(highway, draw, [], 1, known=NO_START) == NO_START
    assert highway.linear.weight.eq(0).all()


def test_the_trend_of_a_season_longer_than_the_horizon_is_that_of_a_season() -> None:
    highway, season = Highway(P, 4, H), 5
    solved(highway, [], season=season, known=Start("trend", 1e12))
    given = batch(99)
    last, before = given.level.flatten(1)[:, -1], given.level.flatten(1)[:, -1 - season]
    expected = torch.outer(last - before, torch.arange(1, H + 1) / season)
    moved = change(highway, given)[:, -1] - highway.linear.bias.detach()
    torch.testing.assert_close(moved, expected, rtol=1e-4, atol=1e-4)


def test_a_season_longer_than_what_is_seen_is_no_guess() -> None:
    highway, other = Highway(P, K, H), Highway(P, K, H)
    solved(highway, [], season=P * K + 1, known=Start("season", 1.0))
    solved(other, [], known=Start("last", 1.0))
    assert torch.equal(highway.linear.weight, other.linear.weight)


def test_a_linear_part_that_does_not_help_stays_zero() -> None:
    highway = Highway(P, K, H)
    contrary = [replace(b, target=b.level[:, -1:, -1:].expand(B, 1, H)) for b in held_out()]
    assert solved(highway, contrary) == NO_START
    assert highway.linear.weight.eq(0).all()
    assert highway.linear.bias.eq(0).all()


@pytest.mark.parametrize("validation", [[], held_out()], ids=["none", "some"])
def test_series_that_never_move_leave_the_linear_part_at_zero(validation: list[Batch]) -> None:
    highway = Highway(P, K, H)
    still = made(torch.zeros(B, N, P), torch.zeros(B, N, H))
    assert solve_highway(highway, lambda: still, validation, season=2) == NO_START
    assert highway.linear.weight.eq(0).all()


@pytest.mark.parametrize(("steps", "missing"), [(2, 1), (10, 1), (10, 5)])
def test_targets_that_do_not_count_do_not_bend_the_solution(steps: int, missing: int) -> None:
    """Whether few are missing from a window, which stays, or many."""

    def weights(poison: float) -> Tensor:
        highway, seeds = Highway(P, K, steps), count()

        def draw() -> Batch:
            given = batch(next(seeds))
            target = given.target[:, :, :1].expand(-1, -1, steps).contiguous()
            weight = torch.ones_like(target)
            weight[: B // 2, 2, -missing:] = 0
            target = torch.where(weight > 0, target, poison)
            return replace(given, weight=weight, target=target)

        solve_highway(highway, draw, [], season=1, known=Start("last", 0.01))
        return highway.linear.weight.detach()

    assert torch.equal(weights(0.0), weights(1e6))
    assert weights(0.0).abs().max() > 0


def test_wide_inputs_are_solved_from_fewer_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The products are bounded; a narrow problem still has all its windows."""

    def drawn(patch: int) -> int:
        highway, seeds = Highway(patch, 15, 1), count()

        def draw() -> Batch:
            generator = torch.Generator().manual_seed(next(seeds))
            level = torch.randn(B * 4, 15, patch, generator=generator)
            return made(level, torch.ones(B * 4, 15, 1))

        solve_highway(highway, draw, [], season=1)
        return next(seeds)

    windows = B * 4 * 15
    assert drawn(1) == BATCHES
    assert drawn(60) == -(-WORK // (902**2 * windows))
    monkeypatch.setattr(module, "WORK", 1.0)
    assert drawn(1) == -(-LEAST_WINDOWS // windows)


def test_in_a_hurry_one_batch_and_one_penalty_have_to_do() -> None:
    highway, seeds = Highway(P, K, H), count()
    chosen = solve_highway(highway, lambda: batch(next(seeds)), held_out(), 1, lambda: True)
    assert next(seeds) == 1
    assert chosen.penalty == PENALTIES[0]
    assert highway.linear.weight.abs().max() > 0

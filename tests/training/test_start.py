"""The linear start, against scikit-learn's ridge and against laws it must find."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import torch

from forecast_cli.data.windows import Batch
from forecast_cli.networks.heads import Highway
from forecast_cli.training.start import BATCHES, PENALTIES, WORK, solve_highway

B, N, P, K, H = 16, 6, 3, 2, 2


def batch(seed: int, noise: float = 0.0) -> Batch:
    """The first step lies half way back to the value one patch ago, the second beyond."""
    generator = torch.Generator().manual_seed(seed)
    flat = torch.randn(B, N * P, generator=generator)
    level = flat.unflatten(1, (N, P))
    last = level[:, :, -1:]
    before = torch.cat([flat[:, :1, None], level[:, :-1, -1:]], dim=1)
    back = before - last
    target = torch.cat([last + 0.5 * back, last - 0.25 * back], dim=2)
    target = target + noise * torch.randn(B, N, H, generator=generator)
    nothing = torch.zeros(B, N, 0)
    return Batch(
        level=level, past=nothing, calendar=nothing, known=torch.zeros(B, N * P + H, 0),
        identity=torch.zeros(B, dtype=torch.int64), static=torch.zeros(B, 0),
        lengths=torch.full((B,), N), target=target, weight=torch.ones(B, N, H),
    )  # fmt: skip


def held_out(noise: float = 0.0) -> list[Batch]:
    given = batch(10_000, noise)
    return [replace(given, target=given.target[:, -1:], weight=given.weight[:, -1:])]


def test_a_linear_law_is_found_in_one_solve() -> None:
    highway, seeds = Highway(P, K, H), count()
    penalty = solve_highway(highway, lambda: batch(next(seeds)), held_out())
    assert penalty == min(PENALTIES)
    given = batch(99)
    forecast = given.level[:, :, -1:] + highway(given.level)
    assert (forecast - given.target)[:, 1:].abs().max() < 0.001


def test_the_solution_is_that_of_ridge_regression() -> None:
    from sklearn.linear_model import Ridge

    highway, seeds = Highway(P, K, H), count()
    solve_highway(highway, lambda: batch(next(seeds), noise=0.5), [])
    batches = [batch(seed, noise=0.5) for seed in range(BATCHES)]
    X = torch.cat([highway.inputs(b.level).flatten(0, 1) for b in batches]).double().numpy()
    Y = torch.cat([(b.target - b.level[:, :, -1:]).flatten(0, 1) for b in batches]).double()
    strength = max(PENALTIES) * np.mean((X**2).sum(0))
    oracle = Ridge(alpha=strength, solver="cholesky").fit(X, Y.numpy())
    assert np.allclose(highway.linear.weight.detach(), oracle.coef_, atol=1e-5)
    assert np.allclose(highway.linear.bias.detach(), oracle.intercept_, atol=1e-5)


def test_a_linear_part_that_does_not_help_stays_zero() -> None:
    highway, seeds = Highway(P, K, H), count()
    contrary = [replace(b, target=b.level[:, -1:, -1:].expand(B, 1, H)) for b in held_out()]
    assert solve_highway(highway, lambda: batch(next(seeds)), contrary) is None
    assert highway.linear.weight.eq(0).all()
    assert highway.linear.bias.eq(0).all()


def test_series_that_never_move_leave_the_linear_part_at_zero() -> None:
    highway = Highway(P, K, H)
    still = replace(batch(0), level=torch.zeros(B, N, P), target=torch.zeros(B, N, H))
    assert solve_highway(highway, lambda: still, []) is None
    assert highway.linear.weight.eq(0).all()


def test_targets_that_do_not_count_do_not_bend_the_solution() -> None:
    def solved(poison: float) -> torch.Tensor:
        highway, seeds = Highway(P, K, H), count()

        def draw() -> Batch:
            given = batch(next(seeds))
            weight = given.weight.clone()
            weight[: B // 2, 2] = 0
            target = torch.where(weight > 0, given.target, poison)
            return replace(given, weight=weight, target=target)

        solve_highway(highway, draw, held_out())
        return highway.linear.weight.detach()

    assert torch.equal(solved(0.0), solved(1e6))


def test_wide_inputs_are_solved_from_fewer_windows() -> None:
    """The products are bounded; a narrow problem still has all its windows."""
    drawn = {}
    for patch in (1, 60):
        highway, seeds = Highway(patch, 15, 1), count()

        def draw(patch: int = patch, seeds: count[int] = seeds) -> Batch:
            given = torch.Generator().manual_seed(next(seeds))
            level = torch.randn(B * 4, 15, patch, generator=given)
            made = replace(batch(0), level=level, lengths=torch.full((B * 4,), 15))
            ones = torch.ones(B * 4, 15, 1)
            return replace(made, target=ones, weight=ones)

        solve_highway(highway, draw, [])
        drawn[patch] = next(seeds)
    assert drawn[1] == BATCHES
    assert WORK / 901**2 / 960 <= drawn[60] <= WORK / 901**2 / 960 + 1


def test_in_a_hurry_one_batch_and_one_penalty_have_to_do() -> None:
    highway, seeds = Highway(P, K, H), count()
    penalty = solve_highway(highway, lambda: batch(next(seeds)), held_out(), lambda: True)
    assert next(seeds) == 1
    assert penalty == PENALTIES[0]
    assert highway.linear.weight.abs().max() > 0

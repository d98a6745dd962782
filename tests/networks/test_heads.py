"""The parts of the head: each against a direct computation."""

from __future__ import annotations

import pytest
import torch

from forecast_cli.networks.heads import Highway, KnownAhead, QuantileHead

B, N, P, K, H = 2, 5, 3, 2, 4


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def random_highway(generator: torch.Generator) -> Highway:
    highway = Highway(P, K, H)
    with torch.no_grad():
        highway.linear.weight.copy_(torch.randn(H, P * K + 1, generator=generator))
        highway.linear.bias.copy_(torch.randn(H, generator=generator))
    return highway


def last_layer(ahead: KnownAhead) -> torch.nn.Linear:
    layer = ahead.effect[-1]
    assert isinstance(layer, torch.nn.Linear)
    return layer


def test_the_highway_starts_as_the_last_value() -> None:
    assert Highway(P, K, H)(torch.ones(B, N, P)).eq(0).all()


def test_the_highway_is_linear_in_the_last_patches_relative_to_the_last_value(
    generator: torch.Generator,
) -> None:
    highway = random_highway(generator)
    level = torch.randn(B, N, P, generator=generator)
    change = highway(level)
    for i in range(K - 1, N):
        recent = level[:, i - K + 1 : i + 1].flatten(1)  # [B, K*P]
        last = recent[:, -1:]
        mean = level[:, : i + 1].mean((1, 2))[:, None]
        seen = torch.cat([recent - last, last - mean], dim=1)
        assert torch.allclose(change[:, i], highway.linear(seen), atol=1e-6)


def test_before_the_series_starts_its_first_value_is_held(generator: torch.Generator) -> None:
    highway = random_highway(generator)
    level = torch.randn(B, N, P, generator=generator)
    held = level[:, 0, :1].expand(B, P)
    recent = torch.cat([held, level[:, 0]], dim=1)  # [B, K*P]
    assert torch.allclose(highway.inputs(level)[:, 0, :-1], recent - recent[:, -1:], atol=1e-6)


def test_the_highway_does_not_know_the_level(generator: torch.Generator) -> None:
    highway = random_highway(generator)
    level = torch.randn(B, N, P, generator=generator)
    assert torch.allclose(highway(level + 5), highway(level), atol=1e-4)


def test_the_highway_at_one_position_is_the_highway_there(generator: torch.Generator) -> None:
    highway = random_highway(generator)
    level = torch.randn(B, N, P, generator=generator)
    position = torch.tensor([0, 3])
    at = highway.at(level, position)
    assert torch.allclose(at[:, 0], highway(level)[torch.arange(B), position], atol=1e-6)


def test_quantiles_never_cross_and_the_middle_is_the_median(generator: torch.Generator) -> None:
    head = QuantileHead(hidden=6, horizon=H, quantiles=5)
    median = 1e3 * torch.randn(B, N, H, generator=generator)
    state = 100 * torch.randn(B, N, 6, generator=generator)
    quantiles = head(median, state)
    assert quantiles.shape == (B, N, H, 5)
    assert (quantiles.diff(dim=-1) >= 0).all()
    assert torch.equal(quantiles[..., 2], median)


def test_a_head_without_levels_gives_the_median_alone() -> None:
    median = torch.ones(B, N, H)
    assert torch.equal(QuantileHead(6, H, 1)(median, torch.zeros(B, N, 6))[..., 0], median)


def test_what_is_known_ahead_acts_at_its_own_step_only() -> None:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        ahead = KnownAhead(features=2, hidden=6)
        torch.nn.init.normal_(last_layer(ahead).weight)
    state, known = torch.zeros(B, N, 6), torch.zeros(B, N, H, 2)
    other = known.clone()
    other[:, :, 1] = 1.0
    difference = ahead(state, ahead.effect(other).movedim(2, 3)) - ahead(
        state, ahead.effect(known).movedim(2, 3)
    )
    assert difference[:, :, 1].abs().min() > 0
    assert difference[:, :, [0, 2, 3]].eq(0).all()


def test_what_is_known_ahead_changes_nothing_at_first_and_learns_at_once() -> None:
    ahead = KnownAhead(features=2, hidden=6)
    effects = ahead.effect(torch.randn(B, N, H, 2)).movedim(2, 3)
    change = ahead(torch.randn(B, N, 6), effects)
    assert change.eq(0).all()
    (change - 1).square().sum().backward()
    gradient = last_layer(ahead).weight.grad
    assert gradient is not None
    assert gradient.abs().min() > 0

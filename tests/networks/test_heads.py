"""The parts of the head: each against a direct computation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.networks.heads import (
    Canvas,
    Highway,
    KnownAhead,
    QuantileHead,
    running_mean,
)

B, N, P, K, H, F = 2, 5, 3, 2, 4, 3


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def randomised(linear: torch.nn.Linear, generator: torch.Generator) -> None:
    with torch.no_grad():
        linear.weight.copy_(torch.randn(linear.weight.shape, generator=generator))
        linear.bias.copy_(torch.randn(linear.bias.shape, generator=generator))


def random_highway(generator: torch.Generator, known: int = 0) -> Highway:
    highway = Highway(P, K, H, known)
    randomised(highway.linear, generator)
    return highway


def random_known(generator: torch.Generator, known: int = 0) -> torch.Tensor:
    return torch.randn(B, N * P + H, known, generator=generator)


def last_layer(ahead: KnownAhead) -> torch.nn.Linear:
    layer = ahead.effect[-1]
    assert isinstance(layer, torch.nn.Linear)
    return layer


def test_the_running_mean_is_that_of_all_up_to_each_patch_end(generator: torch.Generator) -> None:
    level = torch.randn(B, N, P, generator=generator)
    mean = running_mean(level)
    assert mean.shape == (B, N, 1)
    for i in range(N):
        assert torch.allclose(mean[:, i, 0], level[:, : i + 1].mean((1, 2)), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(patch=st.integers(1, 7), horizon=st.integers(1, 20))
def test_the_canvas_is_cut_where_the_cycle_of_each_sequence_stands(
    patch: int, horizon: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    canvas = Canvas(6, patch, horizon)
    randomised(canvas.linear, generator)
    phase = torch.arange(patch)
    state = torch.randn(patch, N, 6, generator=generator)
    change = canvas(state, phase)
    assert change.shape == (patch, N, horizon)
    for b in range(patch):
        for h in range(horizon):
            weight, bias = canvas.linear.weight[b + h], canvas.linear.bias[b + h]
            assert torch.allclose(change[b, :, h], state[b] @ weight + bias, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(patch=st.integers(1, 7), horizon=st.integers(1, 20))
def test_the_canvas_is_whole_cycles_and_no_more_than_are_seen(patch: int, horizon: int) -> None:
    width = Canvas(6, patch, horizon).linear.out_features
    assert width % patch == 0
    assert 0 <= width - (horizon + patch - 1) < patch


def test_one_time_of_day_is_one_place_for_all_phases(generator: torch.Generator) -> None:
    canvas = Canvas(6, P, H)
    randomised(canvas.linear, generator)
    state = torch.randn(1, N, 6, generator=generator).expand(2, -1, -1)
    early, late = canvas(state, torch.tensor([0, 2]))
    assert torch.allclose(early[:, 2:], late[:, :-2], atol=1e-6)


def test_the_canvas_is_empty_at_first() -> None:
    assert Canvas(6, P, H)(torch.ones(B, N, 6), torch.tensor([0, 2])).eq(0).all()


@pytest.mark.parametrize("known", [0, F])
def test_the_highway_starts_as_the_last_value(known: int) -> None:
    ones = torch.ones(B, N, P), torch.ones(B, N * P + H, known)
    assert Highway(P, K, H, known)(*ones).eq(0).all()


@pytest.mark.parametrize("most", [512, 10])
@pytest.mark.parametrize("known", [0, F])
def test_the_highway_is_linear_in_the_last_patches_and_in_what_is_known_around_them(
    generator: torch.Generator, monkeypatch: pytest.MonkeyPatch, known: int, most: int
) -> None:
    """The values relative to the last one; the known of the patch and of H rows, or span means."""
    monkeypatch.setattr(Highway, "MOST", most)
    highway = random_highway(generator, known)
    level = torch.randn(B, N, P, generator=generator)
    ahead = random_known(generator, known)
    change = highway(level, ahead)
    span = 1 if known == 0 or most == 512 else 3  # 21 values are over 10 twice
    for b in range(B):
        values = level[b].flatten().tolist()
        for i in range(N):
            stop = (i + 1) * P
            last = values[stop - 1]
            recent = [values[max(row, 0)] - last for row in range(stop - K * P, stop)]
            seen = [*recent, last - np.mean(values[:stop])]
            for f in range(known):
                around = ahead[b, stop - P : stop + H, f].tolist()
                seen += [np.mean(around[at : at + span]) for at in range(0, P + H, span)]
            expected = highway.linear(torch.tensor(seen, dtype=torch.float32))
            assert torch.allclose(change[b, i], expected, atol=1e-5)


def test_many_known_features_enter_as_no_more_than_a_bounded_number_of_means() -> None:
    for known in (1, 7, 60, 400):
        inputs = Highway(24, 2, 96, known).linear.in_features - 2 * 24 - 1
        assert inputs <= max(Highway.MOST, known) + known
        if known * (24 + 96) <= Highway.MOST:
            assert inputs == known * (24 + 96)


def test_the_highway_does_not_know_the_level(generator: torch.Generator) -> None:
    highway, known = random_highway(generator, F), random_known(generator, F)
    level = torch.randn(B, N, P, generator=generator)
    assert torch.allclose(highway(level + 5, known), highway(level, known), atol=1e-4)


@pytest.mark.parametrize("most", [512, 10])
@pytest.mark.parametrize("known", [0, F])
def test_the_highway_at_some_positions_is_the_highway_there(
    generator: torch.Generator, monkeypatch: pytest.MonkeyPatch, known: int, most: int
) -> None:
    monkeypatch.setattr(Highway, "MOST", most)
    highway, ahead = random_highway(generator, known), random_known(generator, known)
    level = torch.randn(B, N, P, generator=generator)
    each, position = torch.tensor([1, 0, 1, 1, 0]), torch.tensor([0, 3, 4, 0, 1])
    at = highway.at(level, ahead, each, position)
    assert torch.allclose(at, highway(level, ahead)[each, position], atol=1e-5)


def test_the_highway_sees_what_is_known_up_to_the_horizon_and_no_further(
    generator: torch.Generator,
) -> None:
    highway, known = random_highway(generator, F), random_known(generator, F)
    level = torch.randn(B, N, P, generator=generator)
    clean = highway(level, known)
    for i in range(N):
        poisoned = torch.full_like(known, float("nan"))
        poisoned[:, i * P : (i + 1) * P + H] = known[:, i * P : (i + 1) * P + H]
        assert torch.equal(highway(level, poisoned)[:, i], clean[:, i])
        nearer = known.clone()
        nearer[:, (i + 1) * P + H - 1] += 1.0
        assert not torch.allclose(highway(level, nearer)[:, i], clean[:, i])


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


def known_ahead(acts: bool) -> KnownAhead:
    """Of two features; ``acts`` as if it had learned, else as it starts."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        ahead = KnownAhead(features=2, hidden=6)
        if acts:
            torch.nn.init.normal_(last_layer(ahead).weight)
    return ahead


@pytest.mark.parametrize("patch", [1, 3, H, 7])
def test_what_is_known_ahead_is_the_same_after_all_patches_and_after_one(patch: int) -> None:
    ahead = known_ahead(acts=True)
    state, known = torch.randn(B, N, 6), torch.randn(B, N * patch + H, 2)
    everywhere = ahead(state, known, patch, H)  # [B, N, H]
    for n in range(N):
        rows = known[:, (n + 1) * patch - 1 : (n + 1) * patch + H]  # [B, 1+H, 2]
        torch.testing.assert_close(everywhere[:, n], ahead.at(state[:, n], rows))


def test_what_is_known_ahead_acts_at_its_own_step_only() -> None:
    ahead = known_ahead(acts=True)
    state, known = torch.zeros(B, 6), torch.zeros(B, 1 + H, 2)  # the last row, then H
    other = known.clone()
    other[:, 2] = 1.0
    difference = ahead.at(state, other) - ahead.at(state, known)
    assert difference[:, 1].abs().min() > 0
    assert difference[:, [0, 2, 3]].eq(0).all()


def test_a_covariate_that_stays_changes_nothing_at_first_whatever_it_does() -> None:
    """What it did to the last value is taken off."""
    known = torch.randn(B, 1, 2).expand(-1, 1 + H, -1)
    change = known_ahead(acts=True).at(torch.randn(B, 6), known)
    assert change.abs().max() < 1e-5


def test_what_is_known_ahead_changes_nothing_at_first_and_learns_at_once() -> None:
    ahead = known_ahead(acts=False)
    change = ahead(torch.randn(B, N, 6), torch.randn(B, N * 3 + H, 2), 3, H)
    assert change.eq(0).all()
    (change - 1).square().sum().backward()
    gradient = last_layer(ahead).weight.grad
    assert gradient is not None
    assert gradient.abs().min() > 0

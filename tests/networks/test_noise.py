"""Random masks of a generator of their own, and dropout that draws them."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch

from forecast_cli.networks.noise import Dropout, Noise

CPU = torch.device("cpu")
B, N, D = 40, 50, 20


def noise(seed: int = 0) -> Noise:
    return Noise(seed, CPU)


def test_what_is_kept_is_one_as_often_as_it_is_said() -> None:
    mask = noise().kept((200, 500), drop=0.3)
    assert ((mask == 0) | (mask == 1)).all()
    assert float(mask.mean()) == pytest.approx(0.7, abs=5 * (0.21 / 100_000) ** 0.5)


def test_masks_follow_from_the_seed_and_go_on() -> None:
    one, same, other = noise(), noise(), noise(1)
    first = one.kept((100,), 0.5)
    assert torch.equal(first, same.kept((100,), 0.5))
    assert not torch.equal(first, other.kept((100,), 0.5))
    assert not torch.equal(first, one.kept((100,), 0.5))


def test_masks_neither_move_nor_follow_the_generator_that_all_share() -> None:
    before = torch.get_rng_state()
    alone = noise().kept((100,), 0.5)
    assert torch.equal(before, torch.get_rng_state())
    with torch.random.fork_rng([]):
        torch.manual_seed(12345)
        assert torch.equal(noise().kept((100,), 0.5), alone)


def test_sources_do_not_depend_on_who_comes_first() -> None:
    alone = [[source.kept((9,), 0.5) for _ in range(3)] for source in (noise(0), noise(1))]
    one, two = noise(0), noise(1)
    for step in range(3):
        later = two.kept((9,), 0.5)
        assert torch.equal(one.kept((9,), 0.5), alone[0][step])
        assert torch.equal(later, alone[1][step])


def test_a_copy_draws_from_the_same_source() -> None:
    dropout = Dropout(0.5, noise())
    copy = deepcopy(dropout)
    assert copy is not dropout
    assert copy.noise is dropout.noise
    x = torch.ones(B, N, D)
    drawn = [dropout(x), copy(x)]
    other = Dropout(0.5, noise())
    assert all(torch.equal(one, other(x)) for one in drawn)


@pytest.mark.parametrize("whole", [False, True])
def test_what_dropout_keeps_is_scaled_so_that_the_mean_stays(whole: bool) -> None:
    x = torch.randn(B, N, D, generator=torch.Generator().manual_seed(0))
    y = Dropout(0.4, noise(), whole)(x)
    kept = y != 0
    torch.testing.assert_close(y, torch.where(kept, x / 0.6, 0))
    draws = B * D * (1 if whole else N)
    assert float(kept.float().mean()) == pytest.approx(0.6, abs=5 * (0.24 / draws) ** 0.5)


def test_a_channel_is_dropped_for_a_whole_sequence_or_step_by_step() -> None:
    x = torch.ones(B, N, D)
    share = (Dropout(0.4, noise(), whole=True)(x) > 0).float().mean(1)  # [B, D]
    assert ((share == 0) | (share == 1)).all()
    assert 0 < share.mean(0).min() < share.mean(0).max() < 1  # each sequence on its own
    assert 0 < share.mean(1).min() < share.mean(1).max() < 1  # each channel on its own
    share = (Dropout(0.4, noise())(x) > 0).float().mean(1)
    assert 0 < share.min() < share.max() < 1


@pytest.mark.parametrize("whole", [False, True])
def test_without_training_or_a_probability_all_passes_and_nothing_is_drawn(whole: bool) -> None:
    x, source = torch.ones(B, N, D), noise()
    before = source.generator.get_state()
    assert Dropout(0.4, source, whole).eval()(x) is x
    assert Dropout(0.0, source, whole).train()(x) is x
    assert torch.equal(before, source.generator.get_state())

"""The network of events: padding changes nothing, a stream is the full pass, pasts are enough."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from forecast_cli.networks.cells import CELLS
from forecast_cli.networks.events.network import EventArchitecture, EventBatch, EventNetwork
from forecast_cli.networks.events.pooling import POOLS, Pool
from forecast_cli.networks.noise import Noise

SHAPE = EventArchitecture("lstm", classes=3, rows=4, wide=6, static=2, hidden=8)


def _network(shape: EventArchitecture) -> EventNetwork:
    torch.manual_seed(0)
    network = EventNetwork(shape, Noise(0, torch.device("cpu"))).eval()
    for parameter in network.parameters():
        if parameter.requires_grad:  # nothing that is learned is left at zero
            torch.nn.init.normal_(parameter, std=0.3)
    return network


def _batch(lengths: list[int], *, padding: int = 0, static: int = 2) -> EventBatch:
    """Every step of every sequence is asked."""
    torch.manual_seed(1)
    longest = max(lengths)
    rows = torch.randn(len(lengths), longest, 4)
    rows = torch.cat([rows, 99 * torch.ones(len(lengths), padding, 4)], dim=1)
    pairs = [(b, t) for b, n in enumerate(lengths) for t in range(n)]
    each, at = (torch.tensor(x) for x in zip(*pairs, strict=True))
    for b, n in enumerate(lengths):
        rows[b, n:] = 99.0
    count = len(pairs)
    return EventBatch(
        rows=rows,
        lengths=torch.tensor(lengths),
        static=torch.randn(len(lengths), static),
        each=each,
        at=at,
        wide=torch.randn(count, 6),
        labels=torch.zeros(count, dtype=torch.int64),
        weight=torch.ones(count),
    )


def _alone(batch: EventBatch, number: int) -> EventBatch:
    """One sequence without padding, its last step asked."""
    n = int(batch.lengths[number])
    some = torch.nonzero((batch.each == number) & (batch.at == n - 1))[:, 0]
    return replace(
        batch,
        rows=batch.rows[[number], :n],
        lengths=batch.lengths[[number]],
        static=batch.static[[number]],
        each=torch.zeros(1, dtype=torch.int64),
        at=torch.tensor([n - 1]),
        wide=batch.wide[some],
    )


@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("pool", POOLS)
def test_a_sequence_has_one_answer_in_any_batch(pool: Pool, both_ways: bool) -> None:
    network = _network(replace(SHAPE, pool=pool, both_ways=both_ways))
    lengths = [1, 7, 3]
    batch = _batch(lengths)
    last = torch.tensor([sum(lengths[: b + 1]) - 1 for b in range(3)])
    ends = replace(batch, each=batch.each[last], at=batch.at[last], wide=batch.wide[last])
    together = network(ends)
    for b in range(3):
        torch.testing.assert_close(network(_alone(batch, b))[0], together[b])
    more = torch.cat([ends.rows, torch.full((3, 5, 4), -7.0)], dim=1)
    torch.testing.assert_close(network(replace(ends, rows=more)), together)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("cell", CELLS)
def test_steps_with_the_carried_state_are_the_full_pass(cell: str, pool: Pool) -> None:
    network = _network(replace(SHAPE, cell=cell, pool=pool, layers=2))
    batch = _batch([9, 9])
    whole = network(batch).reshape(2, 9, 3)
    wide = batch.wide.reshape(2, 9, 6)
    state = network.start(batch.static)
    for t in range(9):
        answer, state = network.step(batch.rows[:, t], batch.static, wide[:, t], state)
        torch.testing.assert_close(answer, whole[:, t])


@pytest.mark.parametrize("pool", POOLS)
def test_rows_after_a_step_do_not_reach_its_answer(pool: Pool) -> None:
    network = _network(replace(SHAPE, pool=pool))
    batch = _batch([9, 9])
    before = network(batch).reshape(2, 9, 3)
    rows = batch.rows.clone()
    rows[:, 5:] = 1e6
    after = network(replace(batch, rows=rows)).reshape(2, 9, 3)
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5:], after[:, 5:])


def test_reading_backwards_has_no_step_and_says_why() -> None:
    network = _network(replace(SHAPE, both_ways=True))
    static = torch.zeros(1, 2)
    with pytest.raises(NotImplementedError, match="backwards"):
        network.step(torch.zeros(1, 4), static, torch.zeros(1, 6), {})


def test_reading_backwards_the_first_row_matters_as_the_last() -> None:
    network = _network(replace(SHAPE, both_ways=True))
    batch = _alone(_batch([9]), 0)
    for row in (0, 8):
        rows = batch.rows.clone()
        rows[:, row] += 1
        assert not torch.allclose(network(batch), network(replace(batch, rows=rows)))


def test_statics_reach_the_first_state_and_the_head() -> None:
    network = _network(SHAPE)
    batch = _batch([3])
    other = replace(batch, static=batch.static + 1)
    state, moved = network.first_state(batch.static), network.first_state(other.static)
    assert all(not torch.equal(state[name], moved[name]) for name in state)
    with torch.no_grad():
        for first in network.first.values():
            first.weight.zero_()  # type: ignore[operator, union-attr]
    assert not torch.allclose(network(batch), network(other))


def test_two_classes_have_one_output_and_no_static_is_no_obstacle() -> None:
    network = _network(replace(SHAPE, classes=2, static=0))
    assert network(_batch([4, 2], static=0)).shape == (6, 1)


def test_attention_starts_as_the_mean() -> None:
    networks = []
    for pool in ("mean", "attention"):
        torch.manual_seed(5)
        shape = replace(SHAPE, pool=pool)  # type: ignore[arg-type]
        networks.append(EventNetwork(shape, Noise(0, torch.device("cpu"))).eval())
    mean, attention = networks
    weights = mean.state_dict()
    attention.load_state_dict(attention.state_dict() | weights)
    torch.testing.assert_close(mean(_batch([5, 3])), attention(_batch([5, 3])))


def test_wider_encoders_have_more_parameters() -> None:
    counts = [_network(replace(SHAPE, hidden=h)).n_parameters for h in (4, 8, 16)]
    assert all(less < more for less, more in pairwise(counts))

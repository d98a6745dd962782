"""Laws that every recurrent cell obeys. A new cell is tested by being registered."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from forecast_cli.networks.cells import CELLS, cell_class
from forecast_cli.networks.cells.base import Cell, State, weights

B, N, D, HIDDEN = 3, 7, 4, 5
KERNELS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


@pytest.fixture(params=list(CELLS))
def cell(request: pytest.FixtureRequest) -> Cell:
    """Each registered cell in float64, with biases and weights that are all different."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        made = cell_class(request.param)(D, HIDDEN).double()
        with torch.no_grad():
            for parameter in made.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.1 * torch.randn_like(parameter))
    return made


def sequence(*shape: int, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def started(cell: Cell) -> State:
    """A state that is not the initial one."""
    return cell(sequence(B, 3, D, seed=2))[1]


def same(a: State, b: State) -> bool:
    return a.keys() == b.keys() and all(torch.allclose(a[k], b[k], atol=1e-12) for k in a)


def test_the_fused_kernel_agrees_with_the_readable_loop(cell: Cell) -> None:
    x, state = sequence(B, N, D), started(cell)
    fast, after_fast = cell.fused(x, state)
    slow, after_slow = cell.loop(x, state)
    assert torch.allclose(fast, slow, atol=1e-12)
    assert same(after_fast, after_slow)


def test_gradients_of_both_paths_agree(cell: Cell) -> None:
    x, state = sequence(B, N, D), cell.init_state(B)
    weights = [p for p in cell.parameters() if p.requires_grad]
    fast = torch.autograd.grad(cell.fused(x, state)[0].square().sum(), weights)
    slow = torch.autograd.grad(cell.loop(x, state)[0].square().sum(), weights)
    for a, b in zip(fast, slow, strict=True):
        assert torch.allclose(a, b, atol=1e-10)


def test_stepping_equals_the_forward_pass(cell: Cell) -> None:
    x, state = sequence(B, N, D), cell.init_state(B)
    whole, last = cell(x)
    for t in range(N):
        y, state = cell.step(x[:, t], state)
        assert torch.allclose(y, whole[:, t], atol=1e-12)
    assert same(state, last)


def test_a_split_forward_pass_equals_the_whole(cell: Cell) -> None:
    x = sequence(B, N, D)
    whole, last = cell(x)
    head, state = cell(x[:, :3])
    tail, end = cell(x[:, 3:], state)
    assert torch.allclose(torch.cat([head, tail], dim=1), whole, atol=1e-12)
    assert same(end, last)


def test_what_comes_later_changes_nothing_before(cell: Cell) -> None:
    x = sequence(B, N, D)
    padded = torch.cat([x, torch.full((B, 4, D), 1e6, dtype=x.dtype)], dim=1)
    assert torch.allclose(cell(padded)[0][:, :N], cell(x)[0], atol=1e-12)


def test_a_masked_step_does_not_happen(cell: Cell) -> None:
    x, gap = sequence(B, N, D), 4
    mask = torch.ones(B, N, dtype=torch.bool)
    mask[:, gap] = False
    masked, end = cell(x, None, mask)
    without, expected = cell(torch.cat([x[:, :gap], x[:, gap + 1 :]], dim=1))
    assert same(end, expected)
    assert torch.equal(masked[:, gap], masked[:, gap - 1])
    assert torch.allclose(masked[:, gap + 1 :], without[:, gap:], atol=1e-12)


def test_the_mask_of_one_sequence_leaves_the_others_alone(cell: Cell) -> None:
    x = sequence(B, N, D)
    mask = torch.ones(B, N, dtype=torch.bool)
    mask[0, 2:] = False
    assert torch.allclose(cell(x, None, mask)[0][1:], cell(x)[0][1:], atol=1e-12)


def test_each_sequence_is_on_its_own(cell: Cell) -> None:
    x = sequence(B, N, D)
    assert torch.allclose(cell(x)[0][1:2], cell(x[1:2])[0], atol=1e-12)


def test_n_params_counts_what_is_trained(cell: Cell) -> None:
    trained = sum(p.numel() for p in cell.parameters() if p.requires_grad)
    assert trained == type(cell).n_params(D, HIDDEN)


def test_the_state_comes_batch_first_and_holds_the_output(cell: Cell) -> None:
    y, state = cell(sequence(B, N, D))
    assert all(value.shape[0] == B for value in (*state.values(), *cell.init_state(B).values()))
    assert torch.equal(state["h"], y[:, -1])


@pytest.mark.parametrize("name", list(KERNELS))
def test_a_cell_equals_the_layer_of_torch_with_its_weights(name: str) -> None:
    cell = cell_class(name)(D, HIDDEN)
    oracle = KERNELS[name](D, HIDDEN, batch_first=True)
    oracle.load_state_dict(cast("nn.RNNBase", cell.kernel).state_dict())
    x = sequence(B, N, D).float()
    assert torch.allclose(cell.loop(x, cell.init_state(B))[0], oracle(x)[0], atol=1e-6)


@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3), ("rnn", 1)])
def test_recurrent_weights_start_orthogonal_in_each_gate(name: str, gates: int) -> None:
    _, recurrent, _, _ = weights(cast("nn.RNNBase", cell_class(name)(D, HIDDEN).kernel))
    for gate in recurrent.detach().chunk(gates):
        assert torch.allclose(gate @ gate.T, torch.eye(HIDDEN), atol=1e-5)


def test_the_forget_gate_starts_with_a_bias_of_one_in_all() -> None:
    _, _, bias, second = weights(cast("nn.RNNBase", cell_class("lstm")(D, HIDDEN).kernel))
    total = (bias + second).detach()
    assert total.tolist() == [0.0] * HIDDEN + [1.0] * HIDDEN + [0.0] * 2 * HIDDEN

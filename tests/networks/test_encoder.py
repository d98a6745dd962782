"""The stack of cells: it obeys the laws of one cell, and drops only between layers."""

from __future__ import annotations

import pytest
import torch

from forecast_cli.networks.cells import CELLS, cell_class
from forecast_cli.networks.encoder import Encoder
from forecast_cli.networks.noise import Dropout, Noise


def made(cell: str, layers: int, dropout: float = 0.0) -> Encoder:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        between = Dropout(dropout, Noise(0, torch.device("cpu"))) if dropout else None
        return Encoder(cell, 4, 5, layers, between).double()


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("layers", [1, 3])
def test_stepping_equals_the_forward_pass(cell: str, layers: int) -> None:
    encoder = made(cell, layers)
    x = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    whole, last = encoder(x)
    state = encoder.init_state(2)
    for t in range(6):
        y, state = encoder.step(x[:, t], state)
        assert torch.allclose(y, whole[:, t], atol=1e-12)
    assert state.keys() == last.keys()
    assert all(torch.allclose(state[k], last[k], atol=1e-12) for k in last)


def test_a_split_forward_pass_equals_the_whole() -> None:
    encoder = made("lstm", 2)
    x = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    _, state = encoder(x[:, :4])
    assert torch.allclose(encoder(x[:, 4:], state)[0], encoder(x)[0][:, 4:], atol=1e-12)


def test_a_masked_step_touches_no_layer() -> None:
    encoder = made("gru", 2)
    x = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    mask = torch.ones(2, 6, dtype=torch.bool)
    mask[:, 5] = False
    _, masked = encoder(x, None, mask)
    _, shorter = encoder(x[:, :5])
    assert all(torch.allclose(masked[k], shorter[k], atol=1e-12) for k in masked)


def test_layers_are_stacked_cells() -> None:
    encoder = made("lstm", 2)
    x = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    below, _ = encoder.cells[0](x)
    above, _ = encoder.cells[1](below)
    assert torch.equal(encoder(x)[0], above)
    counted = sum(p.numel() for p in encoder.parameters() if p.requires_grad)
    assert counted == cell_class("lstm").n_params(4, 5) + cell_class("lstm").n_params(5, 5)


def test_dropout_acts_between_layers_only_and_only_in_training() -> None:
    x = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    one, two = made("lstm", 1, dropout=0.5), made("lstm", 2, dropout=0.5)
    assert torch.equal(one.train()(x)[0], made("lstm", 1)(x)[0])
    assert torch.equal(two.eval()(x)[0], made("lstm", 2)(x)[0])
    below, _ = two.cells[0](x)
    mask = Noise(0, torch.device("cpu")).kept((2, 6, 5), 0.5)
    above, _ = two.cells[1](2 * mask * below)
    assert torch.allclose(two.train()(x)[0], above, atol=1e-12)

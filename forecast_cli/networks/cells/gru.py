"""Gated recurrent unit: two gates, no separate cell; three quarters of an LSTM's numbers.

Cho et al. 2014, in the variant of the fused kernels: the reset gate acts after the
recurrent product, which is why the candidate has a second bias b'.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from forecast_cli.networks.cells.base import Cell, State, initialise, weights


class GRU(Cell):
    """r, z = σ(Wx + Uh + b); n = tanh(Wx + b + r·(Uh + b')); h = (1 - z)·n + z·h."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        self.kernel = nn.GRU(inputs, hidden, batch_first=True)
        initialise(self.kernel, blocks=3)

    @staticmethod
    def n_params(d: int, h: int) -> int:
        return 3 * h * (d + h + 2)

    def init_state(self, batch: int) -> State:
        return {"h": self.zeros(batch)}

    def step(self, x_t: Tensor, state: State) -> tuple[Tensor, State]:
        W, U, b, second = weights(self.kernel)
        h = state["h"]
        new = functional.linear(x_t, W, b)  # [B, 3D']
        old = functional.linear(h, U, second)  # [B, 3D']
        new_r, new_z, new_n = new.chunk(3, dim=1)  # each [B, D']
        old_r, old_z, old_n = old.chunk(3, dim=1)
        r = torch.sigmoid(new_r + old_r)
        z = torch.sigmoid(new_z + old_z)
        n = torch.tanh(new_n + r * old_n)
        h = (1 - z) * n + z * h
        return h, {"h": h}

    def fused(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, h = self.kernel(x, state["h"][None])
        return y, {"h": h[0]}

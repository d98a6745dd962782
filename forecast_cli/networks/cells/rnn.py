"""The simple recurrent network: what gates are measured against.

Elman 1990. It has nothing that protects a memory, and forgets within some ten steps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from forecast_cli.networks.cells.base import Cell, State, initialise, weights


class RNN(Cell):
    """h = tanh(Wx + Uh + b)."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        self.kernel = nn.RNN(inputs, hidden, batch_first=True)
        initialise(self.kernel, blocks=1)
        weights(self.kernel)[3].requires_grad_(False)

    @staticmethod
    def n_params(d: int, h: int) -> int:
        return h * (d + h + 1)

    def init_state(self, batch: int) -> State:
        return {"h": self.zeros(batch)}

    def step(self, x_t: Tensor, state: State) -> tuple[Tensor, State]:
        W, U, b, _ = weights(self.kernel)
        h = torch.tanh(functional.linear(x_t, W, b) + functional.linear(state["h"], U))  # [B, D']
        return h, {"h": h}

    def fused(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, h = self.kernel(x, state["h"][None])
        return y, {"h": h[0]}

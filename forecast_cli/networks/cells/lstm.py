"""Long short-term memory with input, forget and output gate.

Hochreiter & Schmidhuber 1997; the forget gate is from Gers, Schmidhuber & Cummins 2000.
Notable: the forget gate starts half open (bias 1, Jozefowicz et al. 2015), so that a new
cell remembers. Torch keeps two biases that only ever add up; the second stays zero here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from forecast_cli.networks.cells.base import Cell, State, initialise, weights


class LSTM(Cell):
    """f, i, o = σ(Wx + Uh + b); c = f·c + i·tanh(·); h = o·tanh(c)."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        self.kernel = nn.LSTM(inputs, hidden, batch_first=True)
        initialise(self.kernel, blocks=4)
        _, _, bias, second = weights(self.kernel)
        with torch.no_grad():
            bias[hidden : 2 * hidden] = 1.0
        second.requires_grad_(False)

    @staticmethod
    def n_params(d: int, h: int) -> int:
        return 4 * h * (d + h + 1)

    def init_state(self, batch: int) -> State:
        return {"h": self.zeros(batch), "c": self.zeros(batch)}

    def step(self, x_t: Tensor, state: State) -> tuple[Tensor, State]:
        W, U, b, _ = weights(self.kernel)
        gates = functional.linear(x_t, W, b) + functional.linear(state["h"], U)  # [B, 4D']
        i, f, g, o = gates.chunk(4, dim=1)  # each [B, D']
        c = torch.sigmoid(f) * state["c"] + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, {"h": h, "c": c}

    def fused(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, (h, c) = self.kernel(x, (state["h"][None], state["c"][None]))
        return y, {"h": h[0], "c": c[0]}

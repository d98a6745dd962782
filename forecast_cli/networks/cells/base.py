"""What every recurrent cell is: one layer that reads a sequence and carries a state.

Notable: each cell is written twice, as the mathematics of one step (:meth:`Cell.step`) and
as a fused kernel over whole sequences (:meth:`Cell.fused`); tests hold the two together.
A cell knows nothing of patches, series or forecasts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

State = dict[str, Tensor]


class Cell(nn.Module, ABC):
    """One recurrent layer of D inputs and D' outputs.

    Parameters
    ----------
    inputs : int
        D, the width of what enters at each step.
    hidden : int
        D', the width of the output, which is also ``state["h"]``.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = hidden

    @staticmethod
    @abstractmethod
    def n_params(d: int, h: int) -> int:
        """Trained numbers of a cell with ``d`` inputs and ``h`` outputs."""

    @abstractmethod
    def init_state(self, batch: int) -> State:
        """The state before the first step, every entry [B, ...]."""

    @abstractmethod
    def step(self, x_t: Tensor, state: State) -> tuple[Tensor, State]:
        """One step: x_t [B, D] and the state before it to y_t [B, D'] and the state after."""

    @abstractmethod
    def fused(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The whole of x [B, N, D] in one kernel call."""

    def forward(
        self, x: Tensor, state: State | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Read a sequence.

        Parameters
        ----------
        x : [B, N, D]
        state : State, optional
            What a previous call returned; the initial state where not given.
        mask : [B, N] bool, optional
            False: the step does not happen. The state stays and the output is repeated. The
            kernels cannot skip steps, so a mask costs a Python loop; padding *after* a
            sequence needs none, for a causal network cannot see it.

        Returns
        -------
        y : [B, N, D']
        state : State
            After the last step.
        """
        state = self.init_state(x.shape[0]) if state is None else state
        if mask is None:
            return self.fused(x, state)
        return self.loop(x, state, mask)

    def loop(self, x: Tensor, state: State, mask: Tensor | None = None) -> tuple[Tensor, State]:
        """The readable path: :meth:`step` for each step in turn."""
        outputs = []
        for t in range(x.shape[1]):
            _, after = self.step(x[:, t], state)  # [B, D']
            if mask is not None:
                happens = mask[:, t, None]  # [B, 1]
                after = {k: torch.where(happens, after[k], state[k]) for k in after}
            state = after
            outputs.append(state["h"])
        return torch.stack(outputs, dim=1), state  # [B, N, D']

    def zeros(self, batch: int) -> Tensor:
        """[B, D'] zeros where the weights are."""
        return next(self.parameters()).new_zeros(batch, self.hidden)


def weights(kernel: nn.RNNBase) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """W, U, b and b' of a one-layer kernel, gates stacked along the first axis."""
    w, u, b, second = kernel.all_weights[0]
    return w, u, b, second


@torch.no_grad()
def initialise(kernel: nn.RNNBase, blocks: int) -> None:
    """Glorot input weights, orthogonal recurrent weights, zero biases, gate by gate.

    Parameters
    ----------
    kernel : torch.nn.RNNBase
        One layer.
    blocks : int
        Gates, and the candidate, that are stacked.

    References
    ----------
    Glorot & Bengio 2010; Saxe, McClelland & Ganguli 2014.
    """
    w, u, b, second = weights(kernel)
    for gate in w.chunk(blocks):
        nn.init.xavier_uniform_(gate)
    for gate in u.chunk(blocks):
        nn.init.orthogonal_(gate)
    b.zero_()
    second.zero_()

"""A stack of recurrent cells that is itself a cell: same verbs, state of all layers.

Dropout acts between layers only, never on the recurrence, where an independent mask each
step would destroy the memory (Zaremba, Sutskever & Vinyals 2014).
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from forecast_cli.networks.cells import cell_class
from forecast_cli.networks.cells.base import Cell, State


class Encoder(nn.Module):
    """``layers`` cells of one kind, each reading the outputs of the one below.

    Parameters
    ----------
    cell : str
        A name of the cell registry.
    inputs, hidden : int
        D and D'.
    layers : int
    between : nn.Module, optional
        What the output of a layer goes through on its way to the next: dropout.
    """

    def __init__(
        self,
        cell: str,
        inputs: int,
        hidden: int,
        layers: int = 1,
        between: nn.Module | None = None,
    ) -> None:
        super().__init__()
        kind = cell_class(cell)
        self.stack = nn.ModuleList(
            kind(inputs if layer == 0 else hidden, hidden) for layer in range(layers)
        )
        self.between = nn.Identity() if between is None else between

    @property
    def cells(self) -> list[Cell]:
        """The layers, the lowest first."""
        return [cast("Cell", cell) for cell in self.stack]

    def init_state(self, batch: int) -> State:
        """Entries are named "layer.entry", such as "0.h"."""
        return {
            f"{layer}.{name}": value
            for layer, cell in enumerate(self.cells)
            for name, value in cell.init_state(batch).items()
        }

    def forward(
        self, x: Tensor, state: State | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """x [B, N, D] to y [B, N, D']; see :meth:`Cell.forward`."""
        after: State = {}
        for layer, cell in enumerate(self.cells):
            x = x if layer == 0 else self.between(x)
            before = None if state is None else _of_layer(state, layer)
            x, reached = cell(x, before, mask)  # [B, N, D']
            after |= {f"{layer}.{name}": value for name, value in reached.items()}
        return x, after

    def step(self, x_t: Tensor, state: State) -> tuple[Tensor, State]:
        """x_t [B, D] to y_t [B, D']; see :meth:`Cell.step`."""
        after: State = {}
        for layer, cell in enumerate(self.cells):
            x_t = x_t if layer == 0 else self.between(x_t)
            x_t, reached = cell.step(x_t, _of_layer(state, layer))  # [B, D']
            after |= {f"{layer}.{name}": value for name, value in reached.items()}
        return x_t, after


def _of_layer(state: State, layer: int) -> State:
    prefix = f"{layer}."
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}

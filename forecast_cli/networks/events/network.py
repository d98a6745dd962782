"""The network of events: rows in, the log-odds of each class at any of them out.

    rows ──dropout──▶ encoder ──▶ pooling ──▶ [pooled, statics] ──▶ linear ┐
                         ▲                                                 ├──▶ sum
    statics ──▶ first state;  aggregates of the history ──dropout──▶ linear ┘

Notable: causal unless it reads both ways, so that :meth:`EventNetwork.step` with the state that
it carries gives the numbers of the full pass. Padding comes after a sequence, where a causal
network cannot see it. The wide half starts at zero: where aggregates tell nothing, it says
nothing. Two classes have one output, the log-odds of class 1; more have one each.

This file does not know how rows are scaled, or how any of it is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from forecast_cli.networks.cells.base import State
from forecast_cli.networks.encoder import Encoder
from forecast_cli.networks.events.both_ways import BothWays
from forecast_cli.networks.events.pooling import Pool, Pooling
from forecast_cli.networks.noise import Dropout, Noise

INPUT_SHARE = 0.4  # of the dropout: so many inputs are dropped, each for a whole sequence


@dataclass(frozen=True)
class EventArchitecture:
    """The shape of a network.

    Parameters
    ----------
    cell : str
        Of the registry in networks/cells.
    classes : int
        K.
    rows, wide, static : int
        Widths of what enters: D, W, F.
    hidden, layers : int
    pool : Pool
    both_ways : bool
        Read backwards too, each way with half of ``hidden``.
    dropout : float
    """

    cell: str
    classes: int
    rows: int
    wide: int
    static: int
    hidden: int = 48
    layers: int = 1
    pool: Pool = "last"
    both_ways: bool = False
    dropout: float = 0.5

    @property
    def outputs(self) -> int:
        """1 for two classes, else K."""
        return 1 if self.classes == 2 else self.classes


@dataclass(frozen=True)
class EventBatch:
    """Sequences and the moments in them that are asked.

    Parameters
    ----------
    rows : [B, T, D]
    lengths : [B] int64
        Steps that are not padding; at least 1.
    static : [B, F]
    each, at : [A] int64
        The sequence and the step of each answer.
    wide : [A, W]
    labels : [A] int64
    weight : [A]
        How much each answer counts in the loss.
    """

    rows: Tensor
    lengths: Tensor
    static: Tensor
    each: Tensor
    at: Tensor
    wide: Tensor
    labels: Tensor
    weight: Tensor


class EventNetwork(nn.Module):
    """See the top of the file.

    Parameters
    ----------
    architecture : EventArchitecture
    noise : Noise
        Of its dropout.
    """

    encoder: Encoder | BothWays

    def __init__(self, architecture: EventArchitecture, noise: Noise) -> None:
        super().__init__()
        a = self.architecture = architecture
        self.noise = noise
        between = Dropout(a.dropout, noise)
        if a.both_ways:
            half = max(1, a.hidden // 2)
            ways = [Encoder(a.cell, a.rows, half, a.layers, between) for _ in range(2)]
            self.encoder, width = BothWays(*ways), 2 * half
        else:
            self.encoder, width = Encoder(a.cell, a.rows, a.hidden, a.layers, between), a.hidden
        self.drop_rows = Dropout(INPUT_SHARE * a.dropout, noise, whole=True)
        self.drop = Dropout(a.dropout, noise)
        self.pooling = Pooling(a.pool, width)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width + a.static, a.outputs)
        self.wide = nn.Linear(a.wide, a.outputs)
        nn.init.zeros_(self.wide.weight)
        nn.init.zeros_(self.wide.bias)
        entries = self.encoder.init_state(1)
        self.first = nn.ModuleDict(
            {
                name.replace(".", "_"): nn.Linear(a.static, entry.shape[-1], bias=False)
                for name, entry in entries.items()
            }
            if a.static
            else {}
        )
        for linear in self.first.values():
            nn.init.zeros_(linear.weight)  # type: ignore[arg-type]

    @property
    def n_parameters(self) -> int:
        """Trained numbers."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def groups(self) -> list[dict[str, object]]:
        """Parameters for the optimizer."""
        return [{"params": [p for p in self.parameters() if p.requires_grad]}]

    def forward(self, batch: EventBatch) -> Tensor:
        """[A, outputs] log-odds."""
        x = self.drop_rows(batch.rows)  # [B, T, D]
        state = self.first_state(batch.static)
        if isinstance(self.encoder, BothWays):
            y = self.encoder(x, batch.lengths, state)  # [B, T, O]
        else:
            y, _ = self.encoder(x, state)
        pooled = self.pooling(y, batch.each, batch.at)  # [A, O]
        return self._answer(pooled, batch.static[batch.each], batch.wide)

    def step(self, row: Tensor, static: Tensor, wide: Tensor, state: State) -> tuple[Tensor, State]:
        """One more row: the answer at it, and the state after it.

        Parameters
        ----------
        row : [B, D]
        static : [B, F]
        wide : [B, W]
            The aggregates of the history up to this row.
        state : State
            What the step before returned; :meth:`start` before the first.

        Returns
        -------
        [B, outputs], State

        Raises
        ------
        NotImplementedError
            Where it reads both ways: the backward half would have to read everything again.
        """
        if isinstance(self.encoder, BothWays):
            raise NotImplementedError("a network that reads backwards has no step")
        cells = {k: v for k, v in state.items() if not k.startswith("pool.")}
        y, after = self.encoder.step(row, cells)  # [B, O]
        pooled, sums = self.pooling.step(y, state)
        return self._answer(pooled, static, wide), after | sums

    def start(self, static: Tensor) -> State:
        """The state before the first row of entities with these features [B, F]."""
        state = self.first_state(static)
        like = static.new_zeros(len(static), self.norm.normalized_shape[0])
        return state | self.pooling.init_state(len(static), like)

    def first_state(self, static: Tensor) -> State:
        """The encoder's state before the first row, made of the static features [B, F]."""
        state = self.encoder.init_state(len(static))
        if not self.first:
            return state
        return {
            name: value + torch.tanh(self.first[name.replace(".", "_")](static))
            for name, value in state.items()
        }

    def _answer(self, pooled: Tensor, static: Tensor, wide: Tensor) -> Tensor:
        """[A, outputs]"""
        deep = torch.cat([self._dropped(self.norm(pooled)), static], dim=1)
        answer: Tensor = self.head(deep) + self.wide(self._dropped(wide))
        return answer

    def _dropped(self, x: Tensor) -> Tensor:
        dropped: Tensor = self.drop(x[:, None])[:, 0]
        return dropped

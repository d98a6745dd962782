"""The whole network: patches in, quantiles of the next H steps out, from every patch end.

One causal function serves training (a forecast and a loss at every patch end) and back-tests
(the same, at the last one). The encoder's ``step`` with the kept state gives the numbers of its
full pass; a stream through it also carries what its inputs are relative to, the running mean
of the sequence, and that mean starts with the context: a longer one is another forecast. The
network knows nothing of series, units or time; all values are scaled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from forecast_cli.data.windows import Batch
from forecast_cli.networks.encoder import Encoder
from forecast_cli.networks.heads import Highway, KnownAhead, QuantileHead, running_mean


@dataclass(frozen=True)
class Architecture:
    """All that defines a network's shape.

    Parameters
    ----------
    cell : str
    patch, horizon, quantiles, hidden, layers : int
        P, H, Q, D and the number of stacked cells.
    highway : int
        Patches that the linear part sees.
    series : int
        Series with a learned vector; 0 where there is only one.
    past, known, calendar, static : int
        Features: of each past row, of each row ahead, of the calendar, of a series.
    dropout : float
    """

    cell: str
    patch: int
    horizon: int
    quantiles: int
    hidden: int
    layers: int
    highway: int
    series: int
    past: int
    known: int
    calendar: int
    static: int
    dropout: float

    SERIES_WIDTH: ClassVar[int] = 16


class Network(nn.Module):
    """Patches in, quantiles out.

    Every series has a learned vector, that of an unknown one is zero; in training one sequence
    in ten is taken for unknown.
    """

    UNKNOWN: ClassVar[float] = 0.1

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a = self.architecture = architecture
        width = a.SERIES_WIDTH if a.series else 0
        self.series = nn.Embedding(a.series + 1, width, padding_idx=0) if a.series else None
        if self.series is not None:
            nn.init.zeros_(self.series.weight)
        inputs = a.patch * (1 + a.past) + a.calendar + a.static + width
        self.encoder = Encoder(a.cell, inputs, a.hidden, a.layers, a.dropout)
        self.dropout = nn.Dropout1d(a.dropout)
        self.change = nn.Linear(a.hidden + a.calendar, a.horizon)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)
        self.highway = Highway(a.patch, a.highway, a.horizon)
        self.ahead = KnownAhead(a.known, a.hidden) if a.known else None
        self.quantiles = QuantileHead(a.hidden, a.horizon, a.quantiles)

    def patches(self, batch: Batch) -> Tensor:
        """[B, N, D] what enters the encoder with each patch.

        Values enter relative to the running mean of the sequence, so that the shape of a day
        is the same at any level.
        """
        B, N, _ = batch.level.shape
        parts = [batch.level - running_mean(batch.level), batch.past, batch.calendar]
        parts.append(batch.static[:, None].expand(B, N, -1))
        if self.series is not None:
            identity = batch.identity
            if self.training:  # so that the network also knows what to do without a vector
                identity = identity * (torch.rand(B, device=identity.device) >= self.UNKNOWN)
            parts.append(self.series(identity)[:, None].expand(B, N, -1))
        return torch.cat(parts, dim=2)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Medians after every patch [B, N, H]; quantiles of a quarter of the batch, [B/4, N, H, Q].

        Widths are learned from less: they cost most of a step, and change little.
        """
        state, _ = self.encoder(self.patches(batch))  # [B, N, D]
        state = self.dropout(state.movedim(1, 2)).movedim(1, 2)
        effects = None
        if self.ahead is not None:
            P, H = self.architecture.patch, self.architecture.horizon
            effects = self.ahead.effect(batch.known[:, P:]).unfold(1, H, P)  # [B, N, E, H]
        last = batch.level[:, :, -1:]  # [B, N, 1]
        linear = self.highway(batch.level)  # [B, N, H]
        median = self.median(state, last, linear, batch.calendar, effects)
        some = -(-len(median) // 4)
        return median, self.quantiles(median[:some], state[:some])

    def forecast(self, batch: Batch) -> Tensor:
        """Quantiles after the last patch of each sequence only, [B, H, Q]."""
        states, _ = self.encoder(self.patches(batch))  # [B, N, D]
        at = batch.lengths - 1  # [B]
        each = torch.arange(len(at), device=at.device)
        state = states[each, at][:, None]  # [B, 1, D]
        effects = None
        if self.ahead is not None:
            steps = torch.arange(self.architecture.horizon, device=at.device)
            rows = batch.lengths[:, None] * self.architecture.patch + steps  # [B, H]
            effects = self.ahead.effect(batch.known[each[:, None], rows])  # [B, H, E]
            effects = effects.movedim(1, 2)[:, None]  # [B, 1, E, H]
        last = batch.level[each, at, -1][:, None, None]  # [B, 1, 1]
        linear = self.highway.at(batch.level, at)  # [B, 1, H]
        median = self.median(state, last, linear, batch.calendar[each, at][:, None], effects)
        quantiles: Tensor = self.quantiles(median, state)[:, 0]
        return quantiles

    def median(
        self, state: Tensor, last: Tensor, linear: Tensor, calendar: Tensor, effects: Tensor | None
    ) -> Tensor:
        """State [B, N, D], last value [B, N, 1] and what else there is to [B, N, H]."""
        median: Tensor = last + linear + self.change(torch.cat([state, calendar], dim=2))
        if self.ahead is not None and effects is not None:
            median = median + self.ahead(state, effects)
        return median

    def groups(self) -> list[dict[str, Any]]:
        """Parameters for the optimizer, each group with its ``share`` of the learning rate.

        The linear part starts at its optimum and has many correlated inputs: at the full rate
        the first steps would throw it out again.
        """
        linear = set(self.highway.parameters())
        rest = [p for p in self.parameters() if p.requires_grad and p not in linear]
        return [
            {"params": rest, "share": 1.0},
            {"params": list(self.highway.parameters()), "share": 0.05},
        ]

    @property
    def n_parameters(self) -> int:
        """Trained numbers."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

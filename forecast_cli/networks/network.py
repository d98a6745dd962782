"""The whole network: patches in, quantiles of the next H steps out, from every patch end.

One causal function serves training (a forecast and a loss at every patch end) and back-tests
(the same, at the patch ends that are asked for).

Notable: patches are canonical. A patch may begin at any phase of the cycle, six in the morning
or midnight, but each of its values always enters at the place of its own time of day, and the
changes that the state predicts are painted on whole days in the same way; where the cycle is
cut is told beside it. So the shape of a day is learned once and not once for every phase.

The network knows nothing of series, units or time; all values are scaled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from forecast_cli.data.windows import Batch
from forecast_cli.networks.encoder import Encoder
from forecast_cli.networks.heads import Canvas, Highway, KnownAhead, QuantileHead, running_mean
from forecast_cli.networks.noise import Dropout, Noise


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
    relative : {"mean", "last"}
        What the values of a patch are relative to when they enter the encoder: the running
        mean of the sequence, or the last value of the patch, which itself then enters
        relative to the running mean.
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
    relative: str

    SERIES_WIDTH: ClassVar[int] = 16


class Network(nn.Module):
    """Patches in, quantiles out.

    Every series has a learned vector, that of an unknown one is zero; in training one sequence
    in ten is taken for unknown.

    Parameters
    ----------
    architecture : Architecture
    noise : Noise
        What is dropped in training.
    """

    UNKNOWN: ClassVar[float] = 0.1

    def __init__(self, architecture: Architecture, noise: Noise) -> None:
        super().__init__()
        a = self.architecture = architecture
        self.noise = noise
        width = a.SERIES_WIDTH if a.series else 0
        self.series = nn.Embedding(a.series + 1, width, padding_idx=0) if a.series else None
        if self.series is not None:
            nn.init.zeros_(self.series.weight)
        inputs = a.patch * (2 + a.past) + (a.relative == "last") + a.calendar + a.static + width
        between = Dropout(a.dropout, noise)
        self.encoder = Encoder(a.cell, inputs, a.hidden, a.layers, between)
        self.dropout = Dropout(a.dropout, noise, whole=True)
        self.change = Canvas(a.hidden + a.calendar, a.patch, a.horizon)
        self.highway = Highway(a.patch, a.highway, a.horizon, a.known)
        self.ahead = KnownAhead(a.known, a.hidden) if a.known else None
        self.quantiles = QuantileHead(a.hidden, a.horizon, a.quantiles)

    def patches(self, batch: Batch) -> Tensor:
        """[B, N, D] what enters the encoder with each patch."""
        B, N, P = batch.level.shape
        mean = running_mean(batch.level)  # [B, N, 1]
        last = batch.level[:, :, -1:]  # [B, N, 1]
        local = self.architecture.relative == "last"
        rows = (batch.level - (last if local else mean))[..., None]  # [B, N, P, 1]
        rows = torch.cat([rows, batch.past.reshape(B, N, P, -1)], dim=3)  # [B, N, P, 1+Cp]
        place = (torch.arange(P, device=batch.phase.device) - batch.phase[:, None]) % P  # [B, P]
        rows = rows.gather(2, place[:, None, :, None].expand(-1, N, -1, rows.shape[3]))
        cut = functional.one_hot(batch.phase, P).to(rows.dtype)  # [B, P]
        parts = [rows.flatten(2), self._calendar(batch), cut[:, None].expand(-1, N, -1)]
        parts.append(batch.static[:, None].expand(-1, N, -1))
        if local:
            parts.append(last - mean)
        if self.series is not None:
            identity = batch.identity
            if self.training:  # so that the network also knows what to do without a vector
                identity = identity * self.noise.kept((B,), self.UNKNOWN).to(identity.dtype)
            parts.append(self.series(identity)[:, None].expand(-1, N, -1))
        return torch.cat(parts, dim=2)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Medians after every patch [B, N, H]; quantiles of a quarter of the batch, [B/4, N, H, Q].

        Widths are learned from less: they cost most of a step, and change little.
        """
        state, _ = self.encoder(self.patches(batch))  # [B, N, D]
        state = self.dropout(state)
        last = batch.level[:, :, -1:]  # [B, N, 1]
        linear = last + self.highway(batch.level, batch.known)  # [B, N, H]
        median = linear + self._change(state, self._calendar(batch), batch.phase)
        if self.ahead is not None:
            a = self.architecture
            median = median + self.ahead(state, batch.known, a.patch, a.horizon)
        some = -(-len(median) // 4)
        return median, self.quantiles(median[:some], state[:some])

    def forecast(self, batch: Batch, each: Tensor, position: Tensor) -> Tensor:
        """Quantiles after some patches only, [O, H, Q].

        Parameters
        ----------
        batch : Batch
        each, position : [O] int64
            The sequences, and which of their patches the origins end.
        """
        states, _ = self.encoder(self.patches(batch))  # [B, N, D]
        state = states[each, position]  # [O, D]
        last = batch.level[each, position, -1:]  # [O, 1]
        linear = last + self.highway.at(batch.level, batch.known, each, position)  # [O, H]
        calendar = self._calendar(batch)[each, position]  # [O, K]
        change = self._change(state[:, None], calendar[:, None], batch.phase[each])
        median = linear + change[:, 0]
        if self.ahead is not None:
            steps = torch.arange(-1, self.architecture.horizon, device=each.device)
            rows = (position[:, None] + 1) * self.architecture.patch + steps  # [O, 1+H]
            median = median + self.ahead.at(state, batch.known[each[:, None], rows])
        quantiles: Tensor = self.quantiles(median[:, None], state[:, None])[:, 0]
        return quantiles

    def _calendar(self, batch: Batch) -> Tensor:
        """[B, N, K]; nothing for a network that does without."""
        return batch.calendar[:, :, : self.architecture.calendar]

    def _change(self, state: Tensor, calendar: Tensor, phase: Tensor) -> Tensor:
        """What the state says: [B, N, D], calendar [B, N, K] and phase [B] to [B, N, H]."""
        change: Tensor = self.change(torch.cat([state, calendar], dim=2), phase)
        return change

    def groups(self) -> list[dict[str, Any]]:
        """Parameters for the optimizer, each group with its ``share`` of the learning rate.

        The linear part starts at its optimum and has many correlated inputs: at the full rate
        the first steps would throw it out again. The vector of a series is moved by few
        sequences, and has to move further at each.
        """
        shares = {
            parameter: share
            for module, share in ((self, 1.0), (self.highway, 0.2), (self.series, 3.0))
            if module is not None
            for parameter in module.parameters()
            if parameter.requires_grad
        }
        return [
            {"params": [p for p, own in shares.items() if own == share], "share": share}
            for share in sorted(set(shares.values()))
        ]

    @property
    def n_parameters(self) -> int:
        """Trained numbers."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

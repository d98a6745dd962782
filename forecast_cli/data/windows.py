"""The windowed dataset: an index over a panel on the device, never a copy of its windows.

A batch is a gather: B sequences of up to N patches of P rows, each ending at any row of any
series, shorter where the series starts. Sequences are aligned left and padded after their
end, where a causal network cannot see it. No Python runs per sample.

Notable: nothing after a sequence's last row is read as input, whatever stands there. This
file knows no network and no scale; values arrive scaled, see networks/scale.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Resident:
    """A panel as flat tensors on one device.

    Parameters
    ----------
    level : [rows] float32
        The target, carried forward over gaps; 0 before the first observation.
    observed : [rows] bool
        Where the target was observed.
    past : [rows, Cp] float32
        Further inputs of each row: mask, time since the last observation, covariates.
    known : [rows, F] float32
        What is known ahead of each row: "future" covariates.
    calendar : [rows, K] float32
        Calendar features.
    starts, ends : [S] int64
        Rows of each series, the end exclusive.
    numbers : [S] int64
        The number of each series' first step on a grid that all data share (``Clock.index``).
    identity : [S] int64
        Number of the learned vector of each series; 0 where unknown.
    static : [S, G] float32
    """

    level: Tensor
    observed: Tensor
    past: Tensor
    known: Tensor
    calendar: Tensor
    starts: Tensor
    ends: Tensor
    numbers: Tensor
    identity: Tensor
    static: Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """B sequences of up to N patches of P rows, with what follows each patch.

    Parameters
    ----------
    level : [B, N, P]
    past : [B, N, P * Cp]
    calendar : [B, N, K]
        Of the last row of each patch.
    known : [B, N * P + H, F]
        From the first row of the sequence to H rows after its longest reach.
    phase : [B] int64
        Where in its cycle of P steps the first row of every patch stands; in [0, P).
    identity : [B] int64
    static : [B, G]
    lengths : [B] int64
        Patches that are not padding; at least 1.
    target : [B, N, H]
        The H values after each patch; 0 where ``weight`` is 0. Empty in a forecast.
    weight : [B, N, H]
        1 where a target may be learned from: observed, and before the cutoff.
    """

    level: Tensor
    past: Tensor
    calendar: Tensor
    known: Tensor
    phase: Tensor
    identity: Tensor
    static: Tensor
    lengths: Tensor
    target: Tensor
    weight: Tensor


@dataclass(frozen=True)
class Windows:
    """How sequences are cut from a resident panel.

    Parameters
    ----------
    rows : Resident
    patch : int
        P.
    patches : int
        N, the longest sequence.
    horizon : int
        H.
    canonical : bool
        Whether sequences tell their phase; else it is 0, as if each began a cycle.
    """

    rows: Resident
    patch: int
    patches: int
    horizon: int
    canonical: bool = True

    def ending_at(
        self,
        series: Tensor,
        last: Tensor,
        limit: Tensor | None = None,
        reach: Tensor | None = None,
        shift: Tensor | None = None,
        factor: Tensor | None = None,
    ) -> Batch:
        """The sequences that end with the rows ``last``.

        Parameters
        ----------
        series, last : [B] int64
            Absolute rows; each within its series.
        limit : [B] int64, optional
            Targets before this row may be learned from. None: no targets are made.
        reach : [B] int64, optional
            Patches of each sequence at most; ``patches`` where not given.
        shift, factor : [B] float32, optional
            Values enter as (value - shift) * factor, for series without a scale of their own.
        """
        P, H, N = self.patch, self.horizon, self.patches
        rows = self.rows
        start = rows.starts[series]  # [B]
        lengths = ((last - start + 1) // P).clamp(1, N)  # [B]
        lengths = lengths if reach is None else torch.minimum(lengths, reach)
        first = last - lengths * P + 1
        reach = torch.arange(N * P + H, device=last.device)
        wanted = first[:, None] + reach  # [B, N*P+H]
        index = torch.minimum(wanted.clamp(min=start[:, None]), rows.ends[series][:, None] - 1)
        level = rows.level[index]  # [B, N*P+H]
        if shift is not None and factor is not None:
            level = (level - shift[:, None]) * factor[:, None]
        seen = wanted[:, : N * P] <= last[:, None]  # [B, N*P]
        # What is known ahead is not known beyond the rows that may be learned from.
        ahead = index if limit is None else torch.minimum(index, limit[:, None] - 1)
        target, weight = self._targets(level, index, wanted, lengths, limit)
        past = torch.where(seen[..., None], rows.past[index[:, : N * P]], 0)  # [B, N*P, Cp]
        return Batch(
            level=torch.where(seen, level[:, : N * P], 0).reshape(-1, N, P),  # [B, N, P]
            past=past.reshape(len(series), N, P * past.shape[2]),
            calendar=rows.calendar[index[:, P - 1 : N * P : P]],  # [B, N, K]
            known=rows.known[ahead],  # [B, N*P+H, F]
            phase=(rows.numbers[series] + first - start) % P * int(self.canonical),
            identity=rows.identity[series],
            static=rows.static[series],
            lengths=lengths,
            target=target,
            weight=weight,
        )

    def _targets(
        self, level: Tensor, index: Tensor, wanted: Tensor, lengths: Tensor, limit: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The H values after each patch, and which of them count, both [B, N, H]."""
        P, H, N = self.patch, self.horizon, self.patches
        if limit is None:
            nothing = level.new_zeros(len(level), N, 0)
            return nothing, nothing
        counts = self.rows.observed[index] & (wanted < limit[:, None]) & (wanted == index)
        target = torch.where(counts, level, 0)[:, P:].unfold(1, H, P)  # [B, N, H]
        real = torch.arange(N, device=level.device) < lengths[:, None]  # [B, N]
        weight = counts[:, P:].unfold(1, H, P) & real[..., None]
        return target, weight.to(level.dtype)


class Sampler:
    """Draws training sequences: every usable last row of every series is equally likely.

    Series are thereby chosen in proportion to their usable rows, and the phase of the
    patches is random. What is drawn depends on the order of the series, which is the
    caller's to fix: see networks/scale.py, ``canonical_order``.

    Parameters
    ----------
    windows : Windows
    ends : [S] int64
        One past the last row that may be learned from, each series.
    batch_size : int
    seed : int
    """

    def __init__(self, windows: Windows, ends: Tensor, batch_size: int, seed: int) -> None:
        self.windows = windows
        self.batch_size = batch_size
        self.ends = ends
        # The last row of a sequence lies a patch after the start and a target before the end.
        usable = (ends - windows.rows.starts - windows.patch).clamp(min=0)  # [S]
        self.upto = usable.cumsum(0)
        self.total = int(self.upto[-1])
        self.generator = torch.Generator(device=ends.device).manual_seed(seed)

    def draw(self) -> Batch:
        """The next batch."""
        device = self.ends.device
        drawn = torch.randint(
            self.total, (self.batch_size,), generator=self.generator, device=device
        )
        series = torch.searchsorted(self.upto, drawn, right=True)
        last = self.ends[series] - 2 - (self.upto[series] - 1 - drawn)
        return self.windows.ending_at(series, last, limit=self.ends[series])

"""From the last state to H steps and Q quantiles, at once and without crossing.

The forecast is the last known value plus a change (Wen et al. 2017, "direct" strategy), and
the change is a sum of parts that are each zero at the start and cost nothing where absent:

- the state: one linear layer;
- the highway: one linear layer on the last patches relative to the last value, so that the
  network never does worse than a linear model for want of training (training moves it to the
  ridge solution before the first step, see training/start.py);
- what is known ahead of each target step, weighted by the state.

Quantiles are the median plus and minus sums of positive widths: they cannot cross.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def running_mean(level: Tensor) -> Tensor:
    """level [B, N, P] to the mean of each sequence up to each patch end [B, N, 1]."""
    total = level.mean(dim=2).cumsum(dim=1)  # [B, N]
    count = torch.arange(1, level.shape[1] + 1, device=level.device)
    return (total / count)[..., None]


class Highway(nn.Module):
    """The linear part: K patches relative to the last value, and that value to the mean."""

    def __init__(self, patch: int, patches: int, horizon: int) -> None:
        super().__init__()
        self.patch = patch
        self.patches = patches
        self.linear = nn.Linear(patch * patches + 1, horizon)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, level: Tensor) -> Tensor:
        """level [B, N, P] to the change after each patch [B, N, H]."""
        change: Tensor = self.linear(self.inputs(level))
        return change

    def inputs(self, level: Tensor) -> Tensor:
        """level [B, N, P] to what the linear layer sees after each patch [B, N, K*P + 1]."""
        flat = level.flatten(1)  # [B, N*P]
        before = flat[:, :1].expand(-1, (self.patches - 1) * self.patch)
        padded = torch.cat([before, flat], dim=1)  # the first value, held backwards
        recent = padded.unfold(1, self.patches * self.patch, self.patch)  # [B, N, K*P]
        return self._relative(recent, running_mean(level))

    def at(self, level: Tensor, position: Tensor) -> Tensor:
        """The change after one patch of each sequence only: position [B] to [B, 1, H]."""
        span = torch.arange(-self.patches * self.patch, 0, device=level.device)
        index = ((position[:, None] + 1) * self.patch + span).clamp(min=0)  # [B, K*P]
        recent = level.flatten(1).gather(1, index)[:, None]  # [B, 1, K*P]
        mean = running_mean(level).gather(1, position[:, None, None])  # [B, 1, 1]
        change: Tensor = self.linear(self._relative(recent, mean))
        return change

    @staticmethod
    def _relative(recent: Tensor, mean: Tensor) -> Tensor:
        last = recent[:, :, -1:]  # [B, N, 1]
        return torch.cat([recent - last, last - mean], dim=2)


class KnownAhead(nn.Module):
    """What a future covariate does at its step: Σ_e (weights of the state)_e · effect_e(row).

    The effect of a row is computed once, whatever the number of origins that look at it. It
    is zero at the start; the weights are not, so that the effect can learn at once.
    """

    WIDTH = 32
    EFFECTS = 16

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        last = nn.Linear(self.WIDTH, self.EFFECTS)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.effect = nn.Sequential(nn.Linear(features, self.WIDTH), nn.GELU(), last)
        self.weights = nn.Linear(hidden, self.EFFECTS)
        nn.init.zeros_(self.weights.weight)
        nn.init.normal_(self.weights.bias, std=self.EFFECTS**-0.5)

    def forward(self, state: Tensor, effects: Tensor) -> Tensor:
        """state [B, N, D], effects [B, N, E, H] to the change [B, N, H]."""
        return torch.einsum("bne,bneh->bnh", self.weights(state), effects)


class QuantileHead(nn.Module):
    """Medians [B, N, H] and states [B, N, D] to quantiles [B, N, H, Q], Q odd."""

    def __init__(self, hidden: int, horizon: int, quantiles: int) -> None:
        super().__init__()
        self.sides = quantiles // 2
        self.widths = nn.Linear(hidden, horizon * 2 * self.sides) if self.sides else None
        if self.widths is not None:
            nn.init.constant_(self.widths.bias, -1.0)  # softplus: a third of a spread

    def forward(self, median: Tensor, state: Tensor) -> Tensor:
        if self.widths is None:
            return median[..., None]
        shape = (*median.shape, 2, self.sides)
        width = functional.softplus(self.widths(state)).reshape(shape)  # [B, N, H, 2, Q/2]
        away = width.cumsum(-1)
        lower = (median[..., None] - away[..., 0, :]).flip(-1)
        upper = median[..., None] + away[..., 1, :]
        return torch.cat([lower, median[..., None], upper], dim=-1)  # [B, N, H, Q]

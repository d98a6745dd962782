"""From the last state to H steps and Q quantiles, at once and without crossing.

The forecast is the last known value plus a change (Wen et al. 2017, "direct" strategy), and
the change is a sum of parts that are each zero at the start and cost nothing where absent:

- the state: one linear layer to a canvas of whole cycles, of which every origin takes the H
  steps that follow it: a place on the canvas is the same time of day for all origins;
- the highway: one linear layer on the last patches relative to the last value, and on what is
  known ahead, so that the network never does worse than a linear model for want of training
  (training moves it to the ridge solution before the first step, see training/start.py);
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


class Canvas(nn.Module):
    """State [B, N, D] to the change of the H steps after each patch, by their place in the cycle.

    A layer from state to "the next H steps" would have to learn every shape anew for every
    phase at which a patch may end. Here it paints whole cycles that begin where the cycle
    begins, and each origin cuts out what comes after it.
    """

    def __init__(self, inputs: int, patch: int, horizon: int) -> None:
        super().__init__()
        self.horizon = horizon
        cycles = -(-(horizon + patch - 1) // patch)
        self.linear = nn.Linear(inputs, cycles * patch)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, state: Tensor, phase: Tensor) -> Tensor:
        """state [B, N, D] and the phase [B] at which patches begin and end to [B, N, H]."""
        painted: Tensor = self.linear(state)  # [B, N, cycles * P]
        steps = torch.arange(self.horizon, device=phase.device)
        place = (phase[:, None] + steps)[:, None].expand(-1, painted.shape[1], -1)  # [B, N, H]
        return painted.gather(2, place)


class Highway(nn.Module):
    """The linear part: K patches relative to the last value, that value to the mean, what is known.

    Parameters
    ----------
    patch, patches, horizon : int
        P, K and H.
    known : int
        F features known ahead, of which the H rows ahead and the P rows before are seen: as
        means over spans, where there are more than ``MOST`` of them.
    """

    MOST = 512

    def __init__(self, patch: int, patches: int, horizon: int, known: int = 0) -> None:
        super().__init__()
        self.patch, self.patches, self.horizon, self.known = patch, patches, horizon, known
        self.span = max(1, -(-known * (patch + horizon) // self.MOST))
        ahead = known * -(-(patch + horizon) // self.span)
        self.linear = nn.Linear(patch * patches + 1 + ahead, horizon)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, level: Tensor, known: Tensor) -> Tensor:
        """level [B, N, P], known [B, N*P + H, F] to the change after each patch [B, N, H]."""
        change: Tensor = self.linear(self.inputs(level, known))
        return change

    def inputs(self, level: Tensor, known: Tensor) -> Tensor:
        """What the linear layer sees after each patch, [B, N, K*P + 1 + ahead]."""
        flat = level.flatten(1)  # [B, N*P]
        before = flat[:, :1].expand(-1, (self.patches - 1) * self.patch)
        padded = torch.cat([before, flat], dim=1)  # the first value, held backwards
        recent = padded.unfold(1, self.patches * self.patch, self.patch)  # [B, N, K*P]
        around = known.unfold(1, self.patch + self.horizon, self.patch)  # [B, N, F, P+H]
        return self._seen(recent, running_mean(level), around)

    def at(self, level: Tensor, known: Tensor, each: Tensor, position: Tensor) -> Tensor:
        """The change after some patches only: sequence and position [O] to [O, H]."""
        device, reach = level.device, self.patches * self.patch
        span = torch.arange(-reach, 0, device=device)
        index = ((position[:, None] + 1) * self.patch + span).clamp(min=0)  # [O, K*P]
        recent = level.flatten(1)[each[:, None], index]  # [O, K*P]
        rows = position[:, None] * self.patch + torch.arange(
            self.patch + self.horizon, device=device
        )  # [O, P+H]
        around = known[each[:, None], rows].movedim(1, 2)  # [O, F, P+H]
        mean = running_mean(level)[each, position]  # [O, 1]
        change: Tensor = self.linear(self._seen(recent, mean, around))
        return change

    def _seen(self, recent: Tensor, mean: Tensor, around: Tensor) -> Tensor:
        """recent [..., K*P], mean [..., 1], around [..., F, P+H] as one row each."""
        last = recent[..., -1:]  # [..., 1]
        parts = [recent - last, last - mean]
        if self.known:
            some = around.flatten(0, -3)  # [*, F, P+H]
            if self.span > 1:
                some = functional.avg_pool1d(some, self.span, ceil_mode=True)
            parts.append(some.reshape(*around.shape[:-2], -1))
        return torch.cat(parts, dim=-1)


class KnownAhead(nn.Module):
    """What a future covariate does at its step: Σ_e (weights of the state)_e · effect_e(row).

    The forecast begins at the last value, which holds what the covariate did there: that is
    taken off, with weights of its own, or only the mean of the context could level it out.
    The effect is zero at the start; the weights are not, so that it can learn at once.
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
        self.before = nn.Linear(hidden, self.EFFECTS)
        nn.init.zeros_(self.before.weight)
        with torch.no_grad():
            self.before.bias.copy_(self.weights.bias)

    def forward(self, state: Tensor, known: Tensor, patch: int, horizon: int) -> Tensor:
        """state [B, N, D], known [B, N*P + H, F] to the change after each patch [B, N, H].

        The rows ahead are met a patch at a time: what follows patch n is blocks n, n+1, ... of
        the same rows, so that no row is copied for each of the origins that look at it.
        """
        N, blocks = state.shape[1], -(-horizon // patch)
        effect = self.effect(known[:, patch - 1 :])  # [B, 1 + (N-1)*P + H, E]
        spare = (N - 1 + blocks) * patch - (effect.shape[1] - 1)
        ahead = functional.pad(effect[:, 1:], (0, 0, 0, spare))
        ahead = ahead.view(len(ahead), -1, patch, self.EFFECTS)  # [B, N-1+blocks, P, E]
        weights = self.weights(state)[:, :, None]  # [B, N, 1, E]
        parts = [(ahead[:, k : k + N] * weights).sum(3) for k in range(blocks)]  # [B, N, P] each
        before = effect[:, : (N - 1) * patch + 1 : patch]  # [B, N, E] of the last rows
        return torch.cat(parts, dim=2)[..., :horizon] - self._before(state, before)

    def at(self, state: Tensor, known: Tensor) -> Tensor:
        """state [O, D], known [O, 1 + H, F] of the last row and those ahead to [O, H]."""
        effect = self.effect(known)  # [O, 1 + H, E]
        ahead: Tensor = (effect[:, 1:] * self.weights(state)[:, None]).sum(2)  # [O, H]
        return ahead - self._before(state, effect[:, 0])

    def _before(self, state: Tensor, effect: Tensor) -> Tensor:
        """What the last row did: state [..., D] and its effects [..., E] to [..., 1]."""
        done: Tensor = (self.before(state) * effect).sum(-1, keepdim=True)
        return done


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

"""From the outputs of all steps so far to one vector: the last, the mean, or by attention.

All three are causal: what is pooled at a step is made of the steps up to it. Each carries sums,
so that a stream pools in constant memory. The scores of attention are bounded, so that
their exponentials can be summed as they come, without a maximum that the future would know.

Source: attention pooling, Yang et al. 2016 (hierarchical attention networks, section 2.2).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Pool = Literal["last", "mean", "attention"]
POOLS: tuple[Pool, ...] = ("last", "mean", "attention")
BOUND = 5.0  # of a score: one step weighs up to e^10 times another


class Pooling(nn.Module):
    """Pools outputs of width O.

    Parameters
    ----------
    pool : Pool
    width : int
        O.
    """

    def __init__(self, pool: Pool, width: int) -> None:
        super().__init__()
        self.pool = pool
        if pool == "attention":
            self.score = nn.Linear(width, 1)
            nn.init.zeros_(self.score.weight)  # starts as the mean
            nn.init.zeros_(self.score.bias)

    def weight(self, y: Tensor) -> Tensor:
        """[..., 1] how much each output [..., O] counts."""
        if self.pool == "attention":
            scores: Tensor = BOUND * torch.tanh(self.score(y))
            return scores.exp()
        return torch.ones_like(y[..., :1])

    def forward(self, y: Tensor, each: Tensor, at: Tensor) -> Tensor:
        """What is pooled up to some steps.

        Parameters
        ----------
        y : [B, T, O]
        each, at : [A] int64
            The sequence of each answer, and its step.

        Returns
        -------
        [A, O]
        """
        if self.pool == "last":
            return y[each, at]
        weight = self.weight(y)  # [B, T, 1]
        return (weight * y).cumsum(1)[each, at] / weight.cumsum(1)[each, at]

    def init_state(self, batch: int, like: Tensor) -> dict[str, Tensor]:
        """The sums before the first step; none where the last output is all."""
        if self.pool == "last":
            return {}
        return {
            "pool.sum": like.new_zeros(batch, like.shape[-1]),
            "pool.weight": like.new_zeros(batch, 1),
        }

    def step(self, y_t: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """y_t [B, O] and the sums before it to what is pooled [B, O] and the sums after."""
        if self.pool == "last":
            return y_t, {}
        weight = self.weight(y_t)  # [B, 1]
        total = state["pool.sum"] + weight * y_t
        norm = state["pool.weight"] + weight
        return total / norm, {"pool.sum": total, "pool.weight": norm}

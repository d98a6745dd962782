"""Dropout that draws from a generator of its own.

Members of an ensemble train side by side in threads; masks drawn from the generator that all
of a process share would depend on who comes first. A copy of a network shares the generator
of the original: it is a source, not a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn


class Noise:
    """A source of random masks.

    Parameters
    ----------
    seed : int
    device : torch.device
        Where masks are drawn.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self.generator = torch.Generator(device=device).manual_seed(seed)

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Self:
        return self

    def kept(self, shape: tuple[int, ...], drop: float) -> Tensor:
        """1 where something is kept, 0 with the probability ``drop``; float32."""
        mask = torch.empty(shape, device=self.generator.device)
        return mask.bernoulli_(1 - drop, generator=self.generator)


class Dropout(nn.Module):
    """Dropout of x [B, N, D] in training, scaled so that the mean stays.

    Parameters
    ----------
    probability : float
    noise : Noise
    whole : bool
        Drop a channel for a whole sequence (Tompson et al. 2015), not value by value.
    """

    def __init__(self, probability: float, noise: Noise, whole: bool = False) -> None:
        super().__init__()
        self.probability, self.noise, self.whole = probability, noise, whole

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.probability == 0:
            return x
        batch, steps, width = x.shape
        mask = self.noise.kept((batch, 1 if self.whole else steps, width), self.probability)
        return x * (mask / (1 - self.probability))

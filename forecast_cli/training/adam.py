"""Adam, written out: the optimizer of the training loop.

The optimizers of torch.optim load torch's compiler as soon as one is made, which takes one to
two seconds of every training and is never used here. It knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1), the numbers of ``torch.optim.Adam``.

    Parameters
    ----------
    groups : iterable of dict
        Each with its "params" and, where not 1, its "share" of the rate.
    lr : float
        The rate, until another is set.
    """

    MEMORY = (0.9, 0.999)
    LEAST = 1e-8

    def __init__(self, groups: Iterable[Mapping[str, Any]], lr: float) -> None:
        self.param_groups: list[dict[str, Any]] = [dict(group) for group in groups]
        self.set_rate(lr)
        self._moments = [
            [(torch.zeros_like(p), torch.zeros_like(p)) for p in group["params"]]
            for group in self.param_groups
        ]
        self._steps = 0

    def set_rate(self, rate: float) -> None:
        """A new rate, of which each group takes its "share" (1 where it names none)."""
        for group in self.param_groups:
            group["lr"] = rate * group.get("share", 1.0)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient; nothing waits for the device."""
        self._steps += 1
        short, long = self.MEMORY
        for group, moments in zip(self.param_groups, self._moments, strict=True):
            live = [
                (p, m) for p, m in zip(group["params"], moments, strict=True) if p.grad is not None
            ]
            if not live:
                continue
            parameters = [p for p, _ in live]
            gradients: list[Tensor] = [p.grad for p in parameters]
            first, second = [m[0] for _, m in live], [m[1] for _, m in live]
            torch._foreach_lerp_(first, gradients, 1 - short)
            torch._foreach_mul_(second, long)
            torch._foreach_addcmul_(second, gradients, gradients, 1 - long)
            size = torch._foreach_sqrt(second)
            torch._foreach_div_(size, (1 - long**self._steps) ** 0.5)
            torch._foreach_add_(size, self.LEAST)
            rate = group["lr"] / (1 - short**self._steps)
            torch._foreach_addcdiv_(parameters, first, size, -rate)

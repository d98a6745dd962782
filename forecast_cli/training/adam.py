"""Adam: the optimizer of the training loop.

The optimizers of torch.optim load torch's compiler as soon as one is made, which takes one to
two seconds of every training and is never used here; so torch's fused kernel is called
directly. Notable: the rate and the count of steps are tensors beside the parameters, so
that a step can be captured once and replayed with other values. It knows nothing of networks.
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

    Attributes
    ----------
    param_groups : list of dict
        The groups, each with its rate "lr" [].
    steps : Tensor
        [] steps taken.
    """

    MEMORY = (0.9, 0.999)
    LEAST = 1e-8

    def __init__(self, groups: Iterable[Mapping[str, Any]], lr: float) -> None:
        self.param_groups: list[dict[str, Any]] = [dict(group) for group in groups]
        device = self.parameters[0].device
        for group in self.param_groups:
            group["lr"] = torch.zeros((), device=device)
        self.set_rate(lr)
        self._moments = [
            [(torch.zeros_like(p), torch.zeros_like(p)) for p in group["params"]]
            for group in self.param_groups
        ]
        self.steps = torch.zeros((), device=device)

    @property
    def parameters(self) -> list[Tensor]:
        """Of all groups."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def tensors(self) -> list[tuple[str, Tensor]]:
        """The moments of all parameters and the count of steps, by name."""
        pairs = [pair for moments in self._moments for pair in moments]
        named = [
            (f"{which}.{number}", moment)
            for number, pair in enumerate(pairs)
            for which, moment in zip(("first", "second"), pair, strict=True)
        ]
        return [*named, ("steps", self.steps)]

    def set_rate(self, rate: float) -> None:
        """A new rate, of which each group takes its "share" (1 where it names none)."""
        for group in self.param_groups:
            group["lr"].fill_(rate * group.get("share", 1.0))

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient; nothing waits for the device."""
        self.steps += 1
        short, long = self.MEMORY
        for group, moments in zip(self.param_groups, self._moments, strict=True):
            live = [
                (parameter, parameter.grad, *pair)
                for parameter, pair in zip(group["params"], moments, strict=True)
                if parameter.grad is not None
            ]
            if not live:
                continue
            parameters, gradients, first, second = (list(each) for each in zip(*live, strict=True))
            torch._fused_adam_(
                parameters,
                gradients,
                first,
                second,
                [],
                [self.steps] * len(live),
                lr=group["lr"],
                beta1=short,
                beta2=long,
                weight_decay=0.0,
                eps=self.LEAST,
                amsgrad=False,
                maximize=False,
            )

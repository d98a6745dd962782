"""One training step: draw, forward, loss, backward, clip, Adam, running mean of the weights.

Notable: a step takes nothing and returns nothing. All that it reads and changes are tensors
on the device, the learning rate and the count of steps too, and nothing in it waits for the
device; so it can be captured once and replayed (training/graph.py). On the processor a large
batch goes through in parts that stay in the cache, with the gradient of the whole. The
step does not know when training ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from forecast_cli.data.windows import Batch
from forecast_cli.networks.network import Network
from forecast_cli.training.adam import Adam
from forecast_cli.training.micro import micro_batches, parts_of

if TYPE_CHECKING:
    from forecast_cli.training.loop import Plan


def median_loss(
    median: Tensor, target: Tensor, weight: Tensor, count: Tensor | None = None
) -> Tensor:
    """Mean absolute error where ``weight`` is 1; all [B, N, H].

    ``count`` [] is what the sum is divided by: the weights, where not given.
    """
    return _mean((target - median).abs(), weight, count)


def pinball_loss(
    forecast: Tensor,
    target: Tensor,
    weight: Tensor,
    quantiles: Tensor,
    count: Tensor | None = None,
) -> Tensor:
    """Mean of twice the pinball loss over the quantiles, where ``weight`` is 1.

    Parameters
    ----------
    forecast : [B, N, H, Q]
    target, weight : [B, N, H]
    quantiles : [Q]
    count : [], optional
        What the sum is divided by; the weights, where not given.
    """
    error = target[..., None] - forecast  # [B, N, H, Q]
    loss = torch.addcmul(error.abs(), error, 2 * quantiles - 1)  # 2·max(q·e, (q - 1)·e)
    return _mean(loss.mean(-1), weight, count)


def _mean(loss: Tensor, weight: Tensor, count: Tensor | None) -> Tensor:
    count = weight.sum() if count is None else count
    return (loss * weight).sum() / count.clamp(min=1)


class Step:
    """What one call does to the network; the mean of its weights follows.

    Parameters
    ----------
    network : Network
        In training mode.
    draw : callable
        Gives training batches.
    quantiles : [Q]
    plan : Plan
        Its learning rate, until another is set; ``clip``, ``memory`` and ``precision``. Weights,
        losses and sums are float32 at any precision.

    Attributes
    ----------
    mean : Network
        The running mean of the weights, in evaluation mode.
    sums : [2] Tensor
        Of the minimised loss and of its pinball part, since they were last taken.
    """

    def __init__(
        self,
        network: Network,
        draw: Callable[[], Batch],
        quantiles: Tensor,
        plan: Plan,
    ) -> None:
        self.network, self.draw, self.quantiles, self.plan = network, draw, quantiles, plan
        self.optimizer = Adam(network.groups(), plan.learning_rate)
        self.mean = deepcopy(network).to(quantiles.device).eval()  # "to" packs the kernels anew
        self.sums = torch.zeros(2, device=quantiles.device)

    def __call__(self) -> None:
        """One update."""
        batch = self.draw()
        self.optimizer.zero_grad()
        for part in self._parts(batch):
            self._backward(part, batch)
        clip_grad_norm_(self.optimizer.parameters, self.plan.clip)
        self.optimizer.step()
        self._follow()

    def take_losses(self, steps: int) -> list[float]:
        """Means of the minimised loss and of its pinball part over the ``steps`` since the last."""
        means: list[float] = (self.sums / steps).tolist()
        self.sums.zero_()
        return means

    def _parts(self, batch: Batch) -> Sequence[Batch]:
        sequences, patches, _ = batch.level.shape
        cached = batch.level.device.type == "cpu"
        hidden = self.network.architecture.hidden
        return micro_batches(batch, parts_of(sequences, patches, hidden) if cached else 1)

    def _backward(self, part: Batch, whole: Batch) -> None:
        """Add the gradient of one part to those of the parts before it."""
        with self._products():
            median, forecast = self.network(part)  # [B, N, H], [B', N, H, Q]
        some = len(forecast)
        among = some * len(whole.level) // len(part.level)  # the same sequences, of all parts
        pinball = pinball_loss(
            forecast.float(),
            part.target[:some],
            part.weight[:some],
            self.quantiles,
            whole.weight[:among].sum(),
        )
        error = median_loss(median.float(), part.target, part.weight, whole.weight.sum())
        loss = error + pinball
        loss.backward()  # type: ignore[no-untyped-call]
        self.sums += torch.stack([loss, pinball]).detach()

    def _products(self) -> AbstractContextManager[object]:
        """How the network multiplies."""
        if self.plan.precision == "float32":
            return nullcontext()
        return torch.autocast(self.quantiles.device.type, torch.bfloat16)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the running mean towards the present weights (Polyak & Juditsky 1992)."""
        share = (1 / self.optimizer.steps).clamp(min=1 / self.plan.memory)  # []; first a plain mean
        old: list[Tensor] = list(self.mean.parameters())
        new: list[Tensor] = list(self.network.parameters())
        torch._foreach_lerp_(old, new, [share] * len(old))

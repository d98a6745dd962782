"""The training of one network of events: steps, held-out answers, the best weights at the end.

Notable: as in forecasting, what is judged and kept is a running mean of the weights, and of it the
best. With two classes the best has the highest average precision on the held-out examples, which is
what rare events are ranked by; at equal precision, and with more classes, the least log-loss.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from forecast_cli.data.panel import Floats
from forecast_cli.errors import TrainingError
from forecast_cli.monitor import Monitor
from forecast_cli.networks.events.network import EventBatch, EventNetwork
from forecast_cli.ranking import average_precision
from forecast_cli.training.adam import Adam
from forecast_cli.training.events.batches import Part
from forecast_cli.training.loop import one_cycle
from forecast_cli.training.progress import ENDED

CLIP = 1.0  # largest norm of the gradient
MEMORY = 50.0  # steps over which weights are averaged


@dataclass(frozen=True)
class EventPlan:
    """How long and how fast to learn.

    Parameters
    ----------
    steps, batch_size : int
    learning_rate : float
        At the peak of the one cycle.
    decay : float
        What a matrix loses in a step, over the rate (Loshchilov & Hutter 2019).
    checks, patience : int
        Validations, and how many without a gain end the training.
    seconds : float, optional
        Wall time at most.
    """

    steps: int
    batch_size: int
    learning_rate: float
    decay: float = 1.0
    checks: int = 20
    patience: int = 6
    seconds: float | None = None


@dataclass
class EventLearned:
    """What a training did; the network holds the best weights.

    ``score`` is average precision with two classes, else minus the log-loss; NaN where nothing
    was held out.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    stopped: str = ""
    steps: int = 0
    score: float = math.nan

    @property
    def ended(self) -> bool:
        """Whether the user ended it."""
        return self.stopped == ENDED


def loss_of(log_odds: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of the log-loss of log-odds [A, outputs]."""
    if log_odds.shape[1] == 1:
        each = functional.binary_cross_entropy_with_logits(
            log_odds[:, 0], labels.to(log_odds.dtype), reduction="none"
        )
    else:
        each = functional.cross_entropy(log_odds, labels, reduction="none")
    return (each * weight).sum() / weight.sum()


@torch.no_grad()
def answers(network: EventNetwork, part: Part) -> Floats:
    """[A, outputs] float64 log-odds of the part's moments."""
    result = np.empty((len(part.some), network.architecture.outputs))
    for batch, asked in part.in_order():
        result[asked] = network(batch).double().cpu().numpy()
    return result


def fit_events(
    network: EventNetwork,
    learn: Part,
    hold: Part | None,
    plan: EventPlan,
    seed: int,
    monitor: Monitor,
) -> EventLearned:
    """Train until the plan, the held-out answers or the user ends it; restore the best weights.

    Raises
    ------
    TrainingError
        Where the loss stops being a number.
    """
    learned, began = EventLearned(), time.perf_counter()
    step = _Step(network, learn.epochs(plan.batch_size, np.random.default_rng(seed)), plan)
    best: tuple[float, ...] = (-math.inf,)
    kept, stale = _copy(step.mean), 0
    every, since, losses = max(1, plan.steps // plan.checks), 0, torch.zeros((), device=step.device)
    note = ""
    network.train()
    for at in range(1, plan.steps + 1):
        spent = (time.perf_counter() - began) / plan.seconds if plan.seconds else 0.0
        losses += step.take(plan.learning_rate * one_cycle(max((at - 1) / plan.steps, spent)))
        learned.steps, since = at, since + 1
        monitor.update(at, note)
        late, asked = spent >= 1, monitor.stop_requested()
        if at % every and at != plan.steps and not late and not asked:
            continue
        row = {"step": float(at), "loss": float(losses) / since}
        losses, since = torch.zeros_like(losses), 0
        standing = _judged(step.mean, hold, row)
        if not all(math.isfinite(value) for value in row.values()):
            raise TrainingError(
                f"the loss was no longer a number at step {at}",
                "a lower --learning-rate, or look for extreme values with: forecast inspect",
            )
        learned.history.append(row | {"seconds": time.perf_counter() - began})
        note = f"loss {row.get('val_loss', row['loss']):.4f}"
        if hold is None or standing > best:
            best, stale, kept = standing, 0, _copy(step.mean)
            learned.score = standing[0] if hold else math.nan
        else:
            stale += 1
        if asked or late or stale >= plan.patience:
            learned.stopped = (
                ENDED if asked else "time was up" if late else "no gain on the held-out examples"
            )
            break
    learned.stopped = learned.stopped or f"all {plan.steps} steps done"
    network.load_state_dict(kept)
    network.eval()
    return learned


class _Step:
    """A training step; the running mean of the weights follows."""

    def __init__(
        self, network: EventNetwork, batches: Iterator[EventBatch], plan: EventPlan
    ) -> None:
        self.network, self.batches, self.plan = network, batches, plan
        self.device = next(network.parameters()).device
        self.optimizer = Adam(network.groups(), plan.learning_rate)
        self.mean = deepcopy(network).to(self.device).eval()
        self._matrices = [p for p in self.optimizer.parameters if p.ndim > 1]

    def take(self, rate: float) -> Tensor:
        """One update; the loss []."""
        batch = next(self.batches)
        self.optimizer.set_rate(rate)
        self.optimizer.zero_grad()
        loss = loss_of(self.network(batch), batch.labels, batch.weight)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self.optimizer.parameters, CLIP)
        with torch.no_grad():
            torch._foreach_mul_(self._matrices, 1 - rate * self.plan.decay)
        self.optimizer.step()
        self._follow()
        return loss.detach()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the running mean towards the present weights (Polyak & Juditsky 1992)."""
        share = (1 / self.optimizer.steps).clamp(min=1 / MEMORY)
        old: list[Tensor] = list(self.mean.parameters())
        new: list[Tensor] = list(self.network.parameters())
        torch._foreach_lerp_(old, new, [share] * len(old))


def _judged(network: EventNetwork, hold: Part | None, row: dict[str, float]) -> tuple[float, ...]:
    """How good the network is, the most important first; ``row`` is told of it."""
    if hold is None:
        return (0.0,)
    log_odds = answers(network, hold)
    labels = hold.whole.labels[hold.some]
    loss = loss_of(
        torch.from_numpy(log_odds),
        torch.from_numpy(labels),
        torch.from_numpy(hold.whole.weight[hold.some]),
    )
    row["val_loss"] = float(loss)
    if log_odds.shape[1] > 1:
        return (-row["val_loss"],)
    once = np.ones((1, len(labels)))
    row["average_precision"] = float(average_precision(log_odds[:, 0], labels == 1, once)[0])
    return row["average_precision"], -row["val_loss"]


def _copy(network: EventNetwork) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}

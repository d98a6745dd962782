"""The training loop: steps, a rolling validation block, and the best weights at the end.

Words are skorch's. Notable: what is validated and kept is a running mean of the weights, and
of it the best, not the last; progress is a fraction of steps or of seconds, whichever runs
out first, so the learning rate always comes down; nothing waits for the device between
validations. The start, a linear model, is validated too, and its seconds count. The loop knows
nothing of panels: batches come from a callable.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from forecast_cli.data.windows import Batch
from forecast_cli.errors import TrainingError
from forecast_cli.monitor import Monitor
from forecast_cli.networks.network import Network
from forecast_cli.training.graph import stepper
from forecast_cli.training.start import UNTRIED, Start, solve_highway
from forecast_cli.training.step import Step, pinball_loss

ENDED = "stopped by the user"
NEAR = 1.03  # times the best validation loss
START_SHARE = 0.25  # of the seconds: what the linear start may take


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn.

    Parameters
    ----------
    steps : int
        Training steps at most.
    learning_rate : float
        At the peak of the one cycle (Smith & Topin 2018).
    seconds : float, optional
        Wall time at most.
    season : int
        m, for the guesses of the linear start.
    start : Start
        The linear start where there is no validation to choose one.
    checks : int
        Validations, evenly spread over the steps.
    patience : int
        Validations without a gain after which training ends.
    memory : float
        Steps over which weights are averaged.
    clip : float
        Largest norm of the gradient (Pascanu, Mikolov & Bengio 2013).
    precision : {"float32", "bfloat16"}
        Of the products in a training step.
    """

    steps: int
    learning_rate: float
    seconds: float | None = None
    season: int = 1
    start: Start = UNTRIED
    checks: int = 15
    patience: int = 8
    memory: float = 30.0
    clip: float = 1.0
    precision: str = "float32"


@dataclass
class Learned:
    """What a training did; the network itself holds the best weights.

    Both losses of the history are mean pinball losses in scaled units: ``loss`` that of the
    training steps since the row before, with dropout, ``val_loss`` that of the validation
    block. Row 0 is the linear start, before any step: it has a ``val_loss`` only.
    ``best_loss`` is the lowest ``val_loss``, ``start`` the linear part that was taken.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    stopped: str = ""
    steps: int = 0
    best_loss: float | None = None
    start: Start = UNTRIED

    @property
    def ended(self) -> bool:
        """Whether the user ended it."""
        return self.stopped == ENDED

    @property
    def enough(self) -> int:
        """Steps up to which the validation loss stayed near the best; 0 where the start won.

        More than the best ones: where the loss is flat, a longer training on more rows ends
        no higher, and its learning rate has time to come down.
        """
        if self.best_loss is None:
            return self.steps
        if self.history[0]["val_loss"] == self.best_loss:
            return 0
        near = [row["step"] for row in self.history if row["val_loss"] <= NEAR * self.best_loss]
        return int(max(near))


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate: up over the first fifth, then down along a cosine."""
    warm = 0.2
    if progress < warm:
        return 0.05 + 0.95 * progress / warm
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm) / (1 - warm)))) + 1e-3


@torch.no_grad()
def validate(network: Network, batches: Sequence[Batch], quantiles: Tensor) -> float:
    """The pinball loss after the last patch of each validation sequence."""
    losses = []
    for batch in batches:
        each = torch.arange(len(batch.lengths), device=quantiles.device)
        forecast = network.forecast(batch, each, batch.lengths - 1)[:, None]  # [B, 1, H, Q]
        losses.append(pinball_loss(forecast, batch.target, batch.weight, quantiles))
    weights = [batch.weight.sum() for batch in batches]
    total = torch.stack(weights)
    return float((torch.stack(losses) * total).sum() / total.sum())


def fit_loop(
    network: Network,
    draw: Callable[[], Batch],
    validation: Sequence[Batch],
    quantiles: Tensor,
    plan: Plan,
    monitor: Monitor,
    generators: Sequence[torch.Generator] = (),
) -> Learned:
    """Train until the plan, the validation or the user ends it; restore the best weights.

    Parameters
    ----------
    generators : sequence of torch.Generator
        That ``draw`` draws from: on CUDA they have to be known before a step is captured.

    Raises
    ------
    TrainingError
        Where the loss stops being a number.
    """
    learned, began = Learned(), time.perf_counter()

    def spent() -> float:
        return (time.perf_counter() - began) / plan.seconds if plan.seconds else 0.0

    def hurry() -> bool:
        return spent() >= START_SHARE or monitor.stop_requested()

    learned.start = solve_highway(network.highway, draw, validation, plan.season, hurry, plan.start)
    step = Step(network, draw, quantiles, plan)
    best = _Best(step.mean)
    if validation:  # the start is a candidate as well
        row = _check(step, 0, validation, quantiles, at=0)
        best.offer(step.mean, row["val_loss"])
        learned.history.append(row | {"lr": 0.0, "seconds": time.perf_counter() - began})
    learned.stopped = _reason(spent() >= 1, monitor.stop_requested(), stale=False)
    note = "" if best.loss is None else f"loss {best.loss:.4f}"
    every, since = max(1, plan.steps // plan.checks), 0
    network.train()
    take_step = stepper(step, quantiles.device, generators, monitor)
    for at in range(1, 1 if learned.stopped else plan.steps + 1):
        rate = plan.learning_rate * one_cycle(max((at - 1) / plan.steps, spent()))
        step.optimizer.set_rate(rate)
        take_step()
        learned.steps, since = at, since + 1
        monitor.update(at, note)
        late, asked = spent() >= 1, monitor.stop_requested()
        if at % every and at != plan.steps and not late and not asked:
            continue
        row = _check(step, since, validation, quantiles, at)
        learned.history.append(row | {"lr": rate, "seconds": time.perf_counter() - began})
        since, loss = 0, row.get("val_loss")
        note = f"loss {row['loss'] if loss is None else loss:.4f}"
        best.offer(step.mean, loss)
        learned.stopped = _reason(late, asked, best.stale >= plan.patience)
        if learned.stopped:
            break
    learned.stopped = learned.stopped or f"all {plan.steps} steps done"
    learned.best_loss = best.loss
    network.load_state_dict(best.weights)
    network.eval()
    return learned


class _Best:
    """The best weights so far, and how many validations since were no better."""

    def __init__(self, network: Network) -> None:
        self.loss: float | None = None
        self.stale = 0
        self._keep(network)

    def offer(self, network: Network, loss: float | None) -> None:
        """Keep the weights where they are better, or where nothing can be compared."""
        if loss is None or self.loss is None or loss < self.loss:
            self.loss, self.stale = loss, 0
            self._keep(network)
        else:
            self.stale += 1

    def _keep(self, network: Network) -> None:
        """Copies, whatever becomes of the network."""
        self.weights = {name: value.clone() for name, value in network.state_dict().items()}


def _check(
    step: Step, since: int, validation: Sequence[Batch], quantiles: Tensor, at: int
) -> dict[str, float]:
    """Mean training loss of the ``since`` last steps, and the validation loss, where there are."""
    row, minimised = {"step": float(at)}, 0.0
    if since:
        minimised, row["loss"] = step.take_losses(since)
    if validation:
        row["val_loss"] = validate(step.mean, validation, quantiles)
    if not all(math.isfinite(value) for value in (minimised, *row.values())):
        raise TrainingError(
            f"the loss was no longer a number at step {at}",
            "a lower --learning-rate, or look for extreme values with: forecast inspect",
        )
    return row


def _reason(late: bool, asked: bool, stale: bool) -> str:
    if asked:
        return ENDED
    if late:
        return "time was up"
    return "no gain on the validation block" if stale else ""

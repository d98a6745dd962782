"""The training loop: steps, a rolling validation block, and the best weights at the end.

Words are skorch's. Notable: what is validated and kept is a running mean of the weights, and
of it the best, not the last; progress is a fraction of steps or of seconds, whichever runs
out first, so the learning rate always comes down; nothing waits for the device between
validations. The start, a linear model, is validated too, and its seconds count. Where the loss
stops being a number, training goes on from the best weights, slower. The loop knows nothing of
panels (batches come from a callable) nor of files: where it stands goes to a keeper.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from forecast_cli.data.windows import Batch
from forecast_cli.errors import TrainingError
from forecast_cli.monitor import Monitor
from forecast_cli.networks.network import Network
from forecast_cli.training.checkpoint import KEPT_NOWHERE, Arrays, Keeper, Values
from forecast_cli.training.graph import stepper
from forecast_cli.training.progress import (
    ENDED,
    Best,
    Learned,
    Progress,
    finished,
    put_back_finished,
)
from forecast_cli.training.start import UNTRIED, Start, solve_highway
from forecast_cli.training.step import Step, pinball_loss

TRIES, SLOWER = 3, 0.25  # how often, and at which share of the rate, after a loss that is none
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
    keeper: Keeper = KEPT_NOWHERE,
) -> Learned:
    """Train until the plan, the validation or the user ends it; restore the best weights.

    Parameters
    ----------
    generators : sequence of torch.Generator
        That ``draw`` and the network draw from: on CUDA they have to be known before a step is
        captured, and where a training is taken up again they go on where they were.
    keeper : Keeper
        Is given where the training stands now and then, and may know where it stood.

    Raises
    ------
    TrainingError
        Where the loss stops being a number, and does so again at a lower rate.
    """
    kept = keeper.load()
    watch = _Watch(plan, monitor)
    if kept is None:
        progress = _begun(network, draw, validation, quantiles, plan, generators, watch)
    else:
        found = _taken_up(kept, network, draw, quantiles, plan, generators)
        if isinstance(found, Learned):
            network.eval()
            return found
        progress = found
        watch.set_back(progress.seconds)
    _take_steps(progress, validation, quantiles, plan, watch, keeper)
    learned, best = progress.learned, progress.best
    learned.stopped = learned.stopped or f"all {plan.steps} steps done"
    learned.best_loss = best.loss
    network.load_state_dict(best.weights)
    network.eval()
    if kept is not None or keeper.due():
        keeper.save(*finished(learned, network))
    return learned


class _Watch:
    """How much of its time a training has spent, and whether the user asked to end it."""

    def __init__(self, plan: Plan, monitor: Monitor) -> None:
        self.plan, self.monitor, self._began = plan, monitor, time.perf_counter()

    def set_back(self, seconds: float) -> None:
        """So many seconds were spent before."""
        self._began -= seconds

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def spent(self) -> float:
        """The share of the time, 0 where there is no limit."""
        return self.seconds / self.plan.seconds if self.plan.seconds else 0.0

    def hurry(self) -> bool:
        """Whether the linear start has to do with what it has."""
        return self.spent() >= START_SHARE or self.monitor.stop_requested()


def _begun(
    network: Network,
    draw: Callable[[], Batch],
    validation: Sequence[Batch],
    quantiles: Tensor,
    plan: Plan,
    generators: Sequence[torch.Generator],
    watch: _Watch,
) -> Progress:
    """A training before its first step: the linear start, which is validated as well."""
    learned = Learned()
    learned.start = solve_highway(
        network.highway, draw, validation, plan.season, watch.hurry, plan.start
    )
    step = Step(network, draw, quantiles, plan)
    best = Best(step.mean)
    if validation:  # the start is a candidate as well
        row = _check(step, 0, validation, quantiles, at=0)
        best.offer(step.mean, row["val_loss"])
        learned.history.append(row | {"lr": 0.0, "seconds": watch.seconds})
    learned.stopped = _reason(watch.spent() >= 1, watch.monitor.stop_requested(), stale=False)
    return Progress(step, generators, learned, best)


def _taken_up(
    kept: tuple[Arrays, Values],
    network: Network,
    draw: Callable[[], Batch],
    quantiles: Tensor,
    plan: Plan,
    generators: Sequence[torch.Generator],
) -> Progress | Learned:
    """A training where it stood, or what it came to where it was over.

    Raises
    ------
    TrainingError
        What was kept is not this training's.
    """
    try:
        if kept[1].get("over"):
            return put_back_finished(network, *kept)
        step = Step(network, draw, quantiles, plan)
        progress = Progress(step, generators, Learned(), Best(step.mean))
        progress.put_back(*kept)
    except (ValueError, KeyError, TypeError, RuntimeError) as cause:
        raise TrainingError(
            f"what was kept of the training does not fit it ({cause})",
            "train again without --resume",
        ) from cause
    return progress


def _take_steps(
    progress: Progress,
    validation: Sequence[Batch],
    quantiles: Tensor,
    plan: Plan,
    watch: _Watch,
    keeper: Keeper,
) -> None:
    """Steps until the end; where the loss is no number, from the best weights on."""
    step, best, learned = progress.step, progress.best, progress.learned
    monitor, every = watch.monitor, max(1, plan.steps // plan.checks)
    note = "" if best.loss is None else f"loss {best.loss:.4f}"
    step.network.train()
    take_step = stepper(step, quantiles.device, progress.generators, monitor)
    for at in range(learned.steps + 1, 1 if learned.stopped else plan.steps + 1):
        rate = plan.learning_rate * one_cycle(max((at - 1) / plan.steps, watch.spent()))
        rate *= progress.share
        step.optimizer.set_rate(rate)
        take_step()
        learned.steps, progress.since = at, progress.since + 1
        monitor.update(at, note)
        late, asked = watch.spent() >= 1, monitor.stop_requested()
        if at % every == 0 or at == plan.steps or late or asked:
            row = _sound_check(progress, validation, quantiles, at, monitor)
            if row is not None:
                learned.history.append(row | {"lr": rate, "seconds": watch.seconds})
                progress.since, loss = 0, row.get("val_loss")
                note = f"loss {row['loss'] if loss is None else loss:.4f}"
                best.offer(step.mean, loss)
            learned.stopped = _reason(late, asked, best.stale >= plan.patience)
            if learned.stopped:
                break
        if keeper.due():
            keeper.save(*progress.taken(watch.seconds))


def _sound_check(
    progress: Progress,
    validation: Sequence[Batch],
    quantiles: Tensor,
    at: int,
    monitor: Monitor,
) -> dict[str, float] | None:
    """:func:`_check`, or None where the loss was no number and the best weights are back.

    Raises
    ------
    TrainingError
        It has been no number too often.
    """
    try:
        return _check(progress.step, progress.since, validation, quantiles, at)
    except TrainingError as failure:
        if len(progress.learned.notes) == TRIES:
            raise
        progress.back_to_best(progress.share * SLOWER)
        note = (
            f"{failure.message}: back to the best weights so far, with {progress.share:.3g} of the "
            "learning rate"
        )
        progress.learned.notes.append(note)
        monitor.say(f"warning: {note}")
        return None


def _check(
    step: Step, since: int, validation: Sequence[Batch], quantiles: Tensor, at: int
) -> dict[str, float]:
    """Mean training loss of the ``since`` last steps, and the validation loss, where there are."""
    row, minimised = {"step": float(at)}, 0.0
    if since:
        minimised, row["loss"] = step.take_losses(since)
    if validation:
        row["val_loss"] = validate(step.mean, validation, quantiles)
    else:  # nothing else tells of weights that the last step broke
        weights = [value.detach().sum() for value in step.mean.parameters()]
        minimised += float(torch.stack(weights).sum())
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

"""Where a training stands: all that the next step depends on, taken out and put back.

These are the weights and their running mean, the moments of Adam, the losses since the last
validation, the generators of batches and dropout, the best weights so far, the history, and the
seconds spent. A training that is taken up here ends with the weights, byte for byte, that it
would have reached in one go. This file does not know when to save, nor where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from forecast_cli.networks.network import Network
from forecast_cli.training.checkpoint import Arrays, Values
from forecast_cli.training.start import UNTRIED, Start
from forecast_cli.training.step import Step

ENDED = "stopped by the user"
NEAR = 1.03  # times the best validation loss


@dataclass
class Learned:
    """What a training did; the network itself holds the best weights.

    Both losses of the history are mean pinball losses in scaled units: ``loss`` that of the
    training steps since the row before, with dropout, ``val_loss`` that of the validation
    block. Row 0 is the linear start, before any step: it has a ``val_loss`` only.
    ``best_loss`` is the lowest ``val_loss``, ``start`` the linear part that was taken,
    ``notes`` what went otherwise than planned, one line each.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    stopped: str = ""
    steps: int = 0
    best_loss: float | None = None
    start: Start = UNTRIED
    notes: list[str] = field(default_factory=list)

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


class Best:
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


@dataclass
class Progress:
    """Where a training stands.

    Parameters
    ----------
    step : Step
    generators : sequence of torch.Generator
        That batches and dropout are drawn from.
    learned : Learned
    best : Best
    since : int
        Steps since the last validation.
    share : float
        Of the learning rate; less than 1 once the loss was no number.
    seconds : float
        Spent before the training was taken up.
    """

    step: Step
    generators: Sequence[torch.Generator]
    learned: Learned
    best: Best
    since: int = 0
    share: float = 1.0
    seconds: float = 0.0

    def taken(self, seconds: float) -> tuple[Arrays, Values]:
        """All of it, with the seconds spent, as it can be kept."""
        arrays = {name: value.detach().cpu().numpy().copy() for name, value in self._places()}
        best = {name: value.cpu().numpy() for name, value in self.best.weights.items()}
        arrays |= _under("best", best)
        for number, generator in enumerate(self.generators):
            arrays[f"generator.{number}"] = generator.get_state().numpy()
        values = {
            "learned": asdict(self.learned),
            "best": [self.best.loss, self.best.stale],
            "since": self.since,
            "share": self.share,
            "seconds": seconds,
        }
        return arrays, values

    @torch.no_grad()
    def put_back(self, arrays: Arrays, values: Values) -> None:
        """Stand where ``taken`` stood.

        Raises
        ------
        ValueError, KeyError, TypeError, RuntimeError
            Another training's.
        """
        places = dict(self._places())
        for name, place in places.items():
            if arrays[name].shape != tuple(place.shape):
                raise ValueError(f"{name} has another shape")
        best = {name: _tensor(arrays[f"best.{name}"]) for name in self.best.weights}
        learned = learned_from(values)
        loss, stale = values["best"]
        since, share, seconds = values["since"], values["share"], float(values["seconds"])
        for number, generator in enumerate(self.generators):
            generator.set_state(_tensor(arrays[f"generator.{number}"]))
        for name, place in places.items():
            place.copy_(_tensor(arrays[name]))
        for name, weights in self.best.weights.items():
            weights.copy_(best[name])
        self.best.loss, self.best.stale = loss, stale
        self.learned, self.since, self.share, self.seconds = learned, since, share, seconds

    @torch.no_grad()
    def back_to_best(self, share: float) -> None:
        """Begin again from the best weights, with this share of the learning rate."""
        step = self.step
        step.network.load_state_dict(self.best.weights)
        step.mean.load_state_dict(self.best.weights)
        for _, moment in step.optimizer.tensors():
            moment.zero_()
        step.sums.zero_()
        self.since, self.share = 0, share

    def _places(self) -> list[tuple[str, Tensor]]:
        """Every tensor that a step reads and changes, by name."""
        step = self.step
        return [
            *((f"network.{name}", value) for name, value in step.network.state_dict().items()),
            *((f"mean.{name}", value) for name, value in step.mean.state_dict().items()),
            *((f"adam.{name}", value) for name, value in step.optimizer.tensors()),
            ("sums", step.sums),
        ]


def finished(learned: Learned, network: Network) -> tuple[Arrays, Values]:
    """A training that is over, as it can be kept: its best weights are those of the network."""
    weights = {name: value.cpu().numpy() for name, value in network.state_dict().items()}
    return _under("best", weights), {"over": True, "learned": asdict(learned)}


def put_back_finished(network: Network, arrays: Arrays, values: Values) -> Learned:
    """Give the network the weights of a training that is over; raises as ``put_back``."""
    learned = learned_from(values)
    weights = {name: _tensor(arrays[f"best.{name}"]) for name in network.state_dict()}
    network.load_state_dict(weights)
    return learned


def learned_from(values: Values) -> Learned:
    """What stands under "learned"."""
    found: dict[str, Any] = dict(values["learned"])
    return Learned(**{**found, "start": Start(**found["start"])})


def _under(name: str, arrays: Arrays) -> dict[str, Any]:
    return {f"{name}.{key}": array for key, array in arrays.items()}


def _tensor(array: np.ndarray[Any, Any]) -> Tensor:
    return torch.from_numpy(np.array(array))

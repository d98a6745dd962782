"""Several networks trained at once, each on its own core where there are cores.

The members of an ensemble differ by their seed at least. Notable: what a member learns does
not depend on how many train beside it; each draws from generators of its own. On an accelerator
they train one after another. This file does not know how members are averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from forecast_cli.data.windows import Batch, Sampler
from forecast_cli.monitor import Monitor
from forecast_cli.networks.network import Network
from forecast_cli.training.checkpoint import KEPT_NOWHERE, Keeper
from forecast_cli.training.loop import Plan, fit_loop
from forecast_cli.training.progress import Learned

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Member:
    """A network, the batches that it learns from and is validated on, its plan and its keeper."""

    network: Network
    sampler: Sampler
    validation: Sequence[Batch]
    plan: Plan
    keeper: Keeper = KEPT_NOWHERE


def fit_members(
    members: Sequence[Member],
    quantiles: Tensor,
    monitor: Monitor,
    threads: int,
    cores: int,
) -> list[Learned]:
    """Train all members, each as :func:`fit_loop` does; in the order of ``members``.

    Parameters
    ----------
    threads : int
        Of one training step. With one, members train side by side on the ``cores``.

    Raises
    ------
    TrainingError
        As :func:`fit_loop`; what one member raises, or an interrupt, ends the others.
    """
    device = quantiles.device
    alone = device.type != "cpu" or threads > 1

    def learn(number: int, voice: Monitor) -> Learned:
        member = members[number]
        generators = (member.sampler.generator, member.network.noise.generator)
        return fit_loop(
            member.network,
            member.sampler.draw,
            member.validation,
            quantiles,
            member.plan,
            voice,
            generators,
            member.keeper,
        )

    return side_by_side(learn, len(members), monitor, threads, 1 if alone else cores)


def side_by_side(
    learn: Callable[[int, Monitor], T], members: int, monitor: Monitor, threads: int, cores: int
) -> list[T]:
    """What ``learn`` returns for each member, by number; as many at once as there are cores.

    Parameters
    ----------
    learn : callable
        Trains the member of a number, and talks to a monitor of its own.
    threads : int
        Of torch, in each of them.

    Raises
    ------
    Exception
        What one member raises, or an interrupt, ends the others.
    """
    told = _All(monitor, members)
    # Threads are counted for each thread by itself, and here only the new ones are told.
    with ThreadPoolExecutor(
        max(1, min(members, cores)), initializer=_bound, initargs=(threads,)
    ) as pool:
        learning = [pool.submit(learn, number, _Voice(told, number)) for number in range(members)]
        try:
            for first in as_completed(learning):
                first.result()  # whichever fails first, at once
        except BaseException:
            told.over = True  # nobody will ask for what the others learn
            pool.shutdown(cancel_futures=True)
            raise
    return [member.result() for member in learning]


def _bound(threads: int) -> None:
    torch.set_num_threads(threads)


class _All:
    """Hears all members; what is done is the mean of what they have done."""

    def __init__(self, monitor: Monitor, members: int) -> None:
        self.monitor = monitor
        self.over = False
        self._done, self._note = [0.0] * members, ""

    def update(self, number: int, done: float, note: str) -> None:
        self._done[number] = done
        self._note = note if number == 0 else self._note
        self.monitor.update(round(sum(self._done) / len(self._done)), self._note)


class _Voice:
    """What one member has of the monitor; the first speaks for all."""

    def __init__(self, everyone: _All, number: int) -> None:
        self._everyone, self._number = everyone, number

    def begin(self, task: str, total: float | None = None) -> None: ...

    def end(self) -> None: ...

    def update(self, done: float, note: str = "") -> None:
        self._everyone.update(self._number, done, note)

    def say(self, message: str) -> None:
        if self._number == 0:
            self._everyone.monitor.say(message)

    def stop_requested(self) -> bool:
        return self._everyone.over or self._everyone.monitor.stop_requested()

"""The training of an ensemble on the examples of an event: examples in, networks out.

Members hold out parts of the examples and learn from the rest, see parts.py. The first three differ
in how they pool, and are judged on one part; of the members that follow, each with a part of its
own, half pool in the best way and half in the second, for networks that differ err apart. All are
kept. Notable: on a processor the same bytes come out on any number of cores. This file does
not know how answers are averaged, saved or reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from forecast_cli.config import SEEDS, Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.events import EventTask
from forecast_cli.monitor import Monitor
from forecast_cli.networks.events.inputs import EventInputs
from forecast_cli.networks.events.network import EventArchitecture, EventNetwork
from forecast_cli.networks.events.passes import Reach
from forecast_cli.networks.events.pooling import POOLS, Pool
from forecast_cli.networks.noise import Noise
from forecast_cli.training.device import isolated, resolve
from forecast_cli.training.ensemble import side_by_side
from forecast_cli.training.events.batches import Sequences
from forecast_cli.training.events.loop import EventLearned, EventPlan, answers, fit_events
from forecast_cli.training.events.parts import Division, parts_of

MEMBERS = 7  # three for the ways of pooling, then one for each of the other four parts
MOST_MEMBERS = 1000  # that have seeds of their own
HIDDEN, DROPOUT, RATE = 48, 0.5, 3e-3
EPOCHS, LEAST_STEPS, MOST_STEPS = 12, 480, 2000
BATCH, LEAST_BATCH, BATCHES = 64, 8, 8  # sequences of a batch, and batches of an epoch at least
BATCH_ROWS = 4608  # of a batch, about: long sequences share it with fewer
BLIND = 0.3  # share of the steps that are taken where nothing can be held out


@dataclass(frozen=True)
class EventLesson:
    """What is to be learned, and by which networks.

    Parameters
    ----------
    cell : str
        Of the registry in networks/cells.
    both_ways : bool
    task : EventTask
    settings : Settings
    """

    cell: str
    both_ways: bool
    task: EventTask
    settings: Settings

    @property
    def reach(self) -> Reach:
        """How far back is read."""
        if self.task.kind == "threshold":
            return Reach.of(self.task.seasons, self.task.horizon)
        return Reach()


@dataclass(frozen=True, eq=False)
class EventTrained:
    """What came of a lesson.

    Parameters
    ----------
    inputs : EventInputs
    networks : tuple of EventNetwork
    learned : tuple of EventLearned
    held : [M, outputs] float64
        Log-odds of each example by the networks that did not learn from it; NaN where all did.
    tried : dict of pooling to the score on the first part
        The best first. Empty where nothing was held out.
    """

    inputs: EventInputs
    networks: tuple[EventNetwork, ...]
    learned: tuple[EventLearned, ...]
    held: Floats
    tried: dict[str, float]


@dataclass(frozen=True, eq=False)
class _Member:
    pool: Pool
    part: Division | None
    seed: int


def learn_events(
    lesson: EventLesson, panel: Panel, examples: Examples, monitor: Monitor
) -> EventTrained:
    """Train the members of an ensemble; three or fewer share the first part.

    Raises
    ------
    TrainingError
        Where the loss stops being a number.
    """
    settings, task = lesson.settings, lesson.task
    device = resolve(settings.device)
    inputs = EventInputs.learn(panel, task, examples.moments)
    parts = parts_of(panel, task, examples, settings.seed)
    count = settings.members or MEMBERS
    cores, threads = torch.get_num_threads(), settings.threads or 1
    with isolated(device, settings.seed, threads):
        whole = Sequences(
            panel,
            inputs,
            examples.moments,
            lesson.reach,
            device,
            examples.labels,
            class_weights(examples.labels, len(task.classes)),
        )
        school = _School(lesson, whole, count, monitor, threads, cores)
        members = [
            _Member(pool, parts[0] if parts else None, _seed(settings.seed, k))
            for k, pool in enumerate(POOLS[:count])
        ]
        networks, learned = school.teach(members)
        order = sorted(range(len(members)), key=lambda k: -learned[k].score)  # NaN: as they are
        tried: dict[str, float] = {str(members[k].pool): learned[k].score for k in order if parts}
        better = [members[k].pool for k in order[:2]]
        more = [
            _Member(
                better[k % len(better)],
                parts[(k - len(members) + 1) % len(parts)] if parts else None,
                _seed(settings.seed, k),
            )
            for k in range(len(members), count)
        ]
        others, then = school.teach(more)
        members, networks, learned = [*members, *more], [*networks, *others], [*learned, *then]
        held = _held(whole, members, networks, len(examples))
    return EventTrained(inputs, tuple(networks), tuple(learned), held, tried)


class _School:
    """Teaches members side by side; what is said of progress covers all of them."""

    def __init__(
        self,
        lesson: EventLesson,
        whole: Sequences,
        count: int,
        monitor: Monitor,
        threads: int,
        cores: int,
    ) -> None:
        self.lesson, self.whole, self.count = lesson, whole, count
        self.monitor, self.threads, self.cores = monitor, threads, cores

    def teach(self, members: Sequence[_Member]) -> tuple[list[EventNetwork], list[EventLearned]]:
        """Networks with their best weights, and what their trainings did."""
        if not members:
            return [], []
        settings, device = self.lesson.settings, self.whole.device
        networks = []
        for member in members:
            torch.manual_seed(member.seed)
            shape = self._shape(member.pool)
            networks.append(EventNetwork(shape, Noise(member.seed, device)).to(device))
        everything = np.arange(len(self.whole.labels))
        alone = device.type != "cpu" or self.threads > 1

        def learn(number: int, voice: Monitor) -> EventLearned:
            member, network = members[number], networks[number]
            part = member.part
            learn = self.whole.part(everything if part is None else np.flatnonzero(part.learn))
            hold = None if part is None else self.whole.part(np.flatnonzero(part.hold))
            rows = int(learn.passes.lengths.sum())
            plan = plan_for(len(learn), rows, settings, hold is not None, self.count)
            return fit_events(network, learn, hold, plan, member.seed, voice)

        all_of_it = self.whole.part(everything)
        rows = int(all_of_it.passes.lengths.sum())
        plan = plan_for(len(all_of_it), rows, settings, True, self.count)
        self.monitor.begin(f"training {self.lesson.cell}", plan.steps)
        try:
            learned = side_by_side(
                learn, len(members), self.monitor, self.threads, 1 if alone else self.cores
            )
        finally:
            self.monitor.end()
        return networks, learned

    def _shape(self, pool: Pool) -> EventArchitecture:
        settings, resident = self.lesson.settings, self.whole.resident
        return EventArchitecture(
            cell=self.lesson.cell,
            classes=len(self.lesson.task.classes),
            rows=resident.rows.shape[1],
            wide=resident.wide.shape[1],
            static=resident.static.shape[1],
            hidden=settings.hidden or HIDDEN,
            layers=settings.layers,
            pool=pool,
            both_ways=self.lesson.both_ways,
            dropout=DROPOUT if settings.dropout is None else settings.dropout,
        )


def plan_for(
    sequences: int, rows: int, settings: Settings, judged: bool, trainings: int
) -> EventPlan:
    """Steps, batch and rate for so many sequences of so many rows in all.

    A dozen epochs, but enough steps for a few sequences and not too many for a lot; a small batch
    where sequences are few or long.
    """
    most = min(sequences // BATCHES, BATCH_ROWS * sequences // max(rows, 1))
    size = settings.batch_size or int(np.clip(most, LEAST_BATCH, BATCH))
    wanted = EPOCHS * sequences / size
    steps = settings.max_steps or int(np.clip(wanted, LEAST_STEPS, MOST_STEPS))
    if not judged and settings.max_steps is None:
        steps = round(BLIND * steps)
    return EventPlan(
        steps=steps,
        batch_size=size,
        learning_rate=settings.learning_rate or RATE,
        seconds=settings.max_seconds and settings.max_seconds / trainings,
    )


def class_weights(labels: Ints, classes: int) -> Floats:
    """[M] the weight of each example: one over the root of its class' share, 1 on average.

    Halfway between classes as they are and classes made equal: the rare one is heard, and a few
    examples of it do not drown the rest.
    """
    count = np.bincount(labels, minlength=classes)
    weight = 1 / np.sqrt(np.maximum(count, 1) / max(len(labels), 1))
    each = weight[labels]
    return np.asarray(each / each.mean()) if len(each) else each


def _seed(seed: int, number: int) -> int:
    return (MOST_MEMBERS * seed + number) % SEEDS


def _held(
    whole: Sequences, members: Sequence[_Member], networks: Sequence[EventNetwork], count: int
) -> Floats:
    """[M, outputs] mean log-odds by the networks that held each example out."""
    total = np.zeros((count, networks[0].architecture.outputs))
    times = np.zeros((count, 1))
    for member, network in zip(members, networks, strict=True):
        if member.part is not None:
            some = np.flatnonzero(member.part.hold)
            total[some] += answers(network, whole.part(some))
            times[some] += 1
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)

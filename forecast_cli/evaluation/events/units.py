"""What is independent among answers, and resamples of it.

Answers about one entity are one unit, however many; answers about a regular series are cut into
blocks of time, for neighbours say the same. Units are resampled within their fold and their rarest
class (whether the event ever comes to them), so that no resample is without an event. Notable:
such groups are small, and a plain bootstrap of n units finds (n - 1) / n of their variance, half
of it where there are two; so n - 1 are drawn, and weigh more (Rao & Wu 1988). Knows no model and
no metric.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.events import EventTask

FEWEST_BLOCKS = 20  # that a test block is cut into, where its length allows
FEWEST = 5  # units that hold the rarest class, below which nothing is decided


@dataclass(frozen=True, eq=False)
class Units:
    """Independent units of M answers.

    Parameters
    ----------
    of_answer : [M] int64
        The unit of each answer, from 0.
    group : [U] int64
        Which units are exchanged for each other: those of one fold and one rarest class.
    rarest : int
        Units that hold the class which the fewest hold.
    degrees : int
        Degrees of freedom of a spread over units: of these, all but one a fold.
    kind : str
        "entities", or "blocks of 48 steps".
    """

    of_answer: Ints
    group: Ints
    rarest: int
    degrees: int
    kind: str

    def __len__(self) -> int:
        return len(self.group)

    @property
    def enough(self) -> bool:
        """Whether a spread over them can be known: of a unit alone in its group it cannot."""
        return self.rarest >= FEWEST and int(np.bincount(self.group)[self.group].min()) > 1

    def resamples(self, count: int, seed: int) -> Floats:
        """[R, U] how much each unit weighs: drawn with replacement within its group."""
        generator = np.random.default_rng(seed)
        drawn = np.zeros((count, len(self)))
        for number in np.unique(self.group):
            members = np.flatnonzero(self.group == number)
            size = len(members)
            if size == 1:
                drawn[:, members] = 1.0
                continue
            times = generator.multinomial(size - 1, np.full(size, 1 / size), size=count)
            drawn[:, members] = times * size / (size - 1)
        return drawn


def find_units(task: EventTask, entity: Ints, fold: Ints, labels: Ints, times: Ints) -> Units:
    """The units of the answers.

    Parameters
    ----------
    task : EventTask
    entity, fold, labels, times : [M] int64
        Of each answer; times in the panel's int64.
    """
    if task.kind == "threshold":
        distinct, when = np.unique(times, return_inverse=True)
        length = _block(task, len(distinct))
        key, kind = when // length, f"blocks of {length} steps"
    else:
        key, kind = entity, "entities"
    _, first, of_answer = np.unique(key, return_index=True, return_inverse=True)
    rarity = np.argsort(np.argsort(-np.bincount(labels, minlength=len(task.classes))))
    order = np.array([0, 1]) if task.binary else rarity
    rank = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(rank, of_answer, order[labels])
    group = _joined(fold[first], fold[first] * len(task.classes) + rank)
    holds = np.zeros((len(first), len(task.classes)), dtype=np.bool_)
    holds[of_answer, labels] = True
    counts = holds.sum(axis=0)  # [K]
    rarest = int(counts[counts > 0].min(initial=len(first)))
    degrees = max(rarest - len(np.unique(fold)), 1)
    return Units(of_answer, group, rarest, degrees, kind)


def _joined(fold: Ints, group: Ints) -> Ints:
    """[U] the groups, where a unit that is alone in its own is put with others of its fold.

    Where this leaves resamples without an event, their scores are NaN, and nothing is decided.
    """
    joined = group.copy()
    alone = np.bincount(group)[group] == 1
    for number in np.unique(fold[alone]):
        inside = np.flatnonzero(fold == number)
        sizes = np.bincount(group[inside])
        joined[inside[alone[inside]]] = int(sizes.argmax())
    return joined


def _block(task: EventTask, steps: int) -> int:
    """Steps of a block: a season or two horizons, unless that leaves too few blocks."""
    wanted = max(2 * task.horizon, *task.seasons)
    return max(min(wanted, steps // FEWEST_BLOCKS), task.horizon, 1)

"""What is independent among answers, and resamples of it.

Answers about one entity are one unit, however many; answers about a regular series are cut into
blocks of time, for neighbours say the same. Units are resampled within their fold and their
stratum (whether the event ever comes to them), so that no resample is without an event. Knows
no model and no metric.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.events import EventTask

FEWEST_BLOCKS = 20  # that a test block is cut into, where its length allows


@dataclass(frozen=True, eq=False)
class Units:
    """Independent units of M answers.

    Parameters
    ----------
    of_answer : [M] int64
        The unit of each answer, from 0.
    group : [U] int64
        Fold and stratum of each unit, as one number.
    stratum : [U] int64
        The rarest class among the answers of each unit.
    kind : str
        "entities", or "blocks of 48 steps".
    """

    of_answer: Ints
    group: Ints
    stratum: Ints
    kind: str

    def __len__(self) -> int:
        return len(self.group)

    @property
    def degrees(self) -> int:
        """Degrees of freedom of a spread over units: those of the rarest stratum."""
        counts = np.bincount(self.stratum)
        return max(int(counts[counts > 0].min(initial=len(self))) - 1, 1)

    def resamples(self, count: int, seed: int) -> Floats:
        """[R, U] how often each unit is drawn, with replacement within its group."""
        generator = np.random.default_rng(seed)
        drawn = np.zeros((count, len(self)))
        for number in np.unique(self.group):
            members = np.flatnonzero(self.group == number)
            even = np.full(len(members), 1 / len(members))
            drawn[:, members] = generator.multinomial(len(members), even, size=count)
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
    group = fold[first] * len(task.classes) + rank
    return Units(of_answer, group, rank, kind)


def _block(task: EventTask, steps: int) -> int:
    """Steps of a block: a season or two horizons, unless that leaves too few blocks."""
    wanted = max(2 * task.horizon, *task.seasons)
    return max(min(wanted, steps // FEWEST_BLOCKS), task.horizon, 1)

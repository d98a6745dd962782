"""How large a network is and how far it looks back, where the user does not say.

One rule for all data, from the task and the lengths of the series. What each part of it is
worth is measured in docs/ablations.md.

- A patch is one season: the finest view in which one recurrent step sees a whole cycle. One
  shorter than 12 is taken several times; one longer than 96, or than an eighth of the typical
  training history, is cut into its largest divisor, or, where that is too small for the linear
  part to see a whole season, into parts that do not divide it. Without a season a patch is 16
  rows, and one row of a history shorter than 500.
- Four networks are trained and their quantiles averaged; two, for the sake of time, where
  there are ten series or more or 500 steps or more are forecast. Where the history holds a
  dozen patches every second one sees shorter patches, about a third of the long one, then a
  sixth, but none so short that thirty of them are less than the horizon. Half of them see
  values relative to the running mean and the calendar, half to the last value and none.
- The context is 30 patches, and no more than the typical training history.
- The linear highway sees the last half of 30, and 1 440 steps at most: its solution costs the
  cube of them.
- A step takes 32 sequences, and where they are short as many as have the same number of
  patches, at most six times as many.
- Training takes 600 steps, and of ten series or more up to 2 000: as many as it takes for each
  row to be the end of a patch five times; early stopping ends it sooner.
- Two fifths of the state's channels are dropped; of ten series or more one fifth, since many
  series are many examples.
- Patches are canonical where the context holds a dozen of them, and where a patch is a part of
  the season or several seasons; a series of a few years has a trend to follow rather than a
  cycle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints
from forecast_cli.errors import UsageError
from forecast_cli.task import Task

SHORTEST_PATCH, LONGEST_PATCH = 12, 96
SHORTEST_PART = 4
PATCHES = 30
LONGEST_HIGHWAY = 1440
UNSEASONED_PATCH, ENOUGH_FOR_IT = 16, 500
HIDDEN = 128
DROPOUT, DROPOUT_OF_MANY = 0.4, 0.2
MANY_SERIES = 10
BATCH_SIZE = 32
STEPS, MOST_STEPS = 600, 2000
VISITS = 5  # that each row should have as the end of a patch
LEARNING_RATE = 6e-3
LONG_HORIZON = 500
MEMBERS, FEWER_MEMBERS = 4, 2
FEW_CYCLES = 12  # patches of context, below which there is no cycle to learn in its own frame


class Cut(NamedTuple):
    """How sequences are cut from a panel; members with the same cut read the same sequences.

    Parameters
    ----------
    patch, patches : int
        P and N.
    canonical : bool
    """

    patch: int
    patches: int
    canonical: bool


@dataclass(frozen=True)
class Sizes:
    """What is chosen for one member before training.

    Parameters
    ----------
    patch, patches : int
        P and N; the context is P * N steps.
    highway : int
        Patches that the linear part sees.
    hidden, layers, dropout
        Of the recurrent part; dropout acts between layers and before the head.
    batch_size, steps, learning_rate
        Sequences a step, steps at most, and the rate at its peak.
    canonical : bool
        Whether the values of a patch enter by their place in the cycle, see networks/network.py.
    relative : {"mean", "last"}
        What the values of a patch are relative to, see networks/network.py.
    """

    patch: int
    patches: int
    highway: int
    hidden: int
    layers: int
    dropout: float
    batch_size: int
    steps: int
    learning_rate: float
    canonical: bool
    relative: str

    @property
    def context(self) -> int:
        """Steps that a sequence holds at most."""
        return self.patch * self.patches

    @property
    def cut(self) -> Cut:
        """How sequences are cut from a panel."""
        return Cut(self.patch, self.patches, self.canonical)


def choose(task: Task, lengths: Ints, settings: Settings) -> tuple[Sizes, ...]:
    """The sizes of each member for series with ``lengths`` [S] training rows.

    Settings override the rule.

    Raises
    ------
    UsageError
        Where a context is asked for that is shorter than a patch.
    """
    typical = _typical(lengths)
    season = third = sixth = _patch(task.season, typical)
    if typical // season >= FEW_CYCLES:
        third, sixth = (_part(season, of, task.horizon) for of in (3, 6))
    views = ((season, "mean"), (third, "last"), (season, "last"), (sixth, "mean"))
    costly = len(lengths) >= MANY_SERIES or task.horizon >= LONG_HORIZON
    members = settings.members or (FEWER_MEMBERS if costly else MEMBERS)
    return tuple(
        _member(settings.patch or patch, task.season, relative, lengths, settings)
        for patch, relative in (views[number % len(views)] for number in range(members))
    )


def _member(patch: int, season: int, relative: str, lengths: Ints, settings: Settings) -> Sizes:
    """The sizes of a member that sees patches of this length."""
    typical = _typical(lengths)
    if settings.context is not None and settings.context < patch:
        raise UsageError(
            f"the context of {settings.context} steps is shorter than a patch of {patch}",
            f"--context {patch} or more, or a smaller --patch",
        )
    asked = (settings.context or PATCHES * patch) // patch
    patches = max(1, min(asked, typical // patch))
    batch = settings.batch_size or BATCH_SIZE * min(6, max(1, PATCHES // patches))
    many = len(lengths) >= MANY_SERIES
    dropout = DROPOUT_OF_MANY if many else DROPOUT
    visits = VISITS * int(lengths.sum()) // (batch * patches) if many else 0
    return Sizes(
        patch=patch,
        patches=patches,
        highway=max(1, min(patches, PATCHES // 2, LONGEST_HIGHWAY // patch)),
        hidden=settings.hidden or HIDDEN,
        layers=settings.layers,
        dropout=dropout if settings.dropout is None else settings.dropout,
        batch_size=batch,
        steps=settings.max_steps or min(MOST_STEPS, max(STEPS, visits)),
        learning_rate=settings.learning_rate or LEARNING_RATE,
        canonical=patches >= FEW_CYCLES and 0 in (season % patch, patch % season),
        relative=relative,
    )


def _typical(lengths: Ints) -> int:
    return int(np.median(lengths)) if len(lengths) else 1


def _patch(season: int, typical: int) -> int:
    """Rows of a long patch; at most an eighth of the typical history, where that is a row."""
    if season == 1:
        return UNSEASONED_PATCH if typical >= ENOUGH_FOR_IT else 1
    most = max(1, min(LONGEST_PATCH, typical // 8))
    several = season * -(-SHORTEST_PATCH // season)
    if season < several <= most:
        return several
    divisor = max(p for p in range(1, most + 1) if season % p == 0)
    least = -(-season // (PATCHES // 2))  # with which the linear part sees a whole season
    return max(divisor, least) if least <= most else divisor


def _part(patch: int, of: int, horizon: int) -> int:
    """The divisor nearest to a third, say, of a patch whose context is as long as the horizon."""
    least = max(SHORTEST_PART, -(-horizon // PATCHES))
    parts = [p for p in range(least, patch + 1) if patch % p == 0]
    return min(parts, key=lambda part: abs(math.log(of * part / patch)), default=patch)

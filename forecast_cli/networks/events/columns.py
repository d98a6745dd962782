"""The columns that a network of events reads: channels scaled, labels opened out.

A number is centred and scaled by quantiles of the training rows, and what lies far out is
pulled in by a logarithm: a heavy tail neither sets the unit nor leaves it. A label becomes a
column of zeros and ones for each of its levels, and one for a level that training did not know.
A channel that never moved in training is left out. Nothing here looks from one row to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecast_cli.data.panel import Bools, Floats

KNEE = 2.0  # spreads from the centre; beyond, distances count as logarithms
NORMAL_90 = 3.29  # the central 90 % of a normal distribution in standard deviations
MOST_LEVELS = 16  # of one channel; the rarer ones are told apart no more
FEW = 10  # different numbers that a static feature may have to be opened out as labels are


@dataclass(frozen=True)
class Column:
    """One column that is read.

    Parameters
    ----------
    channel : int
        Number of the channel, or static feature, that it is made of.
    centre, spread : float
        Of a number; 0 and 1 for a level.
    level : float, optional
        The code whose presence the column tells; -1 stands for every code without a column of
        its own. None: the column is a number.
    """

    channel: int
    centre: float = 0.0
    spread: float = 1.0
    level: float | None = None


@dataclass(frozen=True)
class Columns:
    """Which columns are made of which channels, learned from training rows.

    Parameters
    ----------
    columns : tuple of Column, C'
    """

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def channels(self) -> list[int]:
        """[C'] the channel of each column."""
        return [column.channel for column in self.columns]

    @classmethod
    def learn(cls, values: Floats, observed: Bools, labels: frozenset[int], few: int = 0) -> Self:
        """From training rows.

        Parameters
        ----------
        values : [n, C] float64
        observed : [n, C] bool
        labels : frozenset of int
            The channels that hold codes.
        few : int
            Whole numbers of 3 to so many different values are read as codes as well.
        """
        columns: list[Column] = []
        for channel in range(values.shape[1]):
            seen = values[observed[:, channel], channel]
            seen = seen[np.isfinite(seen)]
            different = np.unique(seen) if few or channel in labels else seen
            if channel in labels:
                columns += _levels(channel, seen)
                continue
            columns += _number(channel, seen)
            if 3 <= len(different) <= few and (different == np.round(different)).all():
                columns += _levels(channel, seen)
        return cls(tuple(columns))

    def read(self, values: Floats, observed: Bools) -> tuple[Floats, Bools]:
        """[n, C'] scaled columns, and where they hold something; 0 where they do not."""
        shape = (len(values), len(self.columns))
        scaled, there = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        for k, column in enumerate(self.columns):
            x = values[:, column.channel]
            there[:, k] = observed[:, column.channel]
            if column.level is None:
                there[:, k] &= np.isfinite(x)
                scaled[:, k] = squashed((x - column.centre) / column.spread)
            elif column.level >= 0:
                scaled[:, k] = x == column.level
            else:
                own = [c.level for c in self.columns if c.channel == column.channel]
                scaled[:, k] = ~np.isin(x, [level for level in own if level is not None])
        return np.where(there, scaled, 0.0), there

    def as_json(self) -> list[list[Any]]:
        return [[c.channel, c.centre, c.spread, c.level] for c in self.columns]

    @classmethod
    def from_json(cls, saved: list[list[Any]]) -> Self:
        return cls(tuple(Column(*entry) for entry in saved))


def squashed(z: Floats) -> Floats:
    """Numbers in spreads, as they are up to the knee and as logarithms beyond.

    The slope has no step at the knee, and the order of values stays.

    Examples
    --------
    >>> squashed(np.array([-1.0, 2.0, 1e6])).round(1).tolist()
    [-1.0, 2.0, 15.8]
    """
    size = np.abs(z)
    beyond = KNEE + np.log1p(np.maximum(size - KNEE, 0.0))
    return np.sign(z) * np.where(size <= KNEE, size, beyond)


def codes_of(names: tuple[str, ...], categories: Mapping[str, tuple[str, ...]]) -> frozenset[int]:
    """The numbers of the channels, or static features, that hold codes."""
    return frozenset(i for i, name in enumerate(names) if name in categories)


def _number(channel: int, seen: Floats) -> list[Column]:
    """The column of a number; none where it never moved."""
    if not len(seen) or seen.min() == seen.max():
        return []
    low, centre, high = np.quantile(seen, [0.05, 0.5, 0.95])
    spread = (high - low) / NORMAL_90
    if not spread > 0:  # mostly one value, rarely another
        spread = seen.std()
    return [Column(channel, float(centre), float(spread))]


def _levels(channel: int, seen: Floats) -> list[Column]:
    """A column for each of the commonest codes, then one for all others."""
    codes, counts = np.unique(seen, return_counts=True)
    common = np.sort(codes[np.argsort(-counts, kind="stable")[:MOST_LEVELS]])
    return [Column(channel, level=float(code)) for code in (*common, -1.0)]

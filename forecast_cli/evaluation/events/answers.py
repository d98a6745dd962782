"""One model's answers and what came true: what every metric of events is computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints


@dataclass(frozen=True)
class Thresholds:
    """From which probability on an event is announced; each chosen on held-out examples.

    Parameters
    ----------
    f1 : float
        Makes F1 largest; the one that a model is used with.
    balance : float
        Makes min(sensitivity, precision) largest.
    """

    f1: float
    balance: float


@dataclass(frozen=True, eq=False)
class Answers:
    """M answers of one model, fitted once.

    Parameters
    ----------
    probabilities : [M, K] float64
        Rows sum to 1.
    labels : [M] int64
        The class that came true.
    prior : [K] float64
        Share of each class among the examples that were learned from.
    thresholds : Thresholds
    """

    probabilities: Floats
    labels: Ints
    prior: Floats
    thresholds: Thresholds

    def __getitem__(self, chosen: slice | Ints | Bools) -> Answers:
        return replace(self, probabilities=self.probabilities[chosen], labels=self.labels[chosen])

    @property
    def binary(self) -> bool:
        return bool(self.probabilities.shape[1] == 2)

    @property
    def event(self) -> Floats:
        """[M] the probability of the event, of two classes."""
        return self.probabilities[:, 1]

    @property
    def came(self) -> Bools:
        """[M] whether the event came, of two classes."""
        return np.equal(self.labels, 1)

"""Log-odds to probabilities that mean what they say.

A slope and an offset a class, fitted by least log-loss to answers that were held out (Platt 1999;
with one slope for all classes it is temperature scaling, Guo et al. 2017). The slope is drawn
gently to 1 and the offsets to 0, so that few held-out examples do not run away with them.
Order within a class stays, as the slope is positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecast_cli.data.panel import Floats, Ints

GENTLE = 1.0  # of both penalties, in units of log-loss summed over the examples
FEWEST = 10  # held-out examples below which nothing is fitted


@dataclass(frozen=True, eq=False)
class Calibration:
    """Probabilities are softmax(slope * log-odds + offset).

    Parameters
    ----------
    slope : float
    offset : [outputs] float64
    """

    slope: float
    offset: Floats

    @classmethod
    def none(cls, outputs: int) -> Self:
        """What changes nothing."""
        return cls(1.0, np.zeros(outputs))

    @classmethod
    def fit(cls, log_odds: Floats, labels: Ints) -> Self:
        """To held-out log-odds [M, outputs] and classes [M]."""
        from scipy.optimize import minimize

        outputs = log_odds.shape[1]
        if len(labels) < FEWEST:
            return cls.none(outputs)
        spread = max(float(log_odds.std()), 1e-9)

        def loss(parameters: Floats) -> float:
            slope, offset = np.exp(parameters[0]), parameters[1:]
            p = probabilities_of(slope * log_odds + offset)[np.arange(len(labels)), labels]
            penalty = GENTLE * (parameters**2).sum()
            return float(-np.log(np.maximum(p, 1e-300)).sum() + penalty)

        bounds = [(np.log(1e-3), np.log(10 / min(spread, 1.0)))] + [(-20, 20)] * outputs
        found = minimize(loss, np.zeros(1 + outputs), method="L-BFGS-B", bounds=bounds)
        return cls(float(np.exp(found.x[0])), np.array(found.x[1:]))

    def apply(self, log_odds: Floats) -> Floats:
        """[M, K] probabilities of log-odds [M, outputs]."""
        return probabilities_of(self.slope * log_odds + self.offset)

    def as_json(self) -> dict[str, Any]:
        return {"slope": self.slope, "offset": self.offset.tolist()}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Self:
        return cls(float(saved["slope"]), np.array(saved["offset"], dtype=np.float64))


def probabilities_of(log_odds: Floats) -> Floats:
    """[M, K] of log-odds [M, 1] of class 1, or [M, K].

    Examples
    --------
    >>> probabilities_of(np.array([[0.0]])).tolist()
    [[0.5, 0.5]]
    """
    if log_odds.shape[1] == 1:
        log_odds = np.concatenate([np.zeros_like(log_odds), log_odds], axis=1)
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))

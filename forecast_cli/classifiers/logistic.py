"""Logistic regression on what histories were like: the rivals that a network has to beat.

Three of them see more and more: means; three measurements of each channel; all aggregates. What
was never measured takes the median of the training examples, and says so in a column of its
own. Columns are standardised and their extremes cut. The strength of the penalty is chosen
by the log loss of what is held out. Cox (1958); Hosmer, Lemeshow & Sturdivant (2013).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.classifiers.aggregates import ALL, MEANS, THREE, aggregates
from forecast_cli.classifiers.tabular import Tabular
from forecast_cli.config import Settings
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.events import EventTask
from forecast_cli.monitor import Monitor
from forecast_cli.training.events.calibrate import probabilities_of

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 1.0)  # C: the inverse of the penalty
DEFAULT_STRENGTH = 0.03
CUT = 4.0  # deviations
_SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class Columns:
    """How feature rows become columns of the regression.

    Parameters
    ----------
    median, centre, spread : [F] float64
    flagged : [F] bool
        Columns that get another one, which says that the value was missing.
    """

    median: Floats
    centre: Floats
    spread: Floats
    flagged: Bools

    @classmethod
    def of(cls, x: Floats) -> Self:
        """From training rows [M, F]."""
        missing = np.isnan(x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a column without any value
            median = np.nan_to_num(np.nanmedian(x, axis=0)) if len(x) else np.zeros(x.shape[1])
        filled = np.where(missing, median, x)
        spread = filled.std(axis=0)
        centre = filled.mean(axis=0)
        flat = spread <= 1e-9 * np.maximum(np.abs(centre), 1e-300)  # nothing but rounding
        # Columns of one channel are missing together: one flag says it for all of them.
        flags = missing.any(axis=0) & ~missing.all(axis=0)
        some = np.flatnonzero(flags)
        _, first = np.unique(np.packbits(missing[:, some], axis=0), axis=1, return_index=True)
        once = np.isin(np.arange(x.shape[1]), some[first])
        return cls(median, centre, np.where(flat, np.inf, spread), flags & once)

    def apply(self, x: Floats) -> Floats:
        """[M, F + flagged] standardised."""
        missing = np.isnan(x)
        scaled = (np.where(missing, self.median, x) - self.centre) / self.spread
        return np.hstack([np.clip(scaled, -CUT, CUT), missing[:, self.flagged]])


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted multinomial regression.

    Parameters
    ----------
    columns : Columns
    weights : [F', K] float64
    intercepts : [K] float64
    """

    columns: Columns
    weights: Floats
    intercepts: Floats

    @classmethod
    def fit(cls, x: Floats, y: Ints, classes: int, strength: float) -> Self:
        """Fit to rows [M, F] of which all classes are not necessarily present."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        columns = Columns.of(x)
        ready = columns.apply(x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a bounded fit is meant
            model = LogisticRegression(C=strength, max_iter=300).fit(ready, y)
        weights = np.zeros((ready.shape[1], classes))
        intercepts = np.full(classes, np.log(_SMALLEST))  # of a class that was not there
        if len(model.classes_) == 2:
            low, high = model.classes_
            weights[:, high], intercepts[[low, high]] = model.coef_[0], [0, model.intercept_[0]]
        else:
            weights[:, model.classes_] = model.coef_.T
            intercepts[model.classes_] = model.intercept_
        return cls(columns, weights, intercepts)

    def answer(self, x: Floats) -> Floats:
        """[M, K] probabilities."""
        return probabilities_of(self.columns.apply(x) @ self.weights + self.intercepts)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Plain arrays, for a file."""
        return {
            "median": self.columns.median,
            "centre": self.columns.centre,
            "spread": self.columns.spread,
            "flagged": self.columns.flagged.astype(np.int64),
            "weights": self.weights,
            "intercepts": self.intercepts,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The regression that :meth:`arrays` gave."""
        columns = Columns(
            arrays["median"], arrays["centre"], arrays["spread"], arrays["flagged"] == 1
        )
        return cls(columns, arrays["weights"], arrays["intercepts"])


class Logistic(Tabular):
    """Logistic regression on some kinds of aggregates."""

    kinds: Sequence[str]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._strength = DEFAULT_STRENGTH
        self._regression: Regression | None = None

    @property
    def regression(self) -> Regression:
        if self._regression is None:
            raise ValueError("fit comes first")
        return self._regression

    def features(self, panel: Panel, task: EventTask, moments: Origins) -> Floats:
        return aggregates(panel, task, moments, self.kinds)

    def choose(
        self, x: Floats, y: Ints, divisions: Sequence[tuple[Bools, Bools]], monitor: Monitor
    ) -> list[Floats]:
        best, answers = np.inf, []
        for number, strength in enumerate(STRENGTHS):
            monitor.update(number)
            given = [
                Regression.fit(x[learn], y[learn], self.classes, strength).answer(x[hold])
                for learn, hold in divisions
            ]
            losses = [log_loss(p, y[hold]) for p, (_, hold) in zip(given, divisions, strict=True)]
            loss = float(np.mean(losses))
            if loss < best:
                best, answers, self._strength = loss, given, strength
        return answers

    def learn(self, x: Floats, y: Ints) -> None:
        self._regression = Regression.fit(x, y, self.classes, self._strength)

    def answer(self, x: Floats) -> Floats:
        return self.regression.answer(x)

    @property
    def n_parameters(self) -> int:
        free = self.classes - 1
        return int((len(self.regression.weights) + 1) * free)

    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return self.regression.arrays()

    def take_arrays(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self._regression = Regression.from_arrays(arrays)


class LogisticMeans(Logistic):
    """On the mean of each channel and what is fixed: the claim that "averages will do"."""

    name = "logistic-means"
    kinds = MEANS


class LogisticThree(Logistic):
    """On the first, middle and last measurement of each channel as separate features."""

    name = "logistic-three"
    kinds = THREE


class LogisticAggregates(Logistic):
    """On all aggregates: the fair rival, which sees what the network sees, but for its order."""

    name = "logistic"
    kinds = ALL


def log_loss(probabilities: Floats, y: Ints) -> float:
    """Mean of -log of what the class that came had."""
    given = probabilities[np.arange(len(y)), y]
    return float(-np.log(np.clip(given, _SMALLEST, 1)).mean())

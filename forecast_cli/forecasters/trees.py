"""Boosted trees: grown by scikit-learn, kept as plain arrays, without its pickle.

Trees are added a chunk at a time, until a held-out block of rows has no more use for them.

A tree is some nodes; a node either asks whether a feature is at most a threshold, or holds a
value. The nodes of all trees lie one after the other in a few flat arrays, which are what is
saved. To forecast, scikit-learn's own compiled walk gets them back; it lies in a private
module, and a test holds its answers equal to those of the model that grew them.

Numerical features only; knows nothing of series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Floats
from forecast_cli.errors import RunError
from forecast_cli.monitor import Monitor

CHUNK = 50  # trees between two looks at the held-out block
MOST_TREES = 400
PATIENCE = 2  # chunks without a lower error
LEAST_GAIN = 1e-3  # of the error, that a chunk must bring to count
TREES_UNCHECKED = 100  # where there is no block to look at
LEARNING_RATE = 0.1
SMALLEST_LEAF = 200  # rows; neighbouring rows tell the same story
SMALLEST_SHARE = 0.02  # of all rows, where that is less
FIELDS = (  # of a node: all that the walk reads
    "value",
    "feature_idx",
    "num_threshold",
    "missing_go_to_left",
    "left",
    "right",
    "is_leaf",
)


@dataclass(frozen=True, eq=False)
class Trees:
    """A sum of trees.

    Parameters
    ----------
    baseline : float
        What the sum begins from.
    offsets : [K+1] int64
        Tree k owns the nodes ``offsets[k]:offsets[k+1]``, its root first.
    nodes : mapping of str to [nodes]
        Every one of ``FIELDS``.
    """

    baseline: float
    offsets: npt.NDArray[np.int64]
    nodes: Mapping[str, npt.NDArray[Any]]

    def __post_init__(self) -> None:
        """Refuse nodes that a walk could leave the arrays by, or never end on."""
        place = np.arange(self.n_parameters)
        end = np.repeat(self.offsets[1:], np.diff(self.offsets))
        begin = np.repeat(self.offsets[:-1], np.diff(self.offsets))
        inner = self.nodes["is_leaf"] == 0
        sound = all(len(self.nodes[name]) == len(place) for name in FIELDS)
        for side in ("left", "right"):
            child = begin + self.nodes[side].astype(np.int64)
            sound = sound and bool(((child > place) & (child < end))[inner].all())
        if not sound or (self.nodes["feature_idx"][inner] < 0).any():
            raise RunError("the saved trees are damaged", "train again with: forecast train")

    @classmethod
    def of(cls, model: Any, count: int, output: int = 0) -> Self:
        """The first ``count`` trees of a fitted model of scikit-learn's histogram boosting.

        Parameters
        ----------
        output : int
            Which of its sums; a classifier of more than two classes has one for each.
        """
        trees = [predictors[output].nodes for predictors in model._predictors[:count]]
        sizes = [len(nodes) for nodes in trees]
        return cls(
            baseline=float(np.ravel(model._baseline_prediction)[output]),
            offsets=np.cumsum([0, *sizes], dtype=np.int64),
            nodes={
                name: np.concatenate([nodes[name] for nodes in trees]) if trees else np.zeros(0)
                for name in FIELDS
            },
        )

    @property
    def count(self) -> int:
        """K, the number of trees."""
        return len(self.offsets) - 1

    @property
    def n_parameters(self) -> int:
        """Thresholds and values: one a node."""
        return int(self.offsets[-1])

    def predict(self, x: Floats) -> Floats:
        """[N] the sum over the trees for every row of ``x`` [N, F]; NaN is a missing value."""
        from sklearn.ensemble._hist_gradient_boosting.common import (
            PREDICTOR_RECORD_DTYPE,
            X_BITSET_INNER_DTYPE,
            X_DTYPE,
        )
        from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

        if int(self.nodes["feature_idx"].max(initial=0)) >= x.shape[1]:
            raise RunError("the saved trees ask for more features", "train again")
        nodes = np.zeros(self.n_parameters, dtype=PREDICTOR_RECORD_DTYPE)
        for name in FIELDS:
            nodes[name] = self.nodes[name]
        none = np.zeros((0, 8), dtype=X_BITSET_INNER_DTYPE)  # of categorical features
        features = np.zeros(x.shape[1], dtype=np.uint32)
        rows = np.ascontiguousarray(x, dtype=X_DTYPE)
        total = np.full(len(x), self.baseline)
        for begin, end in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            tree = TreePredictor(nodes[begin:end], none, none)
            total += tree.predict(rows, none, features, 1)
        return total

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Plain arrays, for a file."""
        first = {"baseline": np.array([self.baseline]), "offsets": self.offsets}
        return {**first, **self.nodes}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The trees that :meth:`to_arrays` gave."""
        nodes = {name: arrays[name] for name in FIELDS}
        return cls(float(arrays["baseline"][0]), arrays["offsets"], nodes)


def grow(x: Floats, y: Floats, held_x: Floats, held_y: Floats, monitor: Monitor) -> Trees:
    """Boost trees of the absolute error.

    Parameters
    ----------
    x : [N, F] float64
        NaN is a missing value.
    y : [N] float64
    held_x : [M, F] float64
        Rows that say how many trees there are; M may be 0.
    held_y : [M] float64
    monitor : Monitor
        Told after each chunk.
    """
    if not len(held_x):
        return regrow(x, y, TREES_UNCHECKED)
    model, x = _booster(len(x)), _without_empty(x)
    best, kept = np.inf, CHUNK
    monitor.begin("growing trees", MOST_TREES)
    for count in range(CHUNK, MOST_TREES + 1, CHUNK):
        model.set_params(max_iter=count).fit(x, y)
        error = float(np.abs(model.predict(held_x) - held_y).mean())
        if error < (1 - LEAST_GAIN) * best:
            best, kept = error, count
        monitor.update(count)
        if count - kept >= PATIENCE * CHUNK or monitor.stop_requested():
            break
    monitor.end()
    return Trees.of(model, kept)


def regrow(x: Floats, y: Floats, count: int) -> Trees:
    """So many trees on other rows."""
    model = _booster(len(x)).set_params(max_iter=count)
    return Trees.of(model.fit(_without_empty(x), y), count)


def _without_empty(x: Floats) -> Floats:
    """scikit-learn refuses a column without any number; of zeros it makes nothing."""
    return np.where(np.isnan(x).all(axis=0), 0.0, x)


def _booster(rows: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        loss="absolute_error",
        learning_rate=LEARNING_RATE,
        min_samples_leaf=max(1, min(SMALLEST_LEAF, int(SMALLEST_SHARE * rows))),
        early_stopping=False,
        warm_start=True,
    )

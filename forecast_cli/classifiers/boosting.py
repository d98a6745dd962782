"""Gradient-boosted trees on the aggregates of a history: the strongest simple rival.

Grown by scikit-learn, kept as plain arrays (``forecasters.trees``). The number of trees is the
one with the least log loss on what is held out. What was never measured stays missing: a tree
learns which way it goes. Friedman (2001); Ke et al. (2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.classifiers.aggregates import ALL, aggregates
from forecast_cli.classifiers.logistic import log_loss
from forecast_cli.classifiers.tabular import Tabular
from forecast_cli.config import Settings
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.events import EventTask
from forecast_cli.forecasters.trees import Trees
from forecast_cli.monitor import Monitor
from forecast_cli.training.events.calibrate import probabilities_of

MOST_TREES = 300
DEFAULT_TREES = 60
EVERY = 10  # trees between two looks at what is held out
LEARNING_RATE = 0.05
LEAVES = 15


class BoostingAggregates(Tabular):
    """Boosted trees of the log loss: one tree a step with two classes, one a class with more."""

    name = "boosting"
    parts = 3

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._count = DEFAULT_TREES
        self._trees: list[Trees] = []  # one a class, or one for the event

    def features(self, panel: Panel, task: EventTask, moments: Origins) -> Floats:
        return aggregates(panel, task, moments, ALL)

    def choose(
        self, x: Floats, y: Ints, divisions: Sequence[tuple[Bools, Bools]], monitor: Monitor
    ) -> list[Floats]:
        paths = []  # [looks, M_i, K] each
        for number, (learn, hold) in enumerate(divisions):
            monitor.update(number)
            model = self._grown(x[learn], y[learn], MOST_TREES)
            stages = list(model.staged_predict_proba(x[hold]))[EVERY - 1 :: EVERY]
            paths.append(_spread(np.stack(stages), model.classes_, self.classes))
        losses = np.mean(
            [
                [log_loss(stage, y[hold]) for stage in path]
                for path, (_, hold) in zip(paths, divisions, strict=True)
            ],
            axis=0,
        )
        best = int(np.argmin(losses))
        self._count = (best + 1) * EVERY
        return [path[best] for path in paths]

    def learn(self, x: Floats, y: Ints) -> None:
        model = self._grown(x, y, self._count)
        outputs = 1 if len(model.classes_) == 2 else len(model.classes_)
        self._trees = [Trees.of(model, self._count, output) for output in range(outputs)]
        self._classes: Ints = np.asarray(model.classes_, dtype=np.int64)

    def answer(self, x: Floats) -> Floats:
        odds = np.stack([trees.predict(x) for trees in self._trees], axis=1)
        return _spread(probabilities_of(odds), self._classes, self.classes)

    def _grown(self, x: Floats, y: Ints, count: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(
            learning_rate=LEARNING_RATE,
            max_iter=count,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=max(2, min(20, len(x) // 20)),
            l2_regularization=1.0,
            early_stopping=False,
            random_state=0,
        ).fit(np.where(np.isnan(x).all(axis=0), 0.0, x), y)

    @property
    def n_parameters(self) -> int:
        return sum(trees.n_parameters for trees in self._trees)

    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {
            "classes": self._classes,
            **{
                f"{output}.{name}": array
                for output, trees in enumerate(self._trees)
                for name, array in trees.to_arrays().items()
            },
        }

    def take_arrays(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self._classes = arrays["classes"].astype(np.int64)
        outputs = 1 if len(self._classes) == 2 else len(self._classes)
        self._trees = [
            Trees.from_arrays(
                {
                    name.removeprefix(f"{output}."): array
                    for name, array in arrays.items()
                    if name.startswith(f"{output}.")
                }
            )
            for output in range(outputs)
        ]


def _spread(probabilities: Floats, present: Ints, classes: int) -> Floats:
    """[..., K] with nothing for the classes that were not there."""
    whole = np.zeros((*probabilities.shape[:-1], classes))
    whole[..., present] = probabilities
    return whole

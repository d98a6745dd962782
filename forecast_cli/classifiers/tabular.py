"""What classifiers of fixed rows share: features at a moment, and answers out of the fit.

A model of this kind is fitted several times: on parts of the training examples, to be asked
about the rest (``held``, by which it also chooses its strength), and then on all of them. Parts
are divided by entity, or in time for threshold events.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.classifiers.base import Classifier, Held
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples, Histories
from forecast_cli.data.events.split import entity_classes, folds, hold_out
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.errors import RunError, TrainingError
from forecast_cli.events import EventTask, event_task_from_json, event_task_to_json
from forecast_cli.forecasters.base import State
from forecast_cli.monitor import SILENT, Monitor

HELD_SHARE = 0.2  # of the rows in time


class Tabular(Classifier):
    """A classifier of feature rows [M, F].

    Attributes
    ----------
    parts : int
        Into which the training examples are divided to choose and to hold out.
    """

    parts = 5

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task: EventTask | None = None

    @abstractmethod
    def features(self, panel: Panel, task: EventTask, moments: Origins) -> Floats:
        """[M, F] what is known at each moment; NaN where something is not."""

    @abstractmethod
    def choose(
        self, x: Floats, y: Ints, divisions: Sequence[tuple[Bools, Bools]], monitor: Monitor
    ) -> list[Floats]:
        """Choose the strength by what is held out, and return the answers [M_i, K] there.

        Parameters
        ----------
        x : [M, F] float64
        y : [M] int64
        divisions : sequence of pairs of [M] bool
            To learn from, and to be asked about.
        """

    @abstractmethod
    def learn(self, x: Floats, y: Ints) -> None:
        """Fit by the chosen strength."""

    @abstractmethod
    def answer(self, x: Floats) -> Floats:
        """[M, K] probabilities."""

    @abstractmethod
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        """What was learned."""

    @abstractmethod
    def take_arrays(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """The opposite of :meth:`arrays`."""

    @property
    def classes(self) -> int:
        """K."""
        return len(self.task.classes)

    @property
    def task(self) -> EventTask:
        if self._task is None:
            raise ValueError("fit comes first")
        return self._task

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Self:
        require_two_classes(task, examples)
        self._task = task
        x, y = self.features(panel, task, examples.moments), examples.labels
        divisions = _divisions(panel, task, examples, self.parts, self.settings.seed)
        if divisions:
            answers = self.choose(x, y, divisions, monitor)
            asked = np.concatenate([np.flatnonzero(hold) for _, hold in divisions])
            self.held = Held(examples[asked], np.concatenate(answers))
            self.learn(x, y)
        else:  # too few of a class to hold anything out
            self.notes = (*self.notes, "too few examples to choose by: the default strength")
            self.learn(x, y)
            self.held = Held(examples, self.answer(x))
        return self

    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        if not len(moments):
            return np.zeros((0, self.classes))
        return self.answer(self.features(panel, self.task, moments))

    def state(self) -> State:
        return self.arrays(), {"task": event_task_to_json(self.task)}

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        model = cls(settings)
        try:
            model._task = event_task_from_json(meta["task"])
            model.take_arrays(arrays)
        except (KeyError, TypeError, ValueError, IndexError) as cause:
            raise RunError(
                f"the saved {cls.name} is damaged ({cause})", "train again with: forecast train"
            ) from cause
        return model


def require_two_classes(task: EventTask, examples: Examples) -> None:
    """Refuse examples that all came out the same.

    Raises
    ------
    TrainingError
    """
    seen = np.unique(examples.labels)
    if len(seen) < 2:
        only = task.classes[int(seen[0])] if len(seen) else "none"
        raise TrainingError(
            f'all examples of "{task.event}" came out the same: {only}',
            "name data in which the event comes and stays away",
        )


def _divisions(
    panel: Panel, task: EventTask, examples: Examples, parts: int, seed: int
) -> list[tuple[Bools, Bools]]:
    """Pairs of [M] bool: learned from, and asked; all classes are in every first side."""
    if task.kind == "threshold":
        found = [hold_out(panel, task, examples, HELD_SHARE, seed)]
    else:
        entities, strata = entity_classes(task, examples)
        counts = np.bincount(strata)
        fewest = int(counts[counts > 0].min())
        parts = min(parts, fewest, len(entities))
        if parts < 2:
            return []
        divided = folds(Histories(panel, task, examples), parts, seed)
        found = [(fold.learn, fold.test) for fold in divided]
    whole = len(np.unique(examples.labels))
    pairs = [(_which(examples, learn), _which(examples, hold)) for learn, hold in found]
    sound = [
        len(np.unique(examples.labels[learn])) == whole and hold.any() for learn, hold in pairs
    ]
    return pairs if all(sound) else []


def _which(examples: Examples, some: Examples) -> Bools:
    """[M] which of the examples are among some of them."""
    return np.isin(examples.moments.rows, some.moments.rows)

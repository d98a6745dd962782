"""Shares of the event by what is known at a moment: climatology and persistence.

Climatology knows the phase of the season, persistence whether the condition holds now. Shares
of groups with few examples lean towards the overall share. Murphy (1973, 1992): what a
forecast of an event is to be measured against. For threshold events alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.classifiers.base import Classifier, Held
from forecast_cli.classifiers.tabular import HELD_SHARE, require_two_classes
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.events.rules import parse_rule
from forecast_cli.data.events.split import hold_out
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.errors import RunError
from forecast_cli.events import EventTask, event_task_from_json, event_task_to_json
from forecast_cli.forecasters.base import State
from forecast_cli.monitor import SILENT, Monitor

WEIGHT_OF_ALL = 5.0  # examples that the overall share counts as in each group


class Shares(Classifier):
    """The share of the event among the training examples of the same group."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task: EventTask | None = None
        self._shares: Floats = np.zeros(0)  # [G]

    @abstractmethod
    def groups(self, task: EventTask) -> int:
        """G, how many there are."""

    @abstractmethod
    def group(self, panel: Panel, task: EventTask, moments: Origins) -> Ints:
        """[M] the group of each moment, from 0."""

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
        learn, hold = hold_out(panel, task, examples, HELD_SHARE, self.settings.seed)
        if len(hold):
            self._learn(panel, learn)
            self.held = Held(hold, self.probabilities(panel, hold.moments))
        self._learn(panel, examples)
        if not len(hold):
            self.held = Held(examples, self.probabilities(panel, examples.moments))
        return self

    def _learn(self, panel: Panel, examples: Examples) -> None:
        own = self.group(panel, self.task, examples.moments)
        size = self.groups(self.task)
        overall = (examples.labels.sum() + 1) / (len(examples) + 2)
        events = np.bincount(own, weights=examples.labels, minlength=size)
        count = np.bincount(own, minlength=size)
        self._shares = (events + WEIGHT_OF_ALL * overall) / (count + WEIGHT_OF_ALL)

    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        event = self._shares[self.group(panel, self.task, moments)]
        return np.stack([1 - event, event], axis=1)

    @property
    def n_parameters(self) -> int:
        return len(self._shares)

    def state(self) -> State:
        return {"shares": self._shares}, {"task": event_task_to_json(self.task)}

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
            model._shares = np.asarray(arrays["shares"], dtype=np.float64)
            sound = model._shares.shape == (model.groups(model.task),)
        except (KeyError, TypeError, ValueError) as cause:
            raise _damaged(cls.name, cause) from cause
        if not sound:
            raise _damaged(cls.name, "another number of groups")
        return model


class Climatology(Shares):
    """By the phase of the main season; the overall share where there is none."""

    name = "climatology"

    def groups(self, task: EventTask) -> int:
        return task.seasons[0]

    def group(self, panel: Panel, task: EventTask, moments: Origins) -> Ints:
        return panel.clock.index(panel.times[moments.rows]) % task.seasons[0]


class Persistence(Shares):
    """By whether the last observed value up to the moment meets the condition."""

    name = "persistence"

    def groups(self, task: EventTask) -> int:
        return 3  # it does not, it does, nothing was observed

    def group(self, panel: Panel, task: EventTask, moments: Origins) -> Ints:
        seen = np.where(panel.observed[:, 0], np.arange(panel.n_rows), -1)  # [rows]
        last = np.maximum.accumulate(seen)[moments.rows]
        known = last >= panel.starts[moments.series]
        holds = parse_rule(task.event).holds(panel.target[np.maximum(last, 0)])
        return np.where(known, holds.astype(np.int64), 2)


def _damaged(name: str, why: object) -> RunError:
    return RunError(f"the saved {name} is damaged ({why})", "train again with: forecast train")

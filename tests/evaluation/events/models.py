"""Classifiers that fail, dawdle or know everything, in the place of registered ones."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.classifiers import registry
from forecast_cli.classifiers.base import Held
from forecast_cli.classifiers.prior import Prior
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples, Histories
from forecast_cli.data.events.split import folds
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.evaluation.events.backtest import Question
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT, Monitor
from tests.events import random_histories


def question_of(entities: int = 60, parts: int = 3, classes: int = 2) -> Question:
    """Histories whose channel 0 tells the class."""
    panel, examples = random_histories(entities, seed=0, signal=2.0, classes=classes)
    task = EventTask("entity", "died", classes=tuple("01234"[:classes]))
    return Question(task, folds(Histories(panel, task, examples), parts, seed=0))


class Failing(Prior):
    """Breaks in its second fit."""

    fits = 0

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Failing:
        type(self).fits += 1
        if self.fits == 2:
            raise KeyError("a pivot is zero")
        return super().fit(panel, task, examples, monitor)


class Dawdling(Prior):
    """Speaks of its progress for ever."""

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Dawdling:
        while True:
            monitor.update(0)


class Blank(Prior):
    """Answers no numbers."""

    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        return np.full((len(moments), 2), np.nan)


class Doubled(Prior):
    """The prior with a note, and one held-out example."""

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Doubled:
        super().fit(panel, task, examples, monitor)
        self.notes = ("as the prior",)
        self.held = Held(examples[:1], self.held.probabilities[:1])
        return self


def replaced(monkeypatch: pytest.MonkeyPatch, **kinds: type[Prior]) -> None:
    """Let the registry give these models under names that it has."""
    create = registry.create

    def given(name: str, settings: Settings | None = None) -> object:
        return kinds[name](settings) if name in kinds else create(name, settings)

    monkeypatch.setattr(registry, "create", given)

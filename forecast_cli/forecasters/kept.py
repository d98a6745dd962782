"""What most baselines keep alike on disk: the task, the series, the simpler model behind them.

A model says what is its own (``_own_state`` and ``_recall``); the rest goes beside it, under
names that are the same for all. Knows no model.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol, Self

import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.forecasters.base import Forecaster, State, task_from_json, task_to_json
from forecast_cli.forecasters.saving import Arrays, nest, nested
from forecast_cli.task import Task

BEHIND = "fallback"


class Behind(Protocol):
    """A simpler model, or some, that is kept within a model."""

    def state(self) -> State: ...

    def recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        """Be what :meth:`state` described."""


class KeptForecaster(Forecaster):
    """A forecaster that keeps its task and its series, and maybe a simpler model.

    A subclass that has a simpler model returns it from ``_behind``.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task = Task(horizon=1)
        self._ids: tuple[str, ...] = ()

    @abstractmethod
    def _own_state(self) -> State:
        """All of :meth:`state` that no other model has."""

    @abstractmethod
    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        """Take back what :meth:`_own_state` gave."""

    def _behind(self) -> Behind | None:
        """The simpler model that is kept along."""
        return None

    def state(self) -> State:
        arrays, meta = self._own_state()
        told = {"task": task_to_json(self._task), "ids": list(self._ids), **meta}
        behind = self._behind()
        if behind is None:
            return arrays, told
        simple, said = behind.state()
        return {**arrays, **nest(BEHIND, simple)}, {**told, BEHIND: said}

    def recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        """Be the fitted model that :meth:`state` described."""
        self._task = task_from_json(meta["task"])
        self._ids = tuple(meta["ids"])
        behind = self._behind()
        if behind is not None:
            behind.recall(nested(BEHIND, arrays), meta[BEHIND])
        own = {key: array for key, array in arrays.items() if not key.startswith(f"{BEHIND}.")}
        self._recall(own, meta)

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        model = cls(settings)
        model.recall(arrays, meta)
        return model

"""The share of each class: what is known without looking at a history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.classifiers.base import Classifier, Held
from forecast_cli.classifiers.tabular import require_two_classes
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.events import EventTask
from forecast_cli.forecasters.base import State
from forecast_cli.monitor import SILENT, Monitor


class Prior(Classifier):
    """Answers the shares of the training examples, whatever it is asked about."""

    name = "prior"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._shares: Floats = np.zeros(0)  # [K]

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Self:
        require_two_classes(task, examples)
        counts = np.bincount(examples.labels, minlength=len(task.classes))
        self._shares = (counts + 1) / (counts + 1).sum()  # no class is impossible
        self.held = Held(examples, self.probabilities(panel, examples.moments))
        return self

    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        return np.tile(self._shares, (len(moments), 1))

    @property
    def n_parameters(self) -> int:
        return max(len(self._shares) - 1, 0)

    def state(self) -> State:
        return {"shares": self._shares}, {}

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        model = cls(settings)
        model._shares = np.asarray(arrays["shares"], dtype=np.float64)
        return model

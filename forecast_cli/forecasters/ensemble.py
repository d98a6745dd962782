"""The median of several models: no weights to estimate, and no member that can spoil it.

Each quantile is the median of the members' quantiles, so that one wild forecast of four moves
nothing (Petropoulos & Svetunkov 2020; the simple combinations of the M competitions). The
members are registered models, fitted and asked as they would be alone. What a simpler model
answered in a member's place is the ensemble's to tell, with the member's name behind its own:
the member may stand beside it in a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import (
    Forecast,
    Forecaster,
    State,
    task_from_json,
    task_to_json,
)
from forecast_cli.forecasters.saving import nest, nested
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task


class EnsembleForecaster(Forecaster):
    """The quantile-wise median of the members that the registry names."""

    name = "ensemble"
    centred: ClassVar[bool] = False  # as its multiplicative members: it follows no shift

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._task = Task(horizon=1)
        self._members: tuple[Forecaster, ...] = ()
        self._borrowed: Mapping[str, Forecaster] = {}

    def borrow(self, fitted: Mapping[str, Forecaster]) -> tuple[str, ...]:
        self._borrowed = {
            name: fitted[name]
            for name in registry.entry(self.name).members
            if name in fitted and fitted[name].settings == self.settings
        }
        return tuple(self._borrowed)

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self._task = task
        self._members = tuple(
            self._borrowed[name]
            if name in self._borrowed
            else registry.create(name, self.settings).fit(panel, task, until, monitor)
            for name in registry.entry(self.name).members
        )
        self._borrowed = {}
        return self

    def _twin(self, panel: Panel, task: Task, until: Ints, monitor: Monitor) -> Self:
        twin = self.unfitted()
        members = self._members
        twin.borrow({m.name: m.fitted_before(panel, task, until, monitor) for m in members})
        return twin

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        try:
            answers = [member.forecast(panel, origins, monitor) for member in self._members]
        except DataError as cause:  # of the data, which the user gave to the ensemble
            raise DataError(self._own(cause.message), cause.fix) from cause
        # Ordered members have ordered medians: quantile by quantile, none is below the last.
        values = np.median([answer.values for answer in answers], axis=0)  # [O, H, Q]
        lines = [self._own(line) for answer in answers for line in answer.fallbacks]
        records = [
            replace(record, model=f"{self.name} ({record.model})")
            for answer in answers
            for record in answer.replaced
        ]
        return Forecast(
            origins,
            values,
            self._task.quantiles,
            tuple(dict.fromkeys(lines)),
            tuple(dict.fromkeys(records)),
        )

    def _own(self, line: str) -> str:
        """A line of a member, which begins with the name of a model, as one of the ensemble."""
        member, colon, rest = line.partition(": ")
        return f"{self.name} ({member}){colon}{rest}"

    @property
    def n_parameters(self) -> int:
        return sum(member.n_parameters for member in self._members)

    def state(self) -> State:
        arrays: dict[str, npt.NDArray[Any]] = {}
        told: dict[str, Any] = {}
        for member in self._members:
            own, meta = member.state()
            arrays |= nest(member.name, own)
            told[member.name] = meta
        return arrays, {"task": task_to_json(self._task), "members": told}

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        model = cls(settings)
        model._task = task_from_json(meta["task"])
        model._members = tuple(
            registry.model_class(name).restore(nested(name, arrays), told, settings)
            for name, told in meta["members"].items()
        )
        return model

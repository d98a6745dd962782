"""Forecasters whose every answer is known, and the fixture that registers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster, State
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task


class Shifted(Forecaster):
    """The true future plus a known error: quantiles lie ``seed`` units apart around it.

    The error is ``offset``, or noise of that size where ``noisy``.
    """

    name = "shifted"
    offset = 0.0
    noisy = False
    untils: list[Ints]

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self.task, self.until = task, until
        type(self).untils = [*getattr(type(self), "untils", []), until]
        monitor.begin("fitting", 1)
        monitor.end()
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        rows = origins.rows[:, None] + np.arange(1, self.task.horizon + 1)  # [O, H]
        error = np.full(rows.shape, self.offset)
        if self.noisy:
            error = self.offset * np.random.default_rng(1).normal(size=rows.shape)
        point = np.nan_to_num(panel.target[rows]) + error  # [O, H]
        apart = np.arange(len(self.task.quantiles)) - self.task.median  # [Q]
        values = point[:, :, None] + apart * max(self.settings.seed, 1)
        return Forecast(origins, values, self.task.quantiles, ("a fallback",))

    @property
    def n_parameters(self) -> int:
        return 7

    def state(self) -> State:
        return {}, {}

    @classmethod
    def restore(
        cls, arrays: Mapping[str, Any], meta: Mapping[str, Any], settings: Settings
    ) -> Self:
        return cls(settings)


class Breaks(Shifted):
    name = "breaks"

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        raise RuntimeError("no luck\nand a second line")


class Gappy(Shifted):
    name = "gappy"

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        whole = super().forecast(panel, origins)
        whole.values[1, 2, 0] = np.inf
        return whole


Register = Callable[..., None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Register fakes for one test: ``register(network=(A,), baseline=(B, C))``."""

    def add(**models: tuple[type[Forecaster], ...]) -> None:
        entries = dict(registry.ENTRIES)
        classes = {model.name: model for several in models.values() for model in several}
        for kind, several in models.items():
            for model in several:
                entries[model.name] = registry.Entry(model.name, "", kind, "", "")  # type: ignore[arg-type]
        real = registry.create

        def create(name: str, settings: Settings | None = None) -> Forecaster:
            return classes[name](settings) if name in classes else real(name, settings)

        monkeypatch.setattr(registry, "ENTRIES", entries)
        monkeypatch.setattr(registry, "create", create)

    return add


def shifted(
    name: str, offset: float = 0.0, *, noisy: bool = False, base: type[Shifted] = Shifted
) -> type[Shifted]:
    """A fresh fake with its own memory of fits."""
    return type(name, (base,), {"name": name, "offset": offset, "noisy": noisy, "untils": []})

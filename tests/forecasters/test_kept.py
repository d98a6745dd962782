"""Task, series and the simpler model are kept under the same names by all that keep them so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.forecasters.base import Forecast, State
from forecast_cli.forecasters.kept import KeptForecaster
from forecast_cli.forecasters.naive import Naive
from forecast_cli.forecasters.saving import Arrays
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=3, seasons=(24, 168), levels=(50, 90), validation=7)


class Sum(KeptForecaster):
    """Its own part is one number."""

    name = "sum"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.own: Arrays = {}

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        self._task, self._ids = task, panel.ids
        self.own = {"total": np.array(panel.target.sum())}
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        raise NotImplementedError

    @property
    def n_parameters(self) -> int:
        return 1

    def _own_state(self) -> State:
        return self.own, {"told": "so"}

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        assert meta["told"] == "so"
        self.own = dict(arrays)


class Backed(Sum):
    """With a simpler model behind it."""

    name = "backed"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.simple = Naive(settings)

    def _behind(self) -> Naive:
        return self.simple


def test_what_is_kept_is_the_task_the_series_and_what_is_its_own() -> None:
    arrays, meta = Sum().fit(make_panel((30, 20)), TASK, np.array([30, 50])).state()
    assert list(arrays) == ["total"]
    assert set(meta) == {"task", "ids", "told"}
    again = Sum.restore(arrays, meta, Settings())
    assert (again._task, again._ids) == (TASK, ("s0", "s1"))
    assert again.own == arrays


def test_the_model_behind_is_kept_beside_and_no_part_of_its_own() -> None:
    panel = make_panel((90, 80))
    model = Backed().fit(panel, TASK, panel.ends)
    model.simple.fit(panel, TASK, panel.ends)
    arrays, meta = model.state()
    assert set(arrays) == {"total", "fallback.errors"}
    again = Backed.restore(arrays, meta, Settings())
    assert list(again.own) == ["total"]
    origins = Origins(np.array([0, 1]), panel.ends - 5)
    before, after = (m.simple.forecast(panel, origins).values for m in (model, again))
    assert before.tobytes() == after.tobytes()

"""Networks are built from what fits together, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.errors import RunError
from forecast_cli.forecasters.neural import GRUForecaster
from forecast_cli.task import Task
from tests.conftest import make_panel

SETTINGS = Settings(max_steps=1, hidden=4, members=2)
PANEL, TASK = make_panel((200,)), Task(horizon=6, seasons=(24,), validation=24)


@pytest.fixture(scope="module")
def saved() -> Any:
    return GRUForecaster(SETTINGS).fit(PANEL, TASK, PANEL.known_ends).state()


def test_what_was_saved_is_restored(saved: Any) -> None:
    arrays, meta = saved
    again = GRUForecaster.restore(arrays, meta, SETTINGS).state()
    assert {n: a.tobytes() for n, a in again[0].items()} == {
        n: a.tobytes() for n, a in arrays.items()
    }


CHANGES: dict[str, Callable[[Any, Any], object]] = {
    "terabytes": lambda a, m: m["architectures"][0].update(hidden=10**9),
    "beyond all integers": lambda a, m: m["architectures"][0].update(hidden=10**30),
    "a negative width": lambda a, m: m["architectures"][0].update(hidden=-1),
    "many layers": lambda a, m: m["architectures"][0].update(layers=10**7),
    "another cell": lambda a, m: m["architectures"][0].update(cell="lstm"),
    "another horizon": lambda a, m: m["architectures"][0].update(horizon=7),
    "an unknown field": lambda a, m: m["architectures"][0].update(code="x"),
    "a long context": lambda a, m: m["sizes"][0].update(patches=10**9),
    "another patch": lambda a, m: m["sizes"][0].update(patch=25),
    "fewer networks": lambda a, m: m["architectures"].pop(),
    "no networks": lambda a, m: (m["architectures"].clear(), m["sizes"].clear()),
    "a number of a network too many": lambda a, m: a.update({"network.7.x": np.zeros(1)}),
    "a name too many": lambda a, m: a.update({"network.0.x": np.zeros(1, np.float32)}),
    "no number of a network": lambda a, m: a.update({"network.x.y": np.zeros(1)}),
    "NaN": lambda a, m: a.update({"network.0.highway.linear.bias": np.full(6, np.nan, np.float32)}),
    "doubles": lambda a, m: a.update({"network.0.highway.linear.bias": np.zeros(6)}),
    "another length": lambda a, m: a.update(
        {"network.0.highway.linear.bias": np.zeros(7, np.float32)}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_does_not_fit_is_refused(saved: Any, change: str) -> None:
    arrays = dict(saved[0])
    meta = {**saved[1]}
    meta["architectures"] = [dict(one) for one in meta["architectures"]]
    meta["sizes"] = [dict(one) for one in meta["sizes"]]
    CHANGES[change](arrays, meta)
    with pytest.raises(RunError, match="gru"):
        GRUForecaster.restore(arrays, meta, SETTINGS)

"""What every Forecaster has from its base; its laws are those of tests/contract/."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.panel import Origins
from forecast_cli.forecasters import registry
from forecast_cli.task import Task
from tests.conftest import make_panel


def test_what_is_asked_held_out_twice_is_fitted_once_and_anew_for_other_rows() -> None:
    panel, task = make_panel((200,)), Task(6, (24,), validation=40)
    model = registry.create("linear").fit(panel, task, panel.ends)
    origins = Origins(np.array([0]), np.array([165]))
    first = model.held_out(panel, task, panel.ends, origins)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(model), "fit", None)  # to fit again would fail
        again = model.held_out(panel, task, panel.ends, origins)
    assert np.array_equal(first.values, again.values)
    earlier = model.held_out(panel, task, panel.ends - 5, origins)
    assert not np.array_equal(first.values, earlier.values)

"""Measured coverage against what can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.split import rolling_origins, split
from forecast_cli.evaluation.backtest import backtest, tabulate
from forecast_cli.evaluation.coverage import coverage
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.evaluation.fakes import Breaks, Register, shifted

TASK = Task(horizon=6, seasons=(24,), levels=(80,), validation=48)
PANEL = make_panel((300, 250, 280), missing=0.1)
BLOCKS = split(PANEL, 6, test_size=60, val_size=48)
ORIGINS = rolling_origins(PANEL, BLOCKS, 6, stride=6)


@pytest.mark.parametrize("conformal", [False, True])
def test_what_the_intervals_held_is_counted_before_and_after(
    register: Register, conformal: bool
) -> None:
    register(baseline=(shifted("off", 3.0), shifted("exact"), Breaks))
    outcomes = backtest(
        ["off", "breaks", "exact"],
        PANEL,
        TASK,
        BLOCKS,
        ORIGINS,
        settings=Settings(),
        conformal=conformal,
    )
    table = tabulate(PANEL, ORIGINS, outcomes, TASK)
    found = coverage(table, outcomes, ["exact", "off", "breaks"])
    assert [row.model for row in found] == ["exact", "off"]
    (off,) = found[1].levels
    seen = np.isfinite(table.actual)
    values = table.forecasts["off"]
    inside = (values[:, :, 0] <= table.actual) & (table.actual <= values[:, :, 2])
    assert off.level == 80
    assert off.uncalibrated == 0.0  # three off, with half widths of one
    assert off.coverage == inside[seen].mean()
    assert len(off.coverage_by_step) == len(off.width_by_step) == 6
    assert off.width == pytest.approx((values[:, :, 2] - values[:, :, 0])[seen].mean())
    assert found[1].shares[0] == np.mean(table.actual[seen] <= values[:, :, 0][seen])
    assert len(found[1].shares) == 3
    assert (found[1].scores > 0) == conformal
    assert ("own" in found[1].note) == (not conformal)

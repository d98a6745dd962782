"""Rolling-origin back-test: every model answers the same question from the same origins.

A model is fitted once before the test block (or again every ``refit`` origins) and asked
from all origins at once. What a model does wrong is caught here and listed: a failed model
is an outcome, not a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.data.split import Split
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one model did in a back-test."""

    name: str
    kind: str
    forecast: Forecast | None  # None where the model failed
    reason: str  # why it failed; empty otherwise
    fit_seconds: float
    forecast_seconds: float
    n_parameters: int
    fitted: Forecaster | None = None  # the last fit, for reuse


def targets(panel: Panel, origins: Origins, horizon: int) -> Floats:
    """[O, H] what was observed after each origin; NaN where nothing was."""
    raise NotImplementedError


def backtest(
    names: Sequence[str],
    panel: Panel,
    task: Task,
    blocks: Split,
    origins: Origins,
    *,
    settings: Settings,
    refit: int = 0,
    seeds: int = 1,
    monitor: Monitor = SILENT,
) -> tuple[Outcome, ...]:
    """Fit every model before the test block and forecast from every origin."""
    raise NotImplementedError

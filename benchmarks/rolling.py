"""What the rolling-origin benchmarks share: the package's own back-test, scores and verdict.

Blocks and origins are those that ``forecast compare-baselines`` takes by default; the test is
that of evaluation/significance.py.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

import ask
from forecast_cli.comparison import ForecastTable, ModelScore, Versus
from forecast_cli.data.panel import Panel
from forecast_cli.data.split import Split, rolling_origins, split
from forecast_cli.evaluation import significance
from forecast_cli.evaluation.backtest import backtest, folds, tabulate
from forecast_cli.evaluation.metrics import LABELS, Scales
from forecast_cli.evaluation.scores import fold_scales, score
from forecast_cli.evaluation.units import independent_units, unit_losses
from forecast_cli.forecasters import registry
from forecast_cli.task import Task
from frame import Row

METRIC = "mase"


@dataclass(frozen=True, eq=False)
class Compared:
    """All models' forecasts from the same origins, scored."""

    table: ForecastTable
    scales: Scales
    scores: dict[str, ModelScore]
    stride: int

    def loss(self, name: str) -> float:
        """MASE; NaN where the model failed."""
        return self.scores[name].metrics.get(METRIC, math.nan)

    def margin(self, ours: str, other: str) -> Versus:
        """How far ours is ahead of another model, with its interval; NaN where one failed."""
        if "failed" in {self.scores[name].status for name in (ours, other)}:
            nowhere = (math.nan, math.nan)
            return Versus(math.nan, nowhere, math.nan, math.nan, 0, "origins", "inconclusive")
        units = independent_units(self.table, self.stride)
        losses = unit_losses(self.table, units, self.scales, METRIC)
        found = significance.compare(losses, ours, other)
        return significance.decided(found, found.p)


def compare(
    names: Sequence[str],
    given: argparse.Namespace,
    panel: Panel,
    horizon: int,
    seasons: tuple[int, ...],
    stride: int,
    blocks: Split | None = None,
) -> Compared:
    """Fit every model once before the test block and score it from all origins.

    Parameters
    ----------
    names : sequence of str
    panel : Panel
    horizon, stride : int
        H and the steps between origins.
    seasons : tuple of int
        The first is m of MASE.
    blocks : Split, optional
        By the package's own rule where not given.
    """
    print(f"  {', '.join(names)} ...", flush=True)
    for name in names:  # what it imports is no part of training
        registry.model_class(name)
    blocks = blocks or split(panel, horizon)
    task = Task(horizon=horizon, seasons=seasons, validation=blocks.validation)
    origins = rolling_origins(panel, blocks, horizon, stride)
    outcomes = backtest(names, panel, task, blocks, origins, settings=ask.settings(given))
    table = tabulate(panel, origins, outcomes, task)
    scales = fold_scales(panel, table, folds(panel, blocks, origins, 0), task.season)
    ranked = score(table, outcomes, scales, metric=METRIC, reference="")
    return Compared(table, scales, {each.name: each for each in ranked}, stride)


def rows_of(
    title: str, row: str, found: Compared, names: Sequence[str], metrics: Sequence[str], note: str
) -> list[Row]:
    """One row a model and metric, without marks."""
    return [
        Row(
            title,
            row,
            LABELS[metric],
            name,
            ask.kind_of(name),
            score.metrics.get(metric, math.nan),
            seconds=round(score.fit_seconds, 2),
            note=note if score.status == "ok" else f"failed: {score.reason}",
        )
        for metric in metrics
        for name in names
        for score in (found.scores[name],)
    ]


def in_words(found: Versus) -> str:
    """The margin with its interval, and what the test says to it."""
    lower, upper = found.ci95
    interval = f"{100 * lower:+.1f} to {100 * upper:+.1f}"
    units = f"{found.units} {found.kind}"
    return f"{100 * found.skill:+.1f} % ({interval}; {units}): {found.decision}"

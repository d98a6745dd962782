"""How far intervals can be believed: what they held, measured on the test block.

A level is a promise; this file counts how it was kept, with the calibrated intervals and with
those that the model gave before, over all cells that were observed and at each step. It
decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.comparison import ForecastTable, LevelCoverage, ModelCalibration
from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.backtest import Outcome
from forecast_cli.evaluation.metrics import Coverage, Metric, Scales, Scores, Width, levels_of


def coverage(
    table: ForecastTable, outcomes: Sequence[Outcome], order: Sequence[str]
) -> tuple[ModelCalibration, ...]:
    """The measured coverage of every model of the table.

    Parameters
    ----------
    table : ForecastTable
    outcomes : sequence of Outcome
        Of the back-test that the table is made of.
    order : sequence of str
        Names of models; those that failed are left out.
    """
    by_name = {outcome.name: outcome for outcome in outcomes}
    return tuple(
        _of_model(table, by_name[name], table.forecasts[name])
        for name in order
        if name in table.forecasts
    )


def _of_model(table: ForecastTable, outcome: Outcome, values: Floats) -> ModelCalibration:
    own = values if outcome.uncalibrated is None else outcome.uncalibrated
    levels = []
    for level in levels_of(table.quantiles):
        held = _measured(table, values, Coverage(level))
        width = _measured(table, values, Width(level))
        levels.append(
            LevelCoverage(
                level=level,
                coverage=held.overall,
                uncalibrated=_measured(table, own, Coverage(level)).overall,
                width=width.overall,
                coverage_by_step=tuple(held.by_step.tolist()),
                width_by_step=tuple(width.by_step.tolist()),
            )
        )
    seen = np.isfinite(table.actual)  # [O, H]
    return ModelCalibration(
        model=outcome.name,
        scores=sum(calibration.scores for calibration in outcome.calibrations),
        note="; ".join(dict.fromkeys(c.note for c in outcome.calibrations if c.note))
        if outcome.calibrations
        else "intervals are the model's own: no calibration was asked for",
        levels=tuple(levels),
        shares=tuple(
            float(np.mean(table.actual[seen] <= values[:, :, k][seen]))
            for k in range(len(table.quantiles))
        ),
    )


def _measured(table: ForecastTable, values: Floats, metric: Metric) -> Scores:
    nothing = np.full(len(table.series), np.nan)  # neither has a scale
    return metric.compute(
        actual=table.actual,
        forecast=values,
        quantiles=table.quantiles,
        scales=Scales(nothing, nothing),
        series=table.series,
        n_series=len(table.ids),
    )

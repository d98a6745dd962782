"""From the one table of forecasts to ranked rows: metrics, skill, ranks.

Every model that reached the table answered every cell, so all are scored on the same cells
and a skill compares like with like. Failed models are rows too, last and without numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecast_cli.comparison import ForecastTable, ModelScore, SeedScore
from forecast_cli.data.panel import Floats, Panel
from forecast_cli.evaluation.backtest import Fold, Outcome
from forecast_cli.evaluation.metrics import (
    RANKING,
    Scales,
    Scores,
    metrics_for,
    rounding,
    seasonal_scales,
)


def fold_scales(panel: Panel, table: ForecastTable, plan: Sequence[Fold], season: int) -> Scales:
    """[O] scales of each origin, from the training data of the fold that answered it."""
    n_origins = len(table.series)
    absolute, squared = np.full(n_origins, np.nan), np.full(n_origins, np.nan)
    for fold in plan:
        scales = seasonal_scales(panel, fold.until, season)  # [S]
        series = table.series[fold.chosen]
        absolute[fold.chosen] = scales.absolute[series]
        squared[fold.chosen] = scales.squared[series]
    return Scales(absolute, squared)


def without_rounding(table: ForecastTable) -> ForecastTable:
    """The table with the actual value in place of forecasts that are off by rounding alone.

    A model that repeats a wave to the fifteenth digit forecasts without error; a share of what
    is left would be noise, and as large as noise can be.
    """
    order = np.argsort(table.series, kind="stable")
    ends = np.cumsum(np.bincount(table.series, minlength=len(table.ids)))
    allowed = np.zeros(len(table.series))  # [O]
    for own in np.split(order, ends[:-1]):
        allowed[own] = rounding(table.actual[own])
    actual = table.actual[:, :, None]  # [O, H, 1]

    def settled(forecast: Floats) -> Floats:
        with np.errstate(over="ignore"):
            near = np.abs(forecast - actual) <= allowed[:, None, None]  # [O, H, Q]
        return np.where(near, actual, forecast) if near.any() else forecast

    forecasts = {name: settled(forecast) for name, forecast in table.forecasts.items()}
    return replace(table, forecasts=forecasts)


def score(
    table: ForecastTable,
    outcomes: Sequence[Outcome],
    scales: Scales,
    *,
    metric: str,
    reference: str,
) -> tuple[ModelScore, ...]:
    """Score every outcome.

    Parameters
    ----------
    table : ForecastTable
    outcomes : sequence of Outcome
        The same models, with those that failed.
    scales : Scales
        [O] each.
    metric : str
        A name of ``RANKING``; the best model has the least of it.
    reference : str
        The model that skill is measured against: 1 - loss / loss of the reference.

    Returns
    -------
    tuple of ModelScore
        By rank; models without a rank (failed, or an undefined score) last, as they came.
    """
    scores = {
        name: {
            metric_name: each.compute(
                actual=table.actual,
                forecast=forecast,
                quantiles=table.quantiles,
                scales=scales,
                series=table.series,
                n_series=len(table.ids),
            )
            for metric_name, each in metrics_for(table.quantiles).items()
        }
        for name, forecast in table.forecasts.items()
    }
    losses = {name: found[metric].overall for name, found in scores.items()}
    ranks = _ranks(losses)
    rows = [
        _failed(outcome)
        if outcome.forecast is None
        else _row(
            outcome,
            scores[outcome.name],
            metric,
            scores.get(reference),
            ranks[outcome.name],
            _seeds(table, outcome, scales, metric),
        )
        for outcome in outcomes
    ]
    return tuple(sorted(rows, key=lambda row: (row.rank is None, row.rank or 0)))


def _ranks(losses: Mapping[str, float]) -> dict[str, int | None]:
    """1 is best; equal losses share a rank; an undefined loss has none."""
    defined = [loss for loss in losses.values() if np.isfinite(loss)]
    return {
        name: 1 + sum(other < loss for other in defined) if np.isfinite(loss) else None
        for name, loss in losses.items()
    }


def _row(
    outcome: Outcome,
    scores: Mapping[str, Scores],
    metric: str,
    reference: Mapping[str, Scores] | None,
    rank: int | None,
    seeds: tuple[SeedScore, ...],
) -> ModelScore:
    fallbacks = outcome.forecast.fallbacks if outcome.forecast is not None else ()
    skill: float | None = None
    skill_by_step: tuple[float, ...] = ()
    if reference is not None:
        overall = float(_skill(scores[metric].overall, reference[metric].overall))
        skill = overall if np.isfinite(overall) else None
        skill_by_step = _numbers(_skill(scores[metric].by_step, reference[metric].by_step))
    return ModelScore(
        name=outcome.name,
        kind=outcome.kind,
        status="ok",
        reason="; ".join(fallbacks),
        rank=rank,
        metrics={name: found.overall for name, found in scores.items()},
        by_step={name: _numbers(found.by_step) for name, found in scores.items()},
        by_series={name: _numbers(found.by_series) for name, found in scores.items()},
        skill=skill,
        skill_by_step=skill_by_step,
        fit_seconds=outcome.fit_seconds,
        forecast_seconds=outcome.forecast_seconds,
        parameters=outcome.n_parameters,
        fallbacks=fallbacks,
        seed_spread=float(np.std([each.loss for each in seeds], ddof=1)) if seeds else None,
        seeds=seeds,
        replaced=outcome.forecast.replaced if outcome.forecast is not None else (),
    )


def _failed(outcome: Outcome) -> ModelScore:
    return ModelScore(
        name=outcome.name,
        kind=outcome.kind,
        status="timed out" if outcome.timed_out else "failed",
        reason=outcome.reason,
        rank=None,
        metrics={},
        by_step={},
        by_series={},
        skill=None,
        skill_by_step=(),
        fit_seconds=outcome.fit_seconds,
        forecast_seconds=outcome.forecast_seconds,
        parameters=outcome.n_parameters,
    )


def _skill(loss: Floats | float, reference: Floats | float) -> Floats:
    """1 - loss / reference; NaN where the reference loses nothing."""
    bottom = np.asarray(reference, dtype=float)
    ratio = np.full(bottom.shape, np.nan)
    np.divide(np.asarray(loss, dtype=float), bottom, out=ratio, where=bottom > 0)
    return 1 - ratio


def _seeds(
    table: ForecastTable, outcome: Outcome, scales: Scales, metric: str
) -> tuple[SeedScore, ...]:
    """The metric of each of the seeds that were averaged."""
    return tuple(
        SeedScore(
            seed,
            RANKING[metric]
            .compute(
                actual=table.actual,
                forecast=member.values,
                quantiles=table.quantiles,
                scales=scales,
                series=table.series,
                n_series=len(table.ids),
            )
            .overall,
        )
        for seed, member in zip(outcome.seeds, outcome.members, strict=True)
    )


def _numbers(values: Floats) -> tuple[float, ...]:
    return tuple(values.tolist())

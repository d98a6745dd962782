"""Tables of forecasts whose losses are known, and the rows that they make."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.comparison import ForecastTable, ModelScore, Protocol, Versus
from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.metrics import RANKING, Scales

HOUR = 3_600 * 10**9
PROTOCOL = Protocol(
    horizon=4,
    context=None,
    origins=30,
    origins_per_series=30,
    stride=4,
    test_size=120,
    val_size=0,
    metric="mase",
    season=24,
    refit=0,
    seeds=1,
    reference="seasonal-naive",
    quantiles=(0.5,),
    start="",
    end="",
)


def table_of(
    errors: Mapping[str, float],
    *,
    origins: int = 30,
    series: int = 1,
    horizon: int = 4,
    stride: int = 4,
    spread: float = 0.1,
    freq: str | None = "h",
) -> ForecastTable:
    """Models with absolute errors about a size, over ``origins`` moments of every series."""
    rng = np.random.default_rng(0)
    shape = origins * series, horizon
    return table_from(
        {n: np.abs(e + spread * rng.normal(size=shape)) for n, e in errors.items()},
        origins=origins,
        series=series,
        horizon=horizon,
        stride=stride,
        freq=freq,
    )


def table_from(
    losses: Mapping[str, Floats],
    *,
    origins: int,
    series: int = 1,
    horizon: int = 4,
    stride: int = 4,
    freq: str | None = "h",
) -> ForecastTable:
    """Models with these absolute errors [O, H], the origins of the first series first."""
    times = np.tile(np.arange(origins) * stride, series) * (HOUR if freq else 1)
    return ForecastTable(
        ids=tuple(f"s{i}" for i in range(series)),
        series=np.repeat(np.arange(series), origins),
        origin_times=times,
        times=times[:, None] + np.arange(1, horizon + 1),
        actual=np.zeros((origins * series, horizon)),
        quantiles=(0.5,),
        forecasts={name: loss[:, :, None] for name, loss in losses.items()},
        clock=Clock(freq=freq),
    )


def scales_of(table: ForecastTable) -> Scales:
    return Scales(np.ones(len(table.series)), np.ones(len(table.series)))


def overall(table: ForecastTable, name: str, metric: str = "mase") -> float:
    return (
        RANKING[metric]
        .compute(
            actual=table.actual,
            forecast=table.forecasts[name],
            quantiles=table.quantiles,
            scales=scales_of(table),
            series=table.series,
            n_series=len(table.ids),
        )
        .overall
    )


def row_of(
    name: str,
    kind: str = "baseline",
    loss: float | None = 1.0,
    *,
    rank: int | None = 1,
    seconds: float = 1.0,
    status: str = "ok",
    versus: Versus | None = None,
) -> ModelScore:
    """A row with this MASE; None: it has no scores."""
    return ModelScore(
        name=name,
        kind=kind,
        status=status,
        reason="",
        rank=None if loss is None else rank,
        metrics={} if loss is None else {"mase": loss},
        by_step={},
        by_series={},
        skill=None,
        skill_by_step=(),
        fit_seconds=seconds,
        forecast_seconds=0.0,
        parameters=1,
        versus_reference=versus,
    )


def rows_of(
    table: ForecastTable,
    kinds: Mapping[str, str],
    seconds: Mapping[str, float] | None = None,
    status: Mapping[str, str] | None = None,
) -> list[ModelScore]:
    """A row for each model by rank; those without forecasts last, failed."""
    losses = {name: overall(table, name) for name in table.forecasts}
    ranked = sorted(losses.values())
    rows = [
        row_of(
            name,
            kind,
            losses.get(name),
            rank=1 + ranked.index(losses[name]) if name in losses else None,
            seconds=(seconds or {}).get(name, 1.0),
            status="ok" if name in losses else (status or {}).get(name, "failed"),
        )
        for name, kind in kinds.items()
    ]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))

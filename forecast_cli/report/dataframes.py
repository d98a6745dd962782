"""A comparison as pandas tables, for those who go on working with it in Python.

The names of the columns are those of the CSV files; numbers that do not exist are NaN, and
times are pandas times in the zone of the data, or step numbers where the data have no calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.comparison import CompareResult, ForecastTable, ModelScore
from forecast_cli.report.derived import levels, median_position
from forecast_cli.results import Ints

if TYPE_CHECKING:
    import pandas as pd

METRICS = ("mase", "rmsse", "mae", "rmse", "smape", "wql")


def models_frame(result: CompareResult) -> pd.DataFrame:
    """One row a model, in the order of the ranking, failures last.

    Returns
    -------
    DataFrame
        Indexed by the name of the model. Columns: rank, kind, status, reason, one a metric
        (coverage and width of the intervals too), skill, skill_low, skill_high (its 95 %
        interval), p, p_holm, units, decision, seed_spread, fit_seconds, forecast_seconds,
        parameters.
    """
    import pandas as pd

    others = dict.fromkeys(name for score in result.models for name in score.metrics)
    metrics = list(dict.fromkeys((*METRICS, *others)))
    frame = pd.DataFrame([_row(score, metrics) for score in result.models])
    frame["rank"] = frame["rank"].astype("Int64")
    frame["units"] = frame["units"].astype("Int64")
    return frame.set_index("model")


def forecasts_frame(table: ForecastTable) -> pd.DataFrame:
    """Every forecast in long form: one row a model, origin and step.

    Returns
    -------
    DataFrame
        Columns: id, origin, time, step (from 1), actual, model, forecast (the median), then
        lo_80, hi_80, … for each interval of the table. Models follow one another in the order
        of the comparison.
    """
    import pandas as pd

    origins, horizon = table.times.shape
    bounds = [k for _, low, high in levels(table.quantiles) for k in (low, high)]
    names = [f"{side}_{level}" for level, _, _ in levels(table.quantiles) for side in ("lo", "hi")]
    stem = {
        "id": pd.Categorical.from_codes(np.repeat(table.series, horizon), list(table.ids)),
        "origin": _times(np.repeat(table.origin_times, horizon), table.clock),
        "time": _times(table.times.ravel(), table.clock),
        "step": np.tile(np.arange(1, horizon + 1), origins),
        "actual": table.actual.ravel(),
    }
    frames = []
    for model, forecasts in table.forecasts.items():  # [O, H, Q]
        flat = forecasts.reshape(origins * horizon, -1)
        columns = {"forecast": flat[:, median_position(table.quantiles)]}
        columns |= {name: flat[:, k] for name, k in zip(names, bounds, strict=True)}
        frames.append(pd.DataFrame({**stem, "model": model, **columns}))
    if not frames:
        return pd.DataFrame(columns=[*stem, "model", "forecast", *names])
    return pd.concat(frames, ignore_index=True)


def _row(score: ModelScore, metrics: Sequence[str]) -> dict[str, Any]:
    found = score.versus_reference
    low, high = found.ci95 if found else (np.nan, np.nan)
    return {
        "model": score.name,
        "rank": score.rank,
        "kind": score.kind,
        "status": score.status,
        "reason": score.reason,
        **{name: score.metrics.get(name, np.nan) for name in metrics},
        "skill": np.nan if score.skill is None else score.skill,
        "skill_low": low,
        "skill_high": high,
        "p": found.p if found else np.nan,
        "p_holm": found.p_holm if found else np.nan,
        "units": found.units if found else None,
        "decision": found.decision if found else "",
        "seed_spread": np.nan if score.seed_spread is None else score.seed_spread,
        "fit_seconds": score.fit_seconds,
        "forecast_seconds": score.forecast_seconds,
        "parameters": score.parameters,
    }


def _times(times: Ints, clock: Clock) -> Any:
    import pandas as pd

    if clock.freq is None:
        return times
    index = pd.DatetimeIndex(times.view("datetime64[ns]"))
    return index if clock.tz is None else index.tz_localize("UTC").tz_convert(clock.tz)

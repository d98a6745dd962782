"""Whether a fitted model can forecast at all: asked once, before it is kept.

Notable: the rule is coarse on purpose. It finds fits that diverged or overflowed, not poor
ones; how good a model is only a comparison says. Nothing here knows a kind of model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecast_cli.data.future import extend
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError, TrainingError
from forecast_cli.forecasters.base import Forecast, Forecaster

ABSURD = 1e3  # times the range of the past, counted from its nearer bound

Bools = npt.NDArray[np.bool_]


def forecast_from_end(model: Forecaster, panel: Panel, horizon: int) -> tuple[Panel, Forecast]:
    """Forecast from the end of every series that has an observed value.

    Where "future" covariates end with the history, the origins lie H rows before it, so that
    the rows ahead hold them; a series too short for that is not forecast.

    Parameters
    ----------
    model : Forecaster
        Fitted.
    panel : Panel
    horizon : int
        H, in steps.

    Returns
    -------
    Panel, Forecast
        The panel with the H rows after each origin, and [O, H, Q] on it.
    """
    try:
        panel = extend(panel, horizon)
        rows = panel.known_ends - 1  # [S]
    except DataError:
        rows = panel.known_ends - 1 - horizon
    counts = np.concatenate([[0], np.cumsum(panel.observed[:, 0])])  # [rows + 1]
    usable = counts[np.maximum(rows + 1, panel.starts)] > counts[panel.starts]  # [S]
    origins = Origins(np.flatnonzero(usable).astype(np.int64), rows[usable])
    with np.errstate(all="ignore"):  # what overflows is found below, and said
        return panel, model.forecast(panel, origins)


def not_finite(forecast: Forecast) -> Bools:
    """[O] the forecasts that hold a value which is no number."""
    return np.asarray(~np.isfinite(forecast.values).all(axis=(1, 2)))


def absurd(forecast: Forecast, panel: Panel) -> Bools:
    """[O] the forecasts that lie further from the past than any data explain.

    More than a thousand times the range of the past beyond it; where the past is constant, a
    thousand times its value.
    """
    found = np.zeros(len(forecast.origins), dtype=bool)  # [O]
    for o, (s, row) in enumerate(zip(forecast.origins.series, forecast.origins.rows, strict=True)):
        history = slice(panel.starts[s], row + 1)
        past = panel.target[history][panel.observed[history, 0]]
        low, high = past.min(), past.max()
        with np.errstate(over="ignore"):  # a bound that overflows excludes nothing
            reach = ABSURD * ((high - low) or max(abs(low), abs(high)))
            point = forecast.point[o]  # [H]
            found[o] = reach > 0 and bool(((point > high + reach) | (point < low - reach)).any())
    return found


def require_sound(forecast: Forecast, panel: Panel, model: str, kind: str) -> tuple[str, ...]:
    """Refuse a model none of whose forecasts can be used, and say which others cannot.

    Parameters
    ----------
    forecast : Forecast
        As :func:`forecast_from_end` made it, on ``panel``.
    panel : Panel
    model, kind : str
        Its name, and "network" or "baseline".

    Returns
    -------
    tuple of str
        Warnings, one line a kind.

    Raises
    ------
    TrainingError
        No forecast is finite and within reason.
    """
    empty = not_finite(forecast)
    far = absurd(forecast, panel) & ~empty
    findings = (
        ("no finite forecast", empty),
        ("a forecast more than a thousand times the range of the past away from it", far),
    )
    told = [(what, int(where.sum())) for what, where in findings if where.any()]
    total = len(empty)
    if total and (empty | far).all():
        fix = "look at the size of the values with: forecast inspect; or try another --model"
        if kind == "network":
            fix = f"choose a smaller --learning-rate; or {fix}"
        what = " and ".join(what for what, _ in told)
        raise TrainingError(f"{model}: {what} from the end of the data; no run is kept", fix)
    return tuple(f"{what} for {n} of {total} series" for what, n in told)

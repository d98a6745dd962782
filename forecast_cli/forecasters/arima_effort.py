"""How hard to search for each ARIMA, so that thousands of series do not take hours.

The work is foretold from the lengths of the series, never measured, so that the same data
get the same models on any machine. Effort is withdrawn in steps that all series share:
first the exact likelihood, then candidate orders down to one; only where even that is too
much do the last series get no ARIMA at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters.arima_search import EXACT_ROWS, EXACT_STATES, MOST_MODELS

SECONDS = 120.0  # for all series together


@dataclass(frozen=True)
class Effort:
    """What each series may cost.

    Parameters
    ----------
    models : int
        Candidate orders at most.
    exact : bool
        Whether short series are estimated again by exact likelihood.
    series : int
        How many series, from the first, get an ARIMA.
    """

    models: int = MOST_MODELS
    exact: bool = True
    series: int = 0


def share_out(lengths: Ints, season: int, searches: int, seconds: float = SECONDS) -> Effort:
    """The most effort that stays within the bound.

    Parameters
    ----------
    lengths : [S] int64
        Rows that each ARIMA is estimated from.
    season : int
        m; 1 for none.
    searches : int
        How often each series is searched: twice with regressors.
    seconds : float
        Of a usual processor core.

    Examples
    --------
    >>> share_out(np.full(50, 300), 1, 1)
    Effort(models=60, exact=True, series=50)
    >>> share_out(np.full(5000, 300), 24, 1)
    Effort(models=11, exact=False, series=5000)
    """
    base, candidate, exact = (searches * cost for cost in _costs(lengths, season))
    if (base + MOST_MODELS * candidate + exact).sum() <= seconds:
        return Effort(series=len(lengths))
    if (base + MOST_MODELS * candidate).sum() <= seconds:
        return Effort(exact=False, series=len(lengths))
    models = int((seconds - base.sum()) / candidate.sum())
    if models >= 1:
        return Effort(models, exact=False, series=len(lengths))
    within = int((np.cumsum(base + candidate) <= seconds).sum())
    return Effort(1, exact=False, series=within)


def in_words(effort: Effort, n_series: int) -> tuple[str, ...]:
    """What a bounded search is short of, where that is worth telling."""
    if effort.models == MOST_MODELS:
        return ()
    return (
        f"arima: {effort.models} candidate orders a series instead of up to {MOST_MODELS}, "
        f"as {n_series} series share a bounded amount of work",
    )


def _costs(lengths: Ints, season: int) -> tuple[Floats, Floats, Floats]:
    """[S] seconds each: tests and intervals, one candidate, the exact likelihood.

    Rounded from measurements of this code on one core; STL and the filters take time in
    proportion to rows and season.
    """
    rows = lengths.astype(np.float64)
    area = rows * season
    base = 4e-3 + 1e-5 * rows + 5e-7 * area
    candidate = 1e-3 + 2e-8 * (area + 5 * rows)
    short = (lengths <= EXACT_ROWS) & (season < EXACT_STATES)
    return base, candidate, np.where(short, 1e-2 + 2.5e-5 * area, 0.0)

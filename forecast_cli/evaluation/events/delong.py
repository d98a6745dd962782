"""The variance of an area under the ROC curve, without resampling.

DeLong, DeLong & Clarke-Pearson (1988), by mid-ranks in O(M log M) as Sun & Xu (2014). It holds
where answers are independent: one an entity. Answers of the same entity are resampled instead.
"""

from __future__ import annotations

import math

import numpy as np

from forecast_cli.data.panel import Bools, Floats


def roc_auc_variance(score: Floats, came: Bools) -> tuple[float, float]:
    """The area and its variance.

    Parameters
    ----------
    score : [M] float64
    came : [M] bool

    Returns
    -------
    area, variance : float
        NaN both without events or with nothing else; the variance with fewer than two of either.
    """
    from scipy.stats import rankdata

    event, other = score[came], score[~came]
    n, m = len(event), len(other)
    if not n or not m:
        return math.nan, math.nan
    together = rankdata(np.concatenate([event, other]))
    above = (together[:n] - rankdata(event)) / m  # [n] share of the others below each event
    below = 1 - (together[n:] - rankdata(other)) / n  # [m] share of the events above each other
    area = float(above.mean())
    if n < 2 or m < 2:
        return area, math.nan
    return area, float(above.var(ddof=1) / n + below.var(ddof=1) / m)


def logit_interval(area: float, variance: float) -> tuple[float, float]:
    """The 95 % interval of an area, on the scale of its log-odds, so that it stays in [0, 1].

    Pepe (2003), section 5.2. Where the area is 0 or 1 exactly, its variance says nothing: NaN.
    """
    if not 0 < area < 1 or not math.isfinite(variance):
        return math.nan, math.nan
    middle = math.log(area / (1 - area))
    reach = 1.959963984540054 * math.sqrt(variance) / (area * (1 - area))
    low, high = (1 / (1 + math.exp(-value)) for value in (middle - reach, middle + reach))
    return low, high

"""How often an ARIMA differences its series, and whether a drift is left.

A seasonal difference is taken where the seasonal strength of an STL decomposition is above .64
(Hyndman & Athanasopoulos 2021, section 9.9), ordinary ones as long as the KPSS test rejects a
constant level (Kwiatkowski et al. 1992; lags by Hobijn, Franses & Ooms 1998). Of statsmodels'
KPSS only the statistic would be used, and it warns at most calls; catching warnings is no work
for threads, of which several may search at once. So the statistic is written out here.

Knows nothing of orders (arima_search.py).
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats

STRONG_SEASON = 0.64
KPSS_CRITICAL = 0.463  # 5 %, constant mean
FEWEST_VALUES = 10  # that a test is made of
SEASONS_FOR_DRIFT = 20  # of history


def difference(y: Floats, season: int, *, may_bend: bool = True) -> tuple[Floats, int, int]:
    """A series differenced as often as it asks for.

    Parameters
    ----------
    y : [T] float64
    season : int
        m; 1 for none.
    may_bend : bool
        Whether two ordinary differences may be taken.

    Returns
    -------
    w : [T'] float64
        The differenced series.
    ordinary, seasonal : int
        How many differences of either kind.
    """
    seasonal = seasonal_differences(y, season)
    w = y[season:] - y[:-season] if seasonal else y
    ordinary, most = 0, 2 if may_bend and not seasonal else 1
    while ordinary < most and _needs_difference(w):
        w, ordinary = np.diff(w), ordinary + 1
    return w, ordinary, seasonal


def seasonal_differences(y: Floats, season: int) -> int:
    """0 or 1: whether the season is strong enough to be differenced away."""
    if season < 2 or len(y) < 2 * season + FEWEST_VALUES:
        return 0
    from statsmodels.tsa.seasonal import STL

    parts = STL(y, period=season).fit()
    spread = float(np.var(parts.seasonal + parts.resid))
    strength = 1.0 - float(np.var(parts.resid)) / spread if spread > 0 else 0.0
    return int(strength > STRONG_SEASON)


def may_drift(ordinary: int, seasonal: int, season: int, length: int) -> bool:
    """Whether the differenced series may have a mean: a level, or else a drift for ever.

    Hyndman & Khandakar (2008) allow a drift after one difference of either kind. With a
    season that takes a history of many of them: the mean change over a few is mostly chance.
    """
    if ordinary + seasonal != 1:
        return ordinary + seasonal == 0
    return season == 1 or length >= SEASONS_FOR_DRIFT * season


def _needs_difference(w: Floats) -> bool:
    """Whether the KPSS test rejects a constant level."""
    if len(w) < FEWEST_VALUES or np.ptp(w) < 1e-9:
        return False
    return kpss(w) > KPSS_CRITICAL


def kpss(w: Floats) -> float:
    """The KPSS statistic of a constant level, w [T] not constant.

    Squared partial sums over the long-run variance, which has Bartlett weights and as many
    lags as the autocovariances ask for (Hobijn et al. 1998, section 2).
    """
    e, n = w - w.mean(), len(w)

    def products(lag: int) -> float:
        return float(e[lag:] @ e[: n - lag])

    first = np.array([products(lag) for lag in range(int(n ** (2 / 9)) + 1)])
    both = np.r_[first[0], 2 * first[1:]]  # lags count on either side
    slope = float(np.arange(len(both)) @ both) / float(both.sum())
    lags = min(int(1.1447 * (slope * slope) ** (1 / 3) * n ** (1 / 3)), n - 1)
    variance = products(0)  # n times the long-run one
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * products(lag)
    return float((np.cumsum(e) ** 2).sum()) / n / variance

"""How regular one series is: the strength of its season, and how few frequencies it lies at.

Two numbers between 0 and 1; what pure noise reaches by chance stands beside each. Knows no panel
and no model.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats

MOST_CYCLES = 20  # of a season, the latest
SPECTRUM_ROWS = 4096  # the latest
SHORTEST_SPECTRUM = 16  # rows
SEGMENT = 256  # rows of a piece of the spectrum, or four seasons where these are longer
FEWEST_SEEN = 0.5  # share of rows that were observed


def seasonal_strength(y: Floats, season: int, cycles: int = MOST_CYCLES) -> float:
    """1 - Var(rest) / Var(season + rest), not below 0 (Wang, Smith & Hyndman 2006).

    Parameters
    ----------
    y : [T] float64
        Gaps are NaN, and are bridged by lines.
    season : int
    cycles : int
        The latest so many are looked at.

    Returns
    -------
    float
        By an STL decomposition whose season stays as it is; noise has about 1 / cycles. NaN
        without a season, with less than two cycles, or where more than half is missing.
    """
    whole = _bridged(y[-cycles * season :])
    if season < 2 or whole is None or len(whole) < 2 * season or np.ptp(whole) == 0:
        return float("nan")
    from statsmodels.tsa.seasonal import STL

    lasting = 10 * len(whole) + 1  # a window so wide that all cycles share one season
    jump = max(1, season // 10)  # what lies between is drawn as a line
    parts = STL(
        whole,
        period=season,
        seasonal=lasting,
        seasonal_deg=0,
        trend_jump=jump,
        low_pass_jump=jump,
    ).fit()
    both = float(np.var(parts.seasonal + parts.resid))
    if both <= 1e-12 * float(np.var(whole)):
        return float("nan")  # all of it is trend
    return max(0.0, 1 - float(np.var(parts.resid)) / both)


def predictability(y: Floats, season: int = 1) -> float:
    """1 - entropy of the spectrum, as a share of that of white noise (Goerg 2013, section 3).

    Parameters
    ----------
    y : [T] float64
        Gaps are NaN, and are bridged by lines; the linear trend is taken off.
    season : int
        The spectrum has room for four of it.

    Returns
    -------
    float
        About 0 for white noise, and near 1 for a pure wave. The spectrum is Welch's mean over
        pieces that overlap by half, and the entropy that white noise has by this estimate counts
        as all.
        NaN with fewer than 16 rows, or where nothing moves.
    """
    whole = _bridged(y[-SPECTRUM_ROWS:])
    if whole is None or len(whole) < SHORTEST_SPECTRUM:
        return float("nan")
    from scipy.signal import detrend, welch

    level = detrend(whole)
    if np.var(level) <= 1e-20 * max(1.0, float(np.mean(whole**2))):
        return float("nan")
    piece = min(len(level) // 2, max(SEGMENT, 4 * season))
    _, power = welch(level, nperseg=piece, detrend="constant")
    return max(0.0, 1 - _entropy(power[1:]) / _chance(len(level), piece))


def _bridged(y: Floats) -> Floats | None:
    """From the first to the last observed value, gaps bridged by lines; None with too many."""
    seen = np.flatnonzero(np.isfinite(y))
    if not len(seen):
        return None
    rows = np.arange(seen[0], seen[-1] + 1)
    if len(seen) < FEWEST_SEEN * len(rows):
        return None
    return np.asarray(np.interp(rows, seen, y[seen]))


def _entropy(power: Floats) -> float:
    """Of the shares of power, as a share of the entropy of equal ones."""
    share = power / power.sum()
    share = share[share > 0]
    return float(-(share * np.log(share)).sum() / np.log(len(power)))


def _chance(rows: int, piece: int) -> float:
    """The entropy that white noise has by the same estimate.

    A mean over K pieces that overlap by half under Hann's window scatters like a gamma variable
    of shape K / (1 + (1 - 1/K) / 18) (Welch 1967); its entropy falls short by E[g ln g].
    """
    from scipy.special import digamma

    pieces = max(1, (rows - piece) // (piece - piece // 2) + 1)
    shape = pieces / (1 + (1 - 1 / pieces) / 18)
    return 1 - float(digamma(shape + 1) - np.log(shape)) / float(np.log(piece // 2))

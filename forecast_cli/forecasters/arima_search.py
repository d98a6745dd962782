"""Finding an ARIMA for one series: which orders, which values.

Differences come first (arima_differences.py). The orders are searched stepwise (Hyndman &
Khandakar 2008, section 3.2) by AICc of the conditional sum of squares, with one burn-in for
all candidates so that they compare. Polynomials are admissible by construction: unbounded
numbers → tanh → partial autocorrelations → coefficients (Monahan 1984).

The work is bounded by counts, never by the clock, so that a search always ends alike. A short
series is estimated once more by exact likelihood (statsmodels); in a long one the two agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Floats
from forecast_cli.forecasters.arima_differences import difference, may_drift
from forecast_cli.forecasters.arima_filter import Arima

MOST_MODELS = 60
MOST_ORDER = 3  # p and q
MOST_SEASONAL_ORDER = 1  # P and Q
NEAREST_ROOT = 1.01
DIGITS = 4  # of parameters, found to a tolerance of three
FEWEST_VALUES = 10  # that a candidate must be judged by, beside the burn-in
EXACT_ROWS = 300  # up to which a series is estimated again by exact likelihood
EXACT_STATES = 30

TOO_SHORT = "it has too few values"
NOTHING_LEFT = "it is constant, or repeats itself exactly"
NONE_FITS = "no ARIMA fits it"

Orders = tuple[int, int, int, int]  # p, q, P, Q


class NoArima(ValueError):  # noqa: N818 (an answer of the search, no mishap)
    """A series has no ARIMA; the message says why in a few words."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fitted choice of orders."""

    orders: Orders
    mean: bool
    u: Floats  # unbounded parameters: p, q, P, Q of them
    aicc: float
    sigma: float


def find(
    y: Floats,
    season: int,
    *,
    may_bend: bool = True,
    exact: bool = True,
    most_models: int = MOST_MODELS,
) -> Arima:
    """Search for the ARIMA of one series.

    Parameters
    ----------
    y : [T] float64
        Without gaps, of about unit size.
    season : int
        m; 1 for none.
    may_bend : bool
        Whether two differences may be taken, whose forecasts follow the latest slope for ever.
        A season that is not modelled looks as if it asked for them.
    exact : bool
        Whether a short series may be estimated again by exact likelihood.
    most_models : int
        Candidates at most, or up to the first admissible one.

    Raises
    ------
    NoArima
        Where the series is too short, or nothing is left of it to be modelled.
    """
    w, ordinary, seasonal = difference(y, season, may_bend=may_bend)
    may_have_mean = may_drift(ordinary, seasonal, season, len(y))
    best = search(w, season, may_have_mean=may_have_mean, most_models=most_models)
    if exact and len(y) <= EXACT_ROWS:
        best = _exact(w, best, season)
    return _assemble(w, best, ordinary, seasonal, season)


def search(
    w: Floats, season: int, may_have_mean: bool, most_models: int = MOST_MODELS
) -> Candidate:
    """Stepwise search of the orders of a differenced series."""
    burn_in = MOST_ORDER + (season * MOST_SEASONAL_ORDER if season > 1 else 0)
    if len(w) < burn_in + FEWEST_VALUES:
        season, burn_in = 1, min(MOST_ORDER, len(w) // 3)
    if len(w) < burn_in + FEWEST_VALUES:
        raise NoArima(TOO_SHORT)
    if np.ptp(w) < 1e-9:
        raise NoArima(NOTHING_LEFT)
    tried: dict[tuple[Orders, bool], Candidate] = {}

    def consider(orders: Orders, mean: bool, near: Candidate | None) -> Candidate:
        if (orders, mean) not in tried:
            tried[orders, mean] = _estimate(w, season, orders, mean, burn_in, near)
        return tried[orders, mean]

    s = int(season > 1)
    starts: list[Orders] = [(2, 2, s, s), (0, 0, 0, 0), (1, 0, s, 0), (0, 1, 0, s)]
    if most_models < len(starts):
        starts.insert(0, (1, 1, 0, s))  # the best of them where there is one try only
    for orders in starts:
        best = min((consider(orders, may_have_mean, None), *tried.values()), key=lambda c: c.aicc)
        if len(tried) >= most_models and np.isfinite(best.aicc):
            break
    moved = True
    while moved and len(tried) < most_models:
        moved = False
        for orders, mean in _neighbours(best, s, may_have_mean):
            if len(tried) >= most_models:
                break
            rival = consider(orders, mean, best)
            if rival.aicc < best.aicc:
                best, moved = rival, True
                break
    if not np.isfinite(best.aicc):
        raise NoArima(NONE_FITS)
    return best


def _neighbours(
    best: Candidate, seasonal: int, may_have_mean: bool
) -> Iterator[tuple[Orders, bool]]:
    """One step in each direction (Hyndman & Khandakar 2008), then the mean switched."""
    p, q, sp, sq = best.orders
    steps = [(0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 1, 1)] if seasonal else []
    steps += [(1, 0, 0, 0), (0, 1, 0, 0), (1, 1, 0, 0)]
    for dp, dq, dsp, dsq in steps:
        for sign in (-1, 1):
            orders = (p + sign * dp, q + sign * dq, sp + sign * dsp, sq + sign * dsq)
            small = max(orders[:2]) <= MOST_ORDER and max(orders[2:]) <= MOST_SEASONAL_ORDER
            if min(orders) >= 0 and small:
                yield orders, best.mean
    if may_have_mean:
        yield best.orders, not best.mean


def _estimate(
    w: Floats, season: int, orders: Orders, mean: bool, burn_in: int, near: Candidate | None
) -> Candidate:
    """Minimise the conditional sum of squares of one choice of orders."""
    from scipy.optimize import leastsq
    from scipy.signal import lfilter

    centred = w - w.mean() if mean else w

    def residuals(u: Floats) -> Floats:
        ar, ma = _polynomials(u, orders, season)
        return np.asarray(lfilter(ar, ma, centred)[burn_in:])

    u = _start(orders, near)
    if len(u):
        bound = 15 * (len(u) + 1)  # evaluations; full_output keeps it from warning at the bound
        found = leastsq(residuals, u, ftol=1e-4, xtol=1e-3, maxfev=bound, full_output=True)
        # To what the search resolves: noise of a last bit, which varies with where arrays lie
        # in memory, must not lead the next steps another way.
        u = np.round(np.clip(found[0], -5, 5), DIGITS)
    e = residuals(u)
    n, k = len(e), len(u) + int(mean) + 1
    sse = float(e @ e)
    aicc = n * np.log(max(sse, 1e-300) / n) + 2 * k
    aicc = aicc + 2 * k * (k + 1) / (n - k - 1) if n > k + 1 else np.inf
    admissible = np.isfinite(sse) and _roots_clear(u, orders)
    sigma = float(np.sqrt(sse / max(n - k + 1, 1)))  # all that was estimated but sigma itself
    return Candidate(orders, mean, u, aicc if admissible else np.inf, sigma)


def _start(orders: Orders, near: Candidate | None) -> Floats:
    """Where the minimum is sought from: the neighbour's values, .1 for what is new."""
    new = np.split(np.full(sum(orders), 0.1), np.cumsum(orders)[:-1])
    if near is not None:
        old = np.split(near.u, np.cumsum(near.orders)[:-1])
        for a, b in zip(new, old, strict=True):
            shared = min(len(a), len(b))
            a[:shared] = np.clip(b[:shared], -2.5, 2.5)
    return np.concatenate(new)


def _coefficients(u: Floats) -> Floats:
    """Partial autocorrelations tanh(u) to coefficients, by the Durbin-Levinson recursion."""
    c = np.zeros(0)
    for r in np.tanh(u):
        c = np.r_[c - r * c[::-1], r]
    return c


def _polynomials(u: Floats, orders: Orders, season: int) -> tuple[Floats, Floats]:
    """The lag polynomials, 1 first: AR with minus signs, MA with plus signs."""
    p, q, sp, sq = np.split(u, np.cumsum(orders)[:-1])
    ar = np.convolve(np.r_[1.0, -_coefficients(p)], _seasonal(-_coefficients(sp), season))
    ma = np.convolve(np.r_[1.0, -_coefficients(q)], _seasonal(-_coefficients(sq), season))
    return ar, ma


def _seasonal(coefficients: Floats, season: int) -> Floats:
    polynomial = np.zeros(season * len(coefficients) + 1)
    polynomial[0] = 1.0
    polynomial[season::season] = coefficients
    return polynomial


def _roots_clear(u: Floats, orders: Orders) -> bool:
    """Whether no root lies so near the unit circle that a difference is meant."""
    for part in np.split(u, np.cumsum(orders)[:-1]):
        if len(part):
            inverse = np.roots(np.r_[1.0, -_coefficients(part)])
            if np.abs(inverse).max() > 1 / NEAREST_ROOT:
                return False
    return True


def _exact(w: Floats, best: Candidate, season: int) -> Candidate:
    """The same orders by exact likelihood, where that is cheap and its result admissible."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    p, q, sp, sq = best.orders
    if not sum(best.orders) or max(p + season * sp, q + season * sq + 1) > EXACT_STATES:
        return best
    centred = w - w.mean() if best.mean else w
    parts = np.split(best.u, np.cumsum(best.orders)[:-1])
    signs = (1, -1, 1, -1)  # statsmodels writes MA polynomials with plus signs
    start = np.concatenate([s * _coefficients(u) for s, u in zip(signs, parts, strict=True)])
    seasonal = (sp, 0, sq, season) if season > 1 else (0, 0, 0, 0)
    model = SARIMAX(centred, order=(p, 0, q), seasonal_order=seasonal, concentrate_scale=True)
    # No warnings: several threads may be here, and none could catch its own.
    with np.errstate(all="ignore"):
        fit = model.fit(start_params=start, disp=0, maxiter=30, warn_convergence=False)
    found = np.split(np.asarray(fit.params), np.cumsum(best.orders)[:-1])
    u = np.concatenate([_unbounded(s * c) for s, c in zip(signs, found, strict=True)])
    u = np.round(u, DIGITS)  # as in the search, and for its reason
    if not np.isfinite(u).all() or not _roots_clear(u, best.orders):
        return best
    n, k = len(w), len(u) + int(best.mean)
    sigma = np.sqrt(fit.scale * n / max(n - k, 1))  # the likelihood's own divides by n
    return Candidate(best.orders, best.mean, u, best.aicc, float(f"{sigma:.{DIGITS}g}"))


def _unbounded(coefficients: Floats) -> Floats:
    """The inverse of tanh → partial autocorrelations → coefficients; NaN if inadmissible."""
    c, partial = coefficients, np.empty(len(coefficients))
    for k in range(len(c) - 1, -1, -1):
        partial[k] = r = c[k]
        if not abs(r) < 1:
            return np.full(len(partial), np.nan)
        c = (c[:k] + r * c[:k][::-1]) / (1 - r * r)
    return np.arctanh(partial)


def _assemble(w: Floats, best: Candidate, ordinary: int, seasonal: int, season: int) -> Arima:
    """Multiply the differences into the AR polynomial."""
    ar, ma = _polynomials(best.u, best.orders, season)
    constant = float(w.mean() * ar.sum()) if best.mean else 0.0
    for _ in range(ordinary):
        ar = np.convolve(ar, [1.0, -1.0])
    for _ in range(seasonal):
        ar = np.convolve(ar, _seasonal(np.array([-1.0]), season))
    p, q, sp, sq = best.orders
    order = (p, ordinary, q, sp, seasonal, sq, season)
    return Arima(order, -ar[1:], ma[1:], constant, best.sigma)

"""Finding the weights of exponential smoothing, and which parts a series needs.

A form says which parts there are (Hyndman et al. 2008, table 2.1): the error is additive or
multiplicative, the trend absent, additive or damped, the season absent, additive or a factor.
Its weights, first level and first slope minimise the squared errors, which is maximum
likelihood; multiplicative errors are scaled so that it is for them too. The first states of
the season come from a classical decomposition of the first seasons: estimating them as well
would take most of the time and change little.

The work is bounded by counts, never by the clock, so that a search always ends alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from forecast_cli.data.panel import Bools, Floats
from forecast_cli.forecasters.seasonal_indices import classical_indices
from forecast_cli.forecasters.smoothing import Recursion, Smoothing, States

Trend = Literal["none", "additive", "damped"]
Season = Literal["none", "additive", "multiplicative"]

TINY = 1e-4  # weights stay this far within their bounds
DAMPING = (0.8, 0.98)  # Hyndman & Athanasopoulos 2021, section 8.2: no trend below, undamped above
FIRST_ALPHAS = (0.05, 0.3, 0.7)  # tried before the search, which then starts at the best
FIRST_SEASONS = 5  # that the first states of the season are averaged over
FIRST_VALUES = 10  # that the first level and slope are guessed from
EVALUATIONS = 25  # of the recursion, for each number that is sought
HOPELESS = 1e6  # the error of parameters that lead to a forecast that is not positive


@dataclass(frozen=True)
class Form:
    """Which parts a model has.

    Parameters
    ----------
    relative : bool
        Whether errors are multiplicative.
    trend : "none", "additive" or "damped"
    season : "none", "additive" or "multiplicative"
    """

    relative: bool = False
    trend: Trend = "none"
    season: Season = "none"

    @property
    def free(self) -> int:
        """Numbers that are searched for: weights, the first level and the first slope."""
        trend = {"none": 0, "additive": 2, "damped": 3}[self.trend]
        return 2 + trend + int(self.season != "none")

    def count(self, m: int) -> int:
        """Numbers estimated with a season of m steps: its first states and the variance too."""
        return self.free + 1 + (m - 1 if self.season != "none" else 0)


@dataclass(frozen=True, eq=False)
class Found:
    """A form that was fitted.

    Parameters
    ----------
    form : Form
    model : Smoothing
    sigma : float
        Standard deviation of the one-step errors, in units of the series.
    aicc : float
        Compares across forms; infinite where the series is too short for this one.
    """

    form: Form
    model: Smoothing
    sigma: float
    aicc: float


def forms(y: Floats, m: int, *, safe: bool) -> Iterator[Form]:
    """The candidates for a series: up to ten.

    A trend that multiplies, and a season that does under an additive error, are none of them:
    both explode (Hyndman et al. 2008, section 15.2). Nor is a trend that is never damped: on
    M3 AICc takes it far more often than what comes after bears out.

    Parameters
    ----------
    y : [T] float64
    m : int
        Season; 1 for none.
    safe : bool
        Whether multiplicative parts are.
    """
    trends: tuple[Trend, ...] = ("none", "damped")
    may_have_season = m > 1 and len(y) >= 2 * m + FIRST_VALUES
    for relative, trend in product((False, True) if safe else (False,), trends):
        yield Form(relative, trend)
        if may_have_season:
            yield Form(relative, trend, "additive")
        if may_have_season and relative:
            yield Form(relative, trend, "multiplicative")


def best(candidates: Iterable[Form], y: Floats, known: Bools, m: int) -> Found | None:
    """The candidate of least AICc; None where the series is too short for all of them."""
    found = [fit(form, y, known, m) for form in candidates if known.sum() > form.count(m) + 1]
    found = [f for f in found if np.isfinite(f.aicc)]
    return min(found, key=lambda f: f.aicc) if found else None


def fit(form: Form, y: Floats, known: Bools, m: int) -> Found:
    """Estimate one form.

    Parameters
    ----------
    form : Form
    y : [T] float64
        Gaps filled; all positive where the form has a multiplicative part.
    known : [T] bool
        Only these errors count.
    m : int
        Season; not read where the form has none.
    """
    from scipy.optimize import leastsq

    start = _start(form, y, m)
    recursion = Recursion(start, y)

    def residuals(u: Floats) -> Floats:
        states = recursion.run(_place(form, start, u))
        return _errors(form, states, y, known)

    guesses = [np.r_[_logit(alpha), np.zeros(form.free - 1)] for alpha in FIRST_ALPHAS]
    u = min(guesses, key=lambda guess: _squares(residuals(guess)))
    bound = EVALUATIONS * form.free  # full_output keeps it from warning there
    u = leastsq(residuals, u, ftol=1e-5, xtol=1e-4, maxfev=bound, full_output=True)[0]
    model = _place(form, start, u)
    states = recursion.run(model)
    n, k, squares = int(known.sum()), form.count(m), _squares(_errors(form, states, y, known))
    aicc = n * np.log(max(squares, 1e-300) / n) + 2 * k
    aicc = aicc + 2 * k * (k + 1) / (n - k - 1) if n > k + 1 and squares < HOPELESS else np.inf
    e = _errors(Form(), states, y, known)
    # The variance divides by what is left of n after all that was estimated but itself.
    return Found(form, model, float(np.sqrt(_squares(e) / max(n - k + 1, 1))), float(aicc))


def _start(form: Form, y: Floats, m: int) -> Smoothing:
    """First states from the first values; the weights say only which parts there are."""
    phi = {"none": 0.0, "additive": 1.0, "damped": 0.9}[form.trend]
    season = np.zeros(0)
    rest, multiply = y[:FIRST_VALUES], form.season == "multiplicative"
    if form.season != "none":
        season = classical_indices(y[: FIRST_SEASONS * m], m, multiply=multiply)
        rest = y[: max(FIRST_VALUES, 2 * m)]
        cycle = np.resize(season, len(rest))
        rest = rest / cycle if multiply else rest - cycle
    slope = 0.0
    if phi and len(rest) > 1:
        slope = float(np.polyfit(np.arange(len(rest)), rest, 1)[0])
    level = float(rest.mean()) - slope * (len(rest) + 1) / 2
    return Smoothing(0.0, 0.0, 0.0, phi, level, slope, season, multiply)


def _place(form: Form, start: Smoothing, u: Floats) -> Smoothing:
    """The parameters that the unbounded numbers u stand for.

    The region is the usual one: 0 < alpha < 1, 0 < beta < alpha, 0 < gamma < 1 - alpha. u is
    (alpha, change of level[, beta, change of slope[, phi]][, gamma]); 0 stands for a beta of an
    eighth of alpha, a phi of .93 and a gamma of an eighth of 1 - alpha.
    """
    values = iter(u.tolist())
    alpha = _between(next(values), 0.0, 1.0)
    level = start.level + next(values)
    beta, slope, phi, gamma = 0.0, start.slope, start.phi, 0.0
    if form.trend != "none":
        beta = _between(next(values) - 2.0, 0.0, alpha)
        slope += next(values)
    if form.trend == "damped":
        phi = _between(next(values) + 1.0, *DAMPING)
    if form.season != "none":
        gamma = _between(next(values) - 2.0, 0.0, 1 - alpha)
    return Smoothing(alpha, beta, gamma, phi, level, slope, start.season, start.multiplies)


def _between(u: float, low: float, high: float) -> float:
    share = 1 / (1 + np.exp(-min(max(u, -30.0), 30.0)))
    return float(low + (high - low) * (TINY + (1 - 2 * TINY) * share))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _errors(form: Form, states: States, y: Floats, known: Bools) -> Floats:
    """[n] errors of the n ``known`` values, whose squares rank parameters as the likelihood does.

    Multiplicative ones are multiplied by the geometric mean of the fitted values (Hyndman et
    al. 2008, section 5.1).
    """
    y, fitted = y[known], states.fitted[known]
    with np.errstate(all="ignore"):
        if not form.relative:
            e = y - fitted
        elif fitted.min() > 0:
            e = (y / fitted - 1) * np.exp(np.log(fitted).mean())
        else:
            e = np.full(len(y), HOPELESS)
        return np.nan_to_num(np.clip(e, -HOPELESS, HOPELESS), nan=HOPELESS)


def _squares(e: Floats) -> float:
    return float(e @ e)

"""Is one model better than another, or was it luck? Tests that hold their level on forecasts.

Losses of successive origins depend on each other, and the usual tests (Student's t,
Diebold-Mariano, block bootstrap) then see winners where there are none: in one of six
comparisons rather than one of twenty (benchmarks/false_wins.py). What holds is a long-run
variance from a few cosines, with Student's t of as many degrees of freedom as there are cosines
(Müller 2004; Lazarus, Lewis, Stock & Watson 2018). Intervals of a skill are Fieller's: a skill
is a ratio, and its interval excludes zero exactly where the test is significant. No model and
no table is known here; units.py made the losses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.comparison import Versus
from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.units import FEWEST_UNITS, Kind, UnitLosses

LEVEL = 0.05  # of every test, two-sided
FEWEST_COSINES = 3
COSINES = 0.35  # times U^(2/3): .4 in Lazarus, Lewis, Stock & Watson (2018, section 4); fewer
# cosines cost little power and hold the level at an autocorrelation of .7 too, from 30 origins on
NOWHERE = (math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class Spread:
    """How far the mean of a series of unit losses may be from what it estimates.

    Parameters
    ----------
    parts : [..., D] float64
        Linear in the losses; the sum of their squares is the variance of the mean, the sum of
        the products of two of them the covariance of two means.
    degrees : int
        Of freedom, of Student's t.
    """

    parts: Floats
    degrees: int


def spread(losses: Floats, kind: Kind) -> Spread:
    """Estimate the variance of means of unit losses.

    Parameters
    ----------
    losses : [..., U] float64
        In time order where the units are origins.
    kind : {"origins", "series"}
        Series are exchangeable: the textbook variance with U - 1 degrees of freedom. Origins
        depend on their neighbours: B = max(3, round(.35 U^(2/3))) projections on cosines, the
        slowest waves that U moments can show, whose mean square is the long-run variance.
    """
    n = losses.shape[-1]
    if kind == "series":
        deviations = losses - losses.mean(axis=-1, keepdims=True)
        return Spread(deviations / math.sqrt(n * max(n - 1, 1)), n - 1)
    b = min(n - 1, max(FEWEST_COSINES, round(COSINES * n ** (2 / 3))))
    waves = np.cos(np.pi * np.arange(1, b + 1)[:, None] * (np.arange(n) + 0.5) / n)  # [B, U]
    return Spread(losses @ waves.T * (math.sqrt(2 / n) / math.sqrt(max(b, 1) * n)), b)


def versus(losses: Floats, other: Floats, kind: Kind) -> Versus:
    """One model against another, by one way of dividing into units; not yet corrected.

    Parameters
    ----------
    losses, other : [U] float64
        Of the model and of the other. Units where one of them is NaN are left out.
    kind : {"origins", "series"}

    Returns
    -------
    Versus
        ``p_holm`` is NaN and the decision open. Below twenty units, and where the other's loss
        is not itself clearly above zero, ``p`` and the interval are NaN.
    """
    paired = np.isfinite(losses) & np.isfinite(other)
    pair = np.stack([losses[paired], other[paired]])  # [2, U]
    n = pair.shape[1]
    level = float(pair[1].mean()) if n else 0.0
    difference = float((pair[0] - pair[1]).mean()) if n else 0.0
    skill = -difference / level + 0.0 if level > 0 else math.nan  # + 0.0: no minus before nothing
    blank = Versus(skill, NOWHERE, math.nan, math.nan, n, kind, "inconclusive")
    if n < FEWEST_UNITS:
        return blank
    found = spread(np.stack([pair[0] - pair[1], pair[1]]), kind)
    interval = fieller(difference, level, found)
    if math.isnan(interval[0]):
        return blank
    p = _two_sided(difference, float((found.parts[0] ** 2).sum()), found.degrees)
    p_dm = diebold_mariano(pair[0], pair[1]) if kind == "origins" else math.nan
    return replace(blank, ci95=interval, p=p, p_dm=p_dm)


def compare(found: UnitLosses, model: str, other: str) -> Versus:
    """One model against another, by every way of dividing: the larger p and its interval.

    Series that share their moments are not independent, nor are moments that share their
    series; evidence has to survive both views, and an undecided one leaves it undecided.
    """
    views = [
        versus(mine, theirs, kind)
        for kind, mine, theirs in zip(
            found.kinds, found.of_model[model], found.of_model[other], strict=True
        )
    ]
    weakest = max(views, key=lambda view: math.inf if math.isnan(view.p) else view.p)
    p_dm = next((view.p_dm for view in views if not math.isnan(view.p_dm)), math.nan)
    return replace(weakest, p_dm=p_dm)


def fieller(difference: float, level: float, found: Spread) -> tuple[float, float]:
    """The 95 % interval of the skill s = -difference / level (Fieller 1954).

    All s for which the mean of d + s y is not significantly different from zero, where d are
    the differences and y the other's losses: a quadratic in s, whose constant term has the sign
    of the test of d. NaN where the set is not an interval, since y itself may be zero.

    Parameters
    ----------
    difference, level : float
        Means of d and y.
    found : Spread
        Of d and y: parts [2, D].
    """
    from scipy.special import stdtrit

    reach = float(stdtrit(found.degrees, 1 - LEVEL / 2)) ** 2
    own, cross, base = (
        reach * float(product.sum())
        for product in (
            found.parts[0] ** 2,
            found.parts[0] * found.parts[1],
            found.parts[1] ** 2,
        )
    )
    square = level**2 - base
    if level <= 0 or square <= 0:
        return NOWHERE
    half, constant = difference * level - cross, difference**2 - own
    root = math.sqrt(max(half**2 - square * constant, 0.0))
    outer = -half - math.copysign(root, half)  # no cancellation, so signs are exact
    ends = (outer / square, constant / outer if outer else 0.0)
    return min(ends) + 0.0, max(ends) + 0.0  # no minus before nothing


def diebold_mariano(losses: Floats, other: Floats) -> float:
    """p of Diebold & Mariano (1995) with the correction of Harvey, Leybourne & Newbold (1997).

    One loss an origin, origins a horizon apart: their h is 1, no autocovariance enters, and the
    corrected statistic is that of the paired t test. It is given for those who look for it.

    Parameters
    ----------
    losses, other : [U] float64
    """
    found = spread(losses - other, "series")
    variance = float((found.parts**2).sum())
    return _two_sided(float((losses - other).mean()), variance, found.degrees)


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """p corrected for their number, step by step down (Holm 1979); NaN stay and do not count.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, float("nan")])
    (0.03, 0.06, 0.06, nan)
    """
    values = np.asarray(p, dtype=float)
    tested = np.flatnonzero(np.isfinite(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    factors = len(order) - np.arange(len(order))
    corrected = np.full(len(values), math.nan)
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return tuple(corrected.tolist())


def simes(p: Iterable[float]) -> float:
    """One p for "at least one of these is real" (Simes 1986): the least of J p₍ₖ₎ / k.

    Never larger than Bonferroni's, and holds its level for tests that depend positively
    (Sarkar 1998), as those of models that were set against the same rivals do.

    Examples
    --------
    >>> simes([0.03, 0.04]), simes([0.03, 0.9])
    (0.04, 0.06)
    """
    ordered = list(enumerate(sorted(p), start=1))
    return min((value * (len(ordered) / k) for k, value in ordered), default=1.0)


def decided(found: Versus, p_holm: float) -> Versus:
    """The comparison with its corrected p and what follows from it."""
    if not p_holm < LEVEL:  # NaN too
        return replace(found, p_holm=p_holm, decision="inconclusive")
    return replace(found, p_holm=p_holm, decision="better" if found.skill > 0 else "worse")


def against_reference(found: UnitLosses, reference: str) -> Mapping[str, Versus]:
    """Every model that has forecasts against the reference, corrected for their number.

    Parameters
    ----------
    found : UnitLosses
    reference : str
        Nothing is compared where it has no forecasts itself.
    """
    if reference not in found.of_model:
        return {}
    rivals = [name for name in found.of_model if name != reference]
    each = [compare(found, name, reference) for name in rivals]
    corrected = holm([one.p for one in each])
    units, kind = found.scarcest
    itself = Versus(0.0, (0.0, 0.0), math.nan, math.nan, units, kind, "reference")
    told = (decided(one, p) for one, p in zip(each, corrected, strict=True))
    return {reference: itself, **dict(zip(rivals, told, strict=True))}


def _two_sided(mean: float, variance: float, degrees: int) -> float:
    """p of a mean; 1 where there is no difference at all."""
    from scipy.special import stdtr

    if variance == 0:
        return float(mean == 0)
    return float(2 * stdtr(degrees, -abs(mean) / math.sqrt(variance)))

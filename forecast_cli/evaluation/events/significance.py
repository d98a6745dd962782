"""Whether one model is better than another on the same answers, or merely luckier.

The difference of a metric is resampled over independent units (Efron & Tibshirani 1993, chapter
6); its spread and Student's t with the degrees of freedom of the rarest class give p and the
interval, which keeps the level where events are few and percentiles would not. Decisions at a
threshold are compared by McNemar's test. Knows no model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.evaluation.events.answers import Answers
from forecast_cli.evaluation.events.metrics import EventMetric, decisions
from forecast_cli.evaluation.events.units import Units
from forecast_cli.evaluation.significance import LEVEL, holm
from forecast_cli.event_comparison import EventVersus

RESAMPLES = 1000
_AT_ONCE = 4_000_000  # weights that are held at a time
_EXACT_UP_TO = 25  # decisions that differ: below, McNemar's test is the binomial one


def resampled(
    metric: EventMetric, folds: Sequence[Answers], members: Sequence[Ints], units: Units, seed: int
) -> Floats:
    """[R] the mean over the folds of a metric, over resamples of the units.

    Parameters
    ----------
    metric : EventMetric
    folds : sequence of Answers
        Of one model, fold by fold.
    members : sequence of [M_f] int64
        Which of all answers each fold holds.
    units : Units
        Of all answers.
    seed : int
        Same seed, same resamples: differences of two models are paired.

    Returns
    -------
    [R] float64
        Over the folds in which the score is defined; NaN where units are too few.
    """
    sound = [
        (answers, own)
        for answers, own in zip(folds, members, strict=True)
        if math.isfinite(metric.compute(answers))
    ]
    if not units.enough or not sound:
        return np.full(RESAMPLES, np.nan)
    total = len(units.of_answer)
    at_once = max(1, min(RESAMPLES, _AT_ONCE // max(total, 1)))
    drawn = units.resamples(RESAMPLES, seed)  # [R, U]
    means = []
    for start in range(0, RESAMPLES, at_once):
        some = drawn[start : start + at_once]
        scores = [metric.weighted(answers, some[:, units.of_answer[own]]) for answers, own in sound]
        means.append(np.mean(scores, axis=0))
    return np.concatenate(means)


def interval(
    value: float, over: Floats, units: Units, within: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[float, float]:
    """The 95 % interval of a score from its resamples [R]; NaN where they are not numbers.

    ``within``: what the score can be at all.
    """
    reach = _reach(over, units.degrees)
    if not math.isfinite(reach):
        return math.nan, math.nan
    return max(value - reach, within[0]) + 0.0, min(value + reach, within[1]) + 0.0


def versus(
    metric: EventMetric, difference: float, over: Floats, p_mcnemar: float, units: Units
) -> EventVersus:
    """One model against another; p is not yet corrected, and the decision open.

    Parameters
    ----------
    difference : float
        Of the scores, above 0 where this model is better.
    over : [R] float64
        The same over resamples.
    """
    from scipy.special import stdtr

    spread = float(np.std(over, ddof=1)) if np.isfinite(over).all() else math.nan
    if not units.enough or not math.isfinite(spread + difference):
        p, ci95 = math.nan, (math.nan, math.nan)
    elif spread == 0:
        p, ci95 = float(difference == 0), (difference, difference)
    else:
        p = float(2 * stdtr(units.degrees, -abs(difference) / spread))
        ci95 = interval(difference, over, units)
    return EventVersus(
        metric.name, difference, ci95, p, math.nan, p_mcnemar, len(units), "inconclusive"
    )


def decided(found: Mapping[str, EventVersus]) -> dict[str, EventVersus]:
    """Comparisons with the same other model, corrected for their number (Holm 1979)."""
    corrected = holm([one.p for one in found.values()])
    told = {}
    for (name, one), p in zip(found.items(), corrected, strict=True):
        verdict = "inconclusive"
        if p < LEVEL:
            verdict = "better" if one.difference > 0 else "worse"
        told[name] = replace(one, p_holm=p, decision=verdict)
    return told


def mcnemar(right: Bools, other: Bools) -> float:
    """p that two models are right equally often, from those answers where just one is.

    McNemar (1947); the exact binomial test where fewer than 25 answers differ, else with
    Edwards' correction (1948). Both are [M] bool; 1 where none differs.

    Notes
    -----
    It takes answers as independent: several of one entity make it too sure, which is why no
    decision rests on it.
    """
    from scipy.special import bdtr, chdtrc

    only, theirs = int((right & ~other).sum()), int((other & ~right).sum())
    differ = only + theirs
    if differ == 0:
        return 1.0
    if differ < _EXACT_UP_TO:
        return min(1.0, 2 * float(bdtr(min(only, theirs), differ, 0.5)))
    return float(chdtrc(1, (abs(only - theirs) - 1) ** 2 / differ))


def right(folds: Sequence[Answers]) -> Bools:
    """[M] which decisions came true, fold after fold."""
    return np.concatenate([decisions(answers) == answers.labels for answers in folds])


def _reach(over: Floats, degrees: int) -> float:
    from scipy.special import stdtrit

    if not np.isfinite(over).all():
        return math.nan
    return float(stdtrit(degrees, 1 - LEVEL / 2) * np.std(over, ddof=1))

"""What can be said of the series before a network is trained: in about a second.

How strong the season is, how much of the series lies at few frequencies, and what ridge
regression reaches on the validation block. A hopeless series is called early, and so is one on
which a model of a second is already good. Bounded: at most twenty series, spread evenly, and the
latest rows of each. Nothing at or after the end of the training data is looked at.

Notable: words follow from what lies beyond chance. A season that is the mean of k cycles takes
1/k of the variance of pure noise with it; that share is not called a season.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from forecast_cli.comparison import Learnability
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.data.split import block_origins, train_ends
from forecast_cli.errors import ForecastError
from forecast_cli.evaluation.backtest import targets, with_past
from forecast_cli.evaluation.metrics import RANKING, ROUNDED, Scales, rounding, seasonal_scales
from forecast_cli.evaluation.regularity import MOST_CYCLES, predictability, seasonal_strength
from forecast_cli.forecasters import registry
from forecast_cli.task import Task

MOST_SERIES = 20
STL_ROWS = 20_000  # over all series
RIDGE_ROWS = 8_000  # that are learned from, over all series
RIDGE_LAGS = 512  # at most
RIDGE_ORIGINS = 20  # of one series

STRONG, MODERATE = 0.64, 0.3  # of seasonal strength; the first asks for seasonal differences
PREDICTABLE, NOISE = 0.5, 0.03  # of predictability
WORTH = 0.05  # skill of ridge that is more than a shade
OF_NOISE = 0.35  # skill that the mean reaches against any naive forecast of noise: .29, and chance


def learnability(panel: Panel, task: Task, until: Ints, reference: str) -> Learnability:
    """Look at the series before a model is trained.

    Parameters
    ----------
    panel : Panel
    task : Task
        Its first season is the one whose strength is told, and the last ``task.validation``
        steps before ``until`` are the validation block.
    until : [S] int64
        Absolute end row (exclusive) of what may be looked at.
    reference : str
        The registered model that ridge regression is measured against, by MASE (by MAE where
        that is undefined).

    Returns
    -------
    Learnability
        Medians over the series; what cannot be told is NaN.
    """
    began = time.perf_counter()
    sample = _sample(panel, until)
    past = sample.until(sample.known_ends)
    pieces = [past.target[a:b] for a, b in zip(past.starts, past.ends, strict=True)]
    cycles = _cycles(len(pieces), task.season)
    strength = _median([seasonal_strength(y, task.season, cycles) for y in pieces])
    predictable = _median([predictability(y, task.season) for y in pieces])
    skill = ridge_skill(past, task, reference)
    seen = min(cycles, max((len(y) for y in pieces), default=0) / task.season)
    if pieces and all(_is_constant(y) for y in pieces):
        text = "constant: the last value will do"
        return Learnability(strength, predictable, skill, time.perf_counter() - began, text)
    text = in_words(strength, predictable, skill, reference, cycles=seen)
    return Learnability(strength, predictable, skill, time.perf_counter() - began, text)


def ridge_skill(past: Panel, task: Task, reference: str) -> float:
    """Skill of ridge regression against the reference on the validation block.

    On lags of the target and the calendar alone: covariates would take more than a second.

    Parameters
    ----------
    past : Panel
        Ends where the training data do.
    task : Task
    reference : str

    Returns
    -------
    float
        NaN where there is no block, or one of the two has no score on it.
    """
    ends = train_ends(past, past.ends, task.validation)
    firsts = np.maximum(past.starts, ends - RIDGE_ROWS // max(past.n_series, 1))
    part = _targets_since(past, firsts)
    ends = part.starts + ends - firsts
    spread = block_origins(part, ends, part.ends, task.horizon, RIDGE_ORIGINS)
    origins = with_past(part, spread)
    if not len(origins):
        return float("nan")
    actual = targets(part, origins, task.horizon)
    scales = seasonal_scales(part, ends, task.season)
    there = Scales(scales.absolute[origins.series], scales.squared[origins.series])
    metric = RANKING["mase" if np.isfinite(there.absolute).any() else "mae"]
    settings = Settings(context=min(max(64, 3 * max(task.seasons)), RIDGE_LAGS))
    losses = []
    for name in ("linear", reference):
        try:
            model = registry.create(name, settings).fit(part, replace(task, validation=0), ends)
            values = model.forecast(part, origins).values
        except (ForecastError, ArithmeticError, np.linalg.LinAlgError):
            return float("nan")
        found = metric.compute(
            actual=actual,
            forecast=values,
            quantiles=task.quantiles,
            scales=there,
            series=origins.series,
            n_series=part.n_series,
        )
        losses.append(found.overall)
    ridge, other = losses
    least = ROUNDED if metric.name == "mase" else rounding(actual)  # a share of less is noise
    return 1 - ridge / other if np.isfinite(ridge) and other > least else float("nan")


def in_words(
    strength: float, predictable: float, skill: float, reference: str, *, cycles: float
) -> str:
    """What the numbers say, and no more.

    Parameters
    ----------
    cycles : float
        Of the season, that its strength was found in.

    Examples
    --------
    >>> in_words(0.93, 0.6, 0.21, "seasonal-naive", cycles=20)
    'strongly seasonal (0.93), quite predictable (0.60); ridge already beats seasonal-naive by
    21 % on the validation block'
    """
    chance = 1 / max(cycles, 1.0)
    beyond = (strength - chance) / (1 - chance) if chance < 1 else 0.0
    told = []
    if np.isfinite(strength):
        how = "strongly" if beyond >= STRONG else "moderately" if beyond >= MODERATE else "hardly"
        told.append(f"{how} seasonal ({strength:.2f})")
    noisy = predictable < NOISE and not beyond >= MODERATE
    if noisy:
        told.append(f"close to noise ({predictable:.2f}): do not expect much of any model")
    elif np.isfinite(predictable):
        told.append(
            f"{'quite' if predictable >= PREDICTABLE else 'partly'} predictable ({predictable:.2f})"
        )
    sentences = [", ".join(told)] if told else []
    if np.isfinite(skill):
        as_any = ", as the mean of noise would" if noisy and WORTH < skill <= OF_NOISE else ""
        sentences.append(f"{_ridge(skill, reference)} on the validation block{as_any}")
    return "; ".join(sentences) or "too little data to say anything before training"


def _ridge(skill: float, reference: str) -> str:
    if skill > WORTH:
        return f"ridge already beats {reference} by {100 * skill:.0f} %"
    if skill < -WORTH:
        return f"ridge is {-100 * skill:.0f} % worse than {reference}"
    return f"ridge is about as good as {reference}"


def _sample(panel: Panel, until: Ints) -> Panel:
    """At most twenty series, evenly spread, cut at their ends; those without rows are left out."""
    some = np.flatnonzero(until > panel.starts)
    if len(some) > MOST_SERIES:
        some = some[np.linspace(0, len(some) - 1, MOST_SERIES).round().astype(np.int64)]
    chosen = panel.select(some)
    return chosen.until(chosen.starts + (until - panel.starts)[some])


def _targets_since(panel: Panel, firsts: Ints) -> Panel:
    """The rows of every series from ``firsts`` [S] on, without covariates."""
    lengths = panel.ends - firsts
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    kept = np.repeat(firsts - offsets[:-1], lengths) + np.arange(offsets[-1])
    return replace(
        panel,
        values=panel.values[kept, :1],
        observed=panel.observed[kept, :1],
        times=panel.times[kept],
        offsets=offsets,
        channels=panel.channels[:1],
        roles=panel.roles[:1],
    )


def _cycles(series: int, season: int) -> int:
    """How many cycles of the season are looked at in each series."""
    return max(2, min(MOST_CYCLES, STL_ROWS // max(series * season, 1)))


def _is_constant(y: Floats) -> bool:
    """Whether two values and more were seen, and all are the same."""
    seen = y[np.isfinite(y)]
    return len(seen) > 1 and bool(np.ptp(seen) == 0)


def _median(values: list[float]) -> float:
    """Of what is defined; NaN where nothing is."""
    defined = [value for value in values if np.isfinite(value)]
    return float(np.median(defined)) if defined else float("nan")

"""What both the terminal and the HTML report read out of a result: bands, pairs, rankings.

Notable: nothing is scored here. Means over horizon steps are means of the scores that the
result holds, and are called so where they are shown.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from forecast_cli.comparison import (
    CompareResult,
    ModelScore,
    Replaced,
    Versus,
)

MAX_BANDS = 8
COLOURED = 5  # models that have a colour of their own
LEAST_GAIN = 1e-4  # of skill, for which a dearer model has a rung on the ladder


@dataclass(frozen=True)
class Band:
    """Consecutive horizon steps ``first..last`` (from 1, inclusive)."""

    first: int
    last: int


def bands(horizon: int, most: int = MAX_BANDS) -> tuple[Band, ...]:
    """Cut 1..H into at most ``most`` bands, as equal as can be.

    Examples
    --------
    >>> [(b.first, b.last) for b in bands(10, 4)]
    [(1, 3), (4, 6), (7, 8), (9, 10)]
    """
    n = min(horizon, most)
    whole, extra = divmod(horizon, n)
    ends = [sum(whole + (i < extra) for i in range(k + 1)) for k in range(n)]
    return tuple(Band(start + 1, end) for start, end in zip([0, *ends], ends, strict=False))


@dataclass(frozen=True)
class HorizonProfile:
    """One figure a model and band of the horizon.

    Parameters
    ----------
    is_skill : bool
        Whether the figures are skill (higher is better) or the metric itself (lower is).
    rows : tuple of (model name, one mean a band)
    best : tuple of str
        The best model of each band; empty text where none is defined.
    """

    is_skill: bool
    bands: tuple[Band, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    best: tuple[str, ...]


def horizon_profile(result: CompareResult, most: int = MAX_BANDS) -> HorizonProfile:
    """Mean skill of the steps in each band; the mean metric where no skill is defined."""
    ran = succeeded(result)
    is_skill = any(score.skill_by_step for score in ran)
    metric = result.protocol.metric
    spans = bands(result.protocol.horizon, most)
    rows = []
    for score in ran:
        by_step = score.skill_by_step if is_skill else score.by_step.get(metric, ())
        if by_step:
            rows.append((score.name, tuple(mean(by_step[b.first - 1 : b.last]) for b in spans)))
    sign = -1 if is_skill else 1
    best = []
    for k in range(len(spans)):
        defined = [(sign * means[k], name) for name, means in rows if math.isfinite(means[k])]
        best.append(min(defined, key=lambda pair: pair[0])[1] if defined else "")
    return HorizonProfile(is_skill, spans, tuple(rows), tuple(best))


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two limits.

    Examples
    --------
    >>> ticks(0.0, 10.3), ticks(1, 24)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [5.0, 10.0, 15.0, 20.0])
    """
    step = round_step(low, high, about)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) + 0.0 for k in range(first, math.floor(high / step + 1e-9) + 1)]


def round_step(low: float, high: float, about: int) -> float:
    """The round number that parts a range into about so many.

    Examples
    --------
    >>> round_step(0.0, 10.3, 5)
    2.0
    """
    raw = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(raw))
    return unit * min((1, 2, 5, 10), key=lambda m: abs(m - raw / unit))


def step_ticks(horizon: int, about: int = 5) -> list[int]:
    """Round steps, evenly spaced.

    Examples
    --------
    >>> step_ticks(24), step_ticks(3)
    ([5, 10, 15, 20], [1, 2, 3])
    """
    return [int(h) for h in ticks(0, horizon, min(about, horizon)) if h >= 1]


def succeeded(result: CompareResult) -> tuple[ModelScore, ...]:
    """The models that ran, best first."""
    return tuple(score for score in result.models if score.status == "ok")


def failed(result: CompareResult) -> tuple[ModelScore, ...]:
    """The models that did not."""
    return tuple(score for score in result.models if score.status != "ok")


def model_named(result: CompareResult, name: str) -> ModelScore | None:
    """The score of a model that ran."""
    return next((score for score in succeeded(result) if score.name == name), None)


def best_of_kind(result: CompareResult, network: bool) -> ModelScore | None:
    """The best network, or the best simple model."""
    return next((s for s in succeeded(result) if (s.kind == "network") == network), None)


def coloured(result: CompareResult) -> dict[str, int]:
    """The models that are drawn, best first, each with its colour all through the report.

    The best network, the best simple model, what is to be shipped and the reference always are
    among them; the best of the others fill up.
    """
    ran = succeeded(result)
    firsts = [best_of_kind(result, True), best_of_kind(result, False)]
    wanted = [s.name for s in firsts if s is not None]
    wanted += [result.verdict.best, result.verdict.ship, result.protocol.reference]
    names = [s.name for s in ran]
    chosen = [name for name in dict.fromkeys([*wanted, *names]) if name in names][:COLOURED]
    return {name: k for k, name in enumerate(sorted(chosen, key=names.index))}


def ladder(result: CompareResult) -> tuple[ModelScore, ...]:
    """The models that no cheaper one equals, cheapest first: each costs more and reaches more.

    The cost is the time to fit and to forecast, the reach is skill.
    """
    rungs: list[ModelScore] = []
    known = [s for s in succeeded(result) if s.skill is not None and math.isfinite(s.skill)]
    for score in sorted(known, key=lambda s: (s.fit_seconds + s.forecast_seconds, s.rank or 0)):
        reached = rungs[-1].skill if rungs else -math.inf
        if score.skill is not None and reached is not None and score.skill > reached + LEAST_GAIN:
            rungs.append(score)
    return tuple(rungs)


def judged(result: CompareResult) -> tuple[tuple[ModelScore, Versus], ...]:
    """The models that were tested against the reference, best first."""
    return tuple(
        (s, s.versus_reference) for s in succeeded(result) if s.versus_reference is not None
    )


def mean(values: Sequence[float]) -> float:
    """The mean of the defined values; NaN where there is none."""
    defined = [v for v in values if math.isfinite(v)]
    return sum(defined) / len(defined) if defined else math.nan


def levels(quantiles: Sequence[float]) -> tuple[tuple[int, int, int], ...]:
    """The central intervals that a quantile grid holds, narrow first.

    Returns
    -------
    tuple of (level in per cent, position of the lower bound, position of the upper bound)

    Examples
    --------
    >>> levels((0.025, 0.1, 0.5, 0.9, 0.975))
    ((80, 1, 3), (95, 0, 4))
    """
    pairs = itertools.combinations(enumerate(quantiles), 2)
    return tuple(
        sorted(
            (round(100 * (upper - lower)), low, high)
            for (low, lower), (high, upper) in pairs
            if math.isclose(lower + upper, 1.0, abs_tol=1e-9)
        )
    )


def median_position(quantiles: Sequence[float]) -> int:
    """Where the point forecast stands: the quantile nearest one half."""
    return min(range(len(quantiles)), key=lambda k: abs(quantiles[k] - 0.5))


@dataclass(frozen=True)
class SeriesRow:
    """One series: the best model's metric beside the reference's."""

    id: str
    value: float
    reference: float


def by_series(result: CompareResult) -> tuple[SeriesRow, ...]:
    """Every series with a defined metric, the best model's best first.

    Empty where there is one series, or the best model or the reference is absent.
    """
    metric = result.protocol.metric
    best = model_named(result, result.verdict.best)
    reference = model_named(result, result.protocol.reference)
    if best is None or reference is None or len(result.table.ids) < 2:
        return ()
    rows = [
        SeriesRow(*row)
        for row in zip(
            result.table.ids,
            best.by_series.get(metric, ()),
            reference.by_series.get(metric, ()),
            strict=False,
        )
    ]
    return tuple(sorted((r for r in rows if math.isfinite(r.value)), key=lambda r: r.value))


def interval_levels(result: CompareResult) -> tuple[int, ...]:
    """The levels in per cent whose coverage any model has, narrow first."""
    names = {m for score in result.models for m in score.metrics if m.startswith("coverage_")}
    return tuple(sorted(int(name.removeprefix("coverage_")) for name in names))


def problem(score: ModelScore) -> str:
    """Why a model has no scores, as a sentence."""
    if score.status == "timed out":
        return f"{score.name} {score.reason}"
    return f"{score.name} failed: {score.reason}"


def replaced(result: CompareResult) -> tuple[Replaced, ...]:
    """Which forecasts a simpler model gave, in the order of the ranking."""
    return tuple(record for score in succeeded(result) for record in score.replaced)


def some_names(names: Sequence[str], limit: int = 3) -> str:
    """The first few names, and how many more there are.

    Examples
    --------
    >>> some_names(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def remarks(score: ModelScore) -> tuple[str, ...]:
    """What else went otherwise than planned, without the name; see :func:`replaced`."""
    said = score.fallbacks or ((score.reason,) if score.reason else ())
    counted = tuple(f"{record.told}, " for record in score.replaced)
    said = tuple(text for text in said if not text.startswith(counted))
    return tuple(text.removeprefix(f"{score.name}: ") for text in said)

"""The answer in words: is the network worth it, or will a simple model do?

The rules are those of docs/protocol.md, and deliberately few: the best network against the
best simple model, one loss for each independent unit, a paired t interval, and silence
("inconclusive") below twenty units. Tests of significance and corrections for many
comparisons are not here. Nothing is scored here but the units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecast_cli.comparison import ForecastTable, ModelScore, Protocol, Verdict
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.evaluation.metrics import LABELS, RANKING, Scales

FEWEST_UNITS = 20  # below it, intervals from forecasts of one series do not hold their level
CONFIDENCE = 0.95
NEGLIGIBLE_SECONDS = 0.01
MOST_PERCENT = 1e6  # beyond it, with an exponent

Finding = Literal["network", "simple", "no difference", "inconclusive", "not asked"]


@dataclass(frozen=True, eq=False)
class Units:
    """What counts as one independent comparison."""

    kind: Literal["series", "origins"]
    of_origin: Ints  # [O] the unit of each origin, -1 where it is in none
    count: int


@dataclass(frozen=True)
class Margin:
    """How far the network is ahead, as a share of the simple model's loss.

    Positive: the network loses less. ``lower`` and ``upper`` are NaN below two units, and where
    the units hold no loss to take a share of.
    """

    ahead: float
    lower: float
    upper: float
    units: int
    kind: str


def independent_units(table: ForecastTable, stride: int) -> Units:
    """Series where at least twenty have an origin, else moments at least H steps apart.

    Moments are origin times; without a calendar, the k-th origins from the end of each
    series. Where origins overlap (stride < H), every ⌈H / stride⌉-th moment is kept,
    counted back from the last.
    """
    series, position = np.unique(table.series, return_inverse=True)
    if len(series) >= FEWEST_UNITS:
        return Units("series", position.astype(np.int64), len(series))
    moments = table.origin_times  # [O]
    if table.clock.freq is None:
        latest_first = np.lexsort((-table.origin_times, position))
        firsts = np.cumsum(np.bincount(position)) - np.bincount(position)  # [S]
        moments = np.empty(len(position), dtype=np.int64)
        moments[latest_first] = firsts[position[latest_first]] - np.arange(len(position))
    distinct, order = np.unique(moments, return_inverse=True)
    back = len(distinct) - 1 - order  # [O] 0 at the last moment
    apart = -(-table.actual.shape[1] // stride)
    kept = back % apart == 0
    return Units("origins", np.where(kept, back // apart, -1), -(-len(distinct) // apart))


def unit_losses(
    table: ForecastTable, units: Units, scales: Scales, name: str, metric: str
) -> Floats:
    """[U] the metric of one model within each unit; NaN where nothing could be scored."""
    cells = RANKING[metric].cells(
        actual=table.actual,
        forecast=table.forecasts[name],
        quantiles=table.quantiles,
        scales=scales,
    )
    inside = units.of_origin >= 0
    group = units.of_origin[inside]
    loss = np.bincount(group, cells.loss[inside].sum(axis=1), units.count)
    weight = np.bincount(group, cells.weight[inside].sum(axis=1), units.count)
    return RANKING[metric].finish(loss, weight)


def margin(
    network: ModelScore, simple: ModelScore, metric: str, pairs: Floats, kind: str
) -> Margin:
    """Compare two models.

    Parameters
    ----------
    network, simple : ModelScore
        The share ahead is taken from their scores over all cells.
    metric : str
    pairs : [2, U] float64
        Unit losses of both. The interval is that of Student's t for the mean of their
        differences, divided by the simple model's mean loss (which is taken as fixed).
    kind : str
        What the units are.
    """
    losses = pairs[:, np.isfinite(pairs).all(axis=0)]
    difference = losses[1] - losses[0]  # [U]
    n = len(difference)
    level = losses[1].mean() if n else 0.0
    ahead = 1 - network.metrics[metric] / simple.metrics[metric]
    if n < 2 or level == 0:
        return Margin(ahead, float("nan"), float("nan"), n, kind)
    from scipy.stats import t

    reach = t.ppf((1 + CONFIDENCE) / 2, n - 1) * difference.std(ddof=1) / np.sqrt(n)
    return Margin(
        ahead,
        float((difference.mean() - reach) / level),
        float((difference.mean() + reach) / level),
        n,
        kind,
    )


def judge(found: Margin) -> Finding:
    """Apply the rules to a margin."""
    if found.units < FEWEST_UNITS or not np.isfinite(found.lower):
        return "inconclusive"
    if found.lower > 0:
        return "network"
    return "simple" if found.upper < 0 else "no difference"


def verdict(
    scores: Sequence[ModelScore],
    table: ForecastTable,
    scales: Scales,
    protocol: Protocol,
    seasons: Sequence[int] = (),
) -> Verdict:
    """The sentence that leads the report.

    Parameters
    ----------
    scores : sequence of ModelScore
        By rank, as ``scores.score`` returns them.
    table : ForecastTable
    scales : Scales
        [O] each.
    protocol : Protocol
    seasons : sequence of int
        Seasons of the task, the main one first; each has a seasonal naive to beat.
    """
    ranked = [row for row in scores if row.rank is not None]
    network = next((row for row in ranked if row.kind == "network"), None)
    simple = next((row for row in ranked if row.kind != "network"), None)
    if not ranked:
        return Verdict("", "No model could be scored; the table says why.", "not asked")
    best = ranked[0]
    if network is None or simple is None:
        return Verdict(best.name, _one_sided(best, scores, protocol), "not asked")
    if simple.metrics[protocol.metric] == 0:
        text = f"A simple model will do: {simple.name} forecasts without error."
        return Verdict(simple.name, text, "simple")
    units = independent_units(table, protocol.stride)
    pairs = np.stack(
        [unit_losses(table, units, scales, row.name, protocol.metric) for row in (network, simple)]
    )
    found = margin(network, simple, protocol.metric, pairs, units.kind)
    finding = judge(found)
    sentences = [
        _lead(finding, found, network, simple, protocol.metric),
        _weakness(scores, protocol.season, seasons) if finding == "network" else "",
        _cost(network, simple),
        _skills((network, simple), protocol),
        _caveat(finding, found),
    ]
    return Verdict(best.name, " ".join(filter(None, sentences)), finding)


def _lead(
    finding: Finding, found: Margin, network: ModelScore, simple: ModelScore, metric: str
) -> str:
    label = LABELS[metric]
    one, other = f"{network.metrics[metric]:.4g}", f"{simple.metrics[metric]:.4g}"
    if finding == "inconclusive":
        unit = found.kind if found.units != 1 else "origin"
        return (
            f"Inconclusive: {found.units} independent {unit} cannot tell the models apart, it "
            f"takes at least {FEWEST_UNITS}. So far {network.name}, the best network, has a "
            f"{label} of {one}, and {simple.name}, the best simple model, {other}."
        )
    unit = "series" if found.kind == "series" else "non-overlapping origins"
    interval = f"95 % interval: {_range(found)}; {found.units} {unit}"
    if finding == "network":
        return (
            f"The network is worth it: {network.name} has a {label} of {one}, "
            f"{_side(found.ahead)} than the {other} of {simple.name}, the best simple model "
            f"({interval})."
        )
    chance = ", which may be chance" if finding == "no difference" else ""
    return (
        f"A simple model will do: {simple.name} has a {label} of {other}; {network.name}, the "
        f"best network, has {one}, {_side(found.ahead)} ({interval}){chance}."
    )


def _weakness(scores: Sequence[ModelScore], season: int, seasons: Sequence[int]) -> str:
    """Who was not there to be beaten: a network that won against few has shown little."""
    strong = ["linear", *(["seasonal-naive"] if season > 1 else [])]
    strong += [f"seasonal-naive-{m}" for m in seasons[1:] if m > 1]
    status = {row.name: row.status for row in scores}
    absent = [name for name in strong if name not in status]
    failed = [name for name in strong if status.get(name, "ok") != "ok"]
    missing = [
        *([f"{_listed(absent)} not asked"] if absent else []),
        *([f"{_listed(failed)} failed"] if failed else []),
    ]
    if not missing:
        return ""
    remedy = " and ".join(
        [
            *(["leave --baselines out or add to it what is missing"] if absent else []),
            *(["see in the table what went wrong"] if failed else []),
        ]
    )
    return f"But the field was weak ({', '.join(missing)}): {remedy}, and compare again."


def _listed(names: Sequence[str]) -> str:
    """Names as a phrase: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _cost(network: ModelScore, simple: ModelScore) -> str:
    quick, slow = sorted((network, simple), key=lambda row: row.fit_seconds)
    if quick.fit_seconds < NEGLIGIBLE_SECONDS:
        return f"Fitting takes {slow.fit_seconds:.3g} s with {slow.name}, none with {quick.name}."
    ratio = slow.fit_seconds / quick.fit_seconds
    return (
        f"Fitting takes {ratio:.{0 if ratio >= 10 else 1}f} times as long with {slow.name} "
        f"({slow.fit_seconds:.3g} s) as with {quick.name} ({quick.fit_seconds:.3g} s)."
    )


def _skills(rows: Sequence[ModelScore], protocol: Protocol) -> str:
    told = [
        f"{row.name} {_percent(row.skill, '+')} %"
        for row in rows
        if row.skill is not None and row.name != protocol.reference
    ]
    return f"Skill against {protocol.reference}: {', '.join(told)}." if told else ""


def _caveat(finding: Finding, found: Margin) -> str:
    if finding == "inconclusive":
        return ""
    return (
        f"The interval takes {found.kind} as independent, which they are not quite: it is "
        "somewhat too narrow."
    )


def _one_sided(best: ModelScore, scores: Sequence[ModelScore], protocol: Protocol) -> str:
    missing = "simple model" if best.kind == "network" else "network"
    failed = [
        f"{row.name} failed"
        for row in scores
        if (row.kind == "network") == (missing == "network") and row.status != "ok"
    ]
    why = f" ({', '.join(failed)})" if failed else ""
    lead = (
        f"There is no {missing} to compare with{why}. The best model is {best.name}, "
        f"{LABELS[protocol.metric]} {best.metrics[protocol.metric]:.4g}."
    )
    return " ".join(filter(None, [lead, _skills((best,), protocol)]))


def _range(found: Margin) -> str:
    """The interval, nearest to no difference first where it lies on one side."""
    near, far = sorted((found.lower, found.upper), key=abs)
    if (near >= 0) == (far >= 0):
        return f"{_percent(abs(near))} to {_side(far)}"
    return f"{_side(found.lower)} to {_side(found.upper)}"


def _side(ahead: float) -> str:
    """The network's loss against the simple model's."""
    return f"{_percent(abs(ahead))} % {'lower' if ahead >= 0 else 'higher'}"


def _percent(share: float, sign: str = "") -> str:
    """A share in per cent, short however large it is."""
    value = 100 * share
    return f"{value:{sign}.1f}" if abs(value) < MOST_PERCENT else f"{value:{sign}.1e}"

"""The answer in words: is the network worth it for this event, and what to ship?

It rests on the metric that ranks. The best network meets the best simple model; whoever was
chosen as the best of several has to be better by that much more (Bonferroni). A simple
model is shipped unless the network is significantly better. What limits the answer (few events,
a model that knows no more than the prior, probabilities that cannot be taken at their word) is
said with it. Each rule of docs/events.md has a test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forecast_cli.comparison import Verdict
from forecast_cli.evaluation.events.metrics import EventMetric
from forecast_cli.evaluation.events.scoring import Scoreboard
from forecast_cli.evaluation.significance import LEVEL
from forecast_cli.event_comparison import EventScore, EventVersus

SAME = 0.02  # a difference of a score within it, both ends of its interval, is none
FEW = 30  # units that hold the rarest class, below which the answer is called weak
MISCALIBRATED = 0.1  # expected calibration error, beyond what chance brings about
PRIOR = "prior"


@dataclass(frozen=True)
class _Meeting:
    """The best network against the best simple model."""

    network: EventScore
    simple: EventScore
    pair: EventVersus
    p: float  # corrected for how many the better one was chosen from
    finding: str


def verdict(board: Scoreboard, ranking: Sequence[EventScore]) -> Verdict:
    """The sentences that lead the report.

    Parameters
    ----------
    board : Scoreboard
    ranking : sequence of EventScore
        By rank.
    """
    ranked = [row for row in ranking if row.rank is not None]
    if not ranked:
        return Verdict("", "No model could be scored; the table says why.", "not asked")
    networks = [row for row in ranked if row.kind == "network"]
    simple = [row for row in ranked if row.kind != "network"]
    doubts, rules = _doubts(board)
    if not networks or not simple:
        ship = ranked[0]
        lead = f"{ship.name} is the best: {_score(ship, board.metric)}."
        text = _sentences(lead, _nothing_learned(board, ship), f"Ship {ship.name}.", *doubts)
        return Verdict(ship.name, text, "not asked", ship.name, tuple(rules))
    met = _meet(board, networks, simple)
    ship = met.network if met.finding == "network" else met.simple
    rules = [_on_meeting(met, board), f"{ship.name} is shipped: {_why(met)}", *rules]
    text = _sentences(
        _lead(met, board.metric),
        _nothing_learned(board, ship),
        f"Ship {ship.name}.",
        _calibration(ship),
        *doubts,
    )
    return Verdict(ranked[0].name, text, met.finding, ship.name, tuple(rules))


def _meet(
    board: Scoreboard, networks: Sequence[EventScore], simple: Sequence[EventScore]
) -> _Meeting:
    pair = board.versus(networks[0].name, simple[0].name)
    chosen_from = len(networks) if pair.difference > 0 else len(simple)
    p = min(1.0, pair.p * chosen_from) if math.isfinite(pair.p) else math.nan
    finding = "inconclusive"
    if p < LEVEL:
        finding = "network" if pair.difference > 0 else "simple"
    elif max(map(abs, pair.ci95)) <= SAME:  # False where it is NaN
        finding = "no difference"
    return _Meeting(networks[0], simple[0], pair, p, finding)


def _lead(met: _Meeting, metric: EventMetric) -> str:
    network, simple = met.network, met.simple
    by = f"{metric.title} {_number(met.network, metric)} against {_number(met.simple, metric)}"
    sure = f"difference {_signed(met.pair)}, p {_p(met.p)}{_corrected(met)}"
    if met.finding == "network":
        return f"The network is worth it: {network.name} beats {simple.name}, {by} ({sure})."
    if met.finding == "simple":
        return f"A simple model will do: {simple.name} beats {network.name}, {by} ({sure})."
    if met.finding == "no difference":
        return f"A simple model will do: {network.name} and {simple.name} are level, {by} ({sure})."
    ahead = network.name if met.pair.difference > 0 else simple.name
    shown = sure if math.isfinite(met.p) else f"difference {met.pair.difference:+.3f}, not testable"
    return (
        f"The data cannot tell whether the network is worth it: {ahead} is ahead, {by}, but "
        f"that may be luck ({shown})."
    )


def _corrected(met: _Meeting) -> str:
    """Why p is larger than the interval suggests, where it is."""
    return " after correction for the number of models" if met.p > met.pair.p else ""


def _why(met: _Meeting) -> str:
    if met.finding == "network":
        return f"it is significantly better than {met.simple.name}, the best simple model"
    found = "significantly worse" if met.finding == "simple" else "not significantly better"
    return f"{met.network.name}, the best network, is {found}"


def _on_meeting(met: _Meeting, board: Scoreboard) -> str:
    sure = f"{_signed(met.pair)}, p {_p(met.p)}{_corrected(met)}"
    return (
        f"{met.network.name}, the best network, against {met.simple.name}, the best simple model: "
        f"difference of {board.metric.title} {sure}, over {len(board.units)} {board.units.kind}: "
        f"{met.finding}"
    )


def _nothing_learned(board: Scoreboard, ship: EventScore) -> str:
    """Whether the best of all knows more than how often the event comes."""
    if PRIOR not in board.values or ship.name == PRIOR:
        return "" if ship.name != PRIOR else "Nothing beats the share of events itself."
    pair = board.versus(ship.name, PRIOR)
    if pair.difference > 0 and (pair.p < LEVEL or math.isnan(pair.p)):
        return ""
    return (
        f"But {ship.name} is not shown to know more than the share of events "
        f"(difference {_signed(pair)}, p {_p(pair.p)})."
    )


def _calibration(ship: EventScore) -> str:
    """Whether the probabilities are off by more than chance brings about.

    A bin of n answers of probability p is off by √(2 p (1 - p) / π n) on average though its
    model is right.
    """
    error = ship.metrics["ece"]
    bins = ship.curves.reliability if ship.curves else ()
    off = sum(math.sqrt(2 * b.predicted * (1 - b.predicted) * b.count / math.pi) for b in bins)
    if not error - off / max(sum(b.count for b in bins), 1) > MISCALIBRATED:
        return ""
    return f"Its probabilities are off by {error:.2f} on average: use them to rank, not as chances."


def _doubts(board: Scoreboard) -> tuple[list[str], list[str]]:
    """What limits every sentence here, and the rule behind it."""
    fewest = board.units.rarest
    if fewest >= FEW:
        return [], []
    what = board.units.kind.split(" ")[0]
    some = fewest < len(board.units)  # else every unit holds every class
    many = f"{fewest} {what} are of the rarer kind" if some else f"{fewest} {what} were tested"
    told = f"Only {many}: differences have to be large to be seen."
    return [told], [f"few: {fewest} {what}{' of the rarest kind' * some}, below {FEW}"]


def _score(row: EventScore, metric: EventMetric) -> str:
    return f"{metric.title} {_number(row, metric)}"


def _number(row: EventScore, metric: EventMetric) -> str:
    return f"{row.metrics[metric.name]:.3f}"


def _signed(pair: EventVersus) -> str:
    low, high = pair.ci95
    if math.isnan(low):
        return f"{pair.difference:+.3f}"
    return f"{pair.difference:+.3f} [{low:+.3f}, {high:+.3f}]"


def _p(value: float) -> str:
    if math.isnan(value):
        return "unknown"
    return f"{value:.2g}" if value >= 0.001 else "< 0.001"


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)

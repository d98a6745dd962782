"""What to ship: from who won, what every model loses, and what it costs.

The finding decides the kind of model, the rest which one of that kind: the cheapest that is as
good as makes no difference. The rules are those of docs/verdict.md, each with an example there.
Costs are wall-clock times of this comparison, so they are compared coarsely: by factors of
five, and as equal below a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forecast_cli.comparison import ModelScore, Protocol
from forecast_cli.evaluation.contest import Contest
from forecast_cli.evaluation.significance import LEVEL, compare, holm
from forecast_cli.evaluation.units import UnitLosses

CLOSE = 1.05  # times the least loss: as good as makes no difference, unless a test says otherwise
CHEAPER = 5  # times: a difference in cost that counts
NO_COST = 1.0  # seconds below which a cost is no cost
MATERIAL = 0.01  # share of the loss: a smaller gain is not worth five times the cost


@dataclass(frozen=True)
class Choice:
    """What to ship.

    Parameters
    ----------
    name : str
    why : str
        Ends a sentence that begins "Ship NAME: ".
    rules : tuple of str
        Each that was applied, with its numbers.
    """

    name: str
    why: str
    rules: tuple[str, ...]


def choose(
    ranked: Sequence[ModelScore],
    met: Contest | None,
    losses: UnitLosses,
    protocol: Protocol,
) -> Choice:
    """Apply the rules.

    Parameters
    ----------
    ranked : sequence of ModelScore
        Those with a rank, best first; at least one.
    met : Contest or None
        None where there was one side only.
    losses : UnitLosses
    protocol : Protocol
    """
    able, told = _without_stood_in_for(ranked, protocol)
    side, said, why = _side(able, met, protocol.metric)
    chosen, walked = _cheapest(side, losses, protocol.metric)
    best = side[0]
    if chosen is not best:
        why = (
            f"{_gap(chosen, best, protocol.metric)} {best.name}, and {_times(best, chosen)} cheaper"
        )
    elif met is not None and met.finding == "no difference" and chosen.kind != "network":
        ratio = cost(met.network) / cost(chosen)
        if ratio >= CHEAPER:
            why = f"{why}, and it is {_times(met.network, chosen)} cheaper"
    return Choice(chosen.name, why, (*told, said, *walked))


def cost(row: ModelScore) -> float:
    """Seconds of fitting and forecasting; below a second nobody waits."""
    return max(NO_COST, row.fit_seconds + row.forecast_seconds)


def _without_stood_in_for(
    ranked: Sequence[ModelScore], protocol: Protocol
) -> tuple[list[ModelScore], list[str]]:
    """Leave out models of which a simpler one that was compared too gave every answer."""
    names = {row.name for row in ranked}
    able, told = [], []
    for row in ranked:
        own = [record for record in row.replaced if record.model == row.name]
        by = {record.by for record in own}
        whole = sum(record.origins for record in own) >= protocol.origins
        if (row.name, protocol.season) == ("seasonal-naive", 1) and "naive" in names:
            told.append("seasonal-naive is not shipped: without a season it is the naive")
        elif own and whole and by <= names - {row.name}:
            listed = " and ".join(sorted(by))
            told.append(f"{row.name} is not shipped: {listed} gave every one of its answers")
        else:
            able.append(row)
    return able, told


def _side(
    able: Sequence[ModelScore], met: Contest | None, metric: str
) -> tuple[list[ModelScore], str, str]:
    """The models that may be shipped, the rule that says so, and a reason for the best of them.

    A network has to prove its worth. Where it has not, a simple model is shipped.
    """
    networks = [row for row in able if row.kind == "network"]
    simple = [row for row in able if row.kind != "network"]
    if met is None:
        why = f"the least loss of the {len(able)} models that were scored"
        return list(able), "one kind of model was scored, so it is shipped", why
    if met.finding != "network" or not networks:
        reasons = {
            "simple": "no network comes up to it",
            "no difference": "no network is better beyond chance",
            "inconclusive": "a network has to prove its worth, and the evidence is too thin",
        }
        why = reasons.get(met.finding, "it has the least loss")
        return simple, "a simple model is shipped: a network has to prove its worth", why
    lead = 1 - networks[0].metrics[metric] / simple[0].metrics[metric]
    if lead < MATERIAL and cost(simple[0]) * CHEAPER <= cost(networks[0]):
        gain = f"{100 * lead:.2f} %"
        said = (
            f"a simple model is shipped: a gain of {gain}, below {100 * MATERIAL:.0f} %, is not "
            f"worth {_times(networks[0], simple[0])} the cost"
        )
        return simple, said, f"the network's gain of {gain} is real but not worth its cost"
    return networks, "a network is shipped: it beats every simple model", "it earns its cost"


def _cheapest(
    side: Sequence[ModelScore], losses: UnitLosses, metric: str
) -> tuple[ModelScore, list[str]]:
    """From the least loss downwards, change to what costs at most a fifth of the present choice.

    Only models within five per cent of the least loss, and not significantly worse than the
    best of them (Holm over these), may be changed to.
    """
    best = side[0]
    close = [row for row in side[1:] if row.metrics[metric] <= CLOSE * best.metrics[metric]]
    found = [compare(losses, row.name, best.name) for row in close]
    worse = [
        p < LEVEL and one.skill < 0
        for one, p in zip(found, holm([one.p for one in found]), strict=True)
    ]
    equal = [row for row, is_worse in zip(close, worse, strict=True) if not is_worse]
    names = ", ".join(row.name for row in equal) or "no other"
    told = [f"as good as {best.name}, the least loss of its kind: {names}"]
    beaten = [row.name for row, is_worse in zip(close, worse, strict=True) if is_worse]
    if beaten:
        told.append(f"close, but significantly worse: {', '.join(beaten)}")
    chosen = best
    for row in equal:
        if cost(row) * CHEAPER <= cost(chosen):
            told.append(
                f"{row.name} ({short(cost(row))} s) is {_times(chosen, row)} cheaper than "
                f"{chosen.name} ({short(cost(chosen))} s)"
            )
            chosen = row
    return chosen, told


def _gap(row: ModelScore, best: ModelScore, metric: str) -> str:
    """How much more a close model loses."""
    gap = 100 * (row.metrics[metric] / best.metrics[metric] - 1) if best.metrics[metric] else 0.0
    return f"within {gap:.1f} % of" if gap >= 0.05 else "as good as"


def _times(dear: ModelScore, cheap: ModelScore) -> str:
    ratio = cost(dear) / cost(cheap)
    if cheap.fit_seconds + cheap.forecast_seconds < NO_COST:
        return f"at least {math.floor(ratio)} times"
    return f"{short(ratio)} times"


def short(value: float) -> str:
    """Seconds, or a ratio of them: as many digits as wall-clock times bear.

    Examples
    --------
    >>> short(0.123), short(4.56), short(1234.5)
    ('0.1', '4.6', '1234')
    """
    return f"{value:.{0 if value >= 10 else 1}f}"

"""Networks against simple models: who won, if anybody did.

Picking the best network and the best simple model on a test block, and then testing the two on
the same block, finds winners where there are none. So a side wins only if one of its models
beats *every* contender of the other side, each in a test of its own (intersection-union, Berger
1982), corrected for how many models could have done so (Simes 1986). Nothing is put into words
here, and nothing is decided about what to ship.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from forecast_cli.comparison import ModelScore, Versus
from forecast_cli.evaluation.significance import LEVEL, compare, simes
from forecast_cli.evaluation.units import FEWEST_UNITS, UnitLosses

OUT_OF_THE_RACE = 1.5  # times the least loss of its side

Finding = Literal["network", "simple", "no difference", "inconclusive", "not asked"]


@dataclass(frozen=True)
class Contest:
    """The outcome, and the pairs that it rests on.

    Parameters
    ----------
    finding : Finding
    network, simple : ModelScore
        The champion of each side: the winner, where there is one, and the least loss otherwise.
    pair : Versus
        The network against the simple model.
    hardest : ModelScore
        The contender that the champion network (the champion simple model, where those won) has
        the least evidence against.
    against_hardest : Versus
        The champion against it.
    p : float
        That decides: of the side that is ahead, corrected for its number of contenders.
    contenders : (tuple of str, tuple of str)
        Networks and simple models.
    """

    finding: Finding
    network: ModelScore
    simple: ModelScore
    pair: Versus
    hardest: ModelScore
    against_hardest: Versus
    p: float
    contenders: tuple[tuple[str, ...], tuple[str, ...]]


def contest(
    networks: Sequence[ModelScore], simple: Sequence[ModelScore], losses: UnitLosses, metric: str
) -> Contest:
    """Let the two sides meet.

    Parameters
    ----------
    networks, simple : sequence of ModelScore
        With a rank, best first; at least one each.
    losses : UnitLosses
    metric : str
        That ranks.
    """
    sides = contenders(networks, metric), contenders(simple, metric)
    pairs = {(n.name, s.name): compare(losses, n.name, s.name) for n in sides[0] for s in sides[1]}
    won = _claims(pairs, sides[0], sides[1], better=1)
    lost = _claims(pairs, sides[1], sides[0], better=-1)
    p_network, p_simple = simes(won.values()), simes(lost.values())
    network, rival = sides[0][0], sides[1][0]
    finding: Finding = "no difference"
    if losses.scarcest[0] < FEWEST_UNITS or math.isnan(pairs[network.name, rival.name].p):
        finding = "inconclusive"
    elif p_network < LEVEL:
        finding, network = "network", _named(sides[0], min(won, key=lambda name: won[name]))
    elif p_simple < LEVEL:
        finding, rival = "simple", _named(sides[1], min(lost, key=lambda name: lost[name]))
    if finding == "simple":
        hardest = max(sides[0], key=lambda n: _p(pairs[n.name, rival.name], -1))
        tested = pairs[hardest.name, rival.name]
    else:
        hardest = max(sides[1], key=lambda s: _p(pairs[network.name, s.name], 1))
        tested = pairs[network.name, hardest.name]
    return Contest(
        finding=finding,
        network=network,
        simple=rival,
        pair=pairs[network.name, rival.name],
        hardest=hardest,
        against_hardest=tested,
        p=p_simple if pairs[network.name, rival.name].skill < 0 else p_network,
        contenders=(tuple(n.name for n in sides[0]), tuple(s.name for s in sides[1])),
    )


def contenders(side: Sequence[ModelScore], metric: str) -> tuple[ModelScore, ...]:
    """Those that lose at most half again what the best of their side loses.

    A model that went astray now and then has losses so erratic that no test can tell it from
    any other; it should not stand in the way of a finding, since nobody would use it.
    """
    most = OUT_OF_THE_RACE * side[0].metrics[metric]
    return tuple(row for row in side if row.metrics[metric] <= most)


def _claims(
    pairs: Mapping[tuple[str, str], Versus],
    own: Sequence[ModelScore],
    others: Sequence[ModelScore],
    better: int,
) -> dict[str, float]:
    """For each model the p of "it beats every one of the others": the largest of them."""
    if better > 0:
        return {a.name: max(_p(pairs[a.name, b.name], 1) for b in others) for a in own}
    return {a.name: max(_p(pairs[b.name, a.name], -1) for b in others) for a in own}


def _p(found: Versus, better: int) -> float:
    """p of a pair as evidence in one direction: none where the skill points the other way."""
    return found.p if found.skill * better > 0 and not math.isnan(found.p) else 1.0


def _named(rows: Sequence[ModelScore], name: str) -> ModelScore:
    return next(row for row in rows if row.name == name)

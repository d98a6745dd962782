"""The answer in words: is the network worth it, what is that worth, and what to ship?

As a careful statistician would say it to a colleague: who won, by how much, how sure that is,
against whom, at what cost, and what to use. Who won is decided in contest.py and what to ship
in shipping.py; here it is only put into words. Each rule of docs/verdict.md has a test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from forecast_cli.comparison import ModelScore, Protocol, Verdict, Versus
from forecast_cli.evaluation.contest import Contest, contest
from forecast_cli.evaluation.metrics import LABELS
from forecast_cli.evaluation.shipping import Choice, choose, cost, short
from forecast_cli.evaluation.significance import LEVEL
from forecast_cli.evaluation.units import FEWEST_UNITS, UnitLosses

MOST_PERCENT = 1e6  # beyond it, with an exponent


def verdict(
    scores: Sequence[ModelScore],
    losses: UnitLosses,
    protocol: Protocol,
    seasons: Sequence[int] = (),
    suspicious: Sequence[str] = (),
) -> Verdict:
    """The sentences that lead the report.

    Parameters
    ----------
    scores : sequence of ModelScore
        By rank, as ``scores.score`` returns them, with what they are worth against the reference.
    losses : UnitLosses
        Of ``protocol.metric``.
    protocol : Protocol
    seasons : sequence of int
        Seasons of the task, the main one first; each has a seasonal naive to beat.
    suspicious : sequence of str
        Covariates that look as if they were made from the target.
    """
    found = _verdict(scores, losses, protocol, seasons)
    if not suspicious:
        return found
    told = f"{_listed(suspicious)} {'look' if len(suspicious) > 1 else 'looks'}"
    made = f"as if {'they were' if len(suspicious) > 1 else 'it was'} made from the target"
    doubt = f"But {told} {made}: if so, no score here will hold."
    rule = f"suspicious: {told} {made}; the scores of all models that use covariates rest on that"
    text = _sentences(found.text, doubt)
    return replace(found, text=text, rules=(*found.rules, rule))


def _verdict(
    scores: Sequence[ModelScore], losses: UnitLosses, protocol: Protocol, seasons: Sequence[int]
) -> Verdict:
    ranked = [row for row in scores if row.rank is not None]
    if not ranked:
        return Verdict("", "No model could be scored; the table says why.", "not asked")
    best, metric = ranked[0], protocol.metric
    networks = [row for row in ranked if row.kind == "network"]
    simple = [row for row in ranked if row.kind != "network"]
    if not networks or not simple:
        choice = choose(ranked, None, losses, protocol)
        text = _sentences(_one_sided(best, scores, protocol), _ship(choice))
        return Verdict(best.name, text, "not asked", choice.name, choice.rules)
    if simple[0].metrics[metric] == 0:
        return _without_error(ranked, losses, protocol)
    met = contest(networks, simple, losses, metric)
    choice = choose(ranked, met, losses, protocol)
    text = _sentences(
        _lead(met, protocol),
        _weakness(scores, protocol.season, seasons) if met.finding == "network" else "",
        _losses((met.network, met.simple), protocol) if met.finding != "inconclusive" else "",
        _cost(met.network, met.simple),
        _ship(choice),
    )
    rules = (_on_units(losses), _on_contest(met), *choice.rules)
    return Verdict(best.name, text, met.finding, choice.name, rules)


def _without_error(ranked: Sequence[ModelScore], losses: UnitLosses, protocol: Protocol) -> Verdict:
    """A simple model that loses nothing: no test is needed."""
    perfect = [row for row in ranked if row.metrics[protocol.metric] == 0]
    simple = [row for row in perfect if row.kind != "network"]
    choice = choose(simple, None, losses, protocol)
    others = [row.name for row in perfect if row.name != choice.name]
    also = f", and so {'do' if len(others) > 1 else 'does'} {_listed(others)}" if others else ""
    text = (
        f"A simple model will do: {choice.name} forecasts without error{also}. Ship "
        f"{choice.name}: no model can lose less than nothing."
    )
    rule = f"{choice.name} is shipped: no model can lose less than nothing"
    return Verdict(choice.name, text, "simple", choice.name, (rule, *choice.rules))


def _lead(met: Contest, protocol: Protocol) -> str:
    """Who won, by how much, and how sure that is."""
    network, simple, pair = met.network.name, met.simple.name, met.pair
    beside = _beside(met, protocol)
    if met.finding == "inconclusive":
        return _inconclusive(met, protocol)
    if met.finding == "network":
        return (
            f"The network is worth it: {network} beats {simple}, the best simple model, by "
            f"{_by(pair)}{beside}."
        )
    if met.finding == "simple":
        return (
            f"A simple model will do: {simple} beats {network}, the best network, whose "
            f"{LABELS[protocol.metric]} is {_by(pair)} higher{beside}."
        )
    if pair.skill == 0:
        return (
            f"A simple model will do: {network}, the best network, loses exactly as much as "
            f"{simple}, the best simple model{beside}."
        )
    if pair.skill > 0:
        return (
            f"A simple model will do: {network}, the best network, is ahead of {simple}, the best "
            f"simple model, by {_by(pair)}, {_chance(met)}{beside}."
        )
    return (
        f"A simple model will do: no network beats {simple} here; the "
        f"{LABELS[protocol.metric]} of {network}, the best network, is {_by(pair)} higher, "
        f"{_chance(met)}{beside}."
    )


def _inconclusive(met: Contest, protocol: Protocol) -> str:
    label, units = LABELS[protocol.metric], met.pair.units
    one, other = (row.metrics[protocol.metric] for row in (met.network, met.simple))
    if units < FEWEST_UNITS:
        why = (
            f"{units} independent {_counted(met.pair)} cannot tell the models apart, it takes at "
            f"least {FEWEST_UNITS}"
        )
    else:
        why = (
            f"the losses of {met.simple.name} differ so much between the {units} {met.pair.kind} "
            "that no share of them can be stated"
        )
    return (
        f"Inconclusive: {why}. So far {met.network.name}, the best network, has a {label} of "
        f"{one:.4g}, and {met.simple.name}, the best simple model, {other:.4g}."
    )


def _counted(found: Versus) -> str:
    """What was counted: a moment is one origin however many series stand at it."""
    return "origin" if (found.kind, found.units) == ("origins", 1) else found.kind


def _chance(met: Contest) -> str:
    """Why a lead, or a lag, is no finding."""
    if not met.pair.p < LEVEL:
        return "which may be chance"
    withstood = met.hardest.name != met.simple.name and not met.against_hardest.p < LEVEL
    if met.pair.skill > 0 and withstood:
        return f"but not surely of {met.hardest.name} ({_by(met.against_hardest)})"
    models = sum(map(len, met.contenders))
    return f"which may be chance after correction for the choice among {models} models"


def _beside(met: Contest, protocol: Protocol) -> str:
    """The models of the sentence against the reference, where it is not one of them."""
    if protocol.reference in (met.network.name, met.simple.name):
        return ""
    told = []
    for row in (met.network, met.simple):
        found = row.versus_reference
        if found is not None and math.isfinite(found.skill):
            sure = "" if found.decision in ("better", "worse") else ", not significant"
            if sure and found.p < LEVEL:
                sure += " after correction for the number of models"
            told.append(f"{row.name} {percent(found.skill, '+')} %{_interval(found)}{sure}")
    return f"; against {protocol.reference}: {', '.join(told)}" if told else ""


def _by(found: Versus) -> str:
    """A lead or a lag as a share, with its interval and what it rests on."""
    size = f"{percent(abs(found.skill))} %"
    low, high = found.ci95 if found.skill > 0 else (-found.ci95[1], -found.ci95[0])
    return f"{size} (95 % interval {percent(low)} to {percent(high)}, {found.units} {found.kind})"


def _interval(found: Versus) -> str:
    if math.isnan(found.ci95[0]):
        return ""
    return f" ({percent(found.ci95[0])} to {percent(found.ci95[1])})"


def _losses(rows: Sequence[ModelScore], protocol: Protocol) -> str:
    """The scores themselves."""
    told = [f"{row.name} {row.metrics[protocol.metric]:.4g}" for row in rows]
    return f"{LABELS[protocol.metric]}: {', '.join(told)}."


def _cost(network: ModelScore, simple: ModelScore) -> str:
    """What the two took."""
    quick, slow = sorted((network, simple), key=cost)
    return (
        f"To fit and forecast took {_took(slow)} with {slow.name} and {_took(quick)} with "
        f"{quick.name}."
    )


def _took(row: ModelScore) -> str:
    seconds = row.fit_seconds + row.forecast_seconds
    return f"{short(seconds)} s" if seconds >= 0.1 else "less than 0.1 s"


def _ship(choice: Choice) -> str:
    return f"Ship {choice.name}: {choice.why}."


def _weakness(scores: Sequence[ModelScore], season: int, seasons: Sequence[int]) -> str:
    """Who was not there to be beaten: a network that won against few has shown little."""
    strong = ["linear", *(["seasonal-naive"] if season > 1 else [])]
    strong += [f"seasonal-naive-{m}" for m in seasons[1:] if m > 1]
    status = {row.name: row.status for row in scores}
    silent = {row.name: row.status for row in scores if row.kind != "network"}
    ways = {
        "not asked": [name for name in strong if name not in status],
        "failed": [name for name in silent if silent[name] == "failed"],
        "timed out": [name for name in silent if silent[name] == "timed out"],
    }
    missing = [f"{_listed(names)} {way}" for way, names in ways.items() if names]
    if not missing:
        return ""
    remedies = {
        "not asked": "leave --baselines out or add to it what is missing",
        "failed": "see in the table what went wrong",
        "timed out": "give more time with --baseline-timeout",
    }
    remedy = ", ".join(remedies[way] for way, names in ways.items() if names)
    weak = any(status.get(name) != "ok" for name in strong)
    field = "the field was weak" if weak else "not every simple model answered"
    return f"But {field} ({', '.join(missing)}): {remedy}, and compare again."


def _one_sided(best: ModelScore, scores: Sequence[ModelScore], protocol: Protocol) -> str:
    missing = "simple model" if best.kind == "network" else "network"
    failed = [
        f"{row.name} {row.status}"
        for row in scores
        if (row.kind == "network") == (missing == "network") and row.status != "ok"
    ]
    why = f" ({', '.join(failed)})" if failed else ""
    lead = (
        f"There is no {missing} to compare with{why}. The best model is {best.name}, "
        f"{LABELS[protocol.metric]} {best.metrics[protocol.metric]:.4g}"
    )
    beside = [row.name for row in scores if row.rank == best.rank and row.name != best.name]
    if beside:
        lead += f", and so {'are' if len(beside) > 1 else 'is'} {_listed(beside)}"
    found = best.versus_reference
    if found is None or found.decision == "reference" or not math.isfinite(found.skill):
        return f"{lead}."
    sure = {
        "better": f"better than {protocol.reference} by {_by(found)}",
        "worse": f"worse than {protocol.reference} by {_by(found)}",
    }.get(found.decision, f"not significantly different from {protocol.reference}")
    return f"{lead}, {sure}."


def _on_units(losses: UnitLosses) -> str:
    count, kind = losses.scarcest
    noun = "series" if kind == "series" else "origins at least a horizon apart"
    also = ", tested over series as well" if len(losses.kinds) > 1 else ""
    return f"units: {count} {noun}{also}; a firm answer takes {FEWEST_UNITS}"


def _on_contest(met: Contest) -> str:
    networks, simple = met.contenders
    sides = f"{', '.join(networks)} against {', '.join(simple)}"
    if met.finding == "inconclusive":
        return f"network or simple: {sides}: not decided"
    champion = met.simple if met.finding == "simple" else met.network
    return (
        f"network or simple: {sides}: {champion.name} has the least evidence against "
        f"{met.hardest.name} (p {_p(met.against_hardest.p)}); corrected for the choice, "
        f"p {_p(met.p)}: {met.finding}"
    )


def _p(value: float) -> str:
    """As it follows the letter: "< 0.001", "= 0.021"."""
    if math.isnan(value):
        return "unknown"
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"


def _sentences(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _listed(names: Sequence[str]) -> str:
    """Names as a phrase: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def percent(share: float, sign: str = "") -> str:
    """A share in per cent, short however large it is, and with a true minus.

    Examples
    --------
    >>> percent(0.1234), percent(-0.05, "+"), percent(-1e299)
    ('12.3', '−5.0', '−1.0e+301')
    """
    value = 100 * share
    value = 0.0 if abs(value) < 0.05 else value  # never a minus before nothing
    text = f"{value:{sign}.1f}" if abs(value) < MOST_PERCENT else f"{value:{sign}.1e}"
    return ("−" + text[1:]) if text.startswith("-") else text

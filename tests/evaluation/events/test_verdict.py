"""The verdict of an event: its findings, what corrects p, and what limits the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from forecast_cli.evaluation.events.metrics import METRICS, EventMetric
from forecast_cli.evaluation.events.units import Units
from forecast_cli.evaluation.events.verdict import verdict
from forecast_cli.event_comparison import EventScore, EventVersus


@dataclass
class Board:
    """As much of a scoreboard as a verdict looks at: one pair decides."""

    difference: float
    half: float  # of the interval
    p: float
    strata: tuple[int, ...] = (50, 50)
    kind: str = "entities"
    metric: EventMetric = METRICS["average_precision"]
    values: dict[str, float] = field(default_factory=dict)

    @property
    def units(self) -> Units:
        stratum = np.repeat(np.arange(len(self.strata)), self.strata)
        return Units(np.arange(len(stratum)), stratum, stratum, self.kind)

    def versus(self, name: str, other: str) -> EventVersus:
        ends = (self.difference - self.half, self.difference + self.half)
        return EventVersus(
            "average_precision", self.difference, ends, self.p, self.p, 1.0, 100, "inconclusive"
        )


def row(name: str, kind: str, rank: int, score: float) -> EventScore:
    return EventScore(
        name=name,
        kind=kind,
        status="ok",
        reason="",
        rank=rank,
        metrics={"average_precision": score, "ece": 0.01},
        intervals={},
        by_fold={},
        thresholds=(),
        curves=None,
        versus_reference=None,
        fit_seconds=1.0,
        answer_seconds=0.1,
        parameters=3,
    )


def ranking(first: str = "baseline") -> list[EventScore]:
    """Two networks and three simple models."""
    scores = {"lstm": 0.7, "gru": 0.6, "logistic": 0.5, "boosting": 0.4, "prior": 0.2}
    if first == "baseline":
        scores = {"logistic": 0.7, "boosting": 0.65, "lstm": 0.6, "gru": 0.5, "prior": 0.2}
    kinds = {"lstm": "network", "gru": "network"}
    return [
        row(name, kinds.get(name, "baseline"), k + 1, score)
        for k, (name, score) in enumerate(scores.items())
    ]


@pytest.mark.parametrize(
    ("first", "board", "finding", "ship", "why"),
    [
        ("network", Board(0.2, 0.05, 0.01), "network", "lstm", "is significantly better"),
        ("network", Board(0.2, 0.25, 0.1), "inconclusive", "logistic", "not significantly better"),
        ("baseline", Board(-0.1, 0.05, 0.01), "simple", "logistic", "is significantly worse"),
        ("baseline", Board(-0.1, 0.2, 0.4), "inconclusive", "logistic", "not significantly better"),
        ("baseline", Board(-0.01, 0.01, 0.4), "no difference", "logistic", "not significantly"),
    ],
)
def test_a_network_is_shipped_only_where_it_is_significantly_better(
    first, board, finding, ship, why
):
    found = verdict(board, ranking(first))
    assert (found.finding, found.ship) == (finding, ship)
    assert any(why in rule for rule in found.rules)


def test_the_best_of_several_has_to_be_better_by_that_much_more():
    assert verdict(Board(0.2, 0.1, 0.024), ranking("network")).finding == "network"  # of 2
    assert verdict(Board(0.2, 0.1, 0.026), ranking("network")).finding == "inconclusive"
    assert verdict(Board(-0.2, 0.1, 0.016), ranking()).finding == "simple"  # of 3
    lost = verdict(Board(-0.2, 0.1, 0.018), ranking())
    assert lost.finding == "inconclusive"
    assert "p 0.054 after correction for the number of models" in lost.text


def test_few_of_the_rarer_kind_are_said():
    text = verdict(Board(0.2, 0.05, 0.01, strata=(50, 12)), ranking("network")).text
    assert "Only 12 entities are of the rarer kind" in text
    assert "Only" not in verdict(Board(0.2, 0.05, 0.01), ranking("network")).text


@pytest.mark.parametrize("kind", ["entities", "blocks of 12 steps"])
def test_where_all_units_are_of_one_kind_none_is_called_rarer(kind):
    found = verdict(Board(0.2, 0.05, 0.01, strata=(15,), kind=kind), ranking("network"))
    assert f"Only 15 {kind.split()[0]} were tested" in found.text
    assert not any("rare" in words for words in (found.text, *found.rules))

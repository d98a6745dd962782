"""Each rule of the verdict, on scores made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import Verdict
from forecast_cli.evaluation.events.backtest import Outcome, Question
from forecast_cli.evaluation.events.metrics import METRICS
from forecast_cli.evaluation.events.scoring import Scoreboard
from forecast_cli.evaluation.events.units import find_units
from forecast_cli.evaluation.events.verdict import verdict
from forecast_cli.event_comparison import Curves, EventScore, ReliabilityBin
from forecast_cli.events import EventTask
from tests.evaluation.events.conftest import answers_of

TASK = EventTask("entity", "died")
NETWORKS = ("lstm", "gru", "rnn")
LABELS = (np.arange(200) < 80).astype(np.int64)


def judged(
    scores: dict[str, float],
    spread: float = 0.01,
    metric: str = "average_precision",
    labels: np.ndarray = LABELS,
    ece: float = 0.02,
    count: int = 20,
) -> Verdict:
    """The verdict on models with these scores, whose resamples have this deviation."""
    each = np.arange(len(labels))
    units = find_units(TASK, each, each * 0, labels, each)
    rng = np.random.default_rng(0)
    noise = {name: rng.normal(size=1000) for name in scores}
    even = {name: (x - x.mean()) / x.std(ddof=1) for name, x in noise.items()}
    answers = [answers_of(np.full(len(labels), 0.5), labels)]
    outcomes = {name: Outcome(name, "", answers=list(answers)) for name in scores}
    board = Scoreboard(
        Question(TASK, ()),
        METRICS[metric],
        units,
        [each],
        scores,
        {name: scores[name] + spread * even[name] for name in scores},
        outcomes,
    )
    sign = -1 if METRICS[metric].higher_is_better else 1
    names = sorted(scores, key=lambda name: sign * scores[name])
    ranking = [_row(name, place, metric, scores[name], ece, count) for place, name in
               enumerate(names, start=1)]  # fmt: skip
    return verdict(board, [*ranking, replace(ranking[0], name="broken", rank=None)])


def _row(name: str, rank: int, metric: str, score: float, ece: float, count: int) -> EventScore:
    bins = tuple(ReliabilityBin(0.5, 0.5, 0.5, 0.5, count) for _ in range(10))
    return EventScore(
        name=name,
        kind="network" if name in NETWORKS else "baseline",
        status="ok",
        reason="",
        rank=rank,
        metrics={metric: score, "ece": ece},
        intervals={},
        by_fold={},
        thresholds=(),
        curves=Curves((), (), (), (), bins),
        versus_reference=None,
        fit_seconds=1.0,
        answer_seconds=1.0,
        parameters=1,
    )


def test_a_network_that_is_surely_better_is_worth_it_and_shipped() -> None:
    found = judged({"lstm": 0.8, "logistic": 0.7, "prior": 0.4})
    assert (found.finding, found.best, found.ship) == ("network", "lstm", "lstm")
    assert found.text.startswith("The network is worth it: lstm beats logistic, AP 0.800 against")
    assert "Ship lstm." in found.text


def test_a_simple_model_that_is_surely_better_will_do() -> None:
    found = judged({"lstm": 0.7, "logistic": 0.8, "prior": 0.4})
    assert (found.finding, found.ship) == ("simple", "logistic")
    assert found.text.startswith("A simple model will do: logistic beats lstm")


def test_a_network_that_may_be_luckier_is_not_shipped() -> None:
    found = judged({"lstm": 0.74, "logistic": 0.7, "prior": 0.4}, spread=0.05)
    assert (found.finding, found.best, found.ship) == ("inconclusive", "lstm", "logistic")
    assert "The data cannot tell whether the network is worth it: lstm is ahead" in found.text


def test_models_within_a_hair_of_each_other_are_level() -> None:
    found = judged({"lstm": 0.701, "logistic": 0.7, "prior": 0.4}, spread=0.003)
    assert (found.finding, found.ship) == ("no difference", "logistic")


def test_less_log_loss_is_better() -> None:
    found = judged({"lstm": 0.4, "logistic": 0.6, "prior": 0.7}, metric="log_loss")
    assert (found.finding, found.ship) == ("network", "lstm")


def test_the_best_of_three_networks_has_to_be_better_by_more() -> None:
    """Difference 0.034 of deviation 0.014: p .017 alone, .05 times three."""
    alone = judged({"lstm": 0.734, "logistic": 0.7, "prior": 0.4})
    chosen = judged({"lstm": 0.734, "gru": 0.6, "rnn": 0.5, "logistic": 0.7, "prior": 0.4})
    assert alone.finding == "network"
    assert chosen.finding == "inconclusive"
    assert "after correction for the number of models" in chosen.text


def test_too_few_events_are_not_testable_and_say_so() -> None:
    few = (np.arange(200) < 4).astype(np.int64)
    found = judged({"lstm": 0.9, "logistic": 0.2, "prior": 0.1}, labels=few)
    assert (found.finding, found.ship) == ("inconclusive", "logistic")
    assert "not testable" in found.text
    assert "Only 4 entities are of the rarer kind" in found.text


def test_enough_events_raise_no_doubt() -> None:
    found = judged({"lstm": 0.8, "logistic": 0.7, "prior": 0.4})
    assert "rarer kind" not in found.text
    assert len(found.rules) == 2


def test_what_is_no_better_than_the_share_of_events_is_said() -> None:
    found = judged({"lstm": 0.40, "logistic": 0.41, "prior": 0.39}, spread=0.05)
    assert "logistic is not shown to know more than the share of events" in found.text
    assert "Nothing beats" in judged({"lstm": 0.3, "logistic": 0.3, "prior": 0.4}).text


@pytest.mark.parametrize(("ece", "count", "said"), [(0.3, 200, True), (0.3, 2, False)])
def test_probabilities_are_called_off_only_beyond_chance(
    ece: float, count: int, said: bool
) -> None:
    """Two answers a bin are off by .28 on average though the model is right."""
    found = judged({"lstm": 0.8, "logistic": 0.7, "prior": 0.4}, ece=ece, count=count)
    assert ("use them to rank, not as chances" in found.text) == said


def test_one_kind_of_model_asks_no_question() -> None:
    found = judged({"logistic": 0.7, "prior": 0.4})
    assert (found.finding, found.ship) == ("not asked", "logistic")
    assert found.text.startswith("logistic is the best: AP 0.700.")


def test_nothing_scored_ships_nothing() -> None:
    each = np.arange(4)
    units = find_units(TASK, each, each * 0, each % 2, each)
    board = Scoreboard(Question(TASK, ()), METRICS["brier"], units, [each], {}, {}, {})
    found = verdict(board, [])
    assert (found.ship, found.finding) == ("", "not asked")

"""Differences of models on the same answers: levels that hold, and McNemar's test."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as oracle

from forecast_cli.evaluation.events import significance
from forecast_cli.evaluation.events.metrics import METRICS
from forecast_cli.evaluation.events.significance import decided, mcnemar, resampled, versus
from forecast_cli.evaluation.events.units import Units, find_units
from forecast_cli.events import EventTask
from tests.evaluation.events.conftest import answers_of

ENTITY = EventTask("entity", "died")


def units_of(labels: np.ndarray) -> Units:
    each = np.arange(len(labels))
    return find_units(ENTITY, each, np.zeros_like(each), labels, np.zeros_like(each))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [12, 400])
def test_mcnemar_is_that_of_statsmodels(seed: int, size: int) -> None:
    generator = np.random.default_rng(seed)
    right, other = generator.random(size) < 0.7, generator.random(size) < 0.6
    table = [[(right & other).sum(), (right & ~other).sum()]]
    table += [[(~right & other).sum(), (~right & ~other).sum()]]
    exact = (right != other).sum() < 25
    expected = oracle(table, exact=exact, correction=True).pvalue
    assert mcnemar(right, other) == pytest.approx(expected, abs=1e-10)
    assert mcnemar(right, right) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entities", "share", "folds"), [(60, 0.3, 1), (300, 0.15, 1), (60, 0.2, 5), (100, 0.06, 5)]
)
@pytest.mark.parametrize("name", ["average_precision", "log_loss"])
def test_models_of_equal_worth_are_told_apart_no_more_often_than_the_level(
    entities: int, share: float, folds: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(significance, "RESAMPLES", 200)
    generator = np.random.default_rng(5)
    metric, runs, found = METRICS[name], 300, 0
    for seed in range(runs):
        labels = (np.arange(entities) < share * entities).astype(np.int64)
        common = generator.normal(size=entities)
        events = [
            1
            / (1 + np.exp(1.5 - 2 * labels - 0.7 * common - 0.7 * generator.normal(size=entities)))
            for _ in range(2)
        ]
        each, fold = np.arange(entities), np.arange(entities) % folds
        units = find_units(ENTITY, each, fold, labels, each)
        members = [np.flatnonzero(fold == f) for f in range(folds)]
        answers = [[answers_of(event[own], labels[own]) for own in members] for event in events]
        over = [resampled(metric, one, members, units, seed) for one in answers]
        means = [np.mean([metric.compute(part) for part in one]) for one in answers]
        difference = float(means[0] - means[1])
        p = versus(metric, difference, over[0] - over[1], 1.0, units).p
        found += p < 0.05
    assert found / runs <= 0.08  # 5 %, and what 300 runs may stray


def test_a_clear_difference_is_found_and_has_its_sign() -> None:
    generator = np.random.default_rng(0)
    labels = (generator.random(300) < 0.3).astype(np.int64)
    good, bad = labels + generator.normal(size=300), generator.normal(size=300)
    metric, units = METRICS["roc_auc"], units_of(labels)
    answers = [answers_of(1 / (1 + np.exp(-score)), labels) for score in (good, bad)]
    over = [resampled(metric, [one], [np.arange(300)], units, 0) for one in answers]
    difference = metric.compute(answers[0]) - metric.compute(answers[1])
    found = decided({"good": versus(metric, difference, over[0] - over[1], 1.0, units)})["good"]
    assert found.decision == "better"
    assert found.ci95[0] > 0
    assert found.p_holm < 0.001


def test_fewer_than_five_events_decide_nothing() -> None:
    labels = (np.arange(50) < 4).astype(np.int64)
    metric, units = METRICS["average_precision"], units_of(labels)
    over = np.random.default_rng(0).normal(1, 0.01, 1000)
    found = decided({"a": versus(metric, 1.0, over, 1.0, units)})["a"]
    assert np.isnan(found.p)
    assert found.decision == "inconclusive"


def test_the_same_answers_differ_by_nothing() -> None:
    units = units_of((np.arange(50) < 20).astype(np.int64))
    found = versus(METRICS["brier"], 0.0, np.zeros(1000), 1.0, units)
    assert found.p == 1
    assert found.ci95 == (0.0, 0.0)

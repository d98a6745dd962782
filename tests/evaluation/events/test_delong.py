"""The variance of an area under the ROC curve against its definition over all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.events.delong import logit_interval, roc_auc_variance


@pytest.mark.parametrize("seed", range(5))
def test_midranks_give_what_all_pairs_give(seed: int) -> None:
    generator = np.random.default_rng(seed)
    score = np.round(generator.normal(size=70), 1)  # with ties
    came = generator.random(70) < 0.3
    area, variance = roc_auc_variance(score, came)
    event, other = score[came], score[~came]
    wins = (event[:, None] > other) + 0.5 * (event[:, None] == other)
    expected = wins.mean(axis=1).var(ddof=1) / len(event)
    expected += wins.mean(axis=0).var(ddof=1) / len(other)
    assert area == pytest.approx(wins.mean(), abs=1e-12)
    assert variance == pytest.approx(expected, abs=1e-12)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    held, runs = 0, 600
    for _ in range(runs):
        event, other = generator.normal(1, 1, 40), generator.normal(0, 1, 120)
        score = np.concatenate([event, other])
        low, high = logit_interval(*roc_auc_variance(score, np.arange(160) < 40))
        held += low <= 0.7602499 <= high  # Φ(1/√2)
    assert 0.93 <= held / runs <= 0.975


def test_what_has_no_variance_has_no_interval() -> None:
    assert np.isnan(roc_auc_variance(np.arange(3.0), np.zeros(3, dtype=bool))).all()
    area, variance = roc_auc_variance(np.arange(3.0), np.array([False, False, True]))
    assert area == 1
    assert np.isnan(variance)
    assert np.isnan(logit_interval(1.0, 0.0)).all()

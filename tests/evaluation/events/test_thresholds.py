"""Thresholds: the best of all, by trying every one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.evaluation.events.metrics import METRICS
from forecast_cli.evaluation.events.thresholds import choose_thresholds
from tests.evaluation.events.conftest import answers_of


@given(seed=st.integers(0, 5000), size=st.integers(2, 40), digits=st.integers(1, 6))
def test_no_threshold_is_better(seed: int, size: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    event, came = np.round(rng.random(size), digits), rng.random(size) < 0.4
    came[0] = True
    found, labels = choose_thresholds(event, came), came.astype(np.int64)
    for name, chosen in (("f1", found.f1), ("min_se_pp", found.balance)):
        metric = METRICS[name]
        own = metric.compute(answers_of(event, labels, chosen, chosen))
        tried = [metric.compute(answers_of(event, labels, t, t)) for t in (0.0, *event)]
        assert own >= max(tried) - 1e-12


def test_a_threshold_lies_halfway_between_two_answers() -> None:
    found = choose_thresholds(np.array([0.1, 0.3, 0.7, 0.9]), np.array([0, 0, 1, 1], dtype=bool))
    assert found.f1 == found.balance == 0.5


def test_where_all_is_flagged_the_threshold_is_below_all() -> None:
    found = choose_thresholds(np.array([0.2, 0.2]), np.array([True, False]))
    assert found.f1 == 0.1


def test_where_no_event_came_it_is_one_half() -> None:
    found = choose_thresholds(np.array([0.2, 0.9]), np.array([False, False]))
    assert (found.f1, found.balance) == (0.5, 0.5)

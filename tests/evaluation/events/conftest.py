"""Answers that tests of events are made of."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.events.answers import Answers, Thresholds


def answers_of(
    probabilities: np.ndarray, labels: np.ndarray, threshold: float = 0.5, balance: float = 0.5
) -> Answers:
    """Answers with the prior of their own labels; [M] probabilities are those of the event."""
    if probabilities.ndim == 1:
        probabilities = np.stack([1 - probabilities, probabilities], axis=1)
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    return Answers(
        probabilities, labels, counts / max(counts.sum(), 1), Thresholds(threshold, balance)
    )

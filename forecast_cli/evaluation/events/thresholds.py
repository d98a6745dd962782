"""Thresholds, chosen on held-out examples: from which probability on an event is announced.

Candidates are the probabilities that were answered; between two neighbours the middle is
taken, so that a threshold does not hang on the last digit of one answer. Knows no model.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Bools, Floats
from forecast_cli.evaluation.events.answers import Thresholds
from forecast_cli.ranking import steps_down


def choose_thresholds(event: Floats, came: Bools) -> Thresholds:
    """The thresholds that were best on these answers; one half where no event came.

    Parameters
    ----------
    event : [M] float64
        Probability of the event.
    came : [M] bool
    """
    if not came.any():
        return Thresholds(0.5, 0.5)
    order, ends = steps_down(event)
    hits = np.cumsum(came[order])[ends].astype(np.float64)  # [G]
    flagged, events = ends + 1.0, float(came.sum())
    scores = event[order][ends]
    return Thresholds(
        f1=_below(scores, int(np.argmax(2 * hits / (flagged + events)))),
        balance=_below(scores, int(np.argmax(hits / np.maximum(flagged, events)))),
    )


def _below(scores: Floats, last: int) -> float:
    """A threshold that flags the scores down to number ``last`` [G], the highest first."""
    if last + 1 == len(scores):
        return float(scores[last]) / 2
    return float(scores[last] + scores[last + 1]) / 2

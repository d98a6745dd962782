"""What the pictures of one model need: ROC, precision against recall, and reliability."""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.evaluation.events.metrics import bin_of
from forecast_cli.event_comparison import Curves, ReliabilityBin
from forecast_cli.ranking import steps_down

POINTS = 200  # of a line, at most


def curves(probabilities: Floats, labels: Ints) -> Curves:
    """The curves of the answers of all folds together.

    Parameters
    ----------
    probabilities : [M, K] float64
    labels : [M] int64
        With more than two classes, each class against the rest, pooled ("micro").
    """
    if probabilities.shape[1] == 2:
        score, came = probabilities[:, 1], labels == 1
    else:
        score = probabilities.ravel()
        came = (labels[:, None] == np.arange(probabilities.shape[1])).ravel()
    order, ends = steps_down(score)
    hits = np.cumsum(came[order])[ends].astype(np.float64)  # [G]
    flagged = ends + 1.0
    recall = hits / max(hits[-1], 1)
    fallout = (flagged - hits) / max(flagged[-1] - hits[-1], 1)
    along = _thinned(recall + fallout)
    return Curves(
        false_positive_rate=(0.0, *fallout[along].tolist()),
        true_positive_rate=(0.0, *recall[along].tolist()),
        recall=tuple(recall[along].tolist()),
        precision=tuple((hits / flagged)[along].tolist()),
        reliability=reliability(score, came),
    )


def reliability(score: Floats, came: Bools) -> tuple[ReliabilityBin, ...]:
    """The bins of the expected calibration error, from the least probable up."""
    bins = bin_of(score)
    found = []
    for number in np.unique(bins):
        inside = bins == number
        own = score[inside]
        found.append(
            ReliabilityBin(
                low=float(own.min()),
                high=float(own.max()),
                predicted=float(own.mean()),
                observed=float(came[inside].mean()),
                count=int(inside.sum()),
            )
        )
    return tuple(found)


def _thinned(along: Floats) -> Ints:
    """Positions of at most ``POINTS`` points, evenly spread along a curve that only rises."""
    if len(along) <= POINTS:
        return np.arange(len(along))
    wanted = np.linspace(along[0], along[-1], POINTS)
    return np.unique(np.append(np.searchsorted(along, wanted[:-1]), len(along) - 1))

"""Weighted average precision and area under the ROC curve, for many weightings at once.

A bootstrap is a set of weights: R resamples of M answers are scored by sorting the answers once
and adding up weights in that order. Answers of equal probability are one step of either curve,
whatever order they came in. It stands on the ground, since training chooses by the same number
that a comparison reports. Knows arrays only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def average_precision(score: Floats, came: Bools, weights: Floats) -> Floats:
    """[R] the mean precision over the steps of recall, without interpolation.

    Parameters
    ----------
    score : [M] float64
        Higher for what is more likely.
    came : [M] bool
    weights : [R, M] float64

    Returns
    -------
    [R] float64
        NaN where no event has any weight.
    """
    hits, flagged = _cumulated(score, came, weights)  # [R, G] each
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(flagged > 0, hits / flagged, 0.0)
        gained = np.diff(hits, axis=1, prepend=0.0) / hits[:, -1:]
        value: Floats = (gained * precision).sum(axis=1)
    return value


def area_under_roc(score: Floats, came: Bools, weights: Floats) -> Floats:
    """[R] how often an event has a higher score than what is none; ties count half.

    Parameters and shapes as in :func:`average_precision`; NaN without events, or with nothing
    else.
    """
    hits, flagged = _cumulated(score, came, weights)
    false = flagged - hits
    before = np.concatenate([np.zeros((len(hits), 1)), hits[:, :-1]], axis=1)
    pairs = (np.diff(false, axis=1, prepend=0.0) * (before + hits) / 2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value: Floats = pairs / (hits[:, -1] * false[:, -1])
    return np.where(np.isfinite(value), value, np.nan)


def steps_down(score: Floats) -> tuple[Ints, Ints]:
    """[M] answers from the highest score down, and [G] where in it each distinct score ends."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    return order, np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))


def _cumulated(score: Floats, came: Bools, weights: Floats) -> tuple[Floats, Floats]:
    """[R, G] weight of the events, and of all, down to each distinct score."""
    order, ends = steps_down(score)
    ordered = weights[:, order]
    return (
        np.cumsum(ordered * came[order], axis=1)[:, ends],
        np.cumsum(ordered, axis=1)[:, ends],
    )

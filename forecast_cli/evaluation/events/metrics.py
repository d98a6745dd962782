"""Metrics of events: one small class each, from answers to a score.

Notable: a score is always computed for R weightings of the answers at once, which is what a
bootstrap needs; the plain score is the one of equal weights. A score that is undefined (no
event came, say) is NaN, never 0. With more than two classes, metrics of an event are the mean
over the classes that came, each against the rest.

Shapes: M answers, K classes, R weightings. Nothing here knows a model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.evaluation.events.answers import Answers
from forecast_cli.ranking import area_under_roc, average_precision

SMALLEST = 1e-15  # a probability that the logarithm is taken of is at least this
BINS = 10  # of the expected calibration error, with about equally many answers


class EventMetric(ABC):
    """A score of answers.

    Attributes
    ----------
    name : str
    title : str
        As it stands in a table.
    higher_is_better : bool
    range : tuple of float
        Least and largest value that it can have.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    higher_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @abstractmethod
    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        """[R] the score for each of the weightings [R, M]."""

    def compute(self, answers: Answers) -> float:
        """The score, every answer counting the same; NaN where it is undefined."""
        if not len(answers.labels):
            return float("nan")
        return float(self.weighted(answers, np.ones((1, len(answers.labels))))[0])


class AveragePrecision(EventMetric):
    """Mean precision over the steps of recall; that of guessing is the share of events.

    The step sum, as in Davis & Goadrich (2006): no interpolation, which would flatter.
    """

    name = "average_precision"
    title = "AP"

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        return _against_the_rest(average_precision, answers, weights)


class RocAuc(EventMetric):
    """How often an event has a higher probability than what is none (Hanley & McNeil 1982)."""

    name = "roc_auc"
    title = "AUROC"

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        return _against_the_rest(area_under_roc, answers, weights)


class Brier(EventMetric):
    """Mean squared error of the probabilities (Brier 1950).

    Of the event alone with two classes (0 to 1), summed over the classes with more (0 to 2).
    """

    name = "brier"
    title = "Brier"
    higher_is_better = False
    range = (0.0, 2.0)

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        return _mean(_squared(answers.probabilities, answers), weights)


class BrierSkill(EventMetric):
    """1 - Brier score / that of always answering the shares of the training examples."""

    name = "brier_skill"
    title = "Brier skill"
    range = (-np.inf, 1.0)

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        prior = np.broadcast_to(answers.prior, answers.probabilities.shape)
        own = _mean(_squared(answers.probabilities, answers), weights)
        base = _mean(_squared(prior, answers), weights)
        ratio = np.divide(own, base, out=np.full(len(base), np.nan), where=base > 0)
        skill: Floats = 1 - ratio
        return skill


class LogLoss(EventMetric):
    """Mean of -log of the probability that the class which came had."""

    name = "log_loss"
    title = "log loss"
    higher_is_better = False
    range = (0.0, np.inf)

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        given = answers.probabilities[np.arange(len(answers.labels)), answers.labels]  # [M]
        return _mean(-np.log(np.clip(given, SMALLEST, 1.0)), weights)


class F1(EventMetric):
    """Harmonic mean of recall and precision at the threshold; over classes, their mean."""

    name = "f1"
    title = "F1"

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        if answers.binary:
            return _f1(answers.event >= answers.thresholds.f1, answers.came, weights)
        chosen = answers.probabilities.argmax(axis=1)  # [M]
        return _over_classes(
            [_f1(chosen == k, answers.labels == k, weights) for k in _that_came(answers)]
        )


class MinSePp(EventMetric):
    """min(sensitivity, precision) at its own threshold, as PhysioNet scored in 2012."""

    name = "min_se_pp"
    title = "min(Se, +P)"

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        if not answers.binary:
            return np.full(len(weights), np.nan)
        flagged = answers.event >= answers.thresholds.balance
        hits, alarms, events = _counts(flagged, answers.came, weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            value: Floats = np.where(events > 0, hits / np.maximum(alarms, events), np.nan)
        return value


class ExpectedCalibrationError(EventMetric):
    """Mean distance of what is predicted and what comes, over ten bins of equal count.

    Naeini, Cooper & Hauskrecht (2015), with bins of equal count; equal probabilities share
    a bin. With more than two classes, of the likeliest class and whether it came (Guo et al.
    2017).
    """

    name = "ece"
    title = "ECE"
    higher_is_better = False

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        if answers.binary:
            predicted, came = answers.event, answers.came
        else:
            predicted = answers.probabilities.max(axis=1)
            came = answers.probabilities.argmax(axis=1) == answers.labels
        bins = bin_of(predicted)  # [M]
        inside = bins[:, None] == np.arange(bins.max(initial=0) + 1)  # [M, bins]
        apart = np.abs((weights * (predicted - came)) @ inside)  # [R, bins]
        value: Floats = apart.sum(axis=1) / weights.sum(axis=1)
        return value


class Accuracy(EventMetric):
    """Share of answers whose likeliest class came true, whatever the threshold of alarms."""

    name = "accuracy"
    title = "accuracy"

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        likeliest = answers.probabilities[:, ::-1].argmax(axis=1)  # of equal ones the last
        classes = answers.probabilities.shape[1]
        right = classes - 1 - likeliest == answers.labels
        return _mean(right.astype(np.float64), weights)


class BalancedAccuracy(EventMetric):
    """Mean over the classes of the share of each that was recognised."""

    name = "balanced_accuracy"
    title = "balanced accuracy"

    def weighted(self, answers: Answers, weights: Floats) -> Floats:
        right = decisions(answers) == answers.labels
        shares = []
        for k in _that_came(answers):
            own = weights * (answers.labels == k)
            total = own.sum(axis=1)
            blank = np.full(len(total), np.nan)
            shares.append(np.divide(own @ right, total, out=blank, where=total > 0))
        return _over_classes(shares)


METRICS: dict[str, EventMetric] = {
    metric.name: metric
    for metric in (
        AveragePrecision(),
        RocAuc(),
        Brier(),
        BrierSkill(),
        LogLoss(),
        F1(),
        MinSePp(),
        ExpectedCalibrationError(),
        Accuracy(),
        BalancedAccuracy(),
    )
}


def decisions(answers: Answers) -> Ints:
    """[M] the class that each answer decides for."""
    if answers.binary:
        return (answers.event >= answers.thresholds.f1).astype(np.int64)
    likeliest: Ints = answers.probabilities.argmax(axis=1)
    return likeliest


def bin_of(predicted: Floats) -> Ints:
    """[M] one of about ten bins of equal count for each probability; ties share one."""
    if not predicted.size:
        return np.zeros(0, dtype=np.int64)
    cuts = np.unique(np.quantile(predicted, np.arange(1, BINS) / BINS))
    return np.searchsorted(cuts, predicted, side="right").astype(np.int64)


def _mean(loss: Floats, weights: Floats) -> Floats:
    value: Floats = weights @ loss / weights.sum(axis=1)
    return value


def _squared(probabilities: Floats, answers: Answers) -> Floats:
    """[M] squared error of the probabilities."""
    if answers.binary:
        event: Floats = (probabilities[:, 1] - answers.came) ** 2
        return event
    came = answers.labels[:, None] == np.arange(probabilities.shape[1])
    whole: Floats = ((probabilities - came) ** 2).sum(axis=1)
    return whole


def _that_came(answers: Answers) -> list[int]:
    return [int(k) for k in np.unique(answers.labels)]


def _against_the_rest(
    score: Callable[[Floats, Bools, Floats], Floats], answers: Answers, weights: Floats
) -> Floats:
    """A score of an event; with more classes its mean over those that came."""
    if answers.binary:
        return score(answers.event, answers.came, weights)
    return _over_classes(
        [
            score(answers.probabilities[:, k], answers.labels == k, weights)
            for k in _that_came(answers)
        ]
    )


def _over_classes(scores: list[Floats]) -> Floats:
    """[R] the mean over classes; a class that has no weight in a resample is left out there."""
    stacked = np.stack(scores)  # [K', R]
    known = np.isfinite(stacked)
    count = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    value: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return value


def _counts(flagged: Bools, came: Bools, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """[R] each: weight of the events that were flagged, of all that was, of all events."""
    return weights @ (flagged & came), weights @ flagged, weights @ came


def _f1(flagged: Bools, came: Bools, weights: Floats) -> Floats:
    hits, alarms, events = _counts(flagged, came, weights)
    both = alarms + events
    value: Floats = np.divide(2 * hits, both, out=np.full(len(both), np.nan), where=events > 0)
    return value

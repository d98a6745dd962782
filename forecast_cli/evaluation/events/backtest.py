"""Every model on every fold: fitted on one side, answering on the other.

A model that fails or runs out of time becomes an outcome with its reason, and the comparison
goes on. Thresholds are chosen by what the model answered on held-out examples of its own
training side; nothing of the tested side is seen before it is scored.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecast_cli.classifiers import registry
from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples, Fold
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.times import NAT
from forecast_cli.errors import TrainingError, one_line
from forecast_cli.evaluation.events.alarms import Watch, quiet_threshold
from forecast_cli.evaluation.events.answers import Answers, Thresholds
from forecast_cli.evaluation.events.thresholds import choose_thresholds
from forecast_cli.evaluation.timeout import TimedMonitor, TimedOut
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT, Monitor


@dataclass(frozen=True, eq=False)
class Question:
    """What every model is asked.

    Parameters
    ----------
    task : EventTask
    folds : tuple of Fold
        All of one panel.
    event_times : [S] int64
        Of that panel, or empty; see ``Histories``.
    """

    task: EventTask
    folds: tuple[Fold, ...]
    event_times: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def watch(self, fold: Fold, examples: Examples, probabilities: Floats) -> Watch:
        """Answers along histories, for alarms."""
        entity = examples.moments.series
        times = fold.panel.times[examples.moments.rows]
        ends = self.event_times[entity] if self.event_times.size else np.full(len(entity), NAT)
        return Watch(probabilities[:, 1], entity, times, ends)


@dataclass(eq=False)
class Outcome:
    """What one model answered, fold by fold."""

    name: str
    kind: str
    status: str = "ok"
    reason: str = ""
    answers: list[Answers] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)  # threshold of each fold, for lead times
    fit_seconds: float = 0.0
    answer_seconds: float = 0.0
    parameters: list[int] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # in order, each once

    @property
    def ok(self) -> bool:
        return self.status == "ok"


def run(
    question: Question,
    names: Sequence[str],
    settings: Settings,
    *,
    allowed: float = 0.1,
    timeout: float | None = None,
    monitor: Monitor = SILENT,
) -> list[Outcome]:
    """Ask every model, in order.

    Parameters
    ----------
    allowed : float
        False alarms that lead times may cost; see ``evaluation.events.alarms``.
    timeout : float, optional
        Seconds that each baseline has, over all folds.

    Raises
    ------
    TrainingError
        The user ended it: half a comparison is none.
    """
    monitor.begin("comparing", total=len(names) * len(question.folds))
    outcomes, done = [], 0
    try:
        for name in names:
            outcome = Outcome(name, registry.entry(name).kind)
            outcomes.append(outcome)
            limited = outcome.kind == "baseline" and timeout is not None
            voice = TimedMonitor(monitor, timeout or 0.0) if limited else monitor
            for number, fold in enumerate(question.folds):
                if monitor.stop_requested():
                    raise TrainingError("you asked to stop", "the comparison was not finished")
                monitor.update(done + number, f"{name}, fold {number + 1}")
                if not _ask(outcome, question, fold, settings, allowed, voice):
                    break
            done += len(question.folds)
    finally:
        monitor.end()
    return outcomes


def _ask(
    outcome: Outcome,
    question: Question,
    fold: Fold,
    settings: Settings,
    allowed: float,
    monitor: Monitor,
) -> bool:
    """Fit and answer one fold; False where the model is out."""
    began = time.perf_counter()
    try:
        model = registry.create(outcome.name, settings)
        model.fit(fold.panel, question.task, fold.learn, _Inner(monitor))
        fitted = time.perf_counter()
        given = model.probabilities(fold.panel, fold.test.moments, _Inner(monitor))
        ended = time.perf_counter()
    except TimedOut as cause:
        outcome.status, outcome.reason = "timed out", one_line(cause)
        return False
    except Exception as cause:
        outcome.status, outcome.reason = "failed", one_line(cause)
        return False
    finally:
        outcome.fit_seconds += time.perf_counter() - began
    outcome.fit_seconds -= ended - fitted
    outcome.answer_seconds += ended - fitted
    if not np.isfinite(given).all():
        outcome.status, outcome.reason = "failed", "some of its answers are not numbers"
        return False
    thresholds = chosen_thresholds(model, question.task)
    shares = np.bincount(fold.learn.labels, minlength=len(question.task.classes))
    outcome.answers.append(Answers(given, fold.test.labels, shares / shares.sum(), thresholds))
    if question.task.kind == "within":
        held = question.watch(fold, model.held.examples, model.held.probabilities)
        outcome.quiet.append(quiet_threshold(held, question.task.within, allowed))
    outcome.parameters.append(model.n_parameters)
    outcome.notes |= dict.fromkeys(model.notes)
    return True


def chosen_thresholds(model: Classifier, task: EventTask) -> Thresholds:
    """The thresholds of a fitted model, by what it answered on held-out examples.

    The model keeps the first as its own.
    """
    if not task.binary:
        model.threshold = float("nan")
        return Thresholds(float("nan"), float("nan"))
    held = model.held
    found = choose_thresholds(held.probabilities[:, 1], held.examples.labels == 1)
    model.threshold = found.f1
    return found


class _Inner:
    """The monitor of a fit inside the comparison: it may speak and end, not begin a bar."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def begin(self, task: str, total: float | None = None) -> None:
        self._check()

    def end(self) -> None: ...

    def update(self, done: float, note: str = "") -> None:
        self._check()

    def say(self, message: str) -> None:
        self._monitor.say(message)

    def stop_requested(self) -> bool:
        return self._monitor.stop_requested()

    def _check(self) -> None:
        if isinstance(self._monitor, TimedMonitor):
            self._monitor.check()

"""What event verbs return: probabilities, scores, verdict, and how far each can be believed.

As in comparison.py everything is frozen, plain, and made of numbers and words; a number that
is undefined is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from forecast_cli.comparison import Verdict
from forecast_cli.events import EventTask
from forecast_cli.results import DataSummary, Floats, Ints, freeze


@dataclass(frozen=True, eq=False)
class EventTable:
    """Every answer of a comparison: the one table that all scores are computed from.

    Parameters
    ----------
    ids : tuple of str, S
    entity : [M] int64
        Which entity each answer is about.
    fold : [M] int64
        In which fold it was tested, from 0.
    times : [M] int64
        Of the last row that was seen.
    labels : [M] int64
        The class that came true.
    probabilities : mapping of model name to [M, K] float64
        In the order of the comparison; models that failed are absent.
    event_times : [S] int64
        When the event came to each entity (``times.NAT``: never, or unknown); empty but for
        "within".
    """

    ids: tuple[str, ...]
    entity: Ints
    fold: Ints
    times: Ints
    labels: Ints
    probabilities: Mapping[str, Floats]
    event_times: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers of about the same probability, and how often the event came."""

    low: float
    high: float
    predicted: float  # mean probability; NaN in an empty bin
    observed: float  # share of events
    count: int


@dataclass(frozen=True)
class Curves:
    """What a picture of one binary model needs; at most some 200 points a line.

    With more than two classes the lines are those of all classes against the rest, pooled.
    """

    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True)
class EventVersus:
    """One model against another on the same answers.

    Parameters
    ----------
    metric : str
        The metric that ranks.
    difference : float
        This model's minus the other's; above 0 is better, whatever the metric.
    ci95 : tuple of float
        Of the difference, by a bootstrap over independent units.
    p, p_holm : float
        Two-sided, and corrected for the number of models (Holm 1979).
    p_mcnemar : float
        Of the decisions at each model's threshold; exact where few differ (McNemar 1947).
    units : int
        Independent units: entities, or blocks of time.
    decision : {"better", "worse", "inconclusive", "reference"}
    """

    metric: str
    difference: float
    ci95: tuple[float, float]
    p: float
    p_holm: float
    p_mcnemar: float
    units: int
    decision: str


@dataclass(frozen=True)
class LeadTimes:
    """How early one model's alarms come, at a fixed rate of false alarms ("within" only).

    Parameters
    ----------
    false_alarms : float
        Share of the entities far from an event that may raise an alarm: what was allowed.
    threshold : float
        That keeps to it.
    events, warned : int
        Entities whose event came, and those that were warned before it.
    median, low, high : float
        Lead of the first lasting alarm before the event over the warned, in units of time:
        median and quartiles.
    leads : tuple of float
        Each event's lead, ascending; 0 where there was no warning.
    measured_false_alarms : float
        Share that really raised one.
    early : int
        Of the warned, those whose alarm came before the span that was asked about.
    """

    false_alarms: float
    threshold: float
    events: int
    warned: int
    median: float
    low: float
    high: float
    leads: tuple[float, ...]
    measured_false_alarms: float
    early: int = 0


@dataclass(frozen=True)
class EventScore:
    """One row of the comparison."""

    name: str
    kind: str
    status: str  # "ok", "failed" or "timed out"
    reason: str
    rank: int | None
    metrics: Mapping[str, float]  # by the names of evaluation.events.metrics
    intervals: Mapping[str, tuple[float, float]]  # metric → 95 %, where there is one
    by_fold: Mapping[str, tuple[float, ...]]
    thresholds: tuple[float, ...]  # of each fold
    curves: Curves | None
    versus_reference: EventVersus | None
    fit_seconds: float  # over all folds
    answer_seconds: float
    parameters: int  # mean over the folds
    notes: tuple[str, ...] = ()
    lead_times: LeadTimes | None = None


@dataclass(frozen=True)
class EventProtocol:
    """How the comparison was made."""

    kind: str
    event: str
    classes: tuple[str, ...]
    split: str  # "folds", "time" or "given"
    folds: int
    entities: int
    answers: int  # M
    rows: int
    shares: tuple[float, ...]  # of each class among the answers; prevalence is shares[1]
    metric: str
    reference: str
    units: str  # "entities" or "blocks of N steps"
    seed: int
    false_alarms: float  # of the lead times
    horizon: int = 0
    within: str = ""  # in words, with its unit

    @property
    def prevalence(self) -> float:
        """Share of the event among the answers; NaN with more than two classes."""
        return self.shares[1] if len(self.shares) == 2 else math.nan


@dataclass(frozen=True, eq=False)
class EventCompareResult:
    """``forecast compare-baselines`` of an event."""

    data: DataSummary
    task: EventTask
    protocol: EventProtocol
    models: tuple[EventScore, ...]  # ranked, failures last
    verdict: Verdict
    table: EventTable = field(repr=False)
    notes: tuple[str, ...] = ()
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EventTrainResult:
    """``forecast train`` of an event."""

    run: str
    model: str
    kind: str
    data: DataSummary
    task: EventTask
    shares: tuple[float, ...]  # of each class among the examples
    examples: int
    threshold: float
    parameters: int
    seconds: float
    device: str
    settings: Mapping[str, object]
    held_out: Mapping[str, Mapping[str, float]]  # model → metric → score on held-out examples
    history: tuple[Mapping[str, float], ...] = field(repr=False, default=())
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EventPredictResult:
    """``forecast predict`` with a run of an event.

    Parameters
    ----------
    entities : tuple of str, M
    times : tuple of str, M
        As shown; empty texts where the question is about whole histories.
    probabilities : [M, K] float64
    """

    run: str
    model: str
    task: EventTask
    data: DataSummary
    id_name: str
    time_name: str
    threshold: float
    entities: tuple[str, ...]
    times: tuple[str, ...]
    probabilities: Floats
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True)
class EntitySummary:
    """One history in brief."""

    id: str
    rows: int
    start: str
    end: str
    missing: int  # cells
    label: str  # empty where it has none


@dataclass(frozen=True, eq=False)
class HistoriesResult:
    """``forecast inspect`` of histories.

    Parameters
    ----------
    lengths : [S] int64
        Rows of each history.
    gaps : tuple of float
        Quantiles 0, 25, 50, 75, 100 % of the time between two rows of one entity, in units.
    observed : mapping of channel to the share of its cells that hold a value
    shares : tuple of float, K
        Of each class; empty without labels.
    """

    data: DataSummary
    id_name: str
    unit: str
    lengths: Ints
    gaps: tuple[float, ...]
    observed: Mapping[str, float]
    classes: tuple[str, ...]
    shares: tuple[float, ...]
    statics: tuple[str, ...]
    entities: tuple[EntitySummary, ...]
    warnings: tuple[str, ...]
    suggestion: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", self.lengths.view())

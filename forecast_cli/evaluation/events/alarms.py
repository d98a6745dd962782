"""How early the alarms of one model come, and at what price in false ones.

Asked of "within" questions, where every row answers whether the end is near. An alarm stands
where the probability reaches a threshold. Rows further from the event than twice the span asked
about are quiet, and so are all rows of an entity without an event: an alarm there is false.
Between one and two spans it is early, and counted as such. A warning is the last
unbroken run of alarms that reaches the event's last row: what flickers and goes out has warned
of nothing. The threshold is chosen on held-out examples, as the largest share of quiet
entities allows; what it costs on the tested ones is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints
from forecast_cli.data.times import NAT
from forecast_cli.event_comparison import LeadTimes
from forecast_cli.events import EventTask

QUIET = 2  # spans from the event


@dataclass(frozen=True, eq=False)
class Watch:
    """M answers of one model along histories, in the order of entity and time.

    Parameters
    ----------
    event : [M] float64
        Probability that it comes within the span.
    entity, times : [M] int64
    event_times : [M] int64
        When it comes to the entity of each answer; ``NAT`` where it does not.
    """

    event: Floats
    entity: Ints
    times: Ints
    event_times: Ints

    @property
    def happens(self) -> Bools:
        """[M] whether the event comes to the entity."""
        return np.not_equal(self.event_times, NAT)

    @property
    def ahead(self) -> Ints:
        """[M] time until the event; 0 where none comes."""
        return np.where(self.happens, self.event_times - self.times, 0)

    def quiet(self, span: int) -> Bools:
        """[M] rows where an alarm is false."""
        return ~self.happens | np.greater(self.ahead, QUIET * span)


def quiet_threshold(watch: Watch, span: int, allowed: float) -> float:
    """The lowest threshold at which no more than a share of the quiet entities raises an alarm.

    Parameters
    ----------
    watch : Watch
        Of held-out examples.
    span : int
        That was asked about, in int64 time.
    allowed : float
        Of the entities that have quiet rows.
    """
    quiet = watch.quiet(span)
    entities, which = np.unique(watch.entity[quiet], return_inverse=True)
    if not len(entities):
        return 0.5
    highest = np.full(len(entities), -np.inf)
    np.maximum.at(highest, which, watch.event[quiet])
    descending = np.sort(highest)[::-1]
    may = int(np.floor(allowed * len(entities)))
    return float(np.nextafter(descending[may], np.inf)) if may < len(entities) else 0.0


def lead_times(
    folds: Sequence[Watch], thresholds: Sequence[float], task: EventTask, allowed: float
) -> LeadTimes:
    """Leads and false alarms over all folds, each at its own threshold.

    Parameters
    ----------
    folds : sequence of Watch
        Tested answers; no entity is in two.
    thresholds : sequence of float
    task : EventTask
    allowed : float
        Share of quiet entities, as the thresholds were chosen by.
    """
    leads: list[float] = []
    early = false = quiet_entities = 0
    for watch, threshold in zip(folds, thresholds, strict=True):
        alarm = watch.event >= threshold
        quiet = watch.quiet(task.within)
        quiet_entities += len(np.unique(watch.entity[quiet]))
        false += len(np.unique(watch.entity[quiet & alarm]))
        lead = _leads(watch, alarm)
        early += int((lead > task.within).sum())
        leads += sorted(task.scale.spans(lead).tolist())
    leads.sort()
    warned = np.array([lead for lead in leads if lead > 0])
    low, median, high = (
        np.quantile(warned, [0.25, 0.5, 0.75]).tolist() if warned.size else (np.nan,) * 3
    )
    return LeadTimes(
        false_alarms=allowed,
        threshold=float(np.median(thresholds)),
        events=len(leads),
        warned=warned.size,
        median=median,
        low=low,
        high=high,
        leads=tuple(leads),
        measured_false_alarms=false / quiet_entities if quiet_entities else float("nan"),
        early=early,
    )


def _leads(watch: Watch, alarm: Bools) -> Ints:
    """[E] of each entity whose event comes: how long before it the lasting alarm began."""
    before = watch.happens & np.greater_equal(watch.ahead, 0)
    entity, ahead, on = watch.entity[before], watch.ahead[before], alarm[before]
    if not len(entity):
        return np.zeros(0, dtype=np.int64)
    last = np.flatnonzero(np.append(entity[1:] != entity[:-1], True))  # row of each entity
    first = np.append(0, last[:-1] + 1)
    rows = np.arange(len(entity))
    silent = np.maximum.reduceat(np.where(on, -1, rows), first)  # last row without an alarm
    begins = np.maximum(silent + 1, first)
    return np.where(begins <= last, ahead[np.minimum(begins, last)], 0)

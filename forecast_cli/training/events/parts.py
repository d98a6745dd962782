"""Which examples each member of an ensemble learns from, and by which it is judged.

Members hold out different parts of the examples. Together they learn from all, and every example
is answered by a network that has not seen it, so that calibration and thresholds rest on all
of them. Histories are parted by entity, each class evenly; where there are too few entities, or
the question is about a regular series, in time, and no answer of one side depends on a row
of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.events.split import dealt, entity_classes
from forecast_cli.data.panel import Bools, Ints, Panel
from forecast_cli.events import EventTask

PARTS = 5


@dataclass(frozen=True, eq=False)
class Division:
    """One division of the examples; [M] bool each."""

    learn: Bools
    hold: Bools


def parts_of(panel: Panel, task: EventTask, examples: Examples, seed: int) -> list[Division]:
    """Up to five divisions, each with two classes at least on both sides.

    Returns
    -------
    list of Division
        Empty where the rarest class is too rare to be held out.
    """
    if task.kind == "threshold":
        found = _in_time(panel, task, examples)
    else:
        entities, strata = entity_classes(task, examples)
        rarest = np.bincount(strata)
        count = min(PARTS, len(entities), int(rarest[rarest > 0].min()))
        if count >= 2:
            found = _by_entity(panel, examples, entities, strata, count, seed)
        elif task.per_row:
            found = _in_time(panel, task, examples)
        else:
            found = []
    return [part for part in found if _both(examples, part.learn) and _both(examples, part.hold)]


def _both(examples: Examples, some: Bools) -> bool:
    return len(np.unique(examples.labels[some])) > 1


def _by_entity(
    panel: Panel, examples: Examples, entities: Ints, strata: Ints, count: int, seed: int
) -> list[Division]:
    part = np.full(panel.n_series, -1, dtype=np.int64)  # [S]
    part[entities] = dealt(strata, count, seed)
    of_example = part[examples.moments.series]  # [M]
    return [Division(of_example != k, of_example == k) for k in range(count)]


def _in_time(panel: Panel, task: EventTask, examples: Examples) -> list[Division]:
    """Stretches of time of equally many examples; those near a stretch are not learned."""
    series, rows = examples.moments.series, examples.moments.rows
    if not len(rows):
        return []
    by_clock = panel.clock.freq is not None
    time = panel.times[rows] if by_clock else rows - panel.starts[series]  # [M]
    edges = np.quantile(time, np.linspace(0, 1, PARTS + 1)[1:-1], method="higher")
    part = np.searchsorted(edges, time, side="right")
    found = []
    for k in np.unique(part):
        hold = part == k
        place = rows - panel.starts[series]
        first = np.full(panel.n_series, np.iinfo(np.int64).max)
        last = np.full(panel.n_series, -1, dtype=np.int64)
        np.minimum.at(first, series[hold], place[hold])
        np.maximum.at(last, series[hold], place[hold])
        reach = max(task.horizon, 1)
        before = place < first[series] - reach
        after = place > last[series] + reach
        found.append(Division(~hold & (before | after), hold))
    return found

"""Histories in brief: lengths, gaps, what is observed, how the classes share; and their sign.

Histories are told from regular series by their gaps: many entities whose times follow no step.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.named import guess_layout
from forecast_cli.data.events.placed import place_rows
from forecast_cli.data.events.split import entity_classes
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats
from forecast_cli.data.table import Table
from forecast_cli.errors import ForecastError
from forecast_cli.event_comparison import EntitySummary, HistoriesResult
from forecast_cli.results import DataSummary

LEAST_ENTITIES = 5  # fewer are as well told by the summary of series
REGULAR = 0.5  # of the gaps within entities are the same: there is a step
_QUARTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
_FEW_ROWS = 3  # in the median history, below which order can say little
_RARE = 0.05  # of the cells of a channel


def describe(histories: Histories, suggestion: str = "") -> HistoriesResult:
    """The histories in brief.

    Parameters
    ----------
    histories : Histories
        With or without a question.
    suggestion : str
        The next command.
    """
    panel, task, examples = histories.panel, histories.task, histories.examples
    same = np.diff(panel.series_of_row) == 0  # [rows - 1]
    gaps = task.scale.spans(np.diff(panel.times)[same])
    observed = panel.observed.mean(axis=0) if panel.n_rows else np.zeros(len(panel.channels))
    counts = np.bincount(examples.labels, minlength=len(task.classes))
    asked = len(examples) > 0
    shares = tuple(float(n / len(examples)) for n in counts) if asked else ()
    summary = histories.summary
    if summary is None:
        raise ValueError("only histories that were read can be described")
    return HistoriesResult(
        data=summary,
        id_name=panel.id_name,
        unit=task.scale.name,
        lengths=panel.lengths,
        gaps=tuple(np.quantile(gaps, _QUARTILES).tolist()) if gaps.size else (),
        observed={name: float(observed[c]) for c, name in enumerate(panel.channels)},
        classes=task.classes if asked else (),
        shares=shares,
        statics=panel.static_names,
        entities=_entities(histories),
        warnings=(*histories.warnings, *_doubts(histories, summary, observed)),
        suggestion=suggestion,
    )


def looks_irregular(table: Table, options: DataOptions) -> bool:
    """Whether a table holds histories: several entities, whose times follow no common step.

    A file that cannot be read as histories does not look like them.
    """
    notes = Notes()
    try:
        options = guess_layout(table, options, notes)
        placed = place_rows(table, options, (), set(options.static), None, notes)
    except ForecastError:
        return False
    if len(placed.entities.names) < LEAST_ENTITIES or placed.times.size < 2:
        return False
    order = np.lexsort((placed.times, placed.entities.codes))
    same = np.diff(placed.entities.codes[order]) == 0
    gaps = np.diff(placed.times[order])[same]
    gaps = gaps[gaps > 0]
    if not gaps.size:
        return False
    _, counts = np.unique(gaps, return_counts=True)
    return bool(counts.max() < REGULAR * gaps.size)


def _entities(histories: Histories) -> tuple[EntitySummary, ...]:
    panel, task = histories.panel, histories.task
    kept = np.flatnonzero(panel.lengths)
    missing = np.concatenate([[0], np.cumsum((~panel.observed).sum(axis=1))])  # [rows+1]
    starts = task.scale.show(panel.times[panel.starts[kept]])
    ends = task.scale.show(panel.times[panel.ends[kept] - 1])
    labels = dict.fromkeys(range(panel.n_series), "")
    if len(histories.examples):
        entities, classes = entity_classes(task, histories.examples)
        labels |= {int(e): task.classes[k] for e, k in zip(entities, classes, strict=True)}
    return tuple(
        EntitySummary(
            id=panel.ids[s],
            rows=int(panel.lengths[s]),
            start=starts[i],
            end=ends[i],
            missing=int(missing[panel.ends[s]] - missing[panel.starts[s]]),
            label=labels[int(s)],
        )
        for i, s in enumerate(kept)
    )


def _doubts(histories: Histories, summary: DataSummary, observed: Floats) -> list[str]:
    """What makes answers of these histories weak."""
    panel, task, examples = histories.panel, histories.task, histories.examples
    found = []
    median = float(np.median(panel.lengths))
    if median < _FEW_ROWS:
        found.append(
            f"the median history has {median:g} row{'s' * (median != 1)}: "
            "there is little order to learn from"
        )
    rare = [name for c, name in enumerate(panel.channels) if observed[c] < _RARE]
    if rare:
        shown = ", ".join(rare[:5]) + (", …" if len(rare) > 5 else "")
        found.append(f"{len(rare)} channels are seen in less than {_RARE:.0%} of rows ({shown})")
    if len(examples):
        _, classes = entity_classes(task, examples)
        counts = np.bincount(classes, minlength=len(task.classes))
        if task.kind != "threshold" and 0 < counts.min() < 30:
            rarest = task.classes[int(np.argmin(counts))]
            found.append(
                f'class "{rarest}" has {counts.min()} entities: few to tell models apart by'
            )
    return found

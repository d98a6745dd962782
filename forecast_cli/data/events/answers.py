"""From labels and options to the question: its kind, its classes, and where it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.events.labels import (
    YES,
    Classes,
    Labels,
    examples_of,
    settle,
    tell_last_rows,
)
from forecast_cli.data.events.question import Question
from forecast_cli.data.events.within import (
    Span,
    event_times,
    examples_within,
    last_answers,
    parse_span,
)
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.events import EventTask, TimeScale

_NOTHING = np.zeros(0, dtype=np.int64)
NO_EXAMPLES = Examples(Origins(_NOTHING, _NOTHING), _NOTHING)


@dataclass(frozen=True, eq=False)
class Asked:
    """The question, and what is known of its answers."""

    task: EventTask
    examples: Examples = NO_EXAMPLES
    event_times: Ints = field(default_factory=lambda: _NOTHING)


def answer(
    panel: Panel,
    scale: TimeScale,
    categories: Mapping[str, tuple[str, ...]],
    question: Question,
    labels: Labels | None,
    known: EventTask | None,
    notes: Notes,
) -> Asked:
    """State the question, and find its examples.

    Parameters
    ----------
    panel : Panel
    scale : TimeScale
    categories : mapping of column to labels
    question : Question
    labels : Labels or None
    known : EventTask or None
        The question of a run, which holds.
    notes : Notes

    Raises
    ------
    DataError, UsageError
    """
    offsets = panel.offsets
    if known is not None and known.kind == "row" and labels is not None and labels.rows.size:
        labels = replace(labels, entity=_NOTHING.astype(np.float64))  # also where none varies
    classes = None if labels is None else _classes(labels, question, known, panel, notes)
    if question.within is not None:
        return _within(panel, scale, categories, question, labels, classes, known, notes)
    if known is not None:
        return Asked(known, _later(labels, classes, known, offsets))
    if labels is None or classes is None:
        return Asked(EventTask("entity", "", scale=scale, categories=categories))
    tell_last_rows(labels, classes, offsets, notes)
    task = EventTask(
        "row" if labels.per_row else "entity",
        classes.event,
        classes.names,
        scale=scale,
        categories=categories,
    )
    return Asked(task, examples_of(labels, classes, offsets))


def _classes(
    labels: Labels, question: Question, known: EventTask | None, panel: Panel, notes: Notes
) -> Classes:
    """The classes; where an end is asked about, those of a run also say what marks it."""
    if known is not None and known.kind == "within":  # newer data may hold one kind of history
        marks = {question.positive, known.classes[1]} & set(labels.labels) or set(YES)
        of_label = np.array(
            [int(label.lower() in marks or label in marks) for label in labels.labels]
        )
        return Classes(known.classes, of_label, labels.name)
    before = () if known is None else known.classes
    classes = settle(labels, panel.offsets, question.positive, before, notes)
    if question.within is not None and len(classes.names) > 2:
        raise DataError(
            f'label "{labels.name}" has {len(classes.names)} classes, and --event-within needs to '
            "know which of them is the event",
            "--positive names it: " + ", ".join(classes.names[:8]),
        )
    return classes


def _within(
    panel: Panel,
    scale: TimeScale,
    categories: Mapping[str, tuple[str, ...]],
    question: Question,
    labels: Labels | None,
    classes: Classes | None,
    known: EventTask | None,
    notes: Notes,
) -> Asked:
    if known is None:
        span = parse_span(str(question.within), scale, notes)
    else:
        span = Span(known.within, "")
    if labels is None and known is None:
        option = "--label COLUMN says which do"
        notes.guess("event", "every history ends in it", option, "no label was named")
    came, watched = event_times(labels, classes, panel.times, panel.offsets)
    examples = examples_within(came, watched, span.ticks, panel.times, panel.offsets, notes)
    if known is not None:
        return Asked(known, examples, came)
    name = "end of history" if classes is None else classes.event
    task = EventTask(
        "within",
        f"{name} within {span.words}",
        ("0", "1") if classes is None else classes.names,
        within=span.ticks,
        scale=scale,
        categories=categories,
    )
    return Asked(task, examples, came)


def _later(
    labels: Labels | None, classes: Classes | None, known: EventTask, offsets: Ints
) -> Examples:
    """Answers to the question of a run; none where newer data have no labels."""
    if labels is None or classes is None:
        return NO_EXAMPLES
    if known.kind == "entity" and labels.per_row:
        raise DataError(
            f'label "{labels.name}" differs within entities, and the question has one answer each',
            "name labels like those of the training",
        )
    if known.kind == "row" and not labels.rows.size:
        raise DataError(
            f'label "{labels.name}" has one value an entity, and the question is asked of each row',
            "name a column of labels in the rows",
        )
    if known.kind == "within":
        return last_answers(labels, classes, offsets)
    return examples_of(labels, classes, offsets)

"""What knows the answer: left out where it is the answer itself, said where it only may.

A column that alone tells the classes apart was perhaps written down after the event. So was
one that counts up to the end of each history. Whether they are known in time only the user
can say.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.data.table import Table
from forecast_cli.events import EventTask

_LEAST = 20  # examples, below which a column may tell classes apart by chance
_LEAST_OF_CLASS = 5
_FEW_VALUES = 50
_MISTAKES = 0.05  # of the rarest class
_KNOWN = 0.5  # of the examples must know the column


def without_answer(table: Table, label: str, variable: str | None, notes: Notes) -> Table:
    """A table of the histories or of statics without the answers that another place holds.

    Parameters
    ----------
    table : Table
    label : str
        Column of the answers in the file of labels, or in the histories.
    variable : str or None
        Column of names where the table has a name and a value in each row.
    notes : Notes
    """
    said = f'left out: "{label}" is the answer'
    if label in table.names:
        notes.repair("columns of answers", 1, said)
        return replace(table, frame=table.frame.drop(columns=label))
    if variable is None or variable not in table.names:
        return table
    named = (table.labels(variable) == label).fillna(False).to_numpy(dtype=bool)  # [cells]
    notes.repair("rows of answers", int(named.sum()), said)
    return table.take(np.flatnonzero(~named)) if named.any() else table


def suspects(panel: Panel, task: EventTask, examples: Examples) -> list[str]:
    """A line for each static or channel that alone tells the classes apart.

    Parameters
    ----------
    panel : Panel
    task : EventTask
    examples : Examples
        Of these the last of each entity is looked at, or all where labels stand in the rows.
    """
    series, rows, labels = examples.moments.series, examples.moments.rows, examples.labels
    if task.kind == "within":  # whether the event ever comes
        series, which = np.unique(series, return_inverse=True)
        ever = np.zeros(len(series), dtype=np.int64)
        np.maximum.at(ever, which, labels)
        labels, rows = ever, rows[:0]
    found = [
        (name, panel.static[series, f])
        for f, name in enumerate(panel.static_names)
        if task.kind in ("entity", "within")
    ]
    if rows.size:
        found += [(name, panel.values[rows, c]) for c, name in enumerate(panel.channels)]
    return [
        f'"{name}" alone tells the classes apart: is it known in time, before the event? '
        "--static and --past name the columns to use"
        for name, values in found
        if tells(values, labels)
    ]


def followers(panel: Panel, task: EventTask) -> list[str]:
    """A line for each static that no row's time ever passes: it may say how long it was watched."""
    if task.scale.kind != "number" or not panel.n_rows:
        return []
    ends = panel.times[panel.ends - 1] / task.scale.unit  # [S]
    starts = panel.times[panel.starts] / task.scale.unit
    if np.mean(ends > starts) < _KNOWN or panel.n_series < _LEAST:
        return []
    lines = []
    for f, name in enumerate(panel.static_names):
        values = panel.static[:, f]
        if name in task.categories or not np.isfinite(values).all():
            continue
        together = np.corrcoef(values, ends)[0, 1] if np.ptp(values) and np.ptp(ends) else 0.0
        if np.all(values >= ends) and together > _KNOWN:
            lines.append(
                f'"{name}" is never before the last time of its entity: if it says when watching '
                "ended, nobody knows it in time; --static and --past name the columns to use"
            )
    return lines


def tells(values: Floats, labels: Ints) -> bool:
    """Whether a column alone tells the classes apart, but for a mistake in twenty of the rarest.

    Either each of its few values has one class, or a limit parts two classes.

    Examples
    --------
    >>> tells(np.arange(40.0), np.repeat([0, 1], 20))
    True
    """
    seen = np.isfinite(values)
    if seen.sum() < max(_LEAST, _KNOWN * len(values)):
        return False
    values, labels = values[seen], np.unique(labels[seen], return_inverse=True)[1]
    counts = np.bincount(labels)  # [K]
    if len(counts) < 2 or counts.min() < _LEAST_OF_CLASS:
        return False
    allowed = _MISTAKES * counts.min()
    distinct, which = np.unique(values, return_inverse=True)
    if len(distinct) <= min(_FEW_VALUES, len(values) // 4):
        table = np.zeros((len(distinct), len(counts)))
        np.add.at(table, (which, labels), 1)
        return bool(len(values) - table.max(axis=1).sum() <= allowed)
    if len(counts) > 2:
        return False
    below = np.cumsum(np.bincount(which, weights=labels))  # events up to each value
    others = np.cumsum(np.bincount(which, weights=1 - labels))
    wrong = below + counts[0] - others  # where the event lies above the limit
    return bool(min(wrong.min(), (len(values) - wrong).min()) <= allowed)

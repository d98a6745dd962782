"""Labels: which classes there are, which is the event, and at which rows the answer is known.

A column with one value an entity is an answer for its whole history; one that varies is an
answer for each row. Which of two labels is the event is said aloud.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.entities import natural
from forecast_cli.data.events.encode import MOST_LABELS
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.events.side import Joined, Side
from forecast_cli.data.events.whose import plain
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints, Origins
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError, UsageError, did_you_mean

YES = ("1", "true", "yes", "y")
_FEW = 10  # numbers with decimals beyond this are measurements, no classes


@dataclass(frozen=True, eq=False)
class Labels:
    """What was read of the answers; codes are places in ``labels``, NaN where unknown.

    Parameters
    ----------
    name : str
        Of the column.
    labels : tuple of str, L
        In natural order.
    entity : [S] float64
        Of whole histories; empty where the labels differ from row to row.
    rows : [rows] float64
        Of each row; empty where they came from a file of their own.
    """

    name: str
    labels: tuple[str, ...]
    entity: Floats
    rows: Floats

    @property
    def per_row(self) -> bool:
        """Whether the label differs from row to row of some entity."""
        return self.entity.size == 0


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of the question, and which of them each label is.

    Parameters
    ----------
    names : tuple of str, K
    of_label : [L] int64
        -1: a label that training did not know.
    event : str
        What is asked, in words.
    """

    names: tuple[str, ...]
    of_label: Ints
    event: str

    def of(self, codes: Floats) -> Ints:
        """The class of each code; -1 where it is unknown."""
        known = np.isfinite(codes)
        places = np.where(known, codes, 0).astype(np.int64)
        return np.where(known, np.append(self.of_label, -1)[places], -1)


def from_column(name: str, labels: tuple[str, ...], rows: Floats, offsets: Ints) -> Labels:
    """Labels that stand in the rows of the histories.

    Parameters
    ----------
    name : str
    labels : tuple of str
    rows : [rows] float64
        Codes, NaN where there is none.
    offsets : [S+1] int64
        Every entity has a row.
    """
    low = np.fmin.reduceat(rows, offsets[:-1])
    high = np.fmax.reduceat(rows, offsets[:-1])
    varies = bool(np.any(low < high))
    return Labels(name, labels, np.zeros(0) if varies else low, rows)


def from_file(joined: Joined, column: str, n_entities: int, notes: Notes) -> Labels:
    """Labels of a file of their own; entities whose cell is empty are counted and said.

    Raises
    ------
    DataError
        Two labels for one entity.
    """
    text = joined.table.text(column)
    seen = text.notna().to_numpy()
    labels = tuple(sorted((str(one) for one in text.dropna().unique()), key=natural))
    codes_of = {label: code for code, label in enumerate(labels)}
    owners = joined.entities.codes[seen]
    codes = np.array([codes_of[str(cell)] for cell in text[seen]], dtype=np.float64)
    entity = np.full(n_entities, np.nan)
    entity[owners] = codes
    torn = np.flatnonzero(entity[owners] != codes)
    if torn.size:
        row = int(np.flatnonzero(seen)[torn[0]])
        name = joined.entities.names[owners[torn[0]]]
        raise DataError(
            f'{joined.table.place(row)}, column "{column}": "{name}" has two labels',
            "keep one row for each id",
        )
    owned = np.unique(joined.entities.codes)
    empty = owned[np.isnan(entity[owned])]
    first = f' (first: "{joined.entities.names[int(empty[0])]}")' if empty.size else ""
    notes.repair("empty labels", empty.size, f"these histories are no examples{first}")
    return Labels(column, labels, entity, np.zeros(0))


def answers_in(side: Side, table: Table, id_name: str | None, wanted: str | None) -> str | None:
    """The column of a file of labels that holds the answers, before it is joined.

    None where several columns could be meant, which :func:`label_column` refuses. Where nobody
    names the id it is the first column, or the first that the histories have too.

    Parameters
    ----------
    side : Side
    table : Table
        The histories.
    id_name, wanted : str or None
        ``--id`` and ``--label``.
    """
    if wanted is not None:
        return wanted
    names = side.table.names
    if id_name is None and len(table.sheets) == 1:
        there = {plain(name) for name in table.names}
        id_name = next((name for name in names if plain(name) in there), None)
    ids = side.id_column(id_name or "")
    free = [name for name in names if name != ids]
    return free[0] if len(free) == 1 else None


def label_column(joined: Joined, wanted: str | None, notes: Notes) -> str:
    """The column of labels in a file of its own: the one that is named, or the only one.

    Raises
    ------
    UsageError
    """
    names = [name for name in joined.table.names if name != joined.column]
    file = joined.table.sheets[0].source.name
    if wanted is not None:
        if wanted not in names:
            raise UsageError(f'{file}: no column "{wanted}"', did_you_mean(wanted, names))
        return wanted
    if len(names) != 1:
        raise UsageError(
            f"{file}: has {len(names)} columns beside the ids",
            "--label names the one that holds the answers: " + ", ".join(names[:12]),
        )
    notes.guess("label", f'"{names[0]}"', f'--label "{names[0]}"', "the only column beside the ids")
    return names[0]


def settle(
    labels: Labels, offsets: Ints, positive: str | None, known: tuple[str, ...], notes: Notes
) -> Classes:
    """Decide on the classes, and which of two is the event.

    Parameters
    ----------
    labels : Labels
    offsets : [S+1] int64
    positive : str or None
        The label that is the event; of more than two labels the others become one class.
    known : tuple of str
        The classes of a run, which hold; empty on the first reading.
    notes : Notes

    Raises
    ------
    DataError
        One class, a class of fewer than two entities, or labels that are measurements.
    UsageError
        No such label.
    """
    if known:
        return _as_before(labels, known, notes)
    _refuse_measurements(labels)
    counts = _entities_of(labels, offsets)
    if len(labels.labels) < 2:
        only = f' ("{labels.labels[0]}")' if labels.labels else ""
        raise DataError(
            f'label "{labels.name}" has {"one class" + only if only else "no value"}: '
            "there is nothing to tell apart",
            "name histories of both kinds, or another --label",
        )
    if positive is not None and positive not in labels.labels:
        raise UsageError(
            f'--positive: label "{labels.name}" has no value "{positive}"',
            did_you_mean(positive, labels.labels),
        )
    if positive is None and len(labels.labels) > 2:
        classes = Classes(labels.labels, np.arange(len(labels.labels)), labels.name)
        notes.guess("classes", ", ".join(labels.labels), "--positive LABEL makes them two")
    else:
        classes = _two(labels, counts, positive, notes)
    per_class = [int(counts[classes.of_label == k].sum()) for k in range(len(classes.names))]
    if min(per_class) < 2:
        rare = classes.names[int(np.argmin(per_class))]
        raise DataError(
            f'class "{rare}" of label "{labels.name}" has {min(per_class)} entity: '
            "it cannot be both learned from and tested",
            "name more histories"
            + (
                ", or --positive LABEL for one class against the rest" if len(per_class) > 2 else ""
            ),
        )
    return classes


def examples_of(labels: Labels, classes: Classes, offsets: Ints) -> Examples:
    """One moment an entity, its last row; or every row with a label."""
    if labels.per_row:
        answers = classes.of(labels.rows)
        rows = np.flatnonzero(answers >= 0)
        series = np.searchsorted(offsets, rows, side="right") - 1
        return Examples(Origins(series, rows), answers[rows])
    answers = classes.of(labels.entity)
    series = np.flatnonzero((answers >= 0) & (np.diff(offsets) > 0))
    return Examples(Origins(series, offsets[1:][series] - 1), answers[series])


def tell_last_rows(labels: Labels, classes: Classes, offsets: Ints, notes: Notes) -> None:
    """Hint where a column is 1 in last rows only: it marks the end, and does not foretell it."""
    if not labels.per_row or len(classes.names) != 2:
        return
    answers = classes.of(labels.rows)
    positive = np.flatnonzero(answers == 1)
    if positive.size and np.isin(positive, offsets[1:] - 1).all():
        notes.warn(
            f'label "{labels.name}" is {classes.names[1]} only in the last row of '
            f"{positive.size} entities: to ask ahead of it, --event-within 30 --label "
            f'"{labels.name}"'
        )


def _two(labels: Labels, counts: Ints, positive: str | None, notes: Notes) -> Classes:
    why = "as given"
    if positive is None:
        plainly = [label for label in labels.labels if label.lower() in YES]
        positive = plainly[0] if plainly else labels.labels[1 if counts[1] <= counts[0] else 0]
        why = "it says so" if plainly else "the rarer label"
        notes.guess("event", f'"{positive}"', f'--positive "{positive}"', why)
    others = [label for label in labels.labels if label != positive]
    negative = others[0] if len(others) == 1 else f"not {positive}"
    of_label = np.array([int(label == positive) for label in labels.labels], dtype=np.int64)
    plain = positive.lower() in YES
    event = labels.name if plain else f"{labels.name} = {positive}"
    return Classes((negative, positive), of_label, event)


def _as_before(labels: Labels, known: tuple[str, ...], notes: Notes) -> Classes:
    """The classes of a run, by their names; "not 2" is all that is not 2."""
    place = {name: k for k, name in enumerate(known)}
    rest = 0 if len(known) == 2 and known[0] == f"not {known[1]}" else -1
    of_label = np.array([place.get(label, rest) for label in labels.labels], dtype=np.int64)
    unseen = [label for label, k in zip(labels.labels, of_label, strict=True) if k < 0]
    if unseen:
        notes.warn(
            f'label "{labels.name}": the training had no '
            + ", ".join(f'"{label}"' for label in unseen[:5])
            + "; entities with it are no examples"
        )
    return Classes(known, of_label, labels.name)


def _refuse_measurements(labels: Labels) -> None:
    numbers = [float(label) for label in labels.labels if _is_number(label)]
    decimals = len(numbers) == len(labels.labels) and any(n != int(n) for n in numbers)
    if len(labels.labels) > MOST_LABELS or (decimals and len(labels.labels) > _FEW):
        raise DataError(
            f'label "{labels.name}" has {len(labels.labels)} different values: '
            "that is a measurement, and no class",
            "write a column of classes, such as 1 where it is above a limit and 0 elsewhere",
        )


def _is_number(label: str) -> bool:
    try:
        return abs(float(label)) < 2**53
    except ValueError:
        return False


def _entities_of(labels: Labels, offsets: Ints) -> Ints:
    """[L] how many entities ever have each label."""
    if not labels.per_row:
        codes = labels.entity[np.isfinite(labels.entity)].astype(np.int64)
        return np.bincount(codes, minlength=len(labels.labels))
    rows = np.flatnonzero(np.isfinite(labels.rows))
    series = np.searchsorted(offsets, rows, side="right") - 1
    pairs = np.unique(np.stack([series, labels.rows[rows].astype(np.int64)]), axis=1)
    return np.bincount(pairs[1], minlength=len(labels.labels))

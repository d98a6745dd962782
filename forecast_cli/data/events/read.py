"""From files to histories: the one door of this folder.

``load_histories`` reads, infers, puts rows in order and finds the answers; the files beside
this one each do one of these, and the reading of tables is that of regular series. What was
inferred and repaired comes back with the histories, for print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.columns import check_names
from forecast_cli.data.entities import Entities
from forecast_cli.data.events.answers import answer
from forecast_cli.data.events.encode import Encoder
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.labels import Labels, answers_in, label_column
from forecast_cli.data.events.labels import from_column as labels_of_rows
from forecast_cli.data.events.labels import from_file as labels_of_file
from forecast_cli.data.events.leaks import followers, suspects, without_answer
from forecast_cli.data.events.measured import Measured
from forecast_cli.data.events.named import guess_layout, measure_named
from forecast_cli.data.events.placed import Placed, place_rows
from forecast_cli.data.events.question import Question, data_options
from forecast_cli.data.events.regular import load_regular
from forecast_cli.data.events.side import Side, join, open_side
from forecast_cli.data.events.statics import (
    check_named,
    from_file,
    from_rows,
    never_changing,
    with_unknown,
    without,
)
from forecast_cli.data.events.times import told_in
from forecast_cli.data.events.whose import FILE
from forecast_cli.data.events.wide import measure_wide
from forecast_cli.data.limits import Limits
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Panel, Role
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import Source, fingerprint, read_sources
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError, UsageError, did_you_mean
from forecast_cli.events import EventTask, TimeScale
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary


def load_histories(
    config: DataOptions, monitor: Monitor = SILENT, known: EventTask | None = None
) -> Histories:
    """Read the histories that a configuration names, and the answers to its question.

    Parameters
    ----------
    config : DataOptions
        Of any verb; options of events that it lacks count as not given.
    monitor : Monitor
    known : EventTask or None
        The question of a run: its codes, its classes and its way of counting time hold, and
        labels need not be there.

    Raises
    ------
    DataError
        Files that cannot be understood, or that cannot answer the question.
    UsageError
        Columns that are not there, or options that contradict each other.
    """
    question = Question.of(config)
    options = data_options(config)
    monitor.begin("reading " + ", ".join(options.data))
    try:
        if question.rule is not None or (known is not None and known.kind == "threshold"):
            return load_regular(options, question, known)
        notes = Notes()
        options = options.model_copy(update={"data": _files(options.data)})
        sources = read_sources(options.data, Limits(options.limits))
        table = read_table(sources, options, notes)
        return histories_from_table(table, sources, options, question, notes, known)
    finally:
        monitor.end()


def load_test(config: DataOptions, train: Histories, monitor: Monitor = SILENT) -> Histories:
    """Read the files of ``--test-data`` and ``--test-labels`` as those of training were read.

    Parameters
    ----------
    config : DataOptions
        With ``test_data`` and ``test_labels``.
    train : Histories
    monitor : Monitor

    Notes
    -----
    Where the question is ``--event-within``, test labels answer it at the last row of each
    history (1: it comes within the span); without them test histories end in the event as
    those of training do.
    """
    question = Question.of(config)
    labels = getattr(config, "test_labels", None) or question.labels
    asked = replace(question, labels=labels)
    if train.task.kind == "within" and getattr(config, "test_labels", None):
        asked = replace(asked, within=None)
    files = _files(getattr(config, "test_data", ()))
    options = train.options.model_copy(update={"data": files})
    monitor.begin("reading " + ", ".join(files))
    try:
        if train.task.kind == "threshold":
            return load_regular(options, question, train.task)
        notes = Notes()
        sources = read_sources(files, Limits(options.limits))
        table = read_table(sources, options, notes)
        return histories_from_table(table, sources, options, asked, notes, train.task)
    finally:
        monitor.end()


def histories_from_table(
    table: Table,
    sources: Sequence[Source],
    options: DataOptions,
    question: Question,
    notes: Notes,
    known: EventTask | None = None,
) -> Histories:
    """The histories of a table that was read; parameters as of :func:`load_histories`."""
    sides = {
        what: open_side(name, what, notes)
        for what, name in (("label", question.labels), ("static", question.statics))
        if name is not None
    }
    label = None if "label" in sides else question.label
    options = guess_layout(table, options, notes) if known is None else options
    told = label
    if "label" in sides:
        told = answers_in(sides["label"], table, options.id, question.label)
    if told is not None and label is None:
        _refuse_answer(told, options)
        table = without_answer(table, told, options.variable, notes)
    statics = tuple(name for name in options.static if name in table.names)
    _check(table, options, statics, label, known)
    shared = [side.table.names[0] for side in sides.values()]
    other = {name for name in (label, *statics) if name in table.names}
    counted = None if known is None else known.scale
    placed = place_rows(table, options, shared, other, counted, notes)
    measured = _measured(placed, options, statics, label, known, notes)
    panel, scale, entities = _panel(
        placed, measured, statics, sides.get("static"), told, options, known, notes
    )
    labels = _labels(measured, label, panel, entities, sides.get("label"), question, notes)
    categories = {
        name: tuple(known.categories[name] if known else notes.labels[name])
        for name in (*panel.channels, *panel.static_names)
        if name in (known.categories if known else notes.labels)
    }
    asked = answer(panel, scale, categories, question, labels, known, notes)
    if known is None:
        for line in (*suspects(panel, asked.task, asked.examples), *followers(panel, asked.task)):
            notes.warn(line)
    notes.resolve("past", panel.channels)
    notes.resolve("static", panel.static_names)
    everything = (*sources, *(source for side in sides.values() for source in side.sources))
    return Histories(
        panel=panel,
        task=asked.task,
        examples=asked.examples,
        event_times=asked.event_times,
        summary=_summary(placed.table, everything, panel, scale, notes),
        warnings=tuple(notes.warnings),
        options=DataOptions(**{**dict(options), **notes.resolved}),
    )


def _check(
    table: Table,
    options: DataOptions,
    statics: tuple[str, ...],
    label: str | None,
    known: EventTask | None,
) -> None:
    """Refuse options that name columns which are not there, or one column twice."""
    if known is not None:
        _refuse_lack(table, options)
    files = options.id == FILE and FILE not in table.names
    here = {"static": statics, **({"id": None} if files else {})}
    check_names(table, options.model_copy(update=here))
    if label is not None and not options.variable and label not in table.names:
        raise UsageError(
            f'--label: no column "{label}"',
            did_you_mean(label, table.names) + "; --labels FILE where it has a file of its own",
        )
    if label is not None:
        _refuse_answer(label, options)


def _refuse_lack(table: Table, options: DataOptions) -> None:
    """Refuse newer data without a channel that was learned from.

    Raises
    ------
    DataError
    """
    lost = [] if options.variable else [name for name in options.past if name not in table.names]
    if lost:
        file = table.sheets[0].source.name
        names = ", ".join(f'"{name}"' for name in lost[:8])
        raise DataError(
            f"{file}: no column {names}, which was learned from",
            "a column of that name may be empty, where nothing was measured",
        )


def _refuse_answer(label: str, options: DataOptions) -> None:
    """Refuse to learn from the column that holds the answers."""
    for option, names in (("--static", options.static), ("--past", options.past)):
        if label in names:
            raise UsageError(
                f'column "{label}" is named by --label and by {option}',
                "a label cannot be learned from as well",
            )


def _measured(
    placed: Placed,
    options: DataOptions,
    statics: tuple[str, ...],
    label: str | None,
    known: EventTask | None,
    notes: Notes,
) -> Measured:
    encoder = Encoder(notes, None if known is None else known.categories)
    entities = placed.entities
    if options.variable:
        return measure_named(placed.table, placed.times, entities, label, options, encoder)
    used = (*placed.used, *statics)
    measured = measure_wide(placed.table, placed.times, entities, used, label, options, encoder)
    if known is not None or options.past:
        return measured
    steady = never_changing(measured, notes)
    return without(measured, steady, len(entities.names))


def _panel(
    placed: Placed,
    measured: Measured,
    statics: tuple[str, ...],
    side: Side | None,
    told: str | None,
    options: DataOptions,
    known: EventTask | None,
    notes: Notes,
) -> tuple[Panel, TimeScale, Entities]:
    """The panel of the entities that have a row, how its times count, and these entities."""
    rows, entities = measured.rows, placed.entities
    categories = None if known is None else known.categories
    static = from_rows(placed.table, placed.times, entities, statics, categories, notes)
    names = (*statics, *measured.static_names)
    static = np.column_stack([static, measured.static])
    if side is not None:
        joined = join(side, entities, notes)
        if told is not None:
            joined = replace(joined, table=without_answer(joined.table, told, None, notes))
        taken = (*names, *measured.channels)
        more, found = from_file(joined, options.static, taken, categories, notes)
        static, names = np.column_stack([static, more]), (*names, *found)
    if known is not None and options.variable:  # what nobody measured has no row to stand in
        static, names = with_unknown(static, names, options.static, notes)
    check_named(options.static, names, side is not None)
    counts = np.bincount(rows.entity, minlength=len(entities.names))
    kept = np.flatnonzero(counts)
    gone = len(counts) - kept.size
    notes.repair("entities without a row", gone, "left out")
    same = np.diff(rows.entity) == 0
    scale = told_in(placed.scale, rows.times, same, placed.zone, placed.date_only)
    if known is not None:
        scale = known.scale
    past: list[Role] = ["past"] * len(measured.channels)
    panel = Panel(
        values=rows.values,
        observed=np.isfinite(rows.values),
        times=rows.times,
        offsets=np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int64),
        ids=tuple(entities.names[e] for e in kept),
        channels=measured.channels,
        roles=tuple(past),
        static=static[kept],
        static_names=tuple(names),
        clock=scale.clock,
        id_name=entities.column,
    )
    return panel, scale, Entities(np.searchsorted(kept, rows.entity), panel.ids, entities.column)


def _labels(
    measured: Measured,
    label: str | None,
    panel: Panel,
    entities: Entities,
    side: Side | None,
    question: Question,
    notes: Notes,
) -> Labels | None:
    """What is known of the answers, from a file of labels or from the rows."""
    if side is not None:
        joined = join(side, entities, notes)
        column = label_column(joined, question.label, notes)
        return labels_of_file(joined, column, panel.n_series, notes)
    if label is None or measured.label is None:
        return None
    return labels_of_rows(label, measured.labels, measured.label, panel.offsets)


def _files(names: Sequence[str]) -> tuple[str, ...]:
    """The names, a folder being all CSV files in it.

    Raises
    ------
    DataError
        A folder without such files.
    """
    found: list[str] = []
    for name in names:
        if not Path(name).is_dir():
            found.append(name)
            continue
        inside = sorted(str(path) for path in Path(name).iterdir() if _is_csv(path))
        if not inside:
            raise DataError(f"{name}: the folder holds no CSV file", f'name its files: "{name}/*"')
        found += inside
    return tuple(found)


def _is_csv(path: Path) -> bool:
    return path.is_file() and path.name.lower().endswith((".csv", ".csv.gz"))


def _summary(
    table: Table, sources: Sequence[Source], panel: Panel, scale: TimeScale, notes: Notes
) -> DataSummary:
    first, last = scale.show(np.array([panel.times.min(), panel.times.max()]))
    return DataSummary(
        sources=tuple(source.name for source in sources),
        rows=table.rows,
        series=panel.n_series,
        frequency="irregular",
        seasons=(1,),
        sha256=fingerprint(sources),
        inferred=tuple(notes.inferred),
        repairs=tuple(notes.repairs),
        start=first,
        end=last,
        channels=panel.channels,
    )

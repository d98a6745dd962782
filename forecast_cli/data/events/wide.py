"""Wide histories: a column for each channel.

Every column that is not asked for otherwise is a channel, text as codes; what is left out is
named with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.columns import IDENTIFIER, number_columns, tell_mixed
from forecast_cli.data.entities import Entities, natural
from forecast_cli.data.events.encode import MOST_LABELS, Encoder
from forecast_cli.data.events.measured import TEXT_SHARE, Measured, parted
from forecast_cli.data.events.order import order
from forecast_cli.data.missing import mark_missing
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.data.table import Table
from forecast_cli.errors import UsageError, did_you_mean


def measure_wide(
    table: Table,
    times: Ints,
    entities: Entities,
    used: Sequence[str],
    label: str | None,
    options: DataOptions,
    encoder: Encoder,
) -> Measured:
    """A column for each channel.

    Parameters
    ----------
    table : Table
    times : [rows] int64
    entities : Entities
    used : sequence of str
        Columns of times, ids and statics.
    label : str or None
        Column of the answers.
    options : DataOptions
        ``past`` names the channels; all that are left where it is empty.
    encoder : Encoder

    Raises
    ------
    DataError, UsageError
    """
    notes = encoder.notes
    names = options.past or _channels(table, {*used, label}, notes)
    missing = [name for name in names if name not in table.names]
    if missing:
        raise UsageError(f'no column "{missing[0]}"', did_you_mean(missing[0], table.names))
    coded = {n: encoder.codes(n, table.text(n)) for n in names if _is_coded(table, n, encoder)}
    numeric = number_columns(table, [name for name in names if name not in coded], notes)
    columns = {**mark_missing(numeric, options.na, notes, table.place), **coded}
    values = np.full((len(times), len(names) + 1), np.nan)
    for i, name in enumerate(names):
        values[:, i] = columns[name]
    labels: tuple[str, ...] = ()
    if label is not None:
        values[:, -1], labels = _label_codes(table, label)
    rows = order(entities.codes, times, values, table.place, notes)
    return parted(rows, tuple(names), label, labels, np.zeros((len(entities.names), 0)), ())


def _channels(table: Table, taken: set[str | None], notes: Notes) -> list[str]:
    """All columns that can be channels; the others are named with the reason."""
    channels: list[str] = []
    left: dict[str, list[str]] = {}
    for name in table.names:
        if name in taken:
            continue
        reason = _no_channel(table, name)
        if reason:
            left.setdefault(reason, []).append(name)
        else:
            channels.append(name)
    tell_mixed(table, left.get("columns with text among numbers", []), notes)
    for reason, names in left.items():
        shown = ", ".join(f'"{n}"' for n in names[:8]) + (" …" if len(names) > 8 else "")
        notes.repair(reason, len(names), f"left out: {shown}", "--past COLUMN")
    return channels


def _no_channel(table: Table, name: str) -> str:
    """Why a column is no channel; empty where it is one."""
    column = table.frame[name]
    if column.isna().all():
        return "columns without a value"
    values, bad = table.numbers(name)
    known = values[np.isfinite(values)]
    if bad.sum() > TEXT_SHARE * (known.size + bad.sum()):
        return "" if table.text(name).nunique() <= MOST_LABELS else "text columns"
    if bad.any():
        return "columns with text among numbers"
    if known.size > 1 and known.min() == known.max():
        return "constant columns"
    counted = column.dtype.kind in "iu" and name == table.names[0] and len(known) > 2
    if counted and np.all(np.diff(known) == 1):
        return "row counters"
    return "identifier columns" if IDENTIFIER.search(name) else ""


def _is_coded(table: Table, name: str, encoder: Encoder) -> bool:
    if encoder.known is not None:
        return name in encoder.known
    values, bad = table.numbers(name)
    return bool(bad.sum() > TEXT_SHARE * (np.isfinite(values).sum() + bad.sum()))


def _label_codes(table: Table, label: str) -> tuple[Floats, tuple[str, ...]]:
    """[rows] the place of each label in natural order, and the labels."""
    import pandas as pd

    text = table.text(label)
    labels = tuple(sorted((str(one) for one in text.dropna().unique()), key=natural))
    found = pd.Index(labels, dtype="str").get_indexer(pd.Index(text.astype("str")))
    codes = np.where((found < 0) | text.isna().to_numpy(), np.nan, found.astype(np.float64))
    return codes, labels

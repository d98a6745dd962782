"""Missing values that look like numbers: marks that the user named, and sentinels.

A sentinel (-200, -9999) is believed only where it is of that form, comes again, and lies
far outside all other values of a column; it then counts as missing, and is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

_SENTINELS = (-99.0, -99.9, -199.0, -200.0, -999.0, -999.9, -9999.0, -9999.9, -99999.0, -999999.0)


def numeric_marks(marks: Sequence[str]) -> list[float]:
    """The numbers among the missing marks."""
    found = []
    for mark in marks:
        try:
            value = float(mark.replace(",", "."))
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return found


def blank_marks(frame: pd.DataFrame, marks: Sequence[str], notes: Notes) -> pd.DataFrame:
    """The table with marks that are numbers blanked and counted, before columns are judged."""
    numeric = [name for name in frame if frame[name].dtype.kind in "iuf"]
    for value in numeric_marks(marks):
        columns = {name: frame[name].to_numpy() for name in numeric}
        blanked = _blank(columns, value, f"--na {value:g}", notes)
        touched = {name: blanked[name] for name in numeric if blanked[name] is not columns[name]}
        frame = frame.assign(**touched)
    return frame


def mark_missing(
    columns: Mapping[str, Floats],
    marks: Sequence[str],
    notes: Notes,
    place: Callable[[int], str],
) -> dict[str, Floats]:
    """The columns with marks and sentinels as NaN; ``place`` tells the line of a row."""
    marked = dict(columns)
    for value in numeric_marks(marks):
        marked = _blank(marked, value, f"--na {value:g}", notes, place)
    if any(mark.lower() == "none" for mark in marks):
        return marked
    sentinels = _sentinels(marked)
    for value in sentinels:
        marked = _blank(marked, value, "--na none keeps them", notes, place)
    if sentinels:  # newer rows may hold too few to show what they are
        notes.resolve("na", (*marks, *(f"{value:g}" for value in sentinels)))
    return marked


def _blank(
    columns: Mapping[str, Floats],
    value: float,
    option: str,
    notes: Notes,
    place: Callable[[int], str] | None = None,
) -> dict[str, Floats]:
    blanked, count, touched = {}, 0, []
    first = np.iinfo(np.int64).max
    named = not option.endswith("them")
    for name, values in columns.items():
        hits = values == value
        if hits.any() and (named or _stands_apart(values, value, 0.5)):
            count += int(hits.sum())
            touched.append(name)
            first = min(first, int(np.argmax(hits)))
            values = np.where(hits, np.nan, values)
        blanked[name] = values
    shown = ", ".join(touched[:4]) + (", …" if len(touched) > 4 else "")
    where = f"; first: {place(first)}" if count and place is not None else ""
    told = f"cells of {value:g} count as missing ({shown}{where})"
    notes.repair("missing marks", count, told, option)
    if count and not named:
        notes.guess("missing value", f"{value:g}", "--na none", "far outside all other values")
    return blanked


def _sentinels(columns: Mapping[str, Floats]) -> list[float]:
    """The values that are beyond doubt a sentinel in some column."""
    found: dict[float, None] = {}
    for values in columns.values():
        if not values.size or np.isnan(values).all():
            continue
        low = float(np.nanmin(values))
        if low in _SENTINELS and (values == low).sum() > 1 and _clearly_outside(values, low):
            found[low] = None
    return list(found)


def _clearly_outside(values: Floats, low: float) -> bool:
    rest = values[np.isfinite(values) & (values != low)]
    if rest.size < 10:
        return False
    spread = float(np.quantile(rest, 0.99) - np.quantile(rest, 0.01))
    return _stands_apart(values, low, 0.5) and float(rest.min()) - low > 3 * spread > 0


def _stands_apart(values: Floats, low: float, share: float) -> bool:
    """Whether ``low`` is the least value, with nothing between it and the rest."""
    rest = values[np.isfinite(values) & (values != low)]
    return rest.size == 0 or float(rest.min()) - low > share * abs(low)

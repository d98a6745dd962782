"""What a file says of each entity: rows of channels in order, and what is fixed.

Wide files have a column for each channel (wide.py); name/value files have one for the names
and one for the values (named.py). Both come out alike. A column of labels, of the question
that is asked, travels with the channels until the rows are in order, and leaves them then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.events.order import Ordered
from forecast_cli.data.panel import Floats
from forecast_cli.errors import DataError

TEXT_SHARE = 0.5  # of the cells of a column are no numbers: they are labels


@dataclass(frozen=True, eq=False)
class Measured:
    """Rows in order, and the label column that came with them.

    Parameters
    ----------
    rows : Ordered
        ``values`` [rows, C], without the label.
    channels : tuple of str, C
    label : [rows] float64 or None
        Codes of the label column, NaN where it has none.
    labels : tuple of str
        What these codes stand for.
    static : [E, F] float64
        Of a name/value file: the variables that are fixed.
    static_names : tuple of str, F
    """

    rows: Ordered
    channels: tuple[str, ...]
    label: Floats | None
    labels: tuple[str, ...]
    static: Floats
    static_names: tuple[str, ...] = ()


def parted(
    rows: Ordered,
    names: tuple[str, ...],
    label: str | None,
    labels: tuple[str, ...],
    static: Floats,
    static_names: tuple[str, ...],
) -> Measured:
    """Take the label, the last column, from the channels."""
    if not names:
        raise DataError("no channel is left to learn from", "--past names the columns to use")
    values = np.ascontiguousarray(rows.values[:, :-1])
    answers = None if label is None else rows.values[:, -1].copy()
    return Measured(
        Ordered(rows.entity, rows.times, values), names, answers, labels, static, static_names
    )

"""What a regular series has been lately: aggregates over windows that end at each moment.

For threshold events, where "since the start" would mean years. The windows are the last H steps,
and for each season the H steps that are one season before those asked about. Every window lies at
or before its moment.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel


def recent_aggregates(
    panel: Panel,
    values: Floats,
    there: Bools,
    moments: Origins,
    horizon: int,
    seasons: tuple[int, ...],
) -> Floats:
    """Last value; then mean, least and most of each window.

    Parameters
    ----------
    values, there : [rows, C]
    moments : Origins
    horizon : int
        H.
    seasons : tuple of int
        In steps; those of one step are none.

    Returns
    -------
    [M, (1 + 3 windows) * C] float64
        NaN where a window holds nothing, or begins before the series.
    """
    width = values.shape[1]
    start = panel.starts[moments.series]  # [M]
    rows = np.arange(panel.n_rows)[:, None]
    source = np.maximum.accumulate(np.where(there, rows, -1), axis=0)[moments.rows]  # [M, C]
    nothing = source < start[:, None]
    column = np.arange(width)
    parts = [np.where(nothing, np.nan, values[np.maximum(source, 0), column])]
    lengths = {(1 - horizon, 0)}
    for season in seasons:
        if season > 1:  # the steps asked about, back by as many seasons as put all in the past
            back = -(-horizon // season) * season
            lengths.add((1 - back, horizon - back))
    for first, last in sorted(lengths):
        parts += _window(values, there, moments.rows + first, moments.rows + last, start)
    return np.concatenate(parts, axis=1)


def _window(values: Floats, there: Bools, first: Ints, last: Ints, start: Ints) -> list[Floats]:
    """Mean, least and most over the rows ``first`` to ``last`` [M] of each column; [M, C] each."""
    inside = first >= start
    length = int(last[0] - first[0]) + 1 if len(first) else 1
    least = _sliding(np.where(there, values, np.inf), length, np.minimum, np.inf)
    most = _sliding(np.where(there, values, -np.inf), length, np.maximum, -np.inf)
    # Sums of one window are made of its own rows, so no other row reaches their last bits.
    count = _sliding(there.astype(np.float64), length, np.add, 0.0)
    total = _sliding(values, length, np.add, 0.0)
    at = np.where(inside, first, 0)
    some = (count[at] > 0) & inside[:, None]
    mean = total[at] / np.maximum(count[at], 1)
    return [np.where(some, part, np.nan) for part in (mean, least[at], most[at])]


def _sliding(values: Floats, length: int, join: np.ufunc, neutral: float) -> Floats:
    """[rows, C] ``join`` over the ``length`` rows from each row on.

    By doubling: windows of 1, 2, 4, ... rows are joined to that of ``length``. Windows that run
    past the end are cut there; nobody reads them.
    """
    done, whole, reach = 0, None, 1
    power = values
    while True:
        if length & reach:
            shifted = _ahead(power, done, neutral)
            whole = shifted if whole is None else join(whole, shifted)
            done += reach
        if reach * 2 > length:
            assert whole is not None
            return whole
        power = join(power, _ahead(power, reach, neutral))
        reach *= 2


def _ahead(values: Floats, steps: int, neutral: float) -> Floats:
    """[rows, C] the values ``steps`` rows later; ``neutral`` beyond the last."""
    moved = np.full_like(values, neutral)
    moved[: max(len(values) - steps, 0)] = values[steps:]
    return moved

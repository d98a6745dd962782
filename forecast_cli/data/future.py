"""The rows after the end: times that follow, with covariates that are known ahead.

A forecast from the end of a history needs H rows beyond it. Rows that the user gave (with an
empty target and known covariates) are used; the rest follow by the clock. Values are never
made up: a covariate that the user called known ahead has to be there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.errors import DataError


def extend(panel: Panel, horizon: int) -> Panel:
    """The panel with at least ``horizon`` rows after each history (``future_rows``).

    Parameters
    ----------
    panel : Panel
        Returned as it is where all these rows exist already.
    horizon : int
        H, in steps.

    Raises
    ------
    DataError
        Where the panel has "future" covariates and they are not known for all these rows, or
        where a series has no history to follow.
    """
    _require_history(panel)
    _require_covariates(panel, horizon)
    added = np.maximum(horizon - panel.future_rows, 0)  # [S]
    if not added.any():
        return panel
    lengths = panel.lengths + added
    offsets = np.concatenate([[0], np.cumsum(lengths)])  # [S+1]
    n_rows, n_channels = int(offsets[-1]), len(panel.channels)
    is_new = np.zeros(n_rows, dtype=bool)
    is_new[_runs(offsets[1:] - added, added)] = True

    values: Floats = np.full((n_rows, n_channels), np.nan)  # [rows, C]
    values[~is_new] = panel.values
    observed = np.zeros((n_rows, n_channels), dtype=bool)  # [rows, C]
    observed[~is_new] = panel.observed
    times = np.empty(n_rows, dtype=np.int64)  # [rows]
    times[~is_new] = panel.times
    following = panel.clock.onwards(panel.times[panel.ends - 1], int(added.max()))  # [S, added]
    times[is_new] = following[np.arange(following.shape[1]) < added[:, None]]
    return replace(
        panel,
        values=values,
        observed=observed,
        times=times,
        offsets=offsets,
        future_rows=panel.future_rows + added,
    )


def _runs(starts: Ints, lengths: Ints) -> Ints:
    """The rows of several blocks, one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def _require_history(panel: Panel) -> None:
    empty = np.flatnonzero(panel.known_ends == panel.starts)
    if empty.size:
        raise DataError(
            f'series "{panel.ids[empty[0]]}" has no history to forecast from'
            + (f" (and {empty.size - 1} more)" if empty.size > 1 else ""),
            "leave such series out of the file, or give the past of each",
        )


def _require_covariates(panel: Panel, horizon: int) -> None:
    """Every "future" covariate is known for the H rows after each history."""
    channels = panel.channel_positions("future")
    if not channels:
        return
    present = np.minimum(panel.future_rows, horizon)  # [S]
    series = np.repeat(np.arange(panel.n_series), present)
    known_rows = panel.observed[_runs(panel.known_ends, present)]  # [sum of present, C]
    problems = []
    for channel in channels:
        known = np.bincount(series[known_rows[:, channel]], minlength=panel.n_series)  # [S]
        problems += [
            f'covariate "{panel.channels[channel]}" of series "{panel.ids[s]}" is known for '
            f"{known[s]} of the {horizon} rows after {_last_time(panel, s)}"
            for s in np.flatnonzero(known < horizon).tolist()
        ]
    if problems:
        raise DataError(
            problems[0] + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""),
            f"add {horizon} rows after the last value of each series, with the target empty "
            "and the covariate filled in; or name it with --past instead of --future",
            problems[1:],  # the first is the message
        )


def _last_time(panel: Panel, s: int) -> str:
    return panel.clock.show(panel.times[panel.known_ends[s] - 1])[0]

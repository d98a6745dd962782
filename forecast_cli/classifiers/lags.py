"""Logistic regression on the recent past of a regular series: threshold events.

Features are the last values and those of one season ago around the hours to come, relative to
the limit; the largest and the mean of each; phases of the seasons as waves; covariates now, and
those known ahead over the horizon. All that the network sees, for a line to use. Cox (1958).
"""

from __future__ import annotations

import numpy as np

from forecast_cli.classifiers.logistic import Logistic
from forecast_cli.data.events.rules import parse_rule
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.events import EventTask

RECENT = 24  # last values
SEASONAL = 24  # values of one season ago that enter one by one
HARMONICS = 3  # of each season


class LogisticLags(Logistic):
    """Logistic regression on lags, seasons and covariates."""

    name = "logistic-lags"
    kinds = ()

    def features(self, panel: Panel, task: EventTask, moments: Origins) -> Floats:
        limit = parse_rule(task.event).limit
        away = panel.target - limit  # [rows]
        recent = _at(away, panel, moments, -np.arange(RECENT))  # [M, 24]
        parts = [recent, *_summaries(recent)]
        for season in task.seasons:
            if season > 1:
                steps = np.arange(1, task.horizon + 1) - season * _cycles(task.horizon, season)
                before = _at(away, panel, moments, steps)  # [M, H]
                thinned = np.unique(
                    np.linspace(0, task.horizon - 1, min(SEASONAL, task.horizon)).astype(np.int64)
                )
                parts += [before[:, thinned], *_summaries(before)]
                parts += _waves(panel, moments, season)
        for channel in range(1, len(panel.channels)):
            values = panel.values[:, channel]
            parts.append(_at(values, panel, moments, np.zeros(1, dtype=np.int64)))
            if panel.roles[channel] == "future":
                ahead = _at(values, panel, moments, np.arange(1, task.horizon + 1))
                parts += _summaries(ahead)
        return np.hstack(parts)


def _cycles(horizon: int, season: int) -> int:
    """Seasons to go back so that all H values lie at or before the moment."""
    return -(-horizon // season)


def _at(values: Floats, panel: Panel, moments: Origins, steps: Ints) -> Floats:
    """[M, steps] values so many rows from each moment; NaN outside the series."""
    rows = moments.rows[:, None] + steps
    start, end = panel.starts[moments.series], panel.ends[moments.series]
    inside = (rows >= start[:, None]) & (rows < end[:, None])
    return np.where(inside, values[np.clip(rows, 0, len(values) - 1)], np.nan)


def _summaries(values: Floats) -> list[Floats]:
    """Largest, least and mean of what is known in each row [M, 1]; NaN where nothing is."""
    known = np.isfinite(values)
    none = ~known.any(axis=1)
    count = np.maximum(known.sum(axis=1), 1)
    found = (
        np.where(known, values, -np.inf).max(axis=1),
        np.where(known, values, np.inf).min(axis=1),
        np.where(known, values, 0.0).sum(axis=1) / count,
    )
    return [np.where(none, np.nan, each)[:, None] for each in found]


def _waves(panel: Panel, moments: Origins, season: int) -> list[Floats]:
    """Sines and cosines of the phase [M, 1] each."""
    phase = panel.clock.index(panel.times[moments.rows]) % season / season
    turns = [2 * np.pi * k * phase for k in range(1, min(HARMONICS, season // 2) + 1)]
    return [wave(turn)[:, None] for turn in turns for wave in (np.sin, np.cos)]

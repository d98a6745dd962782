"""What of a panel a network of events reads: learned from training rows, applied to any panel.

Each row becomes [values carried forward, whether each was seen, time since each was seen, gap to
the row before, time since the start, calendar]; each entity its static features; each moment
the running aggregates of its history. Everything at a row is made of rows up to it, and by
statistics of the training rows; so nothing of the future, or of a test, enters.

Source: value, mask and time since last observation, Che et al. 2018 (doi
10.1038/s41598-018-24271-9), with the last value in place of its decay towards the mean: the
network has the time beside it. The aggregates beside the state are "wide and deep"
learning, Cheng et al. 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.data.calendar import calendar_features, calendar_names
from forecast_cli.data.panel import Bools, Floats, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.events import EventTask
from forecast_cli.networks.events.aggregates import NAMES, running_aggregates
from forecast_cli.networks.events.columns import FEW, Columns, codes_of
from forecast_cli.networks.events.recent import recent_aggregates

FAR = 4.0  # spreads at which an input is clipped

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Standard:
    """Mean and deviation of inputs over training; [D] each."""

    mean: Floats
    deviation: Floats

    @classmethod
    def learn(cls, values: Floats) -> Self:
        """From [n, D]; NaN does not count."""
        there = np.isfinite(values)
        count = np.maximum(there.sum(0), 1)
        mean = np.where(there, values, 0.0).sum(0) / count
        rest = np.where(there, values - mean, 0.0)
        deviation = np.sqrt((rest**2).sum(0) / count)
        return cls(mean, np.where(deviation > 1e-9, deviation, 1.0))

    def apply(self, values: Floats) -> Rows:
        """[n, D] as float32, clipped; the mean where there is nothing."""
        scaled = np.clip((values - self.mean) / self.deviation, -FAR, FAR)
        return np.nan_to_num(scaled).astype(np.float32)


@dataclass(frozen=True, eq=False)
class EventInputs:
    """What a network of events reads.

    Parameters
    ----------
    channels, statics : tuple of str
        Of the panel.
    columns, fixed : Columns
        Made of the channels and of the static features.
    gappy : tuple of int
        Columns that are not in every training row: only they have a mask and a time.
    unknown : tuple of int
        Fixed columns that some training entity lacks: only they have a mask.
    calendar : bool
    unit : float
        Of times: the median gap of the training rows, in the panel's int64 times.
    row, wide, static : Standard
    horizon, seasons : int, tuple of int
        Of threshold events, whose aggregates look back over windows of the time axis; 0, ().
    """

    channels: tuple[str, ...]
    statics: tuple[str, ...]
    columns: Columns
    fixed: Columns
    gappy: tuple[int, ...]
    unknown: tuple[int, ...]
    calendar: bool
    unit: float
    row: Standard
    wide: Standard
    static: Standard
    horizon: int = 0
    seasons: tuple[int, ...] = ()

    @classmethod
    def learn(cls, panel: Panel, task: EventTask, moments: Origins) -> Self:
        """From the rows up to each entity's last moment, and these entities alone."""
        until = panel.starts.copy()
        np.maximum.at(until, moments.series, moments.rows + 1)
        known = np.arange(panel.n_rows) < until[panel.series_of_row]
        series = np.unique(moments.series)
        columns = Columns.learn(
            panel.values[known],
            panel.observed[known],
            codes_of(panel.channels, task.categories),
        )
        fixed = Columns.learn(
            panel.static[series],
            np.isfinite(panel.static[series]),
            codes_of(panel.static_names, task.categories),
            few=FEW,
        )
        nothing = Standard(np.zeros(0), np.zeros(0))
        regular = task.kind == "threshold"
        draft = cls(
            channels=panel.channels,
            statics=panel.static_names,
            columns=columns,
            fixed=fixed,
            gappy=_lacking(columns, panel.observed[known]),
            unknown=_lacking(fixed, np.isfinite(panel.static[series])),
            calendar=task.scale.kind == "date" or regular,
            unit=_median_gap(panel, known),
            row=nothing,
            wide=nothing,
            static=nothing,
            horizon=task.horizon,
            seasons=task.seasons if regular else (),
        )
        return replace(
            draft,
            row=Standard.learn(draft._rows(panel)[known]),
            wide=Standard.learn(draft._wide(panel, moments)),
            static=Standard.learn(draft._static(panel)[series]),
        )

    def check(self, panel: Panel) -> None:
        """Refuse a panel that lacks what the network reads.

        Raises
        ------
        DataError
            With other channels or static features.
        """
        if (panel.channels, panel.static_names) != (self.channels, self.statics):
            there = ", ".join((*panel.channels, *panel.static_names)) or "none"
            learned = ", ".join((*self.channels, *self.statics)) or "none"
            raise DataError(
                f"the columns are not those of training: {there}; learned from: {learned}",
                "data with the same columns, or train again",
            )

    def rows(self, panel: Panel) -> Rows:
        """[rows, D] float32 what enters with each row."""
        return self.row.apply(self._rows(panel))

    def aggregates(self, panel: Panel, moments: Origins) -> Rows:
        """[M, W] float32 what a history has been, at each moment."""
        return self.wide.apply(self._wide(panel, moments))

    def static_features(self, panel: Panel) -> Rows:
        """[S, F'] float32"""
        return self.static.apply(self._static(panel))

    def _rows(self, panel: Panel) -> Floats:
        """[rows, D] before they are standardised."""
        values, there = self._read(panel)
        own = panel.series_of_row
        start = panel.starts[own]
        row = np.arange(panel.n_rows)
        times = self._times(panel)
        source = np.maximum.accumulate(np.where(there, row[:, None], -1), axis=0)  # [rows, C']
        nothing = source < start[:, None]
        source = np.maximum(source, 0)
        carried = np.where(nothing, 0.0, np.take_along_axis(values, source, axis=0))
        some = list(self.gappy)
        last = np.where(nothing[:, some], 0.0, times[source[:, some]])
        gap = np.where(row == start, 0.0, times - np.roll(times, 1))
        parts = [
            carried,
            there[:, some].astype(np.float64),
            np.log1p(np.maximum(times[:, None] - last, 0.0)),
            np.log1p(np.maximum(gap, 0.0))[:, None],
        ]
        if not self.seasons:  # a regular series has no beginning that means anything
            parts.append(np.log1p(times)[:, None])
        if self.calendar and calendar_names(panel.clock):
            parts.append(calendar_features(panel.times, panel.clock).astype(np.float64))
        return np.concatenate(parts, axis=1)

    def _wide(self, panel: Panel, moments: Origins) -> Floats:
        """[M, W] before they are standardised."""
        values, there = self._read(panel)
        static = self._static(panel)[moments.series]
        if self.seasons:
            recent = recent_aggregates(panel, values, there, moments, self.horizon, self.seasons)
            return np.concatenate([recent, static], axis=1)
        times = self._times(panel)
        wide = running_aggregates(panel, values, there, times, moments)  # [M, 9, C']
        levels = [k for k, column in enumerate(self.columns.columns) if column.level is not None]
        numbers = [k for k in range(len(self.columns)) if k not in levels]
        few = [NAMES.index(name) for name in ("mean", "last")]  # all that a level has to tell
        return np.concatenate(
            [
                wide[:, :, numbers].reshape(len(moments), -1),
                wide[:, few][:, :, levels].reshape(len(moments), -1),
                static,
            ],
            axis=1,
        )

    def _static(self, panel: Panel) -> Floats:
        """[S, F'] before they are standardised."""
        values, there = self.fixed.read(panel.static, np.isfinite(panel.static))
        some = list(self.unknown)
        return np.concatenate([np.where(there, values, np.nan), there[:, some]], axis=1)

    def _read(self, panel: Panel) -> tuple[Floats, Bools]:
        return self.columns.read(panel.values, panel.observed)

    def _times(self, panel: Panel) -> Floats:
        """[rows] since the start of each history, in units."""
        own = panel.series_of_row
        if not panel.n_rows:
            return np.zeros(0)
        first = panel.times[np.minimum(panel.starts, panel.n_rows - 1)]  # [S]
        return (panel.times - first[own]) / self.unit

    def arrays(self) -> dict[str, Floats]:
        """By name, for the disk."""
        return {
            f"inputs.{name}.{part}": getattr(getattr(self, name), part)
            for name in ("row", "wide", "static")
            for part in ("mean", "deviation")
        }

    def as_json(self) -> dict[str, Any]:
        """All but the arrays."""
        return {
            "channels": list(self.channels),
            "statics": list(self.statics),
            "columns": self.columns.as_json(),
            "fixed": self.fixed.as_json(),
            "gappy": list(self.gappy),
            "unknown": list(self.unknown),
            "calendar": self.calendar,
            "unit": self.unit,
            "horizon": self.horizon,
            "seasons": list(self.seasons),
        }

    @classmethod
    def from_saved(cls, arrays: Mapping[str, npt.NDArray[Any]], saved: Mapping[str, Any]) -> Self:
        """What :meth:`arrays` and :meth:`as_json` wrote."""
        standards = {
            name: Standard(
                np.array(arrays[f"inputs.{name}.mean"]),
                np.array(arrays[f"inputs.{name}.deviation"]),
            )
            for name in ("row", "wide", "static")
        }
        return cls(
            channels=tuple(saved["channels"]),
            statics=tuple(saved["statics"]),
            columns=Columns.from_json(saved["columns"]),
            fixed=Columns.from_json(saved["fixed"]),
            gappy=tuple(saved["gappy"]),
            unknown=tuple(saved["unknown"]),
            calendar=bool(saved["calendar"]),
            unit=float(saved["unit"]),
            horizon=int(saved["horizon"]),
            seasons=tuple(saved["seasons"]),
            **standards,
        )


def _lacking(columns: Columns, there: Bools) -> tuple[int, ...]:
    """The columns whose channel is not in every one of some rows, ``there`` [n, C]."""
    whole = np.asarray(there.all(axis=0))
    return tuple(k for k, channel in enumerate(columns.channels) if not whole[channel])


def _median_gap(panel: Panel, known: Bools) -> float:
    """Between two ``known`` [rows] rows of one entity; 1 where there is none."""
    gaps = np.diff(panel.times)[(np.diff(panel.series_of_row) == 0) & known[1:]]
    gaps = gaps[gaps > 0]
    return float(np.median(gaps)) if len(gaps) else 1.0

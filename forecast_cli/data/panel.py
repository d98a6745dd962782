"""The panel: many series as flat arrays, the one data structure of the tool.

Series s owns the rows ``offsets[s]:offsets[s+1]``; lengths differ freely (ragged). Rows of
a series lie on a regular grid of time, gaps included: a missing value is a row whose
``observed`` is False, never a made-up number. Channel 0 is the target, the covariates
follow. Histories of events lie in a panel as well (``data.events``): their rows are at any
times, and none of their channels is a target. Values are float64 here, since a meter that
stands at 12 345 678.9 kWh must not lose its tenths; the network's copy on the device is
float32, after centring.

This file knows nothing of files, models or scaling.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from forecast_cli.clock import Clock

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Role = Literal["target", "past", "future"]


@dataclass(frozen=True, eq=False)
class Panel:
    """Many series, flat and ragged.

    Parameters
    ----------
    values : [rows, C] float64
        Channel 0 is the target. Where ``observed`` is False the value is NaN.
    observed : [rows, C] bool
    times : [rows] int64
        Nanoseconds since the epoch in UTC, or integer steps where ``clock.freq`` is None.
    offsets : [S+1] int64
        Ascending; series s owns rows ``offsets[s]:offsets[s+1]``.
    ids : tuple of str, S
        Unique names of the series.
    channels : tuple of str, C
        Names of the channels; the first is the target's (or "value" where targets differ).
    roles : tuple of Role, C
        "target", then "past" (known up to the origin) or "future" (known ahead). All "past"
        in histories of events.
    static : [S, F] float64
        Once-known features of each series; F may be 0. NaN where unknown.
    static_names : tuple of str, F
    clock : Clock
    id_name : str
        The user's own name of the id column; "series" where the file had none.
    future_rows : [S] int64
        How many rows at the end of each series lie after its history: they hold times and
        "future" covariates only. None by default.
    """

    values: Floats
    observed: Bools
    times: Ints
    offsets: Ints
    ids: tuple[str, ...]
    channels: tuple[str, ...] = ("value",)
    roles: tuple[Role, ...] = ("target",)
    static: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    static_names: tuple[str, ...] = ()
    clock: Clock = Clock()
    id_name: str = "series"
    future_rows: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        rows, n_channels = self.values.shape
        if self.observed.shape != (rows, n_channels) or self.times.shape != (rows,):
            raise ValueError("values, observed and times disagree in length")
        if len(self.channels) != n_channels or len(self.roles) != n_channels:
            raise ValueError("every channel needs a name and a role")
        aimless = all(role == "past" for role in self.roles)
        if "target" in self.roles[1:] or (self.roles[0] != "target" and not aimless):
            raise ValueError("channel 0, and only it, is the target; without one all are past")
        if self.offsets[0] != 0 or self.offsets[-1] != rows or np.any(np.diff(self.offsets) < 0):
            raise ValueError("offsets must ascend from 0 to the number of rows")
        if len(self.ids) != len(self.offsets) - 1 or len(set(self.ids)) != len(self.ids):
            raise ValueError("every series needs one unique id")
        if self.future_rows.size == 0:
            object.__setattr__(self, "future_rows", np.zeros(len(self.ids), dtype=np.int64))
        if self.future_rows.shape != (len(self.ids),):
            raise ValueError("future_rows must be [S]")
        if self.static.size == 0 and self.static.shape[0] != len(self.ids):
            object.__setattr__(self, "static", np.zeros((len(self.ids), 0)))
        if self.static.shape != (len(self.ids), len(self.static_names)):
            raise ValueError("static features must be [S, F]")

    @property
    def n_series(self) -> int:
        return len(self.ids)

    @property
    def n_rows(self) -> int:
        return int(self.offsets[-1])

    @property
    def lengths(self) -> Ints:
        """[S] rows of each series, gaps included."""
        return np.diff(self.offsets)

    @property
    def starts(self) -> Ints:
        """[S] first row of each series."""
        return self.offsets[:-1]

    @property
    def ends(self) -> Ints:
        """[S] one past the last row of each series."""
        return self.offsets[1:]

    @property
    def known_ends(self) -> Ints:
        """[S] one past the last row of each series' history."""
        return self.ends - self.future_rows

    @property
    def target(self) -> Floats:
        """[rows] the target, NaN where it was not observed."""
        return self.values[:, 0]

    @property
    def series_of_row(self) -> Ints:
        """[rows] the series that owns each row."""
        return np.repeat(np.arange(self.n_series), self.lengths)

    def channel_positions(self, role: Role) -> tuple[int, ...]:
        """The channels that have a role, in order."""
        return tuple(i for i, r in enumerate(self.roles) if r == role)

    def select(self, series: npt.ArrayLike) -> Panel:
        """The same panel with these series only, in this order."""
        chosen = np.asarray(series, dtype=np.int64)
        lengths = self.lengths[chosen]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.repeat(self.starts[chosen] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return replace(
            self,
            values=self.values[rows],
            observed=self.observed[rows],
            times=self.times[rows],
            offsets=offsets,
            ids=tuple(self.ids[s] for s in chosen),
            static=self.static[chosen],
            future_rows=self.future_rows[chosen],
        )

    def until(self, ends: Ints) -> Panel:
        """The same series cut before the absolute rows ``ends`` [S]: a past without a future."""
        lengths = np.clip(ends - self.starts, 0, self.lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.repeat(self.starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        return replace(
            self,
            values=self.values[rows],
            observed=self.observed[rows],
            times=self.times[rows],
            offsets=offsets,
            future_rows=np.maximum(self.future_rows - (self.lengths - lengths), 0),
        )


@dataclass(frozen=True, eq=False)
class Origins:
    """From where forecasts are asked: O pairs of a series and its last known row.

    Parameters
    ----------
    series : [O] int64
    rows : [O] int64
        Absolute row of the panel; the value in this row is known, the next is not.
    """

    series: Ints
    rows: Ints

    def __post_init__(self) -> None:
        if self.series.shape != self.rows.shape:
            raise ValueError("every origin needs a series and a row")

    def __len__(self) -> int:
        return len(self.series)

    def __getitem__(self, chosen: slice | npt.NDArray[np.generic]) -> Origins:
        return Origins(self.series[chosen], self.rows[chosen])

    @classmethod
    def at_end(cls, panel: Panel) -> Origins:
        """One origin a series: the last row of its history."""
        return cls(np.arange(panel.n_series), panel.known_ends - 1)

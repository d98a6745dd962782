"""What of a panel a network reads: learned once from the training rows, applied to any panel.

An :class:`Inputs` is the other half of a trained network. It holds the scaling, the names
of series and covariates, and which inputs there are at all: a mask only where the training
rows had gaps, a calendar only where they went round it twice. Every row it lays on the
device is made of rows up to it, "future" covariates and calendar excepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from forecast_cli.data.calendar import calendar_features, calendar_names
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.data.windows import Resident
from forecast_cli.errors import DataError
from forecast_cli.networks.logs import choose_floors
from forecast_cli.networks.scale import (
    Scaling,
    entering,
    first_observed,
    fit_scaling,
    own_history,
    to_grid,
)

DAYS_ROUND = {"time_of_day": 1, "day_of_week": 7, "day_of_year": 365}


@dataclass(frozen=True, eq=False)
class Units:
    """How forecasts from O origins return to their own units; all [O].

    Parameters
    ----------
    centre, spread : [O] float64
        A forecast is centre + spread * what the network says. NaN: no past, no answer.
    logs : [O] bool
        Where that is the logarithm of the forecast.
    apart : [O] bool
        Origins with a scale of their own, of series that were not fitted.
    shift, factor : [O] float32, or None
        What turns resident values into scaled ones, where some series was not fitted.
    """

    centre: Floats
    spread: Floats
    logs: Bools
    apart: Bools
    shift: npt.NDArray[np.float32] | None = None
    factor: npt.NDArray[np.float32] | None = None

    def restore(self, scaled: Floats, some: Ints) -> Floats:
        """Forecasts in their own units, [B, H, Q], in place.

        Parameters
        ----------
        scaled : [B, H, Q] float64
            What the network says from the origins ``some`` [B].
        """
        scaled *= self.spread[some, None, None]
        scaled += self.centre[some, None, None]
        return np.exp(scaled, out=scaled, where=self.logs[some, None, None])


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a network reads.

    Parameters
    ----------
    scaling : Scaling
    ids : tuple of str, S
        The fitted series, in the order of their learned vectors.
    covariates : tuple of (name, role)
    static : tuple of str
    calendar : tuple of str
        The calendar features that are read.
    gaps : bool
        Whether mask and time since the last observation are read.
    """

    scaling: Scaling
    ids: tuple[str, ...]
    covariates: tuple[tuple[str, str], ...]
    static: tuple[str, ...]
    calendar: tuple[str, ...]
    gaps: bool

    @classmethod
    def learn(cls, panel: Panel, ends: Ints, season: int) -> Self:
        """From the rows of each series before the absolute rows ``ends`` [S].

        By the length of a season, in rows, the panel is judged fit for logarithms or not.
        """
        before = np.arange(panel.n_rows) < ends[panel.series_of_row]
        return cls(
            scaling=fit_scaling(panel, ends, choose_floors(panel, ends, season)),
            ids=panel.ids,
            covariates=_covariates(panel),
            static=panel.static_names,
            calendar=turned_twice(panel, ends),
            gaps=bool((before & ~panel.observed[:, 0]).any()),
        )

    def check(self, panel: Panel) -> None:
        """Refuse a panel that lacks what the network reads.

        Raises
        ------
        DataError
            With other covariates, static features or another calendar.
        """
        if (_covariates(panel), panel.static_names) != (self.covariates, self.static):
            learned, there = (
                ", ".join([f"{name} ({role})" for name, role in covariates] + list(static))
                or "none"
                for covariates, static in (
                    (self.covariates, self.static),
                    (_covariates(panel), panel.static_names),
                )
            )
            raise DataError(
                f"the model was trained with covariates: {learned}; the data have: {there}",
                "name the same --past, --future and --static columns",
            )
        if not set(self.calendar) <= set(calendar_names(panel.clock)):
            raise DataError(
                f"the model was trained on the calendar ({', '.join(self.calendar)}), "
                f"which steps of {panel.clock.freq or 'no calendar unit'} do not have",
                "data of the same --freq, or train again",
            )

    def resident(self, panel: Panel, device: torch.device) -> Resident:
        """Scale the panel and lay it on the device.

        A series that was not fitted enters as it is, in a network of logarithms too: nothing
        before its first origin tells how near to zero it comes.
        """
        scaling, known = self.scaling, self.number(panel)
        owner = panel.series_of_row
        fitted = known >= 0
        target = entering(panel.target, owner, self._floor(panel))
        anchor = np.where(fitted, scaling.centre[known], first_observed(panel))
        unit = np.where(fitted, scaling.spread[known], 1.0)
        level, since = carried_forward(
            panel, 0, anchor[owner], unit[owner], values=target, gridded=fitted[owner]
        )
        covariates = {
            channel: carried_forward(
                panel, channel, scaling.covariate_centre[channel], scaling.covariate_spread[channel]
            )[0]
            for channel in range(1, len(panel.channels))
        }
        gaps = [panel.observed[:, 0], np.log1p(since)] if self.gaps else []
        ahead = [covariates[channel] for channel in panel.channel_positions("future")]
        calendar = self._calendar(panel)  # [rows, K]
        static = (panel.static - scaling.static_centre) / scaling.static_spread

        def columns(parts: list[Any]) -> Tensor:
            stacked = np.column_stack(parts) if parts else np.zeros((panel.n_rows, 0))
            return tensor(stacked.astype(np.float32), device)

        return Resident(
            level=tensor(level, device),
            observed=tensor(panel.observed[:, 0], device),
            past=columns([*gaps, *covariates.values()]),
            known=columns([*ahead, *calendar.T] if ahead else []),
            calendar=tensor(calendar, device),
            starts=tensor(panel.starts, device),
            ends=tensor(panel.ends, device),
            numbers=tensor(_first_numbers(panel), device),
            identity=tensor(known + 1, device),
            static=tensor(np.nan_to_num(static).astype(np.float32), device),
        )

    def units(self, panel: Panel, origins: Origins) -> Units:
        """Centre and spread of each origin: those of the fit, or of its own history if new."""
        which = self.number(panel)[origins.series]  # [O]
        new = which < 0
        centre, spread = self.scaling.centre[which], self.scaling.spread[which]
        logs = ~np.isnan(self._floor(panel)[origins.series])
        if not new.any():
            return Units(centre, spread, logs, new)
        anchor = first_observed(panel)
        fallback = float(np.median(self.scaling.own_spread))
        own = own_history(panel, origins[new], anchor, fallback)
        centre[new], spread[new] = own.centre, own.spread
        shift = np.zeros(len(origins), dtype=np.float32)
        factor = np.ones(len(origins), dtype=np.float32)
        shift[new] = np.nan_to_num(own.centre - anchor[origins.series[new]])
        factor[new] = 1 / own.spread
        return Units(centre, spread, logs, new, shift, factor)

    def raised(self, panel: Panel) -> Bools:
        """[rows] where a value enters as the floor of its series, below which it lies."""
        return panel.target < self._floor(panel)[panel.series_of_row]

    def number(self, panel: Panel) -> Ints:
        """[S] the number each series had in the fit; -1 where nothing was seen of it there."""
        seen = np.isfinite(self.scaling.centre)
        number = {name: i for i, name in enumerate(self.ids) if seen[i]}
        return np.array([number.get(name, -1) for name in panel.ids], dtype=np.int64)

    def as_json(self) -> dict[str, Any]:
        """All but the scaling, whose arrays are saved as arrays."""
        return {
            "ids": list(self.ids),
            "covariates": [list(covariate) for covariate in self.covariates],
            "static": list(self.static),
            "calendar": list(self.calendar),
            "gaps": self.gaps,
        }

    @classmethod
    def from_json(cls, scaling: Scaling, saved: Mapping[str, Any]) -> Self:
        return cls(
            scaling=scaling,
            ids=tuple(saved["ids"]),
            covariates=tuple((name, role) for name, role in saved["covariates"]),
            static=tuple(saved["static"]),
            calendar=tuple(saved["calendar"]),
            gaps=saved["gaps"],
        )

    def _floor(self, panel: Panel) -> Floats:
        """[S] of :class:`Scaling`, for the series of any panel; NaN for one not fitted."""
        known = self.number(panel)
        return np.where(known >= 0, self.scaling.floor[known], np.nan)

    def _calendar(self, panel: Panel) -> npt.NDArray[np.float32]:
        """[rows, K]"""
        if not self.calendar:
            return np.zeros((panel.n_rows, 0), dtype=np.float32)
        names = calendar_names(panel.clock)
        features = calendar_features(panel.times, panel.clock)
        return features[:, [names.index(name) for name in self.calendar]]


def turned_twice(panel: Panel, ends: Ints) -> tuple[str, ...]:
    """The calendar features whose circle the training rows went round twice.

    A network that saw one year learns its summer by heart, not what summers have in common.
    """
    some = ends > panel.starts
    if not some.any():
        return ()
    first, last = panel.times[panel.starts[some]].min(), panel.times[ends[some] - 1].max()
    days = (last - first) / 86_400e9
    return tuple(
        name
        for name in calendar_names(panel.clock)
        if days >= 2 * next(d for circle, d in DAYS_ROUND.items() if name.startswith(circle))
    )


def carried_forward(
    panel: Panel,
    channel: int,
    centre: Floats | float,
    spread: Floats | float,
    *,
    values: Floats | None = None,
    gridded: npt.ArrayLike = True,
) -> tuple[npt.NDArray[np.float32], Floats]:
    """A channel scaled and carried over gaps, and the steps since it was observed, both [rows].

    Before the first observation the value is 0 and the steps are counted from the start.
    ``values`` [rows] stand for those of the channel, where they enter as something else.
    Rows that are not ``gridded`` [rows] are in a unit of their own, where a grid of scaled
    values may be coarse: float32 is as fine in every unit.
    """
    row = np.arange(panel.n_rows)
    start = panel.starts[panel.series_of_row]
    source = np.maximum.accumulate(np.where(panel.observed[:, channel], row, -1))
    nothing = source < start
    exact = ((panel.values[:, channel] if values is None else values) - centre) / spread
    scaled = to_grid(exact)
    if not np.all(gridded):
        with np.errstate(over="ignore"):
            scaled = np.where(gridded, scaled, exact.astype(np.float32))
    since = np.where(nothing, row - start + 1, row - source).astype(np.float64)
    return np.where(nothing, np.float32(0), scaled[np.maximum(source, 0)]), since


def tensor(array: npt.NDArray[Any], device: torch.device) -> Tensor:
    """A copy on the device."""
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def _first_numbers(panel: Panel) -> Ints:
    """[S] the number of each series' first step; 0 where it has none."""
    numbers = np.zeros(panel.n_series, dtype=np.int64)
    filled = panel.lengths > 0
    numbers[filled] = panel.clock.index(panel.times[panel.starts[filled]])
    return numbers


def _covariates(panel: Panel) -> tuple[tuple[str, str], ...]:
    return tuple(zip(panel.channels[1:], panel.roles[1:], strict=True))

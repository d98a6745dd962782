"""What the linear model sees from an origin: lags, calendar, covariates, as one row.

All of a row is known at its origin, covariates that are known ahead included. Target values
are relative to the last one and in units of the series' scale, so a model of these rows
carries over to any level and unit. The calendar is that of the origin: a sine at the origin
and its cosine span the sine at every later step, so each step's weights find its own phase.

Gaps are filled from the past only: by the last value of the same phase, else by the last
value; before the first value a lag is the last value itself (a difference of zero).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecast_cli.data.calendar import calendar_features, calendar_names
from forecast_cli.data.history import last_seen, running_sum, seen, take
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters.saving import record_from_json

MOST_LAGS = 1024
MOST_COVARIATE_COLUMNS = 512
YEARS_FOR_YEARLY = 2.0  # history that the day of the year needs
GOLDEN = 0.6180339887498949  # multiples of it fill [0, 1) evenly and follow no season
_YEAR = 365.25 * 86_400e9  # nanoseconds


@dataclass(frozen=True)
class Layout:
    """Which columns a row of features has.

    Parameters
    ----------
    lags : int
        L target values, the last included.
    season : int
        Steps after which a gap is filled from the same phase.
    covariate_lags : int
        Past values of every covariate.
    bin : int
        Steps of a "future" covariate that share a column, as their mean; the last column may
        hold fewer.
    ahead : int
        Steps ahead of which these are read: H, or 0 where there is no such covariate.
    calendar : tuple of int
        Which calendar features are used.
    channels, roles, static : tuple of str
        Names of the covariates and what is known of them when, which a panel to forecast must
        share.
    """

    lags: int
    season: int
    covariate_lags: int
    bin: int
    ahead: int
    calendar: tuple[int, ...]
    channels: tuple[str, ...]
    roles: tuple[str, ...]
    static: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The layout as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Layout:
        """The layout that :meth:`to_json` wrote."""
        return record_from_json(cls, values)


def choose_lags(lengths: Ints, seasons: tuple[int, ...], horizon: int, context: int | None) -> int:
    """How many lags: three of the longest season that fits, at least 64, whole seasons.

    What fits is bounded by ``MOST_LAGS`` and by a quarter of the typical history that is left
    beside the horizon (half of it where ten series or more share the weights).
    """
    typical = int(np.median(lengths)) if len(lengths) else 0
    limit = max(1, (typical - horizon) // (2 if len(lengths) >= 10 else 4))
    if context is not None:
        return max(1, min(context, limit))
    limit = min(MOST_LAGS, limit)
    season = max((m for m in seasons if m <= limit), default=1)
    wanted = min(max(3 * season, 64), limit)
    return max(1, wanted // season * season)


def make_layout(panel: Panel, seasons: tuple[int, ...], horizon: int, lags: int) -> Layout:
    """The columns for a panel, bounded whatever the horizon and the number of covariates."""
    n_past = len(panel.channels) - 1
    n_future = len(panel.channel_positions("future"))
    width = max(1, -(-horizon * n_future // MOST_COVARIATE_COLUMNS))
    return Layout(
        lags=lags,
        season=seasons[0],
        covariate_lags=min(lags, seasons[0], MOST_COVARIATE_COLUMNS // n_past) if n_past else 0,
        bin=width,
        ahead=horizon if n_future else 0,
        calendar=_calendar(panel),
        channels=panel.channels[1:],
        roles=panel.roles[1:],
        static=panel.static_names,
    )


def _calendar(panel: Panel) -> tuple[int, ...]:
    """The calendar features to use: that of the year needs two years to tell it from a trend."""
    names = calendar_names(panel.clock)
    if not names or panel.n_rows == 0:
        return ()
    years = float(panel.times.max() - panel.times.min()) / _YEAR
    short = years < YEARS_FOR_YEARLY
    return tuple(i for i, n in enumerate(names) if not (short and n.startswith("day_of_year")))


def refuse_other_covariates(model: str, panel: Panel, layout: Layout) -> None:
    """The covariates of a panel must be those that ``model`` was fitted on, in their roles.

    Raises
    ------
    DataError
        Where they are others, or known at another time.
    """
    asked = _told(layout.channels, layout.roles, layout.static)
    given = _told(panel.channels[1:], panel.roles[1:], panel.static_names)
    if asked != given:
        raise DataError(
            f"{model}: was fitted with the covariates {asked}; the data have {given}",
            "name the same --past, --future and --static columns, in the same order",
        )


def _told(channels: tuple[str, ...], roles: tuple[str, ...], static: tuple[str, ...]) -> str:
    """Covariates with their roles, as text: equal where they are."""
    names = [f"{name} ({role})" for name, role in zip(channels, roles, strict=True)]
    return ", ".join([*names, *(f"{name} (static)" for name in static)]) or "none"


def windows(past: Panel, layout: Layout, horizon: int, most: int) -> Origins:
    """Origins to learn from: lags and targets inside the history, half of the targets known.

    Above about ``most``, origins are left out evenly over each series and its phases, by a
    rule that depends on their place in the series only.
    """
    known = running_sum(past, seen(past).astype(np.float64))  # [rows]
    place = np.arange(past.n_rows) - np.repeat(past.starts, past.lengths)
    left = np.repeat(past.lengths, past.lengths) - place - 1  # rows after each
    rows = np.flatnonzero((place >= layout.lags - 1) & (left >= horizon) & (known > 0))
    rows = rows[known[rows + horizon] - known[rows] >= horizon / 2]
    if len(rows) > most:
        rows = rows[place[rows] * GOLDEN % 1.0 < most / len(rows)]
    return Origins(past.series_of_row[rows], rows)


@dataclass(frozen=True, eq=False)
class View:
    """A panel made ready: gaps filled, covariates standardised, calendar worked out.

    Parameters
    ----------
    panel : Panel
    target : [rows] float64
        Gaps filled from the past; NaN before the first value.
    covariates : [rows, C-1] float64
    calendar : [rows, K] float64
    static : [S, F] float64
    """

    panel: Panel
    target: Floats
    covariates: Floats
    calendar: Floats
    static: Floats


def fill(panel: Panel, season: int) -> Floats:
    """[rows] the target, gaps filled by the last value of the phase, else the last value."""
    phase = last_seen(panel, season)
    return take(panel.target, np.where(phase >= 0, phase, last_seen(panel)))


def look(panel: Panel, layout: Layout, centre: Floats, spread: Floats) -> View:
    """Make a panel ready. ``centre`` and ``spread`` [C-1 + F] standardise the covariates."""
    n = len(layout.channels)
    known = np.empty((panel.n_rows, n))
    for c in range(n):
        value = take(panel.values[:, c + 1], last_seen(panel, channel=c + 1))
        known[:, c] = (value - centre[c]) / spread[c]
    calendar = calendar_features(panel.times, panel.clock)[:, list(layout.calendar)]
    return View(
        panel,
        fill(panel, layout.season),
        np.nan_to_num(known, nan=0.0),  # before the first value: the mean
        calendar.astype(np.float64),
        np.nan_to_num((panel.static - centre[n:]) / spread[n:], nan=0.0),
    )


def features(view: View, layout: Layout, origins: Origins, scale: Floats) -> tuple[Floats, Floats]:
    """The rows of features, and the last values that targets are relative to.

    Parameters
    ----------
    view : View
    layout : Layout
    origins : Origins
    scale : [O] float64

    Returns
    -------
    x : [O, F] float64
        Lags oldest first, then 1, calendar, covariates, static.
    last : [O] float64
        NaN where nothing was observed yet.
    """
    panel, rows = view.panel, origins.rows
    start = panel.starts[origins.series][:, None]
    last = view.target[rows]
    lagged = rows[:, None] + np.arange(1 - layout.lags, 1)  # [O, L]
    lags = np.where(lagged >= start, view.target[np.maximum(lagged, 0)], np.nan)
    lags = np.nan_to_num((lags - last[:, None]) / scale[:, None], nan=0.0)
    blocks = [lags, np.ones((len(rows), 1)), view.calendar[rows]]
    if layout.covariate_lags:
        back = rows[:, None] + np.arange(1 - layout.covariate_lags, 1)  # [O, lags]
        blocks.append(_flat(view.covariates[np.maximum(back, start)]))
    if layout.ahead:
        ahead = rows[:, None] + np.arange(1, layout.ahead + 1)  # [O, H]
        ahead = np.minimum(ahead, panel.ends[origins.series][:, None] - 1)
        future = np.array(panel.channel_positions("future")) - 1
        known = view.covariates[ahead][:, :, future]  # [O, H, K]
        begin = np.arange(0, layout.ahead, layout.bin)  # [bins]
        size = np.diff(np.append(begin, layout.ahead))[:, None]
        blocks.append(_flat(np.add.reduceat(known, begin, axis=1) / size))
    if layout.static:
        blocks.append(view.static[origins.series])
    return np.concatenate(blocks, axis=1), last


def _flat(x: Floats) -> Floats:
    """[O, A, B] as [O, A B], for no rows too."""
    return x.reshape(len(x), x.shape[1] * x.shape[2])


def covariate_moments(past: Panel) -> tuple[Floats, Floats]:
    """[C-1 + F] mean and standard deviation of covariates and static features; spread never 0."""
    columns = [past.values[past.observed[:, c], c] for c in range(1, len(past.channels))]
    columns += [column[np.isfinite(column)] for column in past.static.T]
    centre = np.array([c.mean() if c.size else 0.0 for c in columns])
    spread = np.array([c.std() if c.size else 0.0 for c in columns])
    return centre, np.where(spread > 0, spread, 1.0)

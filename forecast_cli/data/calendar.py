"""Calendar features: what is known of a time before it comes.

Each is a place on a circle (time of day, day of the week, day of the year), given as sine
and cosine so that 23:45 lies next to 00:00 and Sunday next to Monday. Which circles make
sense follows from the step alone. Holidays are no matter of a clock and are not known here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecast_cli.clock import Clock
from forecast_cli.data.panel import Ints

_DAY = 86_400 * 10**9  # nanoseconds
_QUARTER = 92 * _DAY  # the longest; a quarterly series still tells the seasons apart

Datetimes = npt.NDArray[np.datetime64]


def calendar_names(clock: Clock) -> tuple[str, ...]:
    """The K features that make sense at this frequency; none where time is a plain step.

    The time of day below daily steps, the day of the week up to daily steps, and the day of
    the year up to quarterly steps.

    Examples
    --------
    >>> calendar_names(Clock(freq="MS"))
    ('day_of_year_sin', 'day_of_year_cos')
    """
    return tuple(f"{circle}_{wave}" for circle in _circles(clock) for wave in ("sin", "cos"))


def calendar_features(times: Ints, clock: Clock) -> npt.NDArray[np.float32]:
    """[rows, K] sine and cosine of the position in day, week and year, in local time.

    Parameters
    ----------
    times : [rows] int64
        As in the panel; any times, of the past or of the future.
    clock : Clock

    Returns
    -------
    [rows, K] float32
        In the order of :func:`calendar_names`, all within [-1, 1].
    """
    circles = _circles(clock)
    if not circles:
        return np.empty((len(times), 0), dtype=np.float32)
    moments, place = _moments(times, clock)
    features = np.empty((len(moments), 2 * len(circles)), dtype=np.float32)  # [M, K]
    wall = clock.local(moments)
    for k, circle in enumerate(circles):
        angle = 2 * np.pi * _POSITIONS[circle](wall)  # [rows]
        features[:, 2 * k] = np.sin(angle)
        features[:, 2 * k + 1] = np.cos(angle)
    return features if place is None else features[place]


def _moments(times: Ints, clock: Clock) -> tuple[Ints, Ints | None]:
    """The [M] moments to look up, and [rows] which of them each time is; None where in order.

    Many series share their times, and a moment is then worked out once for all of them.
    """
    if not times.size:
        return times, None
    step, first = clock.fixed_step or _DAY, times.min()
    place = (times - first) // step  # [rows]
    count = int(place.max()) + 1
    if 2 * count > len(times):
        return times, None
    moments = first + step * np.arange(count)
    return (moments, place) if np.array_equal(moments[place], times) else (times, None)


def _circles(clock: Clock) -> tuple[str, ...]:
    if clock.freq is None:
        return ()
    step = shortest_step(clock)
    return (
        *(("time_of_day",) if step < _DAY else ()),
        *(("day_of_week",) if step <= _DAY else ()),
        *(("day_of_year",) if step <= _QUARTER else ()),
    )


def shortest_step(clock: Clock) -> int:
    """The shortest step in nanoseconds; business days are daily although weekends are longer."""
    if clock.fixed_step is not None:
        return clock.fixed_step
    # Read on a clock without a zone: an hour more or less in spring is no other frequency.
    return int(np.diff(Clock(freq=clock.freq).onwards(0, 32)).min())


def _time_of_day(wall: Datetimes) -> npt.NDArray[np.float64]:
    """[rows] the share of the day that is over, in [0, 1)."""
    midnight = wall.astype("datetime64[D]")
    return np.asarray((wall - midnight) / np.timedelta64(1, "D"), dtype=np.float64)


def _day_of_week(wall: Datetimes) -> npt.NDArray[np.float64]:
    """[rows] Monday 0 to Sunday 6/7, the same all day: a Friday night is no Saturday yet."""
    days = wall.astype("datetime64[D]").view(np.int64)
    return (days + 3) % 7 / 7  # day 0 of the epoch was a Thursday


def _day_of_year(wall: Datetimes) -> npt.NDArray[np.float64]:
    """[rows] the share of the year that is over, in [0, 1); leap years have longer years."""
    year = wall.astype("datetime64[Y]")
    day, first, last = (t.astype("datetime64[D]") for t in (wall, year, year + 1))
    return np.asarray((day - first) / (last - first), dtype=np.float64)


_POSITIONS = {
    "time_of_day": _time_of_day,
    "day_of_week": _day_of_week,
    "day_of_year": _day_of_year,
}

"""How time is told: steps of a calendar frequency, or plain integers.

Times are int64 everywhere: nanoseconds since the epoch in UTC, or step numbers. Only this
file turns them into what a person reads, and knows how to count onwards and back from one.

Notable: hours and shorter steps are fixed spans of UTC and need integer arithmetic only.
Days, weeks, months and the like are counted on the wall clock of the zone, so that a daily
series stays at midnight when the clocks change. Nothing here knows series or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_UNITS: tuple[tuple[Literal["s", "ms", "us", "ns"], int], ...] = (
    ("s", 10**9),
    ("ms", 10**6),
    ("us", 10**3),
    ("ns", 1),
)


@dataclass(frozen=True)
class Clock:
    """The time axis of a panel.

    Parameters
    ----------
    freq : str or None
        A pandas offset alias ("h", "30min", "D", "MS", ...); None where time is a plain
        integer step.
    tz : str or None
        The zone ("Europe/Berlin", "+10:00") in which times are shown and calendars are read;
        values are UTC. None: the file named no zone, and times are shown as they were read.
    name : str
        The user's own name of the time column.
    date_only : bool
        Whether times are shown without a time of day.
    step : int
        The distance of two integer steps; 1 for calendar frequencies.

    Notes
    -----
    Made of plain values: ``Clock(**dataclasses.asdict(clock)) == clock``, through JSON too.
    """

    freq: str | None = None
    tz: str | None = None
    name: str = "time"
    date_only: bool = False
    step: int = 1

    @property
    def fixed_step(self) -> int | None:
        """What one step adds to a time: nanoseconds or plain steps; None for days and longer.

        Examples
        --------
        >>> Clock(freq="15min").fixed_step
        900000000000
        """
        return self.step if self.freq is None else _fixed_nanoseconds(self.freq)

    def onwards(self, start: int | Ints, steps: int) -> Ints:
        """The times that follow ``start``.

        Parameters
        ----------
        start : int, or [S] int64
            Need not lie on the calendar: what follows a Saturday at "B" is a Monday.
        steps : int

        Returns
        -------
        [steps] int64, or [S, steps] for several starts

        Examples
        --------
        >>> Clock().onwards(7, 3).tolist()
        [8, 9, 10]
        """
        starts = np.asarray(start, dtype=np.int64)
        if self.fixed_step is not None:
            return starts[..., None] + self.fixed_step * np.arange(1, steps + 1, dtype=np.int64)
        # Series that end together are many, and one walk through the calendar serves them all.
        distinct, which = np.unique(starts, return_inverse=True)
        later = [self._calendar_after(int(t), steps) for t in distinct]
        return np.reshape(later, (len(distinct), steps))[which].reshape(*starts.shape, steps)

    def back(self, end: int, steps: int) -> int:
        """The time ``steps`` before ``end``.

        Examples
        --------
        >>> Clock().back(7, 3)
        4
        """
        if self.fixed_step is not None:
            return end - self.fixed_step * steps
        import pandas as pd

        span = pd.date_range(end=self._wall(end), periods=steps + 1, freq=self.freq)
        return int(self._unwall(span)[0])

    def between(self, start: int, end: int) -> int:
        """How many steps lie from ``start`` to ``end``, which is not before it.

        Examples
        --------
        >>> Clock().between(4, 7)
        3
        """
        if self.fixed_step is not None:
            return (end - start) // self.fixed_step
        import pandas as pd

        return len(pd.date_range(self._wall(start), self._wall(end), freq=self.freq)) - 1

    def index(self, times: Ints) -> Ints:
        """The number of each time, in steps from one moment that is the same for all data.

        A row has the same number in a newer or a shorter file, so that what is counted round
        by it (a place in a patch) stays in step. Fixed steps are counted in UTC, where none
        is skipped or doubled when the clocks change; days and longer on the wall clock, in
        one walk through the calendar from 1970 to the last time.

        Parameters
        ----------
        times : int64 of any shape
            One off the calendar has the number of the time on it before.

        Returns
        -------
        int64 of the same shape

        Examples
        --------
        >>> Clock(freq="2h").index(Clock(freq="2h").onwards(0, 3)).tolist()
        [1, 2, 3]
        """
        times = np.asarray(times, dtype=np.int64)
        if self.fixed_step is not None:
            return times // self.fixed_step
        import pandas as pd
        from pandas.tseries.frequencies import to_offset

        wall = self.local(times).view(np.int64)
        first, last = (pd.Timestamp(int(t)) for t in (wall.min(initial=0), wall.max(initial=0)))
        # Every second day, say, is counted in days: which of them the data have is no matter.
        offset = to_offset(self.freq)
        walk = pd.date_range(first.normalize(), last, freq=offset.base).as_unit("ns").asi8
        passed = np.searchsorted(walk, wall, side="right")
        number: Ints = (passed - np.searchsorted(walk, 0, side="right")) // offset.n
        return number

    def local(self, times: Ints) -> npt.NDArray[np.datetime64]:
        """The wall-clock reading in the clock's zone, as datetime64[ns] of the same shape."""
        stamps = np.asarray(times, dtype=np.int64).view("datetime64[ns]")
        if self.tz is None:
            return stamps
        import pandas as pd

        index = pd.DatetimeIndex(stamps.ravel()).tz_localize("UTC").tz_convert(self.tz)
        wall = index.tz_localize(None).as_unit("ns").to_numpy()
        return np.asarray(wall, dtype="datetime64[ns]").reshape(stamps.shape)

    def show(self, times: npt.ArrayLike) -> list[str]:
        """The times as text, flat: ISO 8601 in the clock's zone, or step numbers.

        The offset from UTC is told where the zone is known; a date alone stands without.
        Fractions of a second are told where any time has one.

        Examples
        --------
        >>> Clock(freq="h", tz="Europe/Berlin").show([0])
        ['1970-01-01 01:00:00+01:00']
        """
        flat = np.asarray(times, dtype=np.int64).ravel()
        if self.freq is None:
            return [str(t) for t in flat.tolist()]
        wall = self.local(flat)
        unit = next(name for name, size in _UNITS if not np.any(flat % size))
        text = np.datetime_as_string(wall, unit="D" if self.date_only else unit)
        if self.date_only:
            return list(text.tolist())
        width = text.itemsize // np.dtype("<U1").itemsize
        letters = text.view("<U1").reshape(len(flat), width)  # the same memory
        letters[:, 10:11] = " "  # where ISO 8601 has its T
        if self.tz is not None:
            ahead, which = np.unique(wall.view(np.int64) - flat, return_inverse=True)
            offsets = np.array([_offset(int(a)) for a in ahead], dtype="<U9")
            text = np.strings.add(text, offsets[which])
        return list(text.tolist())

    def _calendar_after(self, start: int, steps: int) -> Ints:
        """[steps] the calendar times after one time."""
        import pandas as pd

        first = self._wall(start)
        span = pd.date_range(first, periods=steps + 1, freq=self.freq)
        return self._unwall(span[span > first][:steps])

    def _wall(self, time: int) -> Any:
        """One time as a naive pandas Timestamp of the wall clock."""
        import pandas as pd

        return pd.Timestamp(self.local(np.array([time]))[0])

    def _unwall(self, wall: Any) -> Ints:
        """Naive wall-clock times (a DatetimeIndex) back to UTC nanoseconds.

        A reading that the clocks skip in spring is taken as the moment they jump to; one that
        comes twice in autumn is its first coming.
        """
        if self.tz is not None:
            first = np.ones(len(wall), dtype=bool)
            wall = wall.tz_localize(self.tz, ambiguous=first, nonexistent="shift_forward")
            wall = wall.tz_convert("UTC")
        nanoseconds: Ints = wall.as_unit("ns").asi8
        return nanoseconds


@lru_cache(maxsize=64)
def _fixed_nanoseconds(freq: str) -> int | None:
    from pandas.tseries.frequencies import to_offset
    from pandas.tseries.offsets import Tick

    offset = to_offset(freq)
    return int(offset.nanos) if isinstance(offset, Tick) else None


def _offset(nanoseconds: int) -> str:
    """An offset from UTC as ISO 8601 writes it: "+01:00"."""
    minutes, seconds = divmod(abs(nanoseconds) // 10**9, 60)
    sign = "-" if nanoseconds < 0 else "+"
    tail = f":{seconds:02d}" if seconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}{tail}"

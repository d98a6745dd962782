"""How time is told: steps of a calendar frequency, or plain integers.

Times are int64 everywhere: nanoseconds since the epoch in UTC, or step numbers. Only this
file turns them into what a person reads, and knows how to count onwards from one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


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
    """

    freq: str | None = None
    tz: str | None = None
    name: str = "time"
    date_only: bool = False
    step: int = 1

    def onwards(self, start: int, steps: int) -> Ints:
        """[steps] the times that follow ``start``.

        Examples
        --------
        >>> Clock().onwards(7, 3).tolist()
        [8, 9, 10]
        """
        if self.freq is None:
            return start + self.step * np.arange(1, steps + 1, dtype=np.int64)
        import pandas as pd

        zone = self.tz if self._counts_in_local_days else None
        first = pd.Timestamp(start, unit="ns", tz="UTC")
        span = pd.date_range(
            first.tz_convert(zone) if zone else first, periods=steps + 1, freq=self.freq
        )
        later = span[span > first][:steps]
        return later.tz_convert("UTC").as_unit("ns").asi8

    def show(self, times: npt.ArrayLike) -> list[str]:
        """The times as text: ISO 8601 in the clock's zone, or step numbers."""
        flat = np.asarray(times, dtype=np.int64).ravel()
        if self.freq is None:
            return [str(t) for t in flat]
        import pandas as pd

        index = pd.to_datetime(flat, unit="ns", utc=True)
        if self.tz is not None:
            index = index.tz_convert(self.tz)
            return [stamp.isoformat(sep=" ") for stamp in index]
        return list(index.strftime("%Y-%m-%d" if self.date_only else "%Y-%m-%d %H:%M:%S"))

    @property
    def _counts_in_local_days(self) -> bool:
        import pandas as pd

        return self.tz is not None and not isinstance(
            pd.tseries.frequencies.to_offset(self.freq), pd.offsets.Tick
        )

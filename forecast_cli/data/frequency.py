"""The regular grid that a file's times lie on: its step, and where each time falls.

The step is the most common difference of neighbouring times, so that gaps, duplicates and
stray stamps do not defeat it. Months, quarters, years and business days are not of equal
length and are recognised as what they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from forecast_cli.data.panel import Ints
from forecast_cli.data.times import DAY
from forecast_cli.errors import UsageError

_WEEKDAYS = ("THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED")  # 1970-01-01 was a Thursday
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TICKS = (("h", 3_600 * 10**9), ("min", 60 * 10**9), ("s", 10**9), ("ms", 10**6), ("us", 10**3))
_OLD = {"H": "h", "T": "min", "S": "s", "L": "ms", "M": "MS", "Q": "QS", "Y": "YS", "A": "YS"}
_MOST = 10_000  # of a unit in one step
_NICE = tuple(
    [m * 10**e for e in (0, 3, 6) for m in (1, 2, 5, 10, 20, 50, 100, 200, 500)]
    + [m * 10**9 for m in (1, 2, 5, 10, 15, 20, 30)]
    + [m * 60 * 10**9 for m in (1, 2, 5, 10, 15, 20, 30)]
    + [m * 3_600 * 10**9 for m in (1, 2, 3, 4, 6, 8, 12)]
    + [DAY, 7 * DAY]
)


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular axis of time.

    Parameters
    ----------
    freq : str or None
        The pandas alias; None where time is a step.
    kind : str
        "tick" (equal steps), "month" (n calendar months) or "business" (Monday to Friday).
    step : int
        Nanoseconds or steps of a tick; months of "month".
    phase : [E] int64
        Where the ticks of each entity lie within a step; the anchor month of "month".
    at_end : bool
        Whether a month is told by its last day.
    share : float
        The share of steps that the most common one has.
    coarser : bool
        Whether the file's own steps are finer: rows are averaged.
    """

    freq: str | None
    kind: Literal["tick", "month", "business"]
    step: int
    phase: Ints
    at_end: bool = False
    share: float = 1.0
    coarser: bool = False

    def position(self, times: Ints, entity: Ints) -> Ints:
        """[rows] the grid point nearest to each time (the one before, where coarser)."""
        if self.kind == "month":
            months = times.view("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
            return np.asarray((months - self.phase[0]) // self.step)
        if self.kind == "business":
            days = times.view("datetime64[ns]").astype("datetime64[D]")
            return np.busday_count(np.datetime64("1970-01-01"), days).astype(np.int64)
        half = 0 if self.coarser else self.step // 2
        return (times - self.phase[entity] + half) // self.step

    def times(self, position: Ints, entity: Ints) -> Ints:
        """[rows] the time of each grid point."""
        if self.kind == "month":
            months = (position * self.step + self.phase[0]).astype("datetime64[M]")
            days = months.astype("datetime64[D]")
            if self.at_end:
                days = (months + 1).astype("datetime64[D]") - 1
            return np.asarray(days.astype("datetime64[ns]").astype(np.int64))
        if self.kind == "business":
            first = np.datetime64("1970-01-01")
            days = np.busday_offset(first, position, roll="forward")
            return np.asarray(days.astype("datetime64[ns]").astype(np.int64))
        return position * self.step + self.phase[entity]


def infer_grid(times: Ints, entity: Ints, calendar: bool, freq: str | None) -> Grid:
    """Find the grid of sorted times.

    Parameters
    ----------
    times, entity : [rows] int64
        Sorted by entity, then time.
    calendar : bool
        Whether times are nanoseconds.
    freq : str or None
        The step that the user named.

    Raises
    ------
    UsageError
        A frequency that pandas does not know, or whose steps are of no fixed length.
    """
    steps = np.diff(times)[(np.diff(entity) == 0) & (np.diff(times) > 0)]
    n_entities = int(entity[-1]) + 1 if entity.size else 1
    if not calendar:
        step, share = _modal(steps)
        return Grid(None, "tick", step, _phases(times, entity, step, n_entities), share=share)
    if freq is not None:
        return _named(freq, times, entity, steps, n_entities)
    step, share = _modal(steps)
    whole_days = bool(np.mean(times % DAY == times[0] % DAY) > 0.99)
    if whole_days and step >= DAY:
        calendar_grid = _calendar(times, steps)
        if calendar_grid is not None:
            return calendar_grid
    if share < 0.5:
        step, share = _rounded(steps)
    phases = _phases(times, entity, step, n_entities)
    return Grid(_alias(step, int(phases[0])), "tick", step, phases, share=share)


def step_grid() -> Grid:
    """The grid of files whose time is a plain count."""
    return Grid(None, "tick", 1, np.zeros(1, dtype=np.int64))


def describe(grid: Grid) -> str:
    """The step in words.

    Examples
    --------
    >>> describe(Grid("30min", "tick", 1_800_000_000_000, np.zeros(1, dtype=np.int64)))
    '30 minutes'
    """
    if grid.freq is None:
        return "1 step" if grid.step == 1 else f"{grid.step} steps"
    if grid.kind == "business":
        return "1 business day"
    if grid.kind == "month":
        name = {1: "month", 3: "quarter", 12: "year"}.get(grid.step)
        return f"1 {name}" if name else f"{grid.step} months"
    words = [("week", 7 * DAY), ("day", DAY), ("hour", DAY // 24), ("minute", DAY // 1440)]
    for word, unit in [*words, ("second", 10**9), ("millisecond", 10**6), ("microsecond", 10**3)]:
        if grid.step % unit == 0:
            n = grid.step // unit
            return f"{n} {word}" + ("s" if n > 1 else "")
    return f"{grid.step} nanoseconds"


def _modal(steps: Ints) -> tuple[int, float]:
    """The most common step and its share."""
    if steps.size == 0:
        return 1, 1.0
    found, counts = np.unique(steps, return_counts=True)
    return int(found[np.argmax(counts)]), float(counts.max() / steps.size)


def _rounded(steps: Ints) -> tuple[int, float]:
    """For stamps that jitter: the usual step next to the median one, and its share."""
    middle = float(np.median(steps))
    step = min(_NICE, key=lambda nice: abs(np.log(nice / middle)))
    return step, float(np.mean(np.abs(steps - step) <= step // 10))


def _phases(times: Ints, entity: Ints, step: int, n_entities: int) -> Ints:
    """[E] the most common remainder of each entity's times; one for all where that serves."""
    remainder = times % step
    found, counts = np.unique(remainder, return_counts=True)
    common = int(found[np.argmax(counts)])
    if n_entities == 1 or counts.max() > 0.95 * times.size:
        return np.full(n_entities, common, dtype=np.int64)
    order = np.lexsort((remainder, entity))
    key = np.stack([entity[order], remainder[order]])
    first = np.flatnonzero(np.r_[True, np.any(np.diff(key, axis=1) != 0, axis=0)])
    runs = np.diff(np.r_[first, times.size])
    best = np.lexsort((runs, key[0, first]))  # the longest run of each entity comes last
    last = np.r_[np.diff(key[0, first][best]) != 0, True]
    return np.asarray(key[1, first][best][last])


def _calendar(times: Ints, steps: Ints) -> Grid | None:
    """Business days, months, quarters or years, where the days say so."""
    days = np.round(steps / DAY)
    stamps = times.view("datetime64[ns]")
    if _modal(steps)[0] == DAY:
        weekend = (times // DAY + 3) % 7 >= 5
        skips = np.mean(days == 3)
        if weekend.mean() < 0.005 and skips > 0.1 and days.size > 8:
            return Grid("B", "business", 1, np.zeros(1, np.int64), share=float(np.mean(days <= 3)))
        return None
    for months, low, high in ((1, 28, 31), (3, 89, 92), (6, 181, 184), (12, 365, 366)):
        share = float(np.mean((days >= low) & (days <= high)))
        if share > 0.5:
            return _months(stamps, months, share)
    return None


def _months(stamps: np.ndarray, step: int, share: float) -> Grid:
    index = stamps.astype("datetime64[M]")
    last = (index + 1).astype("datetime64[D]") - 1
    at_end = bool(np.mean(stamps.astype("datetime64[D]") == last) > 0.5)
    months = index.astype(np.int64)
    found, counts = np.unique(months % step, return_counts=True)
    anchor = int(found[np.argmax(counts)])
    letter = {1: "M", 3: "Q", 12: "Y"}.get(step)
    freq = f"{letter}{'E' if at_end else 'S'}" if letter else f"{step}M{'E' if at_end else 'S'}"
    if letter in ("Q", "Y"):
        freq += f"-{_MONTHS[anchor]}" if anchor or at_end else ""
        if letter == "Q" and at_end:
            freq = f"QE-{_MONTHS[anchor + 9]}"
    return Grid(freq, "month", step, np.array([anchor]), at_end, share)


def _alias(step: int, phase: int) -> str:
    """The pandas alias of a tick."""
    if step % DAY == 0:
        n = step // DAY
        if n == 7 and phase % DAY == 0:
            return f"W-{_WEEKDAYS[phase // DAY % 7]}"
        return "D" if n == 1 else f"{n}D"
    for name, unit in _TICKS:
        if step % unit == 0:
            n = step // unit
            return name if n == 1 else f"{n}{name}"
    return f"{step}ns"


def _named(freq: str, times: Ints, entity: Ints, steps: Ints, n_entities: int) -> Grid:
    """The grid of a frequency that the user named."""
    import pandas as pd

    unknown = UsageError(f'"{freq}" is not a frequency', "for example --freq 15min, h, D, B, W, MS")
    try:
        name = freq.lstrip("0123456789")
        offset = pd.tseries.frequencies.to_offset(
            freq[: len(freq) - len(name)] + _OLD.get(name, name)
        )
    except (ValueError, OverflowError) as cause:
        raise unknown from cause
    if offset.n < 1:
        raise UsageError(f"--freq {freq}: a step goes forward", "for example --freq 15min, h, D")
    if offset.n > _MOST:
        raise UsageError(f"--freq {freq}: no step is so long", "for example --freq 15min, h, D")
    base = offset.rule_code.split("-")[0]
    if base == "B" and offset.n > 1:
        raise UsageError(f"--freq {freq}: business days are taken one by one", "--freq B, or W")
    if base == "B":
        return Grid("B", "business", 1, np.zeros(1, np.int64))
    if base in ("MS", "ME", "QS", "QE", "YS", "YE"):
        months = {"M": 1, "Q": 3, "Y": 12}[base[0]] * offset.n
        grid = _months(times.view("datetime64[ns]"), months, 1.0)
        finer = steps.size > 0 and float(np.median(steps)) < 0.75 * months * 30 * DAY
        return replace(grid, coarser=finer)
    if base in ("W", "D"):
        step = DAY * offset.n * (7 if base == "W" else 1)
    elif isinstance(offset, pd.tseries.offsets.Tick):
        step = offset.nanos
    else:  # opening hours, half months and the like have no fixed length
        raise unknown
    median = float(np.median(steps)) if steps.size else step
    coarser = median < 0.75 * step
    phases = np.zeros(n_entities, np.int64) if coarser else _phases(times, entity, step, n_entities)
    if coarser and base == "W":
        phases += 4 * DAY  # weeks begin on Monday
    return Grid(_alias(step, int(phases[0])), "tick", step, phases, coarser=coarser)

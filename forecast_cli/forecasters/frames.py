"""One series of a panel as its own model sees it: where it begins, in which units, in which phase.

A frame is set when a model is fitted and kept with it. A later panel, longer or cut at its
beginning, is followed in the same frame, found again by time, so that parameters and phases
still fit. Knows no method.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Panel
from forecast_cli.task import Task

FEWEST_VALUES = 3  # observed, that anything can be estimated from
DIGITS = 8  # of a series in units of its spread


@dataclass(frozen=True, eq=False)
class Series:
    """One series as a method sees it.

    Parameters
    ----------
    y : [T] float64
        In its own units of spread; gaps are filled causally (last value of the phase, else the
        last value). Begins with an observed value.
    known : [T] bool
        Where y was observed.
    first : int
        Rows of the whole series before y[0]: row ``first + t`` modulo a season is the phase
        of y[t], whatever was cut off.
    seasons : tuple of int
        Of the task, the main one first; (1,) for none.
    outside : [T', K] float64
        What drives it from outside, see ``LocalForecaster.outside``; T' is up to a horizon
        more than T.
    """

    y: Floats
    known: Bools
    first: int
    seasons: tuple[int, ...]
    outside: Floats = field(default_factory=lambda: np.zeros((0, 0)))


@dataclass(frozen=True)
class Frame:
    """Where a series begins for its model, and in which units it is seen.

    Parameters
    ----------
    time : int
        Of the first value that it is estimated from.
    first : int
        Rows of the series before that.
    centre, scale : float
        A value y is seen as (y - centre) / scale.
    extent : float
        Range of the history; 0 where nothing can be estimated from it.
    """

    time: int
    first: int
    centre: float
    scale: float
    extent: float


@dataclass(frozen=True, eq=False)
class View:
    """A panel, made ready for methods of single series."""

    panel: Panel
    target: Floats  # [rows] gaps filled causally
    known: Bools  # [rows] where it was observed
    task: Task


def make_frame(past: View, s: int, longest: int, centred: bool) -> Frame:
    """The frame of series ``s`` from its last ``longest`` rows."""
    start, end = int(past.panel.offsets[s]), int(past.panel.offsets[s + 1])
    begin = max(start, end - longest)
    here = past.known[begin:end]
    if here.sum() < FEWEST_VALUES:
        return Frame(0, 0, 0.0, 1.0, 0.0)
    begin += int(np.argmax(here))
    y = past.target[begin:end][past.known[begin:end]]
    centre, scale = float(np.mean(y)), float(np.std(y))
    if scale <= 1e-9 * max(abs(centre), 1e-300):
        return Frame(0, 0, 0.0, 1.0, 0.0)
    moment, first = int(past.panel.times[begin]), begin - start
    return Frame(moment, first, centre if centred else 0.0, scale, float(np.ptp(y)))


def follow(
    view: View, s: int, frame: Frame, outside: Floats, last: int | None = None
) -> tuple[Series, int]:
    """Series ``s`` in its frame up to row ``last``, and the row of the panel it begins at.

    A panel that begins later than the frame gives the part that it has, in the same phase.
    """
    panel = view.panel
    start, end = int(panel.offsets[s]), int(panel.offsets[s + 1])
    stop = end if last is None else last + 1
    begin = start + int(np.searchsorted(panel.times[start:end], frame.time))
    first = frame.first
    if begin < end and panel.times[begin] != frame.time:
        first += panel.clock.between(frame.time, int(panel.times[begin]))
    here = view.known[begin:stop]
    skipped = int(np.argmax(here)) if here.any() else len(here)
    begin, first = begin + skipped, first + skipped
    # Rounded, since a search may turn on the last bit, and units shall not turn it.
    y = np.round((view.target[begin:stop] - frame.centre) / frame.scale, DIGITS)  # [T]
    x = outside[begin - start : min(stop + view.task.horizon, end) - start]
    return Series(y, view.known[begin:stop], first, view.task.seasons, x), begin

"""The event question: will it happen, given a history of any length at any times?

An :class:`EventTask` is shared by every classifier of a comparison, as ``task.Task`` is by
every forecaster. It also holds how the times of histories are counted and shown. It knows
nothing of models or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from forecast_cli.clock import Clock

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EventKind = Literal["entity", "row", "within", "threshold"]


@dataclass(frozen=True)
class TimeScale:
    """How the times of histories are counted and shown.

    Parameters
    ----------
    kind : {"date", "duration", "number"}
        Moments of a calendar, spans such as "47:20", or plain numbers such as a cycle or a day.
    unit : int
        How much of the int64 times makes one unit: nanoseconds of dates and durations,
        ticks of numbers (1 where all are whole).
    name : str
        Of the unit: "hour", "day"; "step" for numbers.
    clock : Clock
        Name of the time column; for dates also how they are shown.
    """

    kind: Literal["date", "duration", "number"] = "number"
    unit: int = 1
    name: str = "step"
    clock: Clock = Clock()

    def spans(self, times: Ints) -> Floats:
        """Differences of int64 times in units.

        Examples
        --------
        >>> TimeScale("duration", unit=3_600 * 10**9, name="hour").spans(np.array([5_400 * 10**9]))
        array([1.5])
        """
        return times / self.unit

    def show(self, times: Ints) -> list[str]:
        """Times as a person reads them.

        Examples
        --------
        >>> TimeScale("duration").show(np.array([(47 * 60 + 20) * 60 * 10**9]))
        ['47:20']
        >>> TimeScale(unit=10).show(np.array([25, 30]))
        ['2.5', '3']
        """
        if self.kind == "date":
            return self.clock.show(times)
        if self.kind == "duration":
            return [_duration(int(t) // 10**9) for t in times]
        return [f"{t / self.unit:.10g}" for t in np.asarray(times).tolist()]


def _duration(seconds: int) -> str:
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest else "")


@dataclass(frozen=True)
class EventTask:
    """An event question.

    Parameters
    ----------
    kind : {"entity", "row", "within", "threshold"}
        One answer for a whole history; one for each of its rows, by a column of labels; whether
        the end of the history comes within a span of each row; whether a regular series
        meets a condition within the next steps.
    event : str
        What is asked in the user's words: "died", "failed within 30 step", "load > 4200".
    classes : tuple of str, K
        At least two. With two, class 1 is the event.
    within : int
        Of "within": the span, in the panel's int64 times.
    horizon : int
        Of "threshold": steps ahead, H.
    seasons : tuple of int
        Of "threshold": season lengths in steps; (1,) where there is none.
    scale : TimeScale
    categories : mapping of column to its labels
        Text columns, static or channels of the panel: code i stands for label i, NaN for
        a label that was not seen in training, or none.
    """

    kind: EventKind
    event: str
    classes: tuple[str, ...] = ("0", "1")
    within: int = 0
    horizon: int = 0
    seasons: tuple[int, ...] = (1,)
    scale: TimeScale = TimeScale()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes):
            raise ValueError(f"an event needs two different classes, got {self.classes}")
        if self.kind == "within" and self.within < 1:
            raise ValueError("within must be positive")
        if self.kind == "threshold" and self.horizon < 1:
            raise ValueError("horizon must be positive")

    @property
    def binary(self) -> bool:
        """Whether there are two classes, of which 1 is the event."""
        return len(self.classes) == 2

    @property
    def per_row(self) -> bool:
        """Whether every row is asked, and an answer may use nothing after its row."""
        return self.kind != "entity"


def event_task_to_json(task: EventTask) -> dict[str, Any]:
    """The task as plain JSON, for what a run keeps."""
    return asdict(task)


def event_task_from_json(values: Mapping[str, Any]) -> EventTask:
    """The task that :func:`event_task_to_json` wrote, through JSON or not."""
    scale = dict(values["scale"])
    return EventTask(
        kind=values["kind"],
        event=values["event"],
        classes=tuple(values["classes"]),
        within=int(values["within"]),
        horizon=int(values["horizon"]),
        seasons=tuple(values["seasons"]),
        scale=TimeScale(**{**scale, "clock": Clock(**scale["clock"])}),
        categories={name: tuple(labels) for name, labels in values["categories"].items()},
    )

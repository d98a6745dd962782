"""``--event-within``: does what a history ends in come within a span of each row?

A history that ended in the event answers at every row before it. One that did not was only
watched until its last row (it is censored): whether the event came within the span of its
last rows nobody knows, and these are no examples. Nor is the row of the event itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.events.labels import Classes, Labels
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints, Origins
from forecast_cli.data.times import NAT
from forecast_cli.errors import DataError, UsageError
from forecast_cli.events import TimeScale

_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]*)\s*")
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_WORDS = {
    "s": "second",
    "sec": "second",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "d": "day",
    "w": "week",
}


@dataclass(frozen=True)
class Span:
    """How far ahead is asked: in the panel's times, and in words."""

    ticks: int
    words: str  # "30 cycles"


def parse_span(text: str, scale: TimeScale, notes: Notes) -> Span:
    """Read "30", "7d" or "12 hours".

    A plain number counts units of the times: cycles, or the unit in which gaps of dates are
    told, which is said.

    Raises
    ------
    UsageError
        No span, or one that does not suit the times.
    """
    found = _SPAN.fullmatch(text)
    fix = "for example 30 (steps), 7d, 12h"
    if not found or float(found[1]) <= 0:
        raise UsageError(f'--event-within "{text}" is no span of time', fix)
    number, word = float(found[1]), found[2].lower()
    word = _WORDS.get(word, word.removesuffix("s") if len(word) > 1 else word)
    if not word:
        word = scale.name
        if scale.kind != "number":
            option = f"--event-within {found[1]}{word[0]}"
            notes.guess("span", _words(number, word), option, "the unit of the times")
    if scale.kind == "number":
        if word not in (scale.name, "step"):
            raise UsageError(
                f'--event-within "{text}": the times are numbers of {scale.name}s', fix
            )
        ticks, word = number * scale.unit, scale.name
    elif word in _SECONDS:
        ticks = number * _SECONDS[word] * 10**9
    else:
        raise UsageError(f'--event-within "{text}": "{found[2]}" is no unit of time', fix)
    if ticks < 1:
        raise UsageError(f'--event-within "{text}" is shorter than the times can tell', fix)
    return Span(round(ticks), _words(number, word))


def event_times(
    labels: Labels | None, classes: Classes | None, times: Ints, offsets: Ints
) -> tuple[Ints, Ints]:
    """[S] when the event came, and [S] until when it is known not to have come.

    Parameters
    ----------
    labels, classes : or None
        None: every history ends in the event. A label that varies marks the event by its
        first row; one that does not, by the end of the history.
    times : [rows] int64
    offsets : [S+1] int64

    Returns
    -------
    came, watched : [S] int64
        ``NAT`` where the event did not come, or where nothing is known.
    """
    ends = times[offsets[1:] - 1]  # [S]
    if labels is None or classes is None:
        return ends.copy(), np.full(len(ends), NAT)
    if not labels.per_row:
        answers = classes.of(labels.entity)
        return np.where(answers == 1, ends, NAT), np.where(answers == 0, ends, NAT)
    answers = classes.of(labels.rows)  # [rows]
    last = len(times)
    first = np.minimum.reduceat(np.where(answers == 1, np.arange(last), last), offsets[:-1])
    came = np.where(first < last, np.append(times, NAT)[first], NAT)
    latest = np.maximum.reduceat(np.where(answers == 0, np.arange(last), -1), offsets[:-1])
    watched = np.where((came == NAT) & (latest >= 0), times[latest], NAT)
    return came, watched


def examples_within(
    came: Ints, watched: Ints, span: int, times: Ints, offsets: Ints, notes: Notes
) -> Examples:
    """Every row whose answer is known.

    Raises
    ------
    DataError
        All answers are the same.
    """
    series = np.repeat(np.arange(len(came)), np.diff(offsets))  # [rows]
    event, seen = came[series], watched[series]
    ahead = (event != NAT) & (times < event)
    quiet = (seen != NAT) & (times <= np.where(seen == NAT, 0, seen - span))
    rows = np.flatnonzero(ahead | quiet)
    answers = (ahead & (times >= np.where(event == NAT, 0, event - span)))[rows].astype(np.int64)
    lost = int(((seen != NAT) & ~quiet).sum())
    notes.repair(
        "rows of unknown answer",
        lost,
        "last rows of histories that did not end in the event: it may have come later",
        "--event-within",
    )
    if np.unique(answers).size < 2:
        always = "at every row" if answers.size and answers[0] else "at no row"
        raise DataError(
            f"the event comes within the span {always}: there is nothing to tell apart",
            "choose another --event-within",
        )
    return Examples(Origins(series[rows], rows), answers)


def last_answers(labels: Labels, classes: Classes, offsets: Ints) -> Examples:
    """Answers of a test file: whether the event comes within the span of each last row."""
    answers = classes.of(labels.entity)
    series = np.flatnonzero(answers >= 0)
    return Examples(Origins(series, offsets[1:][series] - 1), answers[series])


def _words(number: float, unit: str) -> str:
    return f"{number:g} {unit}" + ("" if number == 1 else "s")

"""Pictures of characters: the one file that knows plotext.

Notable: lines are Braille and told apart by colour; where there is no colour (or only ASCII)
each line is drawn with a sign of its own. The interval of a forecast is a shaded band.
plotext keeps one figure for the whole process, which is cleared before each use. Nothing
here knows rich; colours are codes in the text, absent with ``colour=False``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from forecast_cli.comparison import CompareResult, ModelScore
from forecast_cli.report.derived import round_step, step_ticks, succeeded, ticks
from forecast_cli.report.words import axis_numbers, clean, metric_name, plain_ascii, short_times
from forecast_cli.results import InspectResult, SeriesForecast

Draw = Callable[[int, bool, bool], str]

MODELS_SHOWN = 4
COLOURS = ("cyan", "magenta", "green", "orange")
CODES = {"cyan": 36, "magenta": 35, "green": 32, "orange": 33, "gray": 90, "default": 39}
PAST_HORIZONS = 3  # how much of the past is shown, in horizons
FEWEST_PAST = 24
MOST_POINTS = 2000
UNIT_SQUARE_WIDTH = 60
FEWEST_MARKS = 3  # on the axis of values, where there is room
FRAME_ROWS = 3  # of a picture's height, for its frame and the labels of its x axis


def forecast_plot(
    series: SeriesForecast,
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
    colour: bool = True,
) -> str:
    """The recent past, a line at the origin, the forecast and its widest interval."""
    horizon = len(series.forecast)
    past = series.past[-max(PAST_HORIZONS * horizon, FEWEST_PAST) :].tolist()
    n = len(past)
    ahead = list(range(n, n + horizon))
    figure = _new_figure(width, height)
    legend = [("──", "past", "default"), ("──", "forecast", "cyan")]
    bounds: list[float] = []
    if series.lower:
        level = max(series.lower)
        low, high = series.lower[level].tolist(), series.upper[level].tolist()
        bounds = [*low, *high]
        _band(figure, ahead, low, high, ":" if ascii_only else "░")
        legend.append(("::" if ascii_only else "░░", f"{level} % interval", "gray"))
    # The forecast starts at the last known value, so that the eye sees one line.
    line = [*past[-1:], *series.forecast.tolist()]
    lowest, highest = _value_axis(figure, [*past, *line, *bounds], height)
    if n:
        ends = [lowest, highest]
        _curve(figure, [n - 0.5] * 2, ends, "gray", "|" if ascii_only else "│")
    _curve(figure, list(range(n)), past, "default", "." if ascii_only else None)
    _curve(figure, [*range(n)[-1:], *ahead], line, "cyan", "*" if ascii_only else None)
    times = [*series.past_times[len(series.past_times) - n :], *series.times]
    _time_axis(figure, times, width)
    return _text(figure, clean(series.id, width // 3), legend, ascii_only, colour)


def error_by_step_plot(
    result: CompareResult,
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
    colour: bool = True,
) -> str:
    """The metric that ranks (MAE where it has no steps) at each step of the horizon.

    The best models are drawn, and the reference.
    """
    metric = result.protocol.metric
    if not any(metric in score.by_step for score in succeeded(result)):
        metric = "mae"
    drawn = _models_to_draw(result, metric)
    figure = _new_figure(width, height)
    legend: list[tuple[str, str, str]] = []
    for k, score in reversed(list(enumerate(drawn))):  # the best last, above the others
        values = list(score.by_step[metric])
        sign = None if colour and not ascii_only else str(k + 1)
        _curve(figure, list(range(1, len(values) + 1)), values, COLOURS[k], sign)
        legend.insert(0, (sign or "──", clean(score.name, 20), COLOURS[k]))
    steps = step_ticks(result.protocol.horizon)
    figure.ruler("x").ticks(steps, [str(step) for step in steps])
    _value_axis(figure, [v for score in drawn for v in score.by_step[metric]], height)
    return _text(figure, f"{metric_name(metric)} by step", legend, ascii_only, colour)


@dataclass(frozen=True)
class Curve:
    """A line between 0 and 1 both ways, and what its entry in the legend says."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    colour: str


def curves_plot(
    title: str,
    curves: Sequence[Curve],
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
    colour: bool = True,
) -> str:
    """Lines in the unit square, the first above the others."""
    figure = _new_figure(min(width, UNIT_SQUARE_WIDTH), height)
    legend: list[tuple[str, str, str]] = []
    for k, curve in reversed(list(enumerate(curves))):
        sign = None if colour and not ascii_only else str(k + 1)
        _curve(figure, curve.xs, curve.ys, curve.colour, sign)
        legend.insert(0, (sign or "──", curve.name, curve.colour))
    for side in ("x", "y"):
        marks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] if side == "x" else [0.0, 0.5, 1.0]
        figure.ruler(side).lim(0.0, 1.0)
        figure.ruler(side).ticks(marks, axis_numbers(marks))
    return _text(figure, title, legend, ascii_only, colour, width)


def history_plot(
    result: InspectResult,
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
    colour: bool = True,
) -> str:
    """The first series as it was read."""
    values = result.history.tolist()
    stride = max(1, math.ceil(len(values) / MOST_POINTS))
    figure = _new_figure(width, height)
    where = list(range(0, len(values), stride))
    _curve(figure, where, values[::stride], "cyan", "." if ascii_only else None)
    _time_axis(figure, list(result.history_times), width)
    _value_axis(figure, values, height)
    name = clean(result.series[0].id, width // 2) if result.series else ""
    return _text(figure, name, [], ascii_only, colour)


def _models_to_draw(result: CompareResult, metric: str) -> list[ModelScore]:
    ran = [score for score in succeeded(result) if metric in score.by_step]
    drawn = ran[:MODELS_SHOWN]
    reference = [score for score in ran if score.name == result.protocol.reference]
    if reference and reference[0] not in drawn:
        drawn = [*drawn[: MODELS_SHOWN - 1], *reference]
    return drawn


def _new_figure(width: int, height: int) -> Any:
    import plotext

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(max(30, width), max(6, height - 1))  # a line is left for the legend
    figure.theme("colorless")  # colours are given to each line, or none
    return figure


def _curve(
    figure: Any, x: Sequence[float], y: Sequence[float], colour: str, sign: str | None
) -> None:
    """A line through the defined values, broken where values are missing."""
    import plotext

    for start, stop in _stretches(y):
        marker = plotext.marker(sign or "braille", plotext.pixel(foreground=colour))
        signal = figure.signal(list(x[start:stop]), list(y[start:stop]), marker=marker)
        figure.draw(signal.lines(True))


def _stretches(values: Sequence[float]) -> list[tuple[int, int]]:
    """Where values are defined: start and stop of every unbroken stretch."""
    found: list[tuple[int, int]] = []
    start = 0
    for k, value in enumerate([*values, math.nan]):
        if not math.isfinite(value):
            if k > start:
                found.append((start, k))
            start = k + 1
    return found


def _band(
    figure: Any, x: Sequence[float], low: Sequence[float], high: Sequence[float], sign: str
) -> None:
    import plotext

    for start, stop in _stretches([a + b for a, b in zip(low, high, strict=True)]):
        marker = plotext.marker(sign, plotext.pixel(foreground="gray"))
        part = list(x[start:stop])
        lower = figure.signal(part, list(low[start:stop]), marker=marker)
        upper = figure.signal(part, list(high[start:stop]), marker=marker).lines(True)
        figure.draw(upper.fill(lower).density("full", scope="both"))


def _time_axis(figure: Any, times: Sequence[str], width: int) -> None:
    """As many times as stand side by side without touching."""
    if not times:
        return
    labels = [clean(text) for text in short_times(times)]
    room = max(len(text) for text in labels) + 4
    n = max(2, min(len(labels), 9, (width - 12) // room))
    picks = sorted({round(k * (len(labels) - 1) / (n - 1)) for k in range(n)})
    figure.ruler("x").ticks(picks, [labels[k] for k in picks])


def _value_axis(figure: Any, values: Sequence[float], height: int) -> tuple[float, float]:
    """Round numbers, written out, whole rows apart; the picture's own where all values are one.

    Returns the least and the most that the picture shows; NaN where there is no value.
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return math.nan, math.nan
    if min(known) == max(known):
        return known[0], known[0]
    lower, upper, picks = _rows_apart(min(known), max(known), max(6, height - 1) - FRAME_ROWS)
    figure.ruler("y").lim(lower, upper)
    figure.ruler("y").ticks(picks, axis_numbers(picks))
    return lower, upper


def _rows_apart(low: float, high: float, rows: int) -> tuple[float, float, list[float]]:
    """Limits of a picture, and round numbers in it that lie equally many rows apart.

    The lowest row stands for the first number, so that none has to be moved to a row nearby; of
    all round steps with a few marks the one is taken that leaves the least of it empty.

    Examples
    --------
    >>> _rows_apart(0.3, 1.1, 6)
    (0.2, 1.2, [0.2, 0.4, 0.6, 0.8, 1.0, 1.2])
    """
    tried = []
    for about in range(1, rows):
        step = round_step(low, high, about)
        first = math.floor(low / step + 1e-9) * step
        apart = int((rows - 1) * step / (high - first) + 1e-9)
        if apart:
            upper = first + step * (rows - 1) / apart
            is_poor = (rows - 1) // apart < FEWEST_MARKS - 1
            empty = round((upper - first) / (high - low), 2)
            tried.append((is_poor, empty, apart, first, upper, step))
    if not tried:  # too few rows for a choice
        return low, high, ticks(low, high)
    _, _, apart, first, upper, step = min(tried)
    marks = [round(first + k * step, 12) + 0.0 for k in range((rows - 1) // apart + 1)]
    return round(first, 12), round(upper, 12), marks


def _text(
    figure: Any,
    title: str,
    legend: Sequence[tuple[str, str, str]],
    ascii_only: bool,
    colour: bool,
    width: int | None = None,
) -> str:
    """The legend above the picture, in lines of at most ``width`` where that is given."""
    keys = [
        f"\x1b[{CODES[c]}m{sign}\x1b[0m {name}" if colour else f"{sign} {name}"
        for sign, name, c in legend
    ]
    head, room = title, (width or math.inf) - len(title)
    for key, (sign, name, _) in zip(keys, legend, strict=True):
        length = len(sign) + 1 + len(name)  # without the codes of colours
        fits = room >= 3 + length
        head += f"   {key}" if fits else f"\n{key}"
        room = room - 3 - length if fits else (width or math.inf) - length
    body: str = figure.build().string(colorless=not colour)
    text = f"{head}\n{body.rstrip()}"
    if not ascii_only:
        return text
    return plain_ascii(text)

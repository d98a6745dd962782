"""Charts as inline SVG: lines with bands, and labelled points.

Notable: no library travels with a report, so that a chart costs kilobytes, needs no script and
opens anywhere, for good. Colours are CSS classes (``c0`` …) that the page defines for light
and dark; lines differ in dash as well, so that colour is never alone. Every mark carries a
``<title>``, which browsers show on hovering; lines are numbered (``data-line``) like their
entries in the legend, so that the page's script can hide them. This file knows no result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from forecast_cli.report.derived import ticks
from forecast_cli.report.words import axis_numbers, clean

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 46
COLOURS = 6
INK = 5  # the colour of what really happened


@dataclass(frozen=True)
class Line:
    """A line; NaN breaks it."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    colour: int = 0
    dashed: bool = False


@dataclass(frozen=True)
class Area:
    """The space between two lines."""

    name: str
    xs: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    colour: int = 0


@dataclass(frozen=True)
class Point:
    """A labelled mark; a network is a disc, a baseline a square."""

    name: str
    x: float
    y: float
    disc: bool
    note: str


@dataclass(frozen=True)
class Bar:
    """A bar from ``low`` to ``high`` across."""

    low: float
    high: float
    value: float
    note: str
    colour: int = 0


@dataclass(frozen=True)
class Axis:
    """An axis: its title, and its labels where they are not plain numbers."""

    title: str
    labels: Sequence[tuple[float, str]] = ()
    log: bool = False


@dataclass(frozen=True)
class _Scale:
    """From data to pixels."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, v = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.log
            else (self.low, self.high, value)
        )
        return round(self.start + (v - low) / (high - low) * (self.stop - self.start), 2)


def line_chart(
    title: str,
    x: Axis,
    y: Axis,
    lines: Sequence[Line],
    areas: Sequence[Area] = (),
    *,
    rule: float | None = None,
    mark: float | None = None,
    name: str = "",
    unit_square: bool = False,
) -> str:
    """Lines over bands.

    Parameters
    ----------
    rule : float, optional
        A level to compare with.
    mark : float, optional
        A place on the x axis.
    name : str
        By which the page's script finds the figure.
    unit_square : bool
        Whether both axes go from 0 to 1, whatever the lines do.
    """
    xs = [v for line in lines for v in line.xs] + [v for area in areas for v in area.xs]
    ys = [v for line in lines for v in line.ys] + [
        v for area in areas for v in (*area.low, *area.high)
    ]
    across = _scale([*xs, *([mark] if mark is not None else [])], LEFT, WIDTH - RIGHT, margin=0)
    up = _scale([*ys, *([rule] if rule is not None else [])], HEIGHT - BOTTOM, TOP)
    if unit_square:
        across = _Scale(0.0, 1.0, LEFT, WIDTH - RIGHT)
        up = _Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    body = [_frame(x, y, across, up)]
    body += [_area(area, across, up) for area in areas]
    if rule is not None:
        body.append(_rule("rule", LEFT, WIDTH - RIGHT, up(rule), up(rule)))
    if mark is not None:
        body.append(_rule("rule", across(mark), across(mark), TOP, HEIGHT - BOTTOM))
    body += [_line(k, line, across, up) for k, line in reversed(list(enumerate(lines)))]
    return figure(title, body, HEIGHT, _legend(lines, areas), name)


def bar_chart(title: str, x: Axis, y: Axis, bars: Sequence[Bar]) -> str:
    """Bars on the floor of the picture, over an axis from 0 to 1."""
    height = 150
    across = _Scale(0.0, 1.0, LEFT, WIDTH - RIGHT)
    up = _scale([0.0, *(bar.value for bar in bars)], height - BOTTOM, TOP, margin=0)
    body = [_frame(x, y, across, up, height)]
    for bar in bars:
        left, right, top = across(bar.low), across(bar.high), up(bar.value)
        body.append(
            f'<rect class="m c{bar.colour % COLOURS}" x="{left}" y="{top}" '
            f'width="{round(max(right - left - 1, 1), 2)}" '
            f'height="{round(height - BOTTOM - top, 2)}"><title>{text(bar.note)}</title></rect>'
        )
    return figure(title, body, height)


def scatter_chart(
    title: str,
    x: Axis,
    y: Axis,
    points: Sequence[Point],
    rule: float,
    stairs: Sequence[tuple[float, float]] = (),
) -> str:
    """Labelled points; ``rule`` is a level to compare with, ``stairs`` go up from left to right."""
    across = _scale([p.x for p in points], LEFT, WIDTH - RIGHT - 90, log=x.log, margin=0.06)
    up = _scale([*(p.y for p in points), rule], HEIGHT - BOTTOM, TOP, margin=0.1)
    body = [_frame(x, y, across, up), _rule("rule", LEFT, WIDTH - RIGHT, up(rule), up(rule))]
    if stairs:
        treads = "".join(f"H{across(x)}V{up(y)}" for x, y in stairs[1:])
        start = f"M{across(stairs[0][0])},{up(stairs[0][1])}"
        body.append(f'<path class="line thin c2" d="{start}{treads}H{WIDTH - RIGHT}"/>')
    taken: list[tuple[float, float]] = []
    for point in points:
        px, py = across(point.x), up(point.y)
        label_y = py
        # A label that would lie on another moves down by a line until it is free.
        while any(abs(label_y - ty) < 13 and abs(px - tx) < 110 for tx, ty in taken):
            label_y += 13
        taken.append((px, label_y))
        kind, corner = ("m c0", 5.5) if point.disc else ("m c1", 0)
        body.append(
            f'<rect class="{kind}" x="{round(px - 5, 2)}" y="{round(py - 5, 2)}" width="10" '
            f'height="10" rx="{corner}"><title>{text(point.note)}</title></rect>'
        )
        body.append(_words("start", round(px + 11, 2), round(label_y + 4, 2), point.name))
    return figure(title, body, HEIGHT)


def text(value: object, limit: int | None = None) -> str:
    """Text from anywhere as inert HTML, in elements and attributes alike; see ``clean``."""
    return escape(clean(value, limit), quote=True)


def _scale(
    values: Sequence[float], start: float, stop: float, *, log: bool = False, margin: float = 0.05
) -> _Scale:
    """Limits that hold all defined values, with some air."""
    defined = [v for v in values if math.isfinite(v)] or [1.0]
    low, high = min(defined), max(defined)
    if log:
        air = (high / low) ** margin if high > low else 3.0
        return _Scale(low / air, high * air, start, stop, log=True)
    air = margin * (high - low) if high > low else max(abs(high), 1.0) / 2
    return _Scale(low - air, high + air, start, stop)


def _frame(x: Axis, y: Axis, across: _Scale, up: _Scale, height: int = HEIGHT) -> str:
    right, floor = WIDTH - RIGHT, height - BOTTOM
    parts = [_rule("axis", LEFT, right, floor, floor)]
    for value, label in _labels(y, up):
        level = up(value)
        parts.append(_rule("grid", LEFT, right, level, level))
        parts.append(_words("end", LEFT - 8, round(level + 4, 2), label))
    for value, label in _labels(x, across):
        place = across(value)
        parts.append(_rule("axis", place, place, floor, floor + 5))
        parts.append(_words("end" if place > right - 12 else "mid", place, floor + 19, label))
    parts.append(_words("mid", (LEFT + right) / 2, height - 8, x.title))
    middle = (TOP + floor) / 2
    turned = f"translate(14 {middle}) rotate(-90)"
    parts.append(f'<text class="mid" transform="{turned}">{text(y.title)}</text>')
    return "".join(parts)


def _rule(kind: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>'


def _words(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{text(words)}</text>'


def _labels(axis: Axis, scale: _Scale) -> Sequence[tuple[float, str]]:
    if axis.labels:
        return axis.labels
    if scale.log:
        powers = range(math.ceil(math.log10(scale.low)), math.floor(math.log10(scale.high)) + 1)
        return [(10.0**k, f"{10.0**k:g}") for k in powers]
    values = ticks(scale.low, scale.high)
    return list(zip(values, axis_numbers(values), strict=True))


def _line(k: int, line: Line, across: _Scale, up: _Scale) -> str:
    """The defined stretches as one path; a lone value, which has no line, as a dot."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(line.xs, line.ys, strict=True):
        if math.isfinite(y):
            pieces[-1].append((across(x), up(y)))
        elif pieces[-1]:
            pieces.append([])
    path = "".join("M" + "L".join(f"{x},{y}" for x, y in piece) for piece in pieces if piece[1:])
    colour = f"c{line.colour % COLOURS}"
    dots = "".join(
        f'<circle class="dot {colour}" cx="{piece[0][0]}" cy="{piece[0][1]}" r="2.5"/>'
        for piece in pieces
        if len(piece) == 1
    )
    kind = f"line {colour}{' dashed' if line.dashed else ''}"
    title = f"<title>{text(line.name)}</title>"
    return f'<g data-line="{k}"><path class="{kind}" d="{path}">{title}</path>{dots}</g>'


def _area(area: Area, across: _Scale, up: _Scale) -> str:
    known = [
        (x, low, high)
        for x, low, high in zip(area.xs, area.low, area.high, strict=True)
        if math.isfinite(low) and math.isfinite(high)
    ]
    upper = [f"{across(x)},{up(high)}" for x, _, high in known]
    lower = [f"{across(x)},{up(low)}" for x, low, _ in reversed(known)]
    return (
        f'<polygon class="area c{area.colour % COLOURS}" points="{" ".join([*upper, *lower])}">'
        f"<title>{text(area.name)}</title></polygon>"
    )


def _legend(lines: Sequence[Line], areas: Sequence[Area]) -> str:
    samples = [
        (
            f'<path class="line c{line.colour % COLOURS}{" dashed" if line.dashed else ""}" '
            'd="M1,6L27,6"/>',
            line.name,
        )
        for line in lines
    ]
    samples += [
        # Areas lie over one another and darken; so do their samples.
        (f'<rect class="area c{area.colour % COLOURS}" width="28" height="12"/>' * k, area.name)
        for k, area in enumerate(areas, start=1)
    ]
    items = "".join(
        f"<li{f' data-line={k}' if k < len(lines) else ''}>"
        f'<svg width="28" height="12" aria-hidden="true">{mark}</svg>{text(name)}</li>'
        for k, (mark, name) in enumerate(samples)
    )
    return f'<ul class="legend">{items}</ul>' if len(samples) > 1 else ""


def figure(title: str, body: Sequence[str], height: float, legend: str = "", name: str = "") -> str:
    """A picture with its title, which is also what a screen reader says of it."""
    attribute = f' id="{name}"' if name else ""
    return (
        f'<figure{attribute}><figcaption>{text(title)}</figcaption>{legend}<div class="chart">'
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{text(title)}">'
        f"{''.join(body)}</svg></div></figure>"
    )

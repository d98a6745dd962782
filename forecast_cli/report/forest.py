"""The forest plot: a row for each model, its skill as a mark and the interval as a line.

Notable: what lies beyond 100 % to either side is drawn at the end, an interval with an arrow, so
that one hopeless model does not flatten the others; its words say where it is. The decision is
said in words in each row; colour only repeats it. This file knows no result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forecast_cli.report.derived import ticks
from forecast_cli.report.svg import WIDTH, figure, text
from forecast_cli.report.words import axis_numbers

ROW = 26
TOP, BOTTOM = 8, 40
LEFT, RIGHT = 150, 262  # room for the names and for the words
LOWEST, HIGHEST = -100.0, 100.0  # per cent
KINDS = {"better": "good", "worse": "bad"}


@dataclass(frozen=True)
class Row:
    """One model.

    Parameters
    ----------
    skill, low, high : float
        In per cent; the ends are NaN where there is no interval.
    decision : str
        "better", "worse", or anything else, which is drawn as undecided.
    disc : bool
        A network is a disc, a baseline a square.
    words : str
        What the row says at its end.
    """

    name: str
    skill: float
    low: float
    high: float
    decision: str
    disc: bool
    words: str


def forest_chart(title: str, axis: str, rows: Sequence[Row]) -> str:
    """Rows under one another on a common axis, with a line at zero."""
    ends = [v for row in rows for v in (row.skill, row.low, row.high) if math.isfinite(v)]
    low = max(LOWEST, min([*ends, 0.0]))
    high = min(HIGHEST, max([*ends, 0.0]))
    air = 0.04 * (high - low) or 1.0
    low, high = low - air, high + air
    floor = TOP + ROW * len(rows)

    def across(value: float) -> float:
        inside = min(max(value, low), high)
        return round(LEFT + (inside - low) / (high - low) * (WIDTH - RIGHT - LEFT), 2)

    body = [f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>']
    values = ticks(low, high)
    for value, label in zip(values, axis_numbers(values), strict=True):
        x = across(value)
        body.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{floor}"/>')
        body.append(f'<text class="mid" x="{x}" y="{floor + 17}">{text(label)}</text>')
    middle = across((low + high) / 2)
    body.append(f'<text class="mid" x="{middle}" y="{floor + 35}">{text(axis)}</text>')
    body.append(f'<line class="rule" x1="{across(0)}" x2="{across(0)}" y1="{TOP}" y2="{floor}"/>')
    for k, row in enumerate(rows):
        body.append(_row(row, TOP + ROW * (k + 0.5), across))
    return figure(title, body, floor + BOTTOM)


def _row(row: Row, y: float, across: Callable[[float], float]) -> str:
    kind = KINDS.get(row.decision, "even")
    x = across(row.skill)
    note = f"<title>{text(row.name)}: {text(row.words)}</title>"
    parts = [f'<text class="end strong" x="{LEFT - 12}" y="{y + 4}">{text(row.name, 20)}</text>']
    if math.isfinite(row.low) and math.isfinite(row.high):
        start, stop = across(row.low), across(row.high)
        if row.low < LOWEST:
            parts.append(_arrow(kind, LEFT, y, 1))
        if row.high > HIGHEST:
            parts.append(_arrow(kind, WIDTH - RIGHT, y, -1))
        parts.append(
            f'<line class="whisker {kind}" x1="{start}" x2="{stop}" y1="{y}" y2="{y}">{note}</line>'
        )
    if math.isfinite(row.skill):
        corner = 5.5 if row.disc else 0
        parts.append(
            f'<rect class="m {kind}" x="{round(x - 5.5, 2)}" y="{y - 5.5}" width="11" height="11" '
            f'rx="{corner}">{note}</rect>'
        )
    colour = f" {kind}" if kind != "even" else ""
    end = WIDTH - RIGHT + 16
    parts.append(f'<text class="start{colour}" x="{end}" y="{y + 4}">{text(row.words)}</text>')
    return "".join(parts)


def _arrow(kind: str, x: float, y: float, inwards: int) -> str:
    """The end of an interval that goes on beyond the picture."""
    wing = x + 6 * inwards
    return f'<path class="whisker arrow {kind}" d="M{wing},{y - 4}L{x},{y}L{wing},{y + 4}"/>'

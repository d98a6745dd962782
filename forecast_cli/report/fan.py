"""The forecast fan: forecasts against what came, from one origin after the other.

Notable: a comparison can hold millions of forecasts, and a report should stay a few megabytes.
So a sample travels with the page, of series from the best to the worst, of origins from the
first to the last, and of the models that matter; the page says how much that is. Numbers are
packed as 16-bit steps between the least and the most that the picture can show, times as
numbers of a list. The first picture is drawn here, so that a page without its script shows it;
report.js draws the others alike. Nothing is scored here.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.comparison import CompareResult, ForecastTable
from forecast_cli.report.derived import (
    best_of_kind,
    coloured,
    levels,
    median_position,
    model_named,
    succeeded,
)
from forecast_cli.report.page import data_block, details, paragraph, table
from forecast_cli.report.svg import (
    BOTTOM,
    HEIGHT,
    INK,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Area,
    Axis,
    Line,
    line_chart,
)
from forecast_cli.report.words import clean, count, numbers, short_times
from forecast_cli.results import Floats, Ints

BUDGET = 2_500_000  # bytes of the packed sample, at most
MOST_SERIES = 12
MOST_ORIGINS = 60  # of a series
FEWEST_ORIGINS = 10  # of a series, before another series is kept
MOST_MODELS = 8
MOST_LEVELS = 2
FEWEST_PAST = 24
PAST_HORIZONS = 2
TIME_LABELS = 4
NOTHING = 0xFFFF  # in place of a number that does not exist
NEVER = 0xFFFFFFFF  # the same for the number of a time
UNKNOWN = np.iinfo(np.int64).min  # the same for a time
BEYOND = 1.0  # how far the picture reaches beyond what came, in its ranges


@dataclass(frozen=True, eq=False)
class Kept:
    """The forecasts of one series that travel with the page: O origins, P steps of past.

    Parameters
    ----------
    id : str
    rows : [O] int64
        Rows of the table.
    when : [O, P + H] int64
        Times of the past and the horizon; ``UNKNOWN`` where there is no past.
    actual : [O, P + H] float64
    """

    id: str
    rows: Ints
    when: Ints
    actual: Floats


@dataclass(frozen=True)
class Sample:
    """What travels with the page.

    Parameters
    ----------
    models : tuple of str
        The one that is shown first, then the one beside it.
    levels : tuple of (level, low, high)
        Intervals, wide first; positions among ``quantiles``.
    quantiles : tuple of int
        Positions in the table of the median and the bounds.
    past : int
        P
    """

    series: tuple[Kept, ...]
    models: tuple[str, ...]
    levels: tuple[tuple[int, int, int], ...]
    quantiles: tuple[int, ...]
    past: int


def fan(result: CompareResult) -> str:
    """The fan with its controls, and the words that say what was left out."""
    drawn = sample(result)
    if drawn is None:
        return ""
    return "".join(
        [
            paragraph(_kept_words(result, drawn), "soft"),
            _controls(),
            _first_picture(result.table, drawn),
            '<output id="fan-reading" aria-live="polite"></output>',
            details("The numbers of this picture", _first_numbers(result.table, drawn)),
            data_block("fan-data", packed(result.table, drawn)),
        ]
    )


def sample(result: CompareResult) -> Sample | None:
    """Choose series, origins and models; None where nothing was forecast."""
    t = result.table
    models = _models(result)
    if not models or not len(t.series):
        return None
    chosen = levels(t.quantiles)[-MOST_LEVELS:][::-1]
    positions = [median_position(t.quantiles), *(k for _, low, high in chosen for k in (low, high))]
    horizon = t.times.shape[1]
    past = max(PAST_HORIZONS * horizon, FEWEST_PAST)
    # Base64 turns 3 bytes into 4: 16 bits for each number, 32 for each time.
    cost = (horizon * len(models) * len(positions) * 2 + (past + horizon) * 6) * 4 / 3
    pairs = max(1, int(BUDGET / cost))
    ranked = _ranked_series(result)
    n_series = min(len(ranked), MOST_SERIES, max(1, pairs // FEWEST_ORIGINS))
    n_origins = max(1, min(MOST_ORIGINS, pairs // n_series))
    kept = tuple(_keep(t, s, n_origins, past) for s in _spread(ranked, n_series))
    intervals = tuple((level, 1 + 2 * k, 2 + 2 * k) for k, (level, _, _) in enumerate(chosen))
    return Sample(kept, models, intervals, tuple(positions), past)


def packed(t: ForecastTable, drawn: Sample) -> dict[str, Any]:
    """The sample as the script reads it."""
    times = np.unique(np.concatenate([kept.when.ravel() for kept in drawn.series]))
    times = times[times != UNKNOWN]
    series = []
    for kept in drawn.series:
        moments = np.where(kept.when == UNKNOWN, NEVER, np.searchsorted(times, kept.when))
        forecasts = np.stack(  # [M, O, H, Q]
            [t.forecasts[name][kept.rows][:, :, list(drawn.quantiles)] for name in drawn.models]
        )
        low, high = _limits(kept.actual, forecasts)
        series.append(
            {
                "id": clean(kept.id),
                "low": low,
                "high": high,
                "origins": [clean(time) for time in t.clock.show(t.origin_times[kept.rows])],
                "when": base64.b64encode(moments.astype("<u4").tobytes()).decode(),
                "actual": _steps(kept.actual, low, high),
                "forecasts": _steps(forecasts, low, high),
            }
        )
    return {
        "frame": [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM],
        "horizon": t.times.shape[1],
        "past": drawn.past,
        "time": clean(t.clock.name),
        "times": [clean(label) for label in short_times(t.clock.show(times))],
        "models": [clean(name) for name in drawn.models],
        "levels": [list(level) for level in drawn.levels],
        "quantiles": len(drawn.quantiles),
        "series": series,
    }


def _models(result: CompareResult) -> tuple[str, ...]:
    """The best, the best of the other kind, and the others that have a colour; then by rank."""
    ran = [s.name for s in succeeded(result) if s.name in result.table.forecasts]
    best = model_named(result, result.verdict.best) or next(iter(succeeded(result)), None)
    if best is None:
        return ()
    rival = best_of_kind(result, best.kind != "network")
    wanted = [best.name, *([rival.name] if rival is not None else []), *coloured(result), *ran]
    return tuple(name for name in dict.fromkeys(wanted) if name in ran)[:MOST_MODELS]


def _ranked_series(result: CompareResult) -> list[int]:
    """The series that have an origin, where the best model did best first."""
    present: list[int] = np.unique(result.table.series).tolist()
    best = model_named(result, result.verdict.best)
    losses = best.by_series.get(result.protocol.metric, ()) if best is not None else ()
    if len(losses) != len(result.table.ids):
        return present
    return sorted(present, key=lambda s: (not math.isfinite(losses[s]), losses[s]))


def _spread(values: list[int], n: int) -> list[int]:
    """``n`` of them, evenly from the first to the last."""
    return [values[k] for k in np.unique(np.linspace(0, len(values) - 1, n).round().astype(int))]


def _keep(t: ForecastTable, series: int, most: int, past: int) -> Kept:
    """Some origins of a series, with the past as far as the table has seen it."""
    rows = np.flatnonzero(t.series == series)
    rows = rows[np.argsort(t.origin_times[rows], kind="stable")]
    times, first = np.unique(t.times[rows], return_index=True)
    values = t.actual[rows].ravel()[first]
    seen = np.searchsorted(times, t.origin_times[rows], side="right")  # [O]
    # The table knows no past of the first origins: where there are others, those are shown.
    enough = np.flatnonzero(seen >= min(past, len(times) // 3))
    if len(enough):
        rows, seen = rows[enough], seen[enough]
    picks = _spread(list(range(len(rows))), most)
    rows, seen = rows[picks], seen[picks]
    before = seen[:, None] - past + np.arange(past)  # [O, P]
    known = np.clip(before, 0, None)
    return Kept(
        t.ids[series],
        rows,
        np.concatenate([np.where(before >= 0, times[known], UNKNOWN), t.times[rows]], axis=1),
        np.concatenate([np.where(before >= 0, values[known], np.nan), t.actual[rows]], axis=1),
    )


def _limits(actual: Floats, forecasts: Floats) -> tuple[float, float]:
    """What the picture of a series shows: all that came, and forecasts that are not far off."""
    came, told = actual[np.isfinite(actual)], forecasts[np.isfinite(forecasts)]
    if not len(came):
        came = told if len(told) else np.zeros(1)
    low, high = float(came.min()), float(came.max())
    reach = BEYOND * (high - low) or max(abs(high), 1.0) / 2
    inside = np.concatenate([came, np.clip(told, low - reach, high + reach)])
    low, high = float(inside.min()), float(inside.max())
    return (low - reach, high + reach) if low == high else (low, high)


def _steps(values: Floats, low: float, high: float) -> str:
    """Numbers as 16-bit steps from ``low`` to ``high``, in base64; beyond them, at the ends."""
    share = (np.clip(values, low, high) - low) / (high - low)
    steps = np.where(np.isfinite(values), np.nan_to_num(share) * (NOTHING - 1), NOTHING)
    return base64.b64encode(steps.round().astype("<u2").tobytes()).decode()


def _kept_words(result: CompareResult, drawn: Sample) -> str:
    n_series, n_models = len(np.unique(result.table.series)), len(result.table.forecasts)
    most = max(len(kept.rows) for kept in drawn.series)
    parts = [
        f"{len(drawn.series)} of {count(n_series, 'series', 'series')}, from the one that the "
        "best model forecast best to the one it forecast worst"
        if n_series > len(drawn.series)
        else count(n_series, "series", "series"),
        f"at most {most} of up to {count(result.protocol.origins_per_series, 'origin')} each",
        f"{len(drawn.models)} of {count(n_models, 'model')}",
    ]
    return (
        f"To look at, not to judge by. Kept in this page: {'; '.join(parts)}. "
        "Every forecast: --forecasts FILE.csv."
    )


def _controls() -> str:
    """What the script fills and shows; without it there is nothing to move."""
    return (
        '<div class="tools" id="fan-tools" role="group" aria-label="What the picture shows" hidden>'
        '<label>Series<select id="fan-series"></select></label>'
        '<label>Model<select id="fan-model"></select></label>'
        '<label>Beside it<select id="fan-beside"></select></label>'
        '<label class="wide">Origin <span id="fan-origin-name"></span>'
        '<input type="range" id="fan-origin" min="0" value="0" step="1"></label></div>'
    )


def _first_picture(t: ForecastTable, drawn: Sample) -> str:
    kept = drawn.series[0]
    row, horizon = int(kept.rows[0]), t.times.shape[1]
    ahead = list(range(1, horizon + 1))
    q = t.forecasts[drawn.models[0]][row][:, list(drawn.quantiles)]  # [H, Q]
    areas = [
        Area(f"{drawn.models[0]}, {level} % interval", ahead, q[:, a].tolist(), q[:, b].tolist())
        for level, a, b in drawn.levels
    ]
    known = np.flatnonzero(kept.when[0] != UNKNOWN)
    where = (known + 1 - drawn.past).tolist()  # steps from the origin
    lines = [
        Line("actual", where, kept.actual[0][known].tolist(), INK),
        Line(drawn.models[0], ahead, q[:, 0].tolist(), 0),
    ]
    if len(drawn.models) > 1:
        beside = t.forecasts[drawn.models[1]][row][:, drawn.quantiles[0]]
        lines.append(Line(drawn.models[1], ahead, beside.tolist(), 1, dashed=True))
    picks = np.linspace(0, len(known) - 1, 2 * TIME_LABELS + 1)[1::2].round().astype(int)
    shown = short_times(t.clock.show(kept.when[0][known[picks]]))
    labels = [(float(where[k]), label) for k, label in zip(picks, shown, strict=True)]
    origin = t.clock.show([int(t.origin_times[row])])[0]
    return line_chart(
        f"{kept.id}, from {origin}",
        Axis(t.clock.name, labels),
        Axis("value"),
        lines,
        areas,
        mark=0.0,
        name="fan",
    )


def _first_numbers(t: ForecastTable, drawn: Sample) -> str:
    """The numbers of the first picture; the script writes those of the others in their place."""
    kept, row = drawn.series[0], int(drawn.series[0].rows[0])
    shown = drawn.models[:2]
    columns = [numbers(t.actual[row].tolist())]
    columns += [numbers(t.forecasts[m][row][:, drawn.quantiles[0]].tolist()) for m in shown]
    times = t.clock.show(t.times[row])
    rows = [[time, *(column[h] for column in columns)] for h, time in enumerate(times)]
    header = ["time", "actual", *shown]
    return table(f"{kept.id}: what came and what was forecast.", header, rows, name="fan-table")

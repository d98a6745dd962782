"""Where the models win and fail: by step of the horizon, place in the season, group of series.

A win map is a table of bands of steps by phases of the season; each of its cells names the model
that loses least there. All is summed from the table of forecasts, in one pass a model. Cells of
all series count alike within a cell of the map, as origins do in the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.comparison import ForecastTable, Phase, Where, WinMap, Worst
from forecast_cli.data.calendar import shortest_step
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.evaluation.metrics import RANKING, Cells, Metric, Scales

MOST_BANDS = 8  # of steps
MOST_PHASES = 24
MOST_WORST = 5
FEWEST_TO_GROUP = 8  # series
QUARTERS = ("smallest", "second", "third", "largest")

_HOUR, _DAY = 3_600 * 10**9, 86_400 * 10**9  # nanoseconds
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, eq=False)
class _Grid:
    """Which cell of which map every cell of the table falls into."""

    place: Ints  # [O, H] within G groups x A bands x B phases
    shape: tuple[int, int, int]  # G, A, B
    steps: tuple[tuple[int, int], ...]
    phase: Phase
    groups: tuple[str, ...]

    def sums(self, cells: Floats) -> Floats:
        """[G, A, B] sums of the [O, H] cells of the table."""
        size = int(np.prod(self.shape))
        total: Floats = np.bincount(self.place.ravel(), cells.ravel(), size).astype(float)
        return total.reshape(self.shape)


def where(
    table: ForecastTable,
    scales: Scales,
    *,
    metric: str,
    season: int,
    ranked: Sequence[str],
    reference: str,
) -> Where | None:
    """Win maps, and where the best model did worst.

    Parameters
    ----------
    table : ForecastTable
    scales : Scales
        [O] each.
    metric : str
        A name of ``RANKING``.
    season : int
        The main season in steps; without one (1) a map has one column.
    ranked : sequence of str
        Models by rank: the first is the best one, and of equals in a cell the first wins.
    reference : str

    Returns
    -------
    Where or None
        None where no model was ranked. With 8 series and more there is a map for each quarter
        of them, by their mean absolute level, after the one for all.
    """
    if not ranked:
        return None
    measure = RANKING[metric]
    grid = _grid(table, season)
    losses = np.empty((len(ranked), *grid.shape))  # [M, G, A, B] sums, then scores
    weights = np.empty_like(losses)
    kept: dict[str, Cells] = {}
    for number, name in enumerate(ranked):
        cells = measure.cells(
            actual=table.actual,
            forecast=table.forecasts[name],
            quantiles=table.quantiles,
            scales=scales,
        )
        losses[number], weights[number] = grid.sums(cells.loss), grid.sums(cells.weight)
        if name in (ranked[0], reference):
            kept[name] = cells
    position = ranked.index(reference) if reference in ranked else None
    pairs = [(losses.sum(axis=1), weights.sum(axis=1))]
    if len(grid.groups) > 1:
        pairs += [(losses[:, g], weights[:, g]) for g in range(len(grid.groups))]
    names = ("all series", *grid.groups) if len(grid.groups) > 1 else ("all series",)
    series = _worst(table, measure, kept, ranked[0], reference, table.series)
    origins = _worst(table, measure, kept, ranked[0], reference, None)
    return Where(
        maps=tuple(
            _map(name, measure.finish(*pair), ranked, position, grid)
            for name, pair in zip(names, pairs, strict=True)
        ),
        worst_series=series if len(np.unique(table.series)) > 1 else (),
        worst_origins=origins,
    )


def _map(
    group: str, scores: Floats, ranked: Sequence[str], reference: int | None, grid: _Grid
) -> WinMap:
    """One map from the scores [M, A, B] of all models."""
    defined = np.isfinite(scores)
    filled = np.where(defined, scores, np.inf)
    winner = filled.argmin(axis=0)  # [A, B], the first of equals
    least = filled.min(axis=0)
    skill = np.full(least.shape, np.nan)
    if reference is not None:
        bottom = scores[reference]
        np.divide(least, bottom, out=skill, where=np.isfinite(least) & (bottom > 0))
        skill = 1 - skill
    winner[~defined.any(axis=0)] = -1
    names = (*ranked, "")
    best = tuple(tuple(names[m] for m in row) for row in winner.tolist())
    return WinMap(group, grid.steps, grid.phase, best, skill)


def _grid(table: ForecastTable, season: int) -> _Grid:
    horizon = table.times.shape[1]
    parts = np.array_split(np.arange(horizon), min(horizon, MOST_BANDS))
    band = np.repeat(np.arange(len(parts)), [len(part) for part in parts])  # [H]
    phase, phases = _phases(table, season)  # [O, H]
    groups, group = _groups(table)
    shape = (len(groups), len(parts), len(phase.labels))
    place = (group[:, None] * shape[1] + band) * shape[2] + phases  # [O, H]
    steps = tuple((int(part[0]) + 1, int(part[-1]) + 1) for part in parts)
    return _Grid(place, shape, steps, phase, groups)


def _phases(table: ForecastTable, season: int) -> tuple[Phase, Ints]:
    """What the columns are called, and [O, H] which of them each cell is in.

    Columns that no cell falls into are left out: a day that is never forecast, say.
    """
    clock, times = table.clock, table.times
    if season == 1:
        return Phase("no season", ("all",)), np.zeros(times.shape, dtype=np.int64)
    step = 0 if clock.freq is None else shortest_step(clock)
    labels: Sequence[str]
    if 0 < step <= _HOUR:
        name, labels = "hour of day", [f"{hour:02d}:00" for hour in range(24)]
        code = clock.local(times).view(np.int64) % _DAY // _HOUR
    elif step == _DAY:
        name, labels = "day of week", _DAYS
        days = clock.local(times).astype("datetime64[D]").view(np.int64)
        code = (days + 3) % 7  # day 0 of the epoch was a Thursday
    elif 28 * _DAY <= step <= 31 * _DAY:
        name, labels = "month", _MONTHS
        code = clock.local(times).astype("datetime64[M]").view(np.int64) % 12
    else:
        name = f"position in the season of {season} steps"
        width = -(-season // MOST_PHASES)
        labels = _positions(season, width)
        code = clock.index(times) % season // width
    present, found = np.unique(code, return_inverse=True)
    return Phase(name, tuple(labels[c] for c in present)), found.reshape(times.shape)


def _positions(season: int, width: int) -> list[str]:
    """Names of the bins of a season, counted from 1.

    Examples
    --------
    >>> _positions(5, 2)
    ['1-2', '3-4', '5']
    """
    ends = [(first, min(first + width - 1, season)) for first in range(1, season + 1, width)]
    return [str(a) if a == b else f"{a}-{b}" for a, b in ends]


def _groups(table: ForecastTable) -> tuple[tuple[str, ...], Ints]:
    """Quarters of the series by mean absolute level, with names, and [O] the quarter of each."""
    series, position = np.unique(table.series, return_inverse=True)
    one = ("all series",), np.zeros(len(position), dtype=np.int64)
    if len(series) < FEWEST_TO_GROUP:
        return one
    seen = np.isfinite(table.actual)
    size = np.where(seen, np.abs(table.actual), 0).sum(axis=1)  # [O]
    total, count = np.bincount(position, size), np.bincount(position, seen.sum(axis=1))
    level = total / np.maximum(count, 1)  # [series]
    if level.min() == level.max():
        return one
    order = np.argsort(level, kind="stable")
    quarter = np.empty(len(series), dtype=np.int64)
    quarter[order] = np.arange(len(series)) * len(QUARTERS) // len(series)
    names = []
    for number, name in enumerate(QUARTERS):
        inside = level[quarter == number]
        names.append(
            f"{name} quarter of the series (mean level {inside.min():.3g} to {inside.max():.3g})"
        )
    return tuple(names), quarter[position]


def _worst(
    table: ForecastTable,
    measure: Metric,
    kept: dict[str, Cells],
    best: str,
    reference: str,
    units: Ints | None,
) -> tuple[Worst, ...]:
    """Series, or single origins where ``units`` is None, by the loss of the best model."""
    owner = np.arange(len(table.series)) if units is None else units
    n = int(owner.max()) + 1
    scores = {
        name: measure.finish(
            np.bincount(owner, cells.loss.sum(axis=1), n),
            np.bincount(owner, cells.weight.sum(axis=1), n),
        )
        for name, cells in kept.items()
    }
    loss = scores[best]  # [units]
    other = scores.get(reference, np.full(n, np.nan))
    order = np.argsort(-np.where(np.isfinite(loss), loss, -np.inf), kind="stable")
    chosen = [u for u in order[:MOST_WORST].tolist() if np.isfinite(loss[u])]
    shown = table.clock.show(table.origin_times[chosen]) if units is None else [""] * len(chosen)
    of_unit = table.series[chosen] if units is None else chosen
    return tuple(
        Worst(table.ids[s], moment, float(loss[u]), float(other[u]))
        for u, s, moment in zip(chosen, of_unit, shown, strict=True)
    )

"""Histories as fixed rows of numbers: what each channel was like up to a moment.

Mean, extremes, first, middle, last, slope, deviation, count and time since last seen of each
channel, and what is fixed about the entity. Notable: every row of every history can be a moment,
so all is computed as running sums and running extremes over the flat rows, channel by channel;
sums are of each entity alone, to the last bit; an extreme restarts with each entity because
ranks of later entities are shifted out of reach of earlier ones. Nothing after a moment enters.
Knows no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.events import EventTask

MEANS = ("mean",)
THREE = ("first", "middle", "last")
ALL = ("mean", "minimum", "maximum", "first", "last", "slope", "deviation", "count", "since")
_MOST_LABELS = 20  # of a text column that get a column each; rarer ones share none


def feature_names(panel: Panel, task: EventTask, kinds: Sequence[str]) -> tuple[str, ...]:
    """The columns that :func:`aggregates` gives, F of them."""
    channels = [name for name, _, _ in _channels(panel, task)]
    statics = [name for name, _ in _statics(panel, task)]
    extent = ("rows", "span") if "count" in kinds else ()
    return (*(f"{kind} of {name}" for name in channels for kind in kinds), *extent, *statics)


def aggregates(panel: Panel, task: EventTask, moments: Origins, kinds: Sequence[str]) -> Floats:
    """[M, F] what is known of each history at a moment.

    Parameters
    ----------
    panel : Panel
    task : EventTask
        Its categories tell which columns are codes; each label becomes a share.
    moments : Origins
        M of them.
    kinds : sequence of str
        Of each channel, from ``ALL`` and ``THREE``.

    Returns
    -------
    [M, F] float64
        NaN where a channel has not been seen by then. Times are in units of the task's scale,
        counts are log(1 + n).
    """
    flat = _Flat(panel, task, moments)
    columns = [
        column
        for _, values, observed in _channels(panel, task)
        for column in _of_channel(flat, values, observed, kinds)
    ]
    if "count" in kinds:
        columns += [np.log1p(moments.rows - flat.begin + 1), flat.elapsed[moments.rows]]
    columns += [values[moments.series] for _, values in _statics(panel, task)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(moments), 0))


class _Flat:
    """What all channels share: where each history begins, and its time."""

    def __init__(self, panel: Panel, task: EventTask, moments: Origins) -> None:
        self.moments = moments
        self.entities = panel.n_series
        self.entity = panel.series_of_row  # [rows]
        self.starts = panel.starts[self.entity]  # [rows] first row of the entity
        since = panel.times - panel.times[self.starts] if panel.n_rows else panel.times
        self.elapsed = task.scale.spans(since)  # [rows] since the entity's first row
        self.begin = panel.starts[moments.series]  # [M]


def _of_channel(
    flat: _Flat, values: Floats, observed: Bools, kinds: Sequence[str]
) -> Iterator[Floats]:
    """[M] for each of the kinds."""
    at, begin = flat.moments.rows, flat.begin
    seen = np.flatnonzero(observed)  # rows that hold a value, in order
    upto = np.concatenate([[0], np.cumsum(observed)])  # [rows+1] how many before each row
    count = upto[at + 1] - upto[begin]  # [M]
    known = count > 0

    def cell(place: Ints) -> Floats:
        """[M] the value of that many-th seen cell of each history."""
        return _where(known, values[seen[np.minimum(upto[begin] + place, len(seen) - 1)]])

    if not seen.size:
        blank = np.full(len(at), np.nan)
        yield from (np.zeros(len(at)) if kind == "count" else blank for kind in kinds)
        return
    of_seen = flat.entity[seen]
    origin = values[seen[upto[flat.starts[seen]]]]  # first value of the entity: keeps digits
    v, t = values[seen] - origin, flat.elapsed[seen]
    lengths = np.bincount(of_seen, minlength=flat.entities)  # [S] seen cells of each entity
    sums = running_sums(np.stack([v, v**2, t, t**2, t * v], axis=1), lengths)  # [seen, 5]
    last = np.maximum(upto[at + 1] - 1, 0)  # [M] the last seen cell up to the moment
    total, squares, sum_t, sum_tt, sum_tv = sums[last].T
    n = np.maximum(count, 1)
    mean = total / n
    centre = origin[last]
    for kind in kinds:
        if kind == "mean":
            yield _where(known, mean + centre)
        elif kind in ("minimum", "maximum"):
            yield _where(known, _extreme(flat, values, seen, kind)[at])
        elif kind == "first":
            yield cell(np.zeros_like(count))
        elif kind == "middle":
            yield cell((count - 1) // 2)
        elif kind == "last":
            yield cell(n - 1)
        elif kind == "slope":
            yield _where(known, _slope(total, sum_t, sum_tt, sum_tv, n))
        elif kind == "deviation":
            spread = np.sqrt(np.maximum(squares / n - mean**2, 0.0))
            yield _where(known, spread)
        elif kind == "count":
            yield np.log1p(count)
        elif kind == "since":
            yield _where(known, flat.elapsed[at] - flat.elapsed[seen[last]])


def _slope(sum_v: Floats, sum_t: Floats, sum_tt: Floats, sum_tv: Floats, n: Ints) -> Floats:
    """[M] of the least-squares line over time; 0 where all was seen at one time."""
    covariance = sum_tv - sum_t * sum_v / n
    variance = sum_tt - sum_t**2 / n
    steep = variance > 1e-9 * np.maximum(sum_tt, 1e-300)
    slope: Floats = np.divide(covariance, variance, out=np.zeros(len(n)), where=steep)
    return slope


def running_sums(x: Floats, lengths: Ints) -> Floats:
    """Cumulative sums that begin anew with each segment.

    Parameters
    ----------
    x : [N, J] float64
        Segments one after the other.
    lengths : [S] int64
        That sum to N.

    Returns
    -------
    [N, J] float64

    Notes
    -----
    A difference of sums over all rows would carry the rounding of one entity into the next, and
    what comes after a moment into its answer. So each segment is summed by itself, term by term:
    all segments step by step, or segment by segment, whichever are fewer.
    """
    sums = x.copy()
    starts = np.cumsum(lengths) - lengths
    if np.count_nonzero(lengths) <= lengths.max(initial=0):
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            np.cumsum(x[start : start + length], axis=0, out=sums[start : start + length])
        return sums
    longest_first = np.argsort(-lengths, kind="stable")
    begins, left = starts[longest_first], lengths[longest_first]
    for step in range(1, int(lengths.max(initial=0))):
        rows = begins[: np.searchsorted(-left, -step)] + step  # of segments that go on so far
        sums[rows] += sums[rows - 1]
    return sums


def _extreme(flat: _Flat, values: Floats, seen: Ints, kind: str) -> Floats:
    """[rows] the least or largest value seen so far in each history; anything before the first."""
    distinct, rank = np.unique(values[seen], return_inverse=True)
    size = len(distinct) + 1
    sign = 1 if kind == "maximum" else -1
    level = rank if sign > 0 else len(distinct) - 1 - rank  # the wanted extreme ranks highest
    running = flat.entity * size  # [rows] before anything was seen
    running[seen] += level + 1
    best = np.maximum.accumulate(running) - flat.entity * size - 1  # [rows] level, or -1
    at = np.clip(best, 0, len(distinct) - 1)
    return distinct[at if sign > 0 else len(distinct) - 1 - at]


def _channels(panel: Panel, task: EventTask) -> Iterator[tuple[str, Floats, Bools]]:
    """Channels as numbers: a text channel becomes whether it said each of its labels."""
    for c, name in enumerate(panel.channels):
        values, observed = panel.values[:, c], panel.observed[:, c]
        if name not in task.categories:
            yield name, values, observed
            continue
        for code, label in enumerate(task.categories[name][:_MOST_LABELS]):
            yield f"{name}={label}", np.where(values == code, 1.0, 0.0), observed


def _statics(panel: Panel, task: EventTask) -> Iterator[tuple[str, Floats]]:
    """[S] what is fixed: numbers as they are, each label of a text as 0 or 1."""
    for f, name in enumerate(panel.static_names):
        values = panel.static[:, f]
        if name not in task.categories:
            yield name, values
            continue
        for code, label in enumerate(task.categories[name][:_MOST_LABELS]):
            yield f"{name}={label}", np.where(values == code, 1.0, 0.0)


def _where(known: Bools, values: Floats) -> Floats:
    return np.where(known, values, np.nan)

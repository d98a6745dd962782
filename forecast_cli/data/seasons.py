"""Season lengths that the data show, not only those that the calendar suggests.

A candidate is kept where the autocorrelation at its lag, with the slower movement taken
away, stands clearly above noise and above its neighbours in enough of the series. Gaps are
left out of every sum. Only rows before the ends that the caller names are looked at: which
rows a test may not lend is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.frequency import Grid
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats, Ints, Panel
from forecast_cli.data.times import DAY

_SERIES = 24  # looked at, at most
_ROWS = 30_000  # of each, at most
_LEAST = 0.15  # autocorrelation
_EXCESS = 0.03  # over the neighbouring multiples of a shorter season
_ENOUGH = 0.25  # of the series
_USUAL = (4, 7, 12, 24, 48, 52, 60, 96, 144, 168, 288, 336, 365)
_LONGEST = 400  # step, where time is no calendar


@dataclass(frozen=True)
class Season:
    """A season and the evidence for it."""

    length: int
    strength: float
    share: float


def infer_seasons(panel: Panel, grid: Grid, ends: Ints, notes: Notes) -> tuple[int, ...]:
    """Season lengths in steps, shortest first; (1,) where there is none.

    Parameters
    ----------
    panel : Panel
    grid : Grid
        Of the panel: what the calendar suggests.
    ends : [S] int64
        Absolute rows, exclusive: nothing at or after them is looked at.
    notes : Notes
        Is told what was found, and why.
    """
    samples = _samples(panel, ends)
    candidates = _calendar_candidates(grid) if grid.freq else _step_candidates(samples)
    kept: list[Season] = []
    for length in candidates:
        season = _evidence(samples, length, [s.length for s in kept])
        if season is not None:
            kept.append(season)
    if not kept:
        notes.guess("season", "none", "--season STEPS", "no clear autocorrelation")
        return (1,)
    for season in kept:
        why = f"autocorrelation {min(season.strength, 1.0):.2f}"
        if len(samples) > 1:
            why += f" in {season.share:.0%} of the series"
        notes.guess("season", f"{season.length} steps", f"--season {season.length}", why)
    return tuple(season.length for season in kept)


def _samples(panel: Panel, ends: Ints) -> list[Floats]:
    """The last rows before ``ends`` of some series, evenly chosen among those that have any."""
    begun = np.flatnonzero(ends > panel.starts)
    if not begun.size:
        return []
    samples = []
    for s in begun[np.unique(np.linspace(0, len(begun) - 1, _SERIES).astype(int))]:
        values = panel.target[panel.starts[s] : ends[s]][-_ROWS:]
        if np.isfinite(values).sum() >= 8 and np.nanstd(values) > 0:
            samples.append(values)
    return samples


def _calendar_candidates(grid: Grid) -> tuple[int, ...]:
    if grid.kind == "business":
        return (5, 260)
    if grid.kind == "month":
        return {1: (12,), 3: (4,)}.get(grid.step, ())
    if grid.step == DAY:
        return (7, 365)
    if grid.step == 7 * DAY:
        return (52,)
    if grid.step < DAY and DAY % grid.step == 0:
        lengths = {DAY // grid.step, 7 * DAY // grid.step}
        if grid.step <= 60 * 10**9:
            lengths = {3_600 * 10**9 // grid.step, DAY // grid.step}
        return tuple(sorted(m for m in lengths if 2 <= m <= 100_000))
    return ()


def _step_candidates(samples: list[Floats]) -> tuple[int, ...]:
    """The first clear peak of the usual autocorrelation of changes, and a multiple of it."""
    curves = []
    for values in samples:
        longest = min(_LONGEST, len(values) // 3)
        if longest >= 4:
            curve = np.full(_LONGEST + 1, np.nan)
            curve[: longest + 1] = autocorrelation(np.diff(values), longest)
            curves.append(curve)
    if not curves:
        return ()
    usual = _usual(np.array(curves))
    inner = np.arange(2, _LONGEST)
    peak = inner[(usual[inner] >= usual[inner - 1]) & (usual[inner] >= usual[inner + 1])]
    peak = peak[usual[peak] > _LEAST]
    if not peak.size:
        return ()
    # Changes of noise alternate by themselves: two steps must do as well as any others.
    enough = np.where(peak == 2, 0.9, 0.7) * usual[peak].max()
    first = _refined(samples, int(peak[usual[peak] >= enough][0]))
    multiples = np.arange(2 * first, _LONGEST - first, first)
    at = np.array(curves)[:, np.r_[multiples - first, multiples, multiples + first]]
    before, here, after = np.split(at, 3, axis=1)
    # Within each series first: long ones alone reach far, and may be of another kind.
    excess = _usual(here - (before + after) / 2)
    if excess.max(initial=-1.0) <= -1.0:
        return (first,)
    return (first, int(multiples[np.argmax(excess)]))


def _usual(curves: Floats) -> Floats:
    """[lags] the median of the series that reach a lag; -1 where fewer than half of them do."""
    known = np.sum(np.isfinite(curves), axis=0) >= len(curves) / 2
    usual = np.full(curves.shape[1], -1.0)
    usual[known] = np.nanmedian(curves[:, known], axis=0)
    return usual


def _refined(samples: list[Floats], length: int) -> int:
    """The peak next to ``length`` in the series themselves: changes put it a little off."""
    near = np.arange(length - length // 20, length + length // 20 + 1)
    curves = [
        autocorrelation(values - _moving_mean(values, length), int(near[-1]))[near]
        for values in samples
        if len(values) > 2 * near[-1]
    ]
    if not curves:
        return length
    usual = np.median(curves, axis=0)
    for known in _USUAL:
        if known in near and usual[known - near[0]] > 0.98 * usual.max():
            return known
    return int(near[np.argmax(usual)])


def _evidence(samples: list[Floats], length: int, shorter: list[int]) -> Season | None:
    """How many series show this season, and how strongly those do."""
    strengths, shown = [], 0
    for values in samples:
        if len(values) < 2 * length + 2:
            continue
        curve = autocorrelation(
            values - _moving_mean(values, length), length + max(shorter, default=1)
        )
        r = float(curve[length])
        noise = 2.5 * _standard_error(curve[: length // 2 + 1], int(np.isfinite(values).sum()))
        below = float(curve[length // 2]) if length > 3 else -1.0
        clear = r > max(_LEAST, noise) and r > below
        for m in shorter:
            if length % m == 0:
                around = (curve[length - m] + curve[length + m]) / 2
                clear = clear and r - float(around) > _EXCESS
        shown += clear
        strengths.append(r)
    if not strengths or shown < max(1, _ENOUGH * len(strengths)):
        return None
    usual = float(np.median(sorted(strengths)[-shown:]))
    return Season(length, usual, shown / len(strengths))


def _standard_error(curve: Floats, n: int) -> float:
    """Of an autocorrelation, where those at short lags are ``curve`` (Bartlett 1946)."""
    return float(np.sqrt((1 + 2 * np.sum(curve[1:] ** 2)) / max(n, 1)))


def _moving_mean(values: Floats, window: int) -> Floats:
    """[T] the mean of the observed values within half a window on either side."""
    seen = np.isfinite(values)
    half = window // 2
    total = np.concatenate([[0.0], np.cumsum(np.where(seen, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(seen)])
    low = np.maximum(np.arange(len(values)) - half, 0)
    high = np.minimum(low + 2 * half + 1, len(values))
    n = count[high] - count[low]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 0, (total[high] - total[low]) / n, np.nan)


def autocorrelation(values: Floats, longest: int) -> Floats:
    """[longest + 1] the autocorrelation of a series with gaps.

    Each lag uses the pairs that were both observed, centred and scaled by the whole.
    """
    seen = np.isfinite(values)
    n = int(seen.sum())
    centred = np.where(seen, values - (values[seen].mean() if n else 0.0), 0.0)
    size = 1 << int(np.ceil(np.log2(max(len(values) + longest + 1, 2))))
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    pairs = np.fft.irfft(np.abs(np.fft.rfft(seen.astype(np.float64), size)) ** 2, size)
    sums = np.fft.irfft(spectrum, size)[: longest + 1]
    counts = np.round(pairs[: longest + 1])
    variance = sums[0] / n if n else 0.0
    if variance <= 0:
        return np.zeros(longest + 1)
    return np.where(counts > 0, sums / np.maximum(counts, 1) / variance, 0.0)

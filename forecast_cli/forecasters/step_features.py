"""What a tree sees of one step ahead: recent values, the target's phase, calendar, covariates.

One row is a pair of an origin and a step. Target values are relative to the last one and in
units of the series' scale, so that trees, which cannot extrapolate, carry over to any level.
What is known of the target itself is looked up at the target: the same phase of the last
cycles, its calendar, covariates known ahead. A value from before the series is NaN, which
trees take as it is.

The linear model's rows hold all steps of an origin at once (features.py); gaps are filled and
covariates standardised there, for both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.history import running_sum
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.forecasters.features import GOLDEN, Layout, View, look

RECENT = 8  # values before the last one
CYCLES = 4  # of every season
SPANS = (3, 10, 30)  # of running means, where there is no season
DIGITS = 6  # so that the same data in other units grow the same trees


@dataclass(frozen=True, eq=False)
class Steps:
    """A panel made ready for rows of single steps.

    Parameters
    ----------
    view : View
    means : [rows, K] float64
        From :func:`running_means`.
    seasons : tuple of int
    """

    view: View
    means: Floats
    seasons: tuple[int, ...]

    @classmethod
    def of(
        cls, panel: Panel, layout: Layout, seasons: tuple[int, ...], centre: Floats, spread: Floats
    ) -> Steps:
        """Make a panel ready; the arguments are those of :func:`features.look`."""
        view = look(panel, layout, centre, spread)
        return cls(view, running_means(panel, view.target, seasons), seasons)

    def features(self, origins: Origins, steps: Ints, scale: Floats) -> Floats:
        """[N, F] a row for every pair of an origin and a step.

        Parameters
        ----------
        origins : Origins, N
        steps : [N] int64
        scale : [N] float64
            Unit of each pair's series.
        """
        view, panel, rows = self.view, self.view.panel, origins.rows
        start = panel.starts[origins.series]
        last = view.target[rows]

        def relative(at: Ints) -> Floats:
            value = np.where(at >= start, view.target[np.maximum(at, 0)], np.nan)
            return np.asarray((value - last) / scale)

        columns = [steps.astype(np.float64)]
        columns += [relative(rows - back) for back in range(1, RECENT + 1)]
        for m in self.seasons:
            if m > 1:
                same_phase = rows + steps - m * -(-steps // m)
                columns += [relative(same_phase - m * cycle) for cycle in range(CYCLES)]
                columns.append(np.mean(columns[-CYCLES:], axis=0))
        columns += [(mean - last) / scale for mean in self.means[rows].T]
        target = np.minimum(rows + steps, panel.ends[origins.series] - 1)
        future = [c - 1 for c in panel.channel_positions("future")]
        columns += [
            *view.calendar[target].T,
            *view.covariates[rows].T,
            *view.covariates[target][:, future].T,
            *view.static[origins.series].T,
        ]
        return np.asarray(np.round(np.stack(columns, axis=1), DIGITS), dtype=np.float64)

    def targets(self, origins: Origins, steps: Ints, scale: Floats) -> Floats:
        """[N] what came, relative to the last value and in units of scale; NaN in a gap."""
        panel, rows = self.view.panel, origins.rows
        change: Floats = (panel.target[rows + steps] - self.view.target[rows]) / scale
        return np.asarray(np.round(change, DIGITS))


def spread_steps(panel: Panel, origins: Origins, horizon: int, each: int) -> tuple[Origins, Ints]:
    """Pair every origin with ``each`` steps, spread over the horizon, others at every origin.

    Returns
    -------
    origins : Origins, O x each
    steps : [O x each] int64
        From 1 to H; by the place of the origin in its series only.
    """
    place = origins.rows - panel.starts[origins.series]
    share = (np.arange(each) + (place * GOLDEN % 1.0)[:, None]) / each  # [O, each] in [0, 1)
    steps = 1 + np.floor(share * horizon).astype(np.int64)
    pairs = np.repeat(np.arange(len(origins)), each)
    return origins[pairs], np.minimum(steps, horizon).ravel()


def running_means(panel: Panel, target: Floats, seasons: tuple[int, ...]) -> Floats:
    """[rows, K] the mean of the target over the last season of every length, up to each row.

    Parameters
    ----------
    panel : Panel
    target : [rows] float64
        Gaps filled; NaN before the first value.
    seasons : tuple of int
        Of the task; spans of a few values where there are none.
    """
    known, rows = np.isfinite(target), np.arange(panel.n_rows)
    start = np.repeat(panel.starts, panel.lengths)
    firsts = np.append(np.where(known, rows, panel.n_rows), panel.n_rows)
    first = np.repeat(np.minimum.reduceat(firsts, panel.starts), panel.lengths)
    anchor = np.append(target, np.nan)[first]  # the first value: sums of changes keep digits
    total = running_sum(panel, np.where(known, target - anchor, 0.0))
    count = running_sum(panel, known.astype(np.float64))
    means = []
    for span in [m for m in seasons if m > 1] or SPANS:
        before = rows - span
        inside = before >= start
        earlier = np.where(inside, before, 0)
        n = count - np.where(inside, count[earlier], 0.0)
        mean = (total - np.where(inside, total[earlier], 0.0)) / np.maximum(n, 1.0)
        means.append(np.where(n > 0, anchor + mean, np.nan))
    return np.stack(means, axis=1)

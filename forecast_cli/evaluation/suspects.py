"""Covariates called known ahead that look as if they were made from the target itself.

The price "forecast" that is the price, the sum that holds the target: such a column says of
each step nearly all that is new in it, and nothing of the step before or after. An honest one
(temperature, calendar) that moves with the target does so with neighbouring steps alike. What
is found is a hint and no proof: only whoever made the data knows when a column is known.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats, Ints, Panel

SUSPICIOUS = 0.95  # partial correlation at lead 0
FAR_LOWER = 0.5  # of it at most, one step earlier and later
MOST_SERIES = 20
MOST_ROWS = 20_000  # of one series, the latest
NEIGHBOURS = 3  # lags just before, and as many around each season
FEWEST_FOR_A_LAG = 5  # rows
NOTHING = 1e-12  # of a variance


def suspects(panel: Panel, until: Ints, season: int) -> tuple[str, ...]:
    """One line for each covariate known ahead that is suspiciously good at lead 0 alone.

    Parameters
    ----------
    panel : Panel
    until : [S] int64
        Absolute end row (exclusive) of what is looked at.
    season : int
        m, in steps; the target's innovation is what its last values and those a season ago do
        not explain.
    """
    chosen = _sample(np.flatnonzero(until - panel.starts > 0), MOST_SERIES)
    lines = []
    for channel in panel.channel_positions("future"):
        found = [
            _partial(
                panel.values[_latest(panel, s, until), 0],
                panel.values[_latest(panel, s, until), channel],
                season,
            )
            for s in chosen
        ]
        defined = np.array([one for one in found if np.isfinite(one).all()])  # [n, 3]
        if not len(defined):
            continue
        before, now, after = np.median(np.abs(defined), axis=0)
        if now > SUSPICIOUS and max(before, after) < FAR_LOWER * now:
            lines.append(
                f"{panel.channels[channel]}: says nearly all that is new in the target at the "
                f"same step (partial correlation {now:.2f}) and little one step earlier "
                f"({before:.2f}) or later ({after:.2f}); is it really known ahead? if not: "
                f"--past {panel.channels[channel]}"
            )
    return tuple(lines)


def _partial(y: Floats, x: Floats, season: int) -> Floats:
    """[3] correlation of the target's innovation with a covariate at leads -1, 0 and 1.

    Both without what the past of the target explains of them, and the last without what the
    covariate said one step before: a copy of a target that wanders wanders too. NaN where rows
    are too few.
    """
    undefined = np.full(3, np.nan)
    lags = [*range(1, NEIGHBOURS + 1)]
    if season > 1 and len(y) > 3 * season:
        lags += [lag for lag in range(season - 1, season + NEIGHBOURS) if lag not in lags]
    first, n = max(lags), len(y)
    if n - first - 1 < FEWEST_FOR_A_LAG * len(lags):
        return undefined
    rows = np.arange(first, n - 1)  # [n']
    past = np.column_stack([np.ones(len(rows)), *(y[rows - lag] for lag in lags)])
    wanted = np.column_stack([y[rows], *(x[rows + lead] for lead in (-1, 0, 1))])  # [n', 4]
    whole = np.isfinite(past).all(axis=1) & np.isfinite(wanted).all(axis=1)
    past, wanted = past[whole], wanted[whole]
    if len(past) < FEWEST_FOR_A_LAG * len(lags):
        return undefined
    wanted = wanted - wanted.mean(axis=0)
    spread = wanted.std(axis=0)
    if not (spread > 0).all():
        return undefined  # nothing to explain, or nothing to explain it with
    wanted = wanted / spread
    weights, *_ = np.linalg.lstsq(past, wanted, rcond=None)
    left = wanted - past @ weights  # [n', 4]
    if (left[:, [0, 2]] ** 2).mean(axis=0).min() < NOTHING:
        return undefined  # the past explains all of the target, or of the covariate
    left[:, 3] -= left[:, 2] * (left[:, 2] @ left[:, 3]) / (left[:, 2] @ left[:, 2])
    size = np.sqrt(np.maximum((left**2).mean(axis=0), NOTHING))
    return np.asarray((left[:, :1] * left[:, 1:]).mean(axis=0) / (size[0] * size[1:]))


def _latest(panel: Panel, series: int, until: Ints) -> slice:
    """The latest rows of a series before its end, as many as are looked at."""
    end = int(until[series])
    return slice(max(int(panel.starts[series]), end - MOST_ROWS), end)


def _sample(series: Ints, most: int) -> Ints:
    """As many, evenly spread."""
    if len(series) <= most:
        return series
    return series[np.linspace(0, len(series) - 1, most).round().astype(np.int64)]

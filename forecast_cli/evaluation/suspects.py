"""Covariates called known ahead that look as if they were made from the target itself.

The price "forecast" that is the price, the column that is the target of the next step, or its
centred mean: at one lead such a column says nearly all that is new in the target, and nothing
before it. An honest one (temperature, calendar) says little, or says it bit by bit. What is found
is a hint and no proof: only whoever made the data knows when a column is known.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats, Ints, Panel

SUSPICIOUS = 0.98  # partial correlation at one lead; useful loads of one transformer have .96
FAR_LOWER = 0.5  # of it at most, at every lead before
MOST_LEADS = 3  # steps that are looked at, earlier and later
MOST_SERIES = 20
MOST_ROWS = 5_000  # of one series, the latest
NEIGHBOURS = 2 * MOST_LEADS + 1  # lags just before: as long as a centred mean that can be seen
AROUND_A_SEASON = 1  # lags on either side of it
FEWEST_FOR_A_COLUMN = 3  # rows
NOTHING = 1e-12  # of a variance


def suspects(panel: Panel, until: Ints, season: int, horizon: int) -> dict[str, str]:
    """A line for each covariate known ahead that at one lead tells the target, by its name.

    Parameters
    ----------
    panel : Panel
    until : [S] int64
        Absolute end row (exclusive) of what is looked at.
    season : int
        m, in steps; the target's innovation is what its last values and those a season ago do
        not explain.
    horizon : int
        H, in steps: a copy of the target that is H steps late is known ahead, and honest.
    """
    chosen = _sample(np.flatnonzero(until - panel.starts > 0), MOST_SERIES)
    leads = range(-min(MOST_LEADS, horizon), min(MOST_LEADS, horizon - 1) + 1)
    lines = {}
    for channel in panel.channel_positions("future"):
        found = [
            _partial(
                panel.values[_latest(panel, s, until), 0],
                panel.values[_latest(panel, s, until), channel],
                season,
                leads,
            )
            for s in chosen
        ]
        defined = np.array([one for one in found if np.isfinite(one).all()])  # [n, leads]
        if not len(defined):
            continue
        said = np.median(np.abs(defined), axis=0)  # [leads]
        at = int(np.argmax(said))
        if said[at] > SUSPICIOUS and said[:at].max(initial=0) < FAR_LOWER * said[at]:
            name = panel.channels[channel]
            lines[name] = (
                f"{name}: says nearly all that is new in the target {_when(leads[at])} (partial "
                f"correlation {said[at]:.2f}); is it really known ahead? if not: --past {name}"
            )
    return lines


def _when(lead: int) -> str:
    """Where the covariate stands, seen from the target."""
    if lead == 0:
        return "at the same step"
    steps = f"{abs(lead)} step{'s' if abs(lead) > 1 else ''}"
    return f"{steps} before it comes" if lead < 0 else f"{steps} later"


def _partial(y: Floats, x: Floats, season: int, leads: range) -> Floats:
    """[leads] correlation of the target's innovation with a covariate at each lead.

    Both without what the past of the target explains of them, and without what the covariate
    said at the leads before: a copy of a target that wanders wanders too. NaN where rows are too
    few, 0 where nothing is left to be said.
    """
    undefined = np.full(len(leads), np.nan)
    lags = [*range(1, NEIGHBOURS + 1)]
    if season > 1 and len(y) > 3 * season:
        around = range(season - AROUND_A_SEASON, season + AROUND_A_SEASON + 1)
        lags += [lag for lag in around if lag > NEIGHBOURS]
    fewest = FEWEST_FOR_A_COLUMN * (len(lags) + len(leads))
    rows = np.arange(max(lags), len(y) - leads[-1])  # [n]
    if len(rows) < fewest:
        return undefined
    past = np.column_stack([np.ones(len(rows)), *(y[rows - lag] for lag in lags)])
    wanted = np.column_stack([*(x[rows + lead] for lead in leads), y[rows]])  # [n, leads + 1]
    whole = np.isfinite(past).all(axis=1) & np.isfinite(wanted).all(axis=1)
    past, wanted = past[whole], wanted[whole]
    if len(past) < fewest:
        return undefined
    spread = wanted.std(axis=0)
    if not (spread > 0).all():
        return undefined  # nothing to explain, or nothing to explain it with
    wanted = (wanted - wanted.mean(axis=0)) / spread
    past[:, 1:] = (past[:, 1:] - past[:, 1:].mean(axis=0)) / spread[-1]
    weights, *_ = np.linalg.lstsq(past, wanted, rcond=None)
    left = wanted - past @ weights  # [n, leads + 1]
    if (left[:, -1] ** 2).mean() < NOTHING:
        return undefined  # the past explains all of the target
    return _one_after_another(left)


def _one_after_another(left: Floats) -> Floats:
    """[leads] correlation of the last column with each, without what the columns before say."""
    said = np.zeros(left.shape[1] - 1)
    left = left.copy()
    for k in range(len(said)):
        own, rest = left[:, k], left[:, -1]
        power, wanted = (own**2).mean(), (rest**2).mean()
        if wanted < NOTHING:
            break  # all is said
        if power < NOTHING:
            continue
        said[k] = (own * rest).mean() / np.sqrt(power * wanted)
        left[:, k + 1 :] -= np.outer(own, (own @ left[:, k + 1 :]) / (own @ own))
    return said


def _latest(panel: Panel, series: int, until: Ints) -> slice:
    """The latest rows of a series before its end, as many as are looked at."""
    end = int(until[series])
    return slice(max(int(panel.starts[series]), end - MOST_ROWS), end)


def _sample(series: Ints, most: int) -> Ints:
    """As many, evenly spread."""
    if len(series) <= most:
        return series
    return series[np.linspace(0, len(series) - 1, most).round().astype(np.int64)]

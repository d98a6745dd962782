"""How probable a value above a threshold is, read off a quantile forecast."""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats


def probability_above(values: Floats, quantiles: tuple[float, ...], threshold: Floats) -> Floats:
    """Read P(Y > threshold) off a quantile forecast.

    Between two quantiles the quantile function is taken as linear. Beyond the outermost it
    goes on with the slope of its last piece until it reaches 0 or 1, so that the tails are
    bounded. Where several quantiles equal the threshold, the middle of their levels counts.

    Parameters
    ----------
    values : [O, H, Q] float64
        Not decreasing along Q.
    quantiles : tuple of float, Q
        Ascending.
    threshold : [O] float64

    Returns
    -------
    [O, H] float64
        NaN where the threshold is NaN.

    Examples
    --------
    >>> values = np.array([[[0.0, 10.0, 20.0]]])
    >>> probability_above(values, (0.1, 0.5, 0.9), np.array([15.0])).round(3).tolist()
    [[0.3]]
    """
    levels = np.asarray(quantiles)
    at = threshold[:, None]  # [O, 1]
    below = (values < at[:, :, None]).sum(axis=2)  # [O, H] quantiles under the threshold
    not_above = (values <= at[:, :, None]).sum(axis=2)  # [O, H]
    share = np.where(below == 0, 0.0, 1.0)  # [O, H] P(Y ≤ threshold) where Q is 1
    if len(levels) > 1:
        left = np.clip(below - 1, 0, len(levels) - 2)  # [O, H] piece that holds the threshold
        low = np.take_along_axis(values, left[:, :, None], axis=2)[:, :, 0]
        high = np.take_along_axis(values, left[:, :, None] + 1, axis=2)[:, :, 0]
        rise = high - low
        step = np.zeros_like(rise)
        with np.errstate(over="ignore"):  # far outside a narrow piece: clipped below
            np.divide(at - low, rise, out=step, where=rise > 0)
        line = levels[left] + step * (levels[left + 1] - levels[left])
        share = np.where(rise > 0, np.clip(line, 0, 1), share)
    middle = (levels[np.clip(below, 0, len(levels) - 1)] + levels[np.maximum(not_above - 1, 0)]) / 2
    share = np.where(not_above > below, middle, share)
    return np.where(np.isfinite(at), 1 - share, np.nan)

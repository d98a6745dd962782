"""What came after an origin, whether anything came before it, and which origins are of one time.

Row arithmetic on a panel, shared by the back-test, which scores models by it, and by
calibration, which widens their intervals by it. Knows no model.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats, Ints, Origins, Panel


def target_rows(origins: Origins, horizon: int) -> Ints:
    """[O, H] the rows that are forecast from each origin."""
    return origins.rows[:, None] + np.arange(1, horizon + 1)


def targets(panel: Panel, origins: Origins, horizon: int) -> Floats:
    """[O, H] what was observed after each origin; NaN where nothing was."""
    rows = target_rows(origins, horizon)  # [O, H]
    known = rows < panel.known_ends[origins.series][:, None]
    return np.where(known, panel.target[np.where(known, rows, 0)], np.nan)


def with_past(panel: Panel, origins: Origins) -> Origins:
    """The origins at or before which anything was observed; no model can answer the others."""
    seen = np.concatenate([[0], np.cumsum(panel.observed[:, 0])])  # [rows+1]
    return origins[seen[origins.rows + 1] > seen[panel.starts[origins.series]]]


def moments(panel: Panel) -> Ints:
    """[rows] what two series have in common in time: the time, or the distance to the end."""
    if panel.clock.freq is not None:
        return panel.times
    return np.arange(panel.n_rows) - np.repeat(panel.known_ends, panel.lengths)

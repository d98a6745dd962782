"""What came after an origin, and which origins are of one time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_cli.data.panel import Origins
from forecast_cli.data.split import rolling_origins, split
from forecast_cli.evaluation.targets import moments, targets, with_past
from tests.conftest import make_panel

PANEL = make_panel((200, 150, 180))
ORIGINS = rolling_origins(PANEL, split(PANEL, 6, test_size=36, val_size=12), 6, stride=6)


def test_targets_are_the_rows_after_each_origin() -> None:
    found = targets(PANEL, ORIGINS, 6)
    for o, row in enumerate(ORIGINS.rows):
        assert found[o].tolist() == PANEL.target[row + 1 : row + 7].tolist()


def test_targets_stop_at_the_end_of_the_history_not_in_the_next_series() -> None:
    panel = replace(PANEL, future_rows=np.array([2, 0, 0]))
    found = targets(panel, Origins(np.array([0, 2]), np.array([195, 529])), 6)
    assert np.isfinite(found[0]).tolist() == [True, True, False, False, False, False]
    assert np.isnan(found[1]).all()


def test_origins_before_anything_was_observed_are_left_out() -> None:
    panel = make_panel((100,))
    panel.observed[:80, 0] = False
    origins = Origins(np.zeros(4, dtype=np.int64), np.array([70, 79, 80, 90]))
    assert with_past(panel, origins).rows.tolist() == [80, 90]


def test_a_moment_is_a_time_on_a_calendar_and_a_distance_to_the_end_elsewhere() -> None:
    assert moments(PANEL) is PANEL.times
    panel = replace(make_panel((5, 3), freq=None), future_rows=np.array([1, 0]))
    assert moments(panel).tolist() == [-4, -3, -2, -1, 0, -3, -2, -1]

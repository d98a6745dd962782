"""The unit of a series: the mean change over a season, from its own past."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.data.panel import Origins
from forecast_cli.forecasters.units import only_one, running_scale, series_units
from tests.conftest import make_panel

M = 24


def test_it_is_the_scale_of_mase_up_to_every_row() -> None:
    panel = make_panel((100, 80))
    scale = running_scale(panel, M)
    y = panel.target[100:]
    for row in (M, 40, 79):
        expected = np.abs(y[M : row + 1] - y[: row + 1 - M]).mean()
        assert scale[100 + row] == pytest.approx(expected)


def test_a_series_that_repeats_itself_has_a_hundredth_of_its_spread() -> None:
    panel = make_panel((96,), noise=0.0)
    panel.values[:, 0] = np.tile(np.arange(24.0), 4)
    assert running_scale(panel, M)[-1] == pytest.approx(0.01 * panel.target.std())


def test_until_a_season_is_over_it_is_the_spread() -> None:
    panel = make_panel((60,))
    scale, y = running_scale(panel, M), panel.target
    assert scale[2] == pytest.approx(y[:3].std())
    assert scale[M - 1] == pytest.approx(y[:M].std())


def test_a_single_value_is_told_from_none_and_from_two() -> None:
    panel = make_panel((4,))
    panel.observed[:, 0] = [False, True, False, True]
    origins = Origins(np.zeros(4, dtype=np.int64), np.arange(4))
    assert only_one(panel, origins).tolist() == [False, True, True, False]


def test_one_that_never_moved_has_what_it_is_told() -> None:
    panel = make_panel((60,))
    panel.values[:, 0] = 7.3
    assert (running_scale(panel, M) == 1.0).all()
    assert (running_scale(panel, M, still=0.0) == 0.0).all()


def test_no_later_row_and_no_other_series_reaches_a_row() -> None:
    panel = make_panel((100, 80), missing=0.1)
    foul = replace(panel, values=panel.values.copy())
    foul.values[150:] *= 1e6
    before, after = (running_scale(p, M)[:150] for p in (panel, foul))
    assert before.tobytes() == after.tobytes()


def test_a_series_is_met_once_more_than_a_season_of_it_was_seen() -> None:
    panel = make_panel((100, 24, 25, 60)).until(np.array([100, 124, 149, 149]))
    scale, met = series_units(panel, M)
    assert met.tolist() == [0, 2]
    assert scale[0] == running_scale(panel, M)[99]
    assert scale[3] == 1.0

"""Where a series begins for its model: the same values in the same phase in any panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.data.history import seen
from forecast_cli.data.panel import Panel
from forecast_cli.forecasters.features import fill
from forecast_cli.forecasters.frames import Frame, Series, View, follow, make_frame
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=5, seasons=(24,))
NOTHING = np.zeros((10_000, 0))


def view(panel: Panel) -> View:
    return View(panel, fill(panel, 24), seen(panel), TASK)


def cut(panel: Panel, begin: int) -> Panel:
    """The panel of one series without its first rows."""
    return replace(
        panel,
        values=panel.values[begin:],
        observed=panel.observed[begin:],
        times=panel.times[begin:],
        offsets=np.array([0, panel.n_rows - begin]),
    )


def in_frame(panel: Panel, frame: Frame, last: int | None = None) -> tuple[Series, int]:
    return follow(view(panel), 0, frame, NOTHING, last)


def test_a_frame_begins_at_the_first_known_of_the_last_values() -> None:
    panel = make_panel((200,))
    panel.observed[100:107, 0] = False
    frame = make_frame(view(panel), 0, 100, True)
    assert (frame.first, frame.time) == (107, panel.times[107])
    y = panel.target[107:]
    assert (frame.centre, frame.scale) == pytest.approx((y.mean(), y.std()))
    assert frame.extent == np.ptp(y)


@pytest.mark.parametrize("centred", [True, False])
def test_a_series_is_seen_in_units_of_its_spread(centred: bool) -> None:
    panel = make_panel((200,))
    frame = make_frame(view(panel), 0, 500, centred)
    series, begin = in_frame(panel, frame)
    assert (begin, series.first) == (0, 0)
    assert series.y.std() == pytest.approx(1.0)
    assert (abs(series.y.mean()) < 1e-6) == centred
    np.testing.assert_allclose(frame.centre + frame.scale * series.y, panel.target, atol=1e-7)


@pytest.mark.parametrize("begin", [0, 30, 50, 90])
def test_another_panel_shows_the_same_values_in_the_same_phase(begin: int) -> None:
    panel = make_panel((200,), missing=0.2)
    panel.observed[[50, 90], 0] = True
    frame = make_frame(view(panel.until(np.array([150]))), 0, 100, True)
    whole, start = in_frame(panel, frame)
    part, there = in_frame(cut(panel, begin), frame)
    assert (start, whole.first) == (50, frame.first)
    lost = len(whole.y) - len(part.y)
    assert part.first == whole.first + lost
    assert begin + there == start + lost
    known = part.known
    np.testing.assert_array_equal(part.y[known], whole.y[lost:][known])


def test_what_comes_after_the_last_row_is_not_there() -> None:
    panel = make_panel((200,))
    frame = make_frame(view(panel), 0, 100, True)
    series, begin = in_frame(panel, frame, last=150)
    assert begin + len(series.y) == 151


def test_what_drives_from_outside_is_there_a_horizon_longer() -> None:
    panel = make_panel((200,))
    frame = make_frame(view(panel), 0, 100, True)
    outside = np.arange(200.0)[:, None]
    series, _ = follow(view(panel), 0, frame, outside, 150)
    np.testing.assert_array_equal(series.outside[:, 0], np.arange(100, 156))
    series, _ = follow(view(panel), 0, frame, outside)  # no further than the panel
    np.testing.assert_array_equal(series.outside[:, 0], np.arange(100, 200))


@pytest.mark.parametrize("kind", ["constant", "two values", "nothing"])
def test_nothing_is_estimated_from_a_constant_or_almost_no_value(kind: str) -> None:
    panel = make_panel((200,))
    if kind == "constant":
        panel.values[:] = 1e9 + 0.1
    else:
        panel.observed[2 if kind == "two values" else 0 :] = False
    assert make_frame(view(panel), 0, 500, True).extent == 0


def test_an_origin_before_the_frame_has_no_series() -> None:
    panel = make_panel((200,))
    frame = make_frame(view(panel), 0, 50, True)
    series, begin = in_frame(panel, frame, last=100)
    assert len(series.y) == 0
    assert begin > 100

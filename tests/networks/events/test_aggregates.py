"""Running aggregates against a loop over histories; recent ones against slices."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from forecast_cli.data.panel import Origins
from forecast_cli.networks.events import aggregates
from forecast_cli.networks.events.aggregates import NAMES, running_aggregates
from forecast_cli.networks.events.recent import recent_aggregates
from tests.events import random_histories


def _oracle(x: np.ndarray, there: np.ndarray, t: np.ndarray) -> list[float]:
    """The aggregates of one column of one history, one by one."""
    k = int(there.sum())
    if not k:
        return [np.nan] * 7 + [0.0, float(np.log1p(t[-1]))]
    v, at = x[there], t[there]
    spread = at.std()
    slope = 0.0 if spread == 0 else np.mean((v - v.mean()) * (at - at.mean())) / spread
    simple = [v.mean(), v.min(), v.max(), v[0], v[-1], slope, v.std()]
    return [*map(float, simple), float(np.log1p(k)), float(np.log1p(t[-1] - at[-1]))]


@pytest.mark.parametrize("cells", [1, 60, 10**6])
def test_aggregates_are_those_of_a_loop(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregates, "CELLS", cells)
    panel, _ = random_histories(12, seed=1)
    there = panel.observed
    values = np.where(there, panel.values, 0.0)
    times = (panel.times - panel.times[panel.starts[panel.series_of_row]]).astype(float)
    rows = np.random.default_rng(0).permutation(panel.n_rows)[:40]
    moments = Origins(panel.series_of_row[rows], rows)
    found = running_aggregates(panel, values, there, times, moments)  # [M, 9, C]
    assert found.shape == (40, len(NAMES), 3)
    for m, (series, row) in enumerate(zip(moments.series, moments.rows, strict=True)):
        own = slice(panel.starts[series], row + 1)
        for c in range(3):
            expected = _oracle(values[own, c], there[own, c], times[own])
            np.testing.assert_allclose(found[m, :, c], expected, atol=1e-7)


def test_aggregates_know_nothing_of_later_rows() -> None:
    panel, _ = random_histories(6, seed=2)
    there, values = panel.observed, np.where(panel.observed, panel.values, 0.0)
    times = panel.times.astype(float)
    rows = panel.starts + (panel.lengths - 1) // 2
    moments = Origins(np.arange(6), rows)
    before = running_aggregates(panel, values, there, times, moments)
    after = np.arange(panel.n_rows) > rows[panel.series_of_row]
    values[after], there = 1e9, there | after[:, None]
    np.testing.assert_array_equal(before, running_aggregates(panel, values, there, times, moments))


def test_recent_windows_are_slices_of_the_past() -> None:
    rng = np.random.default_rng(3)
    panel, _ = random_histories(2, seed=3, shortest=70, longest=80)
    there = rng.random((panel.n_rows, 2)) < 0.7
    values = np.where(there, rng.normal(size=there.shape), 0.0)
    rows = np.flatnonzero(np.arange(panel.n_rows) >= 0)
    moments = Origins(panel.series_of_row[rows], rows)
    found = recent_aggregates(panel, values, there, moments, horizon=5, seasons=(1, 24))
    assert found.shape == (len(rows), 2 * (1 + 3 * 2))
    windows = [(-23, -19), (-4, 0)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for m, row in enumerate(rows):
            start = panel.starts[moments.series[m]]
            for w, (first, last) in enumerate(windows):
                own = np.where(there, values, np.nan)[row + first : row + last + 1]
                expected = np.full((3, 2), np.nan)
                if row + first >= start:
                    expected = np.stack([np.nanmean(own, 0), np.nanmin(own, 0), np.nanmax(own, 0)])
                got = found[m, 2 + 6 * w : 8 + 6 * w].reshape(3, 2)
                np.testing.assert_allclose(got, expected, atol=1e-12)

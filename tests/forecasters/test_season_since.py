"""How a season moved since the cutoff, against the plain recursion."""

from __future__ import annotations

import numpy as np

from forecast_cli.forecasters.season_since import WEIGHT, by_phase, follow_seasons

M = 6


def rest(length: int = 100) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(0).normal(size=length)


def test_the_deviations_of_a_phase_are_smoothed_as_a_loop_would() -> None:
    y, begin = rest(), 31
    found = by_phase(y, begin, M)
    state = np.zeros(M)
    for t in range(len(y)):
        new = y[t] - y[max(t - M + 1, 0) : t + 1].mean() if t >= begin else 0.0
        state[t % M] += WEIGHT * (new - state[t % M])
        np.testing.assert_allclose(found[t], state[t % M], atol=1e-12)


def test_nothing_is_added_before_the_cutoff() -> None:
    y, at = rest(), np.array([40, 59])
    left, ahead = follow_seasons(y, 60, (M,), at, 8)
    np.testing.assert_array_equal(left[: 60 + M], y[: 60 + M])
    assert not ahead.any()
    same, none = follow_seasons(y, len(y), (M,), at, 8)
    assert same is y
    assert not none.any()


def test_a_new_shape_is_taken_over_at_its_phase() -> None:
    t = np.arange(600)
    shape = np.array([3.0, -1.0, -2.0, 1.0, 0.0, -1.0])
    left, ahead = follow_seasons(shape[t % M], 0, (M,), np.array([599]), 2 * M)
    np.testing.assert_allclose(ahead[0], shape[(600 + np.arange(2 * M)) % M], atol=1e-6)
    np.testing.assert_allclose(left[-M:], 0.0, atol=1e-6)


def test_no_later_row_reaches_a_forecast() -> None:
    y, at = rest(), np.array([70])
    foul = y.copy()
    foul[71:] = 1e9
    for season in ((M,), (4, M), (150,)):
        _, ahead = follow_seasons(y, 20, season, at, 9)
        _, again = follow_seasons(foul, 20, season, at, 9)
        np.testing.assert_array_equal(ahead, again)

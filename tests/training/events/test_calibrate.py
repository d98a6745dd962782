"""Calibration: overconfident log-odds are tamed, honest ones stay, order stays."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.training.events.calibrate import Calibration, probabilities_of


def _drawn(log_odds: np.ndarray, seed: int) -> np.ndarray:
    p = probabilities_of(log_odds)
    u = np.random.default_rng(seed).random((len(p), 1))
    return np.asarray((u > np.cumsum(p, axis=1)).sum(1).clip(max=p.shape[1] - 1))


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_the_slope_undoes_what_was_too_sure_or_too_shy(outputs: int, factor: float) -> None:
    honest = np.random.default_rng(1).normal(size=(20_000, outputs)) * 1.5
    labels = _drawn(honest, 2)
    found = Calibration.fit(factor * honest, labels)
    assert abs(found.slope * factor - 1) < 0.07
    assert np.abs(found.offset - found.offset.mean() * (outputs > 1)).max() < 0.1


def test_log_odds_without_any_signal_become_the_prevalence() -> None:
    rng = np.random.default_rng(3)
    labels = (rng.random(5000) < 0.2).astype(np.int64)
    found = Calibration.fit(5 * rng.normal(size=(5000, 1)), labels)
    p = found.apply(5 * rng.normal(size=(1000, 1)))[:, 1]
    assert np.abs(p - 0.2).max() < 0.08


def test_separable_examples_do_not_run_away() -> None:
    log_odds = np.concatenate([np.full((20, 1), -2.0), np.full((20, 1), 2.0)])
    found = Calibration.fit(log_odds, np.repeat([0, 1], 20))
    assert 1 < found.slope < 4


def test_a_handful_of_examples_changes_nothing() -> None:
    found = Calibration.fit(np.ones((3, 1)), np.array([0, 1, 1]))
    assert found.slope == 1
    assert not found.offset.any()


def test_calibration_survives_the_disk() -> None:
    kept = Calibration(1.7, np.array([0.1, -0.2, 0.3]))
    log_odds = np.random.default_rng(0).normal(size=(5, 3))
    again = Calibration.from_json(kept.as_json())
    np.testing.assert_array_equal(kept.apply(log_odds), again.apply(log_odds))

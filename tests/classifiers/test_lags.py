"""Logistic regression on lags: what it reads at a moment, and that it foretells a season."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from forecast_cli.classifiers.lags import RECENT, LogisticLags
from tests.classifiers.series import HORIZON, LIMIT, SEASON, hourly, parted


def test_features_are_the_last_values_and_those_of_a_season_before_what_is_asked() -> None:
    histories = hourly()
    moments = histories.examples.moments[100:101]
    (row,) = moments.rows
    x = LogisticLags().features(histories.panel, histories.task, moments)[0]
    away = histories.panel.target - LIMIT
    np.testing.assert_array_equal(x[:RECENT], away[row - np.arange(RECENT)])
    begin = RECENT + 3  # after largest, least and mean of the last values
    ahead = row + np.arange(1, HORIZON + 1) - SEASON
    np.testing.assert_array_equal(x[begin : begin + HORIZON], away[ahead])


def test_past_covariates_are_read_now_and_known_ones_ahead() -> None:
    histories = hourly(covariates=("past", "future"))
    panel, task, moments = histories.panel, histories.task, histories.examples.moments[60:61]
    clean = LogisticLags().features(panel, task, moments)
    (row,) = moments.rows
    for channel, seen in ((0, False), (1, False), (2, True)):
        values = panel.values.copy()
        values[row + 1 :, channel] += 7
        changed = LogisticLags().features(replace(panel, values=values), task, moments)
        assert (changed.tobytes() != clean.tobytes()) == seen


def test_it_beats_the_share_of_events_where_the_season_tells(tmp_path: Path) -> None:
    panel, task, learn, test = parted(hourly())
    model = LogisticLags().fit(panel, task, learn)
    answers = model.probabilities(panel, test.moments)
    error = np.mean((answers[:, 1] - test.labels) ** 2)
    assert error < 0.4 * np.mean((learn.labels.mean() - test.labels) ** 2)
    model.save(tmp_path)
    again = LogisticLags.load(tmp_path).probabilities(panel, test.moments)
    assert again.tobytes() == answers.tobytes()


def test_a_series_that_has_just_begun_has_an_answer() -> None:
    panel, task, learn, _ = parted(hourly())
    model = LogisticLags().fit(panel, task, learn)
    assert np.isfinite(model.probabilities(panel, learn.moments[:1])).all()

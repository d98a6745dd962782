"""Climatology and persistence: shares of groups by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.classifiers.shares import WEIGHT_OF_ALL, Climatology, Persistence, Shares
from tests.classifiers.series import LIMIT, SEASON, hourly, parted


def test_climatology_answers_the_share_of_each_hour_of_the_day() -> None:
    panel, task, learn, test = parted(hourly())
    answers = Climatology().fit(panel, task, learn).probabilities(panel, test.moments)[:, 1]
    overall = (learn.labels.sum() + 1) / (len(learn) + 2)
    hour = panel.clock.index(panel.times) % SEASON
    for at in range(SEASON):
        came = learn.labels[hour[learn.moments.rows] == at]
        wanted = (came.sum() + WEIGHT_OF_ALL * overall) / (len(came) + WEIGHT_OF_ALL)
        np.testing.assert_allclose(answers[hour[test.moments.rows] == at], wanted)
    brier = np.mean((answers - test.labels) ** 2)
    assert brier < 0.5 * np.mean((overall - test.labels) ** 2)  # the season foretells the event


def test_persistence_answers_by_whether_the_condition_holds_now() -> None:
    panel, task, learn, test = parted(hourly())
    answers = Persistence().fit(panel, task, learn).probabilities(panel, test.moments)[:, 1]
    last = panel.target.copy()
    for row in range(1, len(last)):  # of what was not observed, the value before
        last[row] = last[row] if panel.observed[row, 0] else last[row - 1]
    holds = last[test.moments.rows] > LIMIT
    assert len(np.unique(answers)) == 2
    assert answers[holds].min() > answers[~holds].max()


def test_persistence_of_a_series_without_a_value_yet_has_a_group_of_its_own() -> None:
    panel, task, learn, _ = parted(hourly())
    model = Persistence().fit(panel, task, learn)
    observed = panel.observed.copy()
    observed[:5, 0] = False
    blind = replace(panel, observed=observed, values=np.where(observed, panel.values, np.nan))
    group = model.group(blind, task, learn.moments[:6])
    assert group[0] == 2
    assert group[-1] < 2


@pytest.mark.parametrize("kind", [Climatology, Persistence])
def test_nothing_after_a_moment_enters_and_a_saved_model_is_the_same(
    kind: type[Shares], tmp_path: Path
) -> None:
    panel, task, learn, test = parted(hourly())
    model = kind().fit(panel, task, learn)
    some = test.moments[:10]
    clean = model.probabilities(panel, some)
    values = panel.values.copy()
    values[some.rows.max() + 1 :] = 1e6
    assert model.probabilities(replace(panel, values=values), some).tobytes() == clean.tobytes()
    model.save(tmp_path)
    assert kind.load(tmp_path).probabilities(panel, some).tobytes() == clean.tobytes()


@pytest.mark.parametrize("kind", [Climatology, Persistence])
def test_what_is_held_out_was_not_learned(kind: type[Shares]) -> None:
    panel, task, learn, _ = parted(hourly())
    held = kind().fit(panel, task, learn).held
    assert 0 < len(held.examples) < len(learn)
    assert held.examples.moments.rows.min() > np.quantile(learn.moments.rows, 0.5)

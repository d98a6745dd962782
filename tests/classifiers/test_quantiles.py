"""A forecaster's quantiles as chances of an event: bounds by hand, and no row of the future."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.classifiers.quantiles import ForecastQuantiles, _ends, _log_odds
from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins
from forecast_cli.errors import TrainingError
from forecast_cli.forecasters.exceedance import probability_above
from forecast_cli.monitor import SILENT
from tests.classifiers.series import HORIZON, LIMIT, hourly, parted

QUICK = Settings(max_steps=10, members=1, hidden=8)


@pytest.fixture(scope="module")
def fitted() -> ForecastQuantiles:
    panel, task, learn, _ = parted(hourly())
    return ForecastQuantiles(QUICK).fit(panel, task, learn)


def test_the_two_chances_are_the_likeliest_step_and_independent_steps(
    fitted: ForecastQuantiles,
) -> None:
    panel, _, _, test = parted(hourly())
    some = test.moments[:20]
    found = fitted._chances(panel, some, SILENT)
    forecast = fitted._forecaster.forecast(panel, some)
    above = probability_above(forecast.values, forecast.quantiles, np.full(len(some), LIMIT))
    wanted = np.stack([above.max(axis=1), 1 - np.prod(1 - above, axis=1)], axis=1)
    np.testing.assert_allclose(found, _log_odds(wanted), atol=1e-3)
    assert (found[:, 1] >= found[:, 0] - 1e-9).all()


def test_what_comes_after_a_moment_changes_no_bit(fitted: ForecastQuantiles) -> None:
    panel, _, _, test = parted(hourly())
    some = test.moments[:5]
    values = panel.values.copy()
    values[some.rows.max() + 1 :] = 1e6
    poisoned = replace(panel, values=values)
    clean = fitted.probabilities(panel, some).tobytes()
    assert fitted.probabilities(poisoned, some).tobytes() == clean


def test_the_last_row_is_answered_with_nothing_after_it(fitted: ForecastQuantiles) -> None:
    panel, *_ = parted(hourly())
    answers = fitted.probabilities(panel, Origins.at_end(panel))
    assert answers.shape == (1, 2)
    np.testing.assert_allclose(answers.sum(), 1)


def test_a_saved_model_gives_the_same_bytes(fitted: ForecastQuantiles, tmp_path: Path) -> None:
    panel, _, _, test = parted(hourly())
    fitted.save(tmp_path)
    again = ForecastQuantiles.load(tmp_path, QUICK)
    answers = fitted.probabilities(panel, test.moments)
    assert again.probabilities(panel, test.moments).tobytes() == answers.tobytes()
    assert again.n_parameters == fitted.n_parameters


def test_the_forecaster_learns_from_no_row_beyond_the_answers_of_its_examples() -> None:
    panel, _, learn, _ = parted(hourly())
    assert _ends(panel, learn, HORIZON).tolist() == [int(learn.moments.rows.max()) + HORIZON + 1]


def test_one_exact_value_has_no_chance() -> None:
    panel, task, learn, _ = parted(hourly())
    with pytest.raises(TrainingError, match="one exact value"):
        ForecastQuantiles(QUICK).fit(panel, replace(task, event="value == 12"), learn)

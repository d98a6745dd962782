"""Which regressors there are, and how many of them pay."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.forecasters.regressors import MOST_HARMONICS, Regressors, make_regressors
from tests.conftest import make_panel


def test_each_frequency_is_there_once_and_none_that_the_season_has() -> None:
    panel = make_panel((900,))
    made = make_regressors(panel, (168, 336), 24)
    cycles = np.array(made.frequencies)
    assert len(np.unique(cycles.round(9))) == len(cycles)
    assert not np.isclose(cycles[:, None], np.arange(1, 13) / 24).any()
    assert cycles[: MOST_HARMONICS - 1] == pytest.approx(
        [k / 168 for k in (*range(1, 7), 8, 9, 10)]
    )


def test_a_season_of_which_there_are_no_two_cycles_has_no_terms() -> None:
    assert make_regressors(make_panel((300,)), (168,), 1).count == 0


def test_covariates_are_standardised_by_the_past_and_carried_over_gaps() -> None:
    panel = make_panel((300,), covariates=("past", "future"))
    past = panel.until(np.array([200]))
    made = make_regressors(past, (), 24)
    assert made.channels == ("x1",)
    x = panel.values[:, 2]
    panel.observed[250, 2] = False
    rows = made.rows(panel)[:, 0]
    np.testing.assert_allclose(rows[:200].mean(), 0.0, atol=1e-12)
    np.testing.assert_allclose(rows[:200].std(), 1.0)
    assert rows[250] == rows[249] == (x[249] - x[:200].mean()) / x[:200].std()


@pytest.mark.parametrize("pairs", [0, 1, 3])
def test_as_many_harmonics_are_kept_as_there_are(pairs: int) -> None:
    rng, t = np.random.default_rng(0), np.arange(600)
    made = Regressors(frequencies=tuple(k / 100 for k in range(1, 7)))
    turns = 2 * np.pi * t[:, None] * np.array(made.frequencies)
    x = np.stack([np.sin(turns), np.cos(turns)], axis=2).reshape(600, 12)
    truth = np.r_[np.ones(2 * pairs), np.zeros(12 - 2 * pairs)]
    found = made.estimate(x @ truth + 0.5 * rng.normal(size=600), x)
    assert (found != 0).sum() == 2 * pairs
    np.testing.assert_allclose(found, truth, atol=0.15)


def test_few_rows_are_told_nothing() -> None:
    made = Regressors(frequencies=(0.1,))
    x = np.random.default_rng(1).normal(size=(15, 2))
    assert not made.estimate(x @ np.array([5.0, 5.0]), x).any()


def test_json_brings_them_back() -> None:
    made = make_regressors(make_panel((400,), covariates=("future",)), (168,), 24)
    assert Regressors.from_json(made.to_json()) == made

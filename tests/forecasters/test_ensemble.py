"""The ensemble is the median of its members, each as it would be alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, in_words
from forecast_cli.forecasters.ensemble import EnsembleForecaster
from forecast_cli.task import Task
from tests.conftest import make_panel

TASK = Task(horizon=5, seasons=(24,))
ALONE = Settings(workers=1)
MEMBERS = registry.entry("ensemble").members


@cache
def asked() -> tuple[Panel, Origins]:
    panel = make_panel((150, 120), missing=0.05)
    return panel, Origins(np.array([0, 0, 1]), panel.ends[[0, 0, 1]] - np.array([20, 12, 15]))


@cache
def alone(name: str) -> Forecast:
    panel, origins = asked()
    return registry.create(name, ALONE).fit(panel, TASK, panel.ends - 30).forecast(panel, origins)


@cache
def together() -> tuple[EnsembleForecaster, Forecast]:
    panel, origins = asked()
    model = EnsembleForecaster(ALONE).fit(panel, TASK, panel.ends - 30)
    return model, model.forecast(panel, origins)


def test_every_quantile_is_the_median_of_those_of_the_members() -> None:
    stacked = np.stack([alone(name).values for name in MEMBERS])
    np.testing.assert_array_equal(together()[1].values, np.median(stacked, axis=0))


def test_one_wild_member_moves_it_no_further_than_the_others_lie() -> None:
    others = np.stack([alone(name).values for name in MEMBERS])
    values = together()[1].values
    assert (values >= np.sort(others, axis=0)[1]).all()
    assert (values <= np.sort(others, axis=0)[-2]).all()


def test_what_a_simpler_model_answered_for_a_member_is_told_once() -> None:
    panel = make_panel((16, 11))  # too short for ARIMA and for windows, long enough to smooth
    origins = Origins(np.array([0, 1]), panel.ends - 6)
    forecast = EnsembleForecaster(ALONE).fit(panel, TASK, panel.ends - 5).forecast(panel, origins)
    assert np.isfinite(forecast.values).all()
    told = [(record.model, record.by) for record in forecast.replaced]
    assert sorted(told) == [
        ("ensemble (arima)", "seasonal-naive"),
        ("ensemble (linear)", "seasonal-naive"),
        ("ensemble (seasonal-naive)", "naive"),  # for both of them
    ]
    assert {in_words(record) for record in forecast.replaced} == set(forecast.fallbacks)
    assert len(forecast.fallbacks) == len(set(forecast.fallbacks)) == 3


def test_its_numbers_are_those_of_its_members() -> None:
    panel, _ = asked()
    counts = [
        registry.create(name, ALONE).fit(panel, TASK, panel.ends - 30).n_parameters
        for name in MEMBERS
    ]
    assert together()[0].n_parameters == sum(counts)


def test_data_that_a_member_refuses_are_refused_in_the_name_of_the_ensemble() -> None:
    panel, origins = asked()
    stranger = replace(panel, ids=("s0", "new"))
    with pytest.raises(DataError, match=r"^ensemble \(ets\): was fitted without the series new"):
        together()[0].forecast(stranger, origins)

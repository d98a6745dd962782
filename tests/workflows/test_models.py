"""models: the registry, said."""

from __future__ import annotations

import pytest

import forecast_cli as fc
from forecast_cli.errors import UsageError
from forecast_cli.forecasters import registry
from forecast_cli.workflows.models import show_model


def test_all_about_a_model_is_told_by_its_name() -> None:
    entry = show_model("arima")
    assert entry.name == "arima"
    assert entry.use
    assert entry.cost
    assert entry.parameters
    assert entry in fc.models()


def test_a_misspelt_model_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="arma"):
        show_model("arma")


@pytest.mark.parametrize("name", registry.names())
def test_every_model_says_when_to_use_it_and_what_it_costs(name: str) -> None:
    entry = registry.entry(name)
    assert entry.use
    assert entry.cost
    assert entry.parameters


def test_every_registered_model_is_listed_with_its_source() -> None:
    entries = fc.models()
    of_values = [entry for entry in entries if entry.question == "values"]
    assert [entry.name for entry in of_values] == registry.names()
    assert all(entry.summary and entry.citation for entry in of_values)

"""Names, entries, and the classes behind them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecaster


@pytest.mark.parametrize("name", registry.names())
def test_every_entry_leads_to_a_forecaster_of_its_name(name: str) -> None:
    model = registry.create(name)
    assert isinstance(model, Forecaster)
    assert model.name == name
    assert registry.entry(name).summary
    assert registry.entry(name).citation


def test_kinds_part_the_names() -> None:
    assert set(registry.names("network")) | set(registry.names("baseline")) == set(registry.names())
    assert not set(registry.names("network")) & set(registry.names("baseline"))


def test_a_season_may_be_part_of_the_name() -> None:
    model = registry.create("seasonal-naive-168")
    assert model.name == "seasonal-naive-168"
    assert registry.entry("seasonal-naive-168").name == "seasonal-naive"
    assert registry.model_class("seasonal-naive-168") is type(model)


@pytest.mark.parametrize("name", ["lsmt", "seasonal-naive-0", "naive-3", ""])
def test_an_unknown_name_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        registry.entry(name)
    assert "available" in caught.value.fix


def test_listing_models_imports_no_model() -> None:
    heavy = ["torch", "pandas", "scipy", "sklearn", "statsmodels"]
    code = (
        "import sys; from forecast_cli.forecasters import registry; registry.names();"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""``import forecast_cli as fc``: the verbs of the command line, under the same names."""

from __future__ import annotations

import subprocess
import sys

import pytest

import forecast_cli as fc
from forecast_cli.cli.options import VERB_CONFIGS
from forecast_cli.errors import UsageError


def test_every_verb_is_a_function() -> None:
    for verb in VERB_CONFIGS:
        assert callable(getattr(fc, verb.replace("-", "_")))


def test_runs_stays_the_verb_when_the_folder_of_that_name_is_imported() -> None:
    from forecast_cli.runs import store

    assert callable(fc.runs)
    assert store.SCHEMA == "forecast-cli/run/1"


def test_importing_the_package_costs_nothing() -> None:
    script = "import sys, forecast_cli; print({'numpy', 'pydantic', 'torch'} & set(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "set()\n"


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        fc.nonsense  # noqa: B018


@pytest.mark.parametrize("verb", ["train", "predict", "inspect", "compare_baselines"])
def test_a_misspelt_option_is_told(verb: str) -> None:
    with pytest.raises(UsageError) as caught:
        getattr(fc, verb)("a.csv", targt="load")
    assert '"target"' in caught.value.fix

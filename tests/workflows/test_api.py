"""``import forecast_cli as fc``: the verbs of the command line, under the same names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import forecast_cli as fc
from forecast_cli.cli.options import VERB_CONFIGS
from forecast_cli.errors import UsageError
from tests.cli.conftest import csv_text


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


def test_the_names_of_the_package_are_its_verbs() -> None:
    assert dir(fc) == sorted(["compare", *(verb.replace("-", "_") for verb in VERB_CONFIGS)])
    assert fc.compare is fc.compare_baselines


@pytest.mark.parametrize("wrap", [str, Path, lambda p: [p], lambda p: (Path(p),)])
def test_data_are_named_by_text_path_or_list(tmp_path: Path, wrap: Callable[[str], object]) -> None:
    (tmp_path / "a.csv").write_text(csv_text())
    name = wrap(str(tmp_path / "a.csv"))
    assert fc.inspect(name).data.rows == 480  # type: ignore[arg-type]
    assert fc.inspect(data=name).data.rows == 480


@pytest.mark.parametrize("verb", ["train", "predict", "inspect", "compare_baselines"])
def test_a_table_in_place_of_a_file_is_one_line(verb: str) -> None:
    frame = pd.DataFrame({"load": range(1000)})
    for arguments, options in (((frame,), {}), ((), {"data": frame}), (([frame],), {})):
        with pytest.raises(UsageError) as caught:
            getattr(fc, verb)(*arguments, **options)
        assert "DataFrame" in caught.value.message
        assert len(caught.value.message) < 100
        assert "to_csv" in caught.value.fix


def test_a_value_that_cannot_be_used_is_not_dumped() -> None:
    with pytest.raises(UsageError) as caught:
        fc.inspect("a.csv", horizon=pd.DataFrame({"load": range(1000)}))
    assert len(caught.value.message) < 200


def test_the_arrays_of_a_result_are_read_only(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv_text())
    result = fc.inspect(str(tmp_path / "a.csv"))
    with pytest.raises(ValueError, match="read-only"):
        result.history[0] = 0.0

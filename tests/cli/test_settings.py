"""Which value counts: option > environment > --config > forecast.toml > default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forecast_cli.cli.settings import resolve
from forecast_cli.config import CompareConfig, PredictConfig, TrainConfig
from forecast_cli.errors import ExitCode, UsageError


def train(
    folder: Path,
    given: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    config_file: str | None = None,
) -> TrainConfig:
    return resolve(
        "train",
        TrainConfig,
        given or {},
        environment=environment or {},
        folder=folder,
        config_file=config_file,
    )


def refused(folder: Path, **places: Any) -> UsageError:
    with pytest.raises(UsageError) as caught:
        train(folder, **places)
    assert caught.value.exit_code == ExitCode.USAGE
    return caught.value


def test_each_place_gives_way_to_the_one_before_it(tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    named.write_text("horizon = 3\nseed = 3\nlayers = 3\n")
    (tmp_path / "forecast.toml").write_text("horizon = 4\nseed = 4\nlayers = 4\npatch = 4\n")
    config = train(
        tmp_path,
        given={"horizon": "1", "seed": None},
        environment={"FORECAST_HORIZON": "2", "FORECAST_SEED": "2"},
        config_file=str(named),
    )
    assert (config.horizon, config.seed, config.layers, config.patch) == (1, 2, 3, 4)
    assert config.batch_size is None


def test_only_what_was_given_counts_as_set(tmp_path: Path) -> None:
    config = resolve(
        "predict", PredictConfig, {"run": "x", "tz": None}, environment={}, folder=tmp_path
    )
    assert config.model_fields_set == {"run"}


def test_pyproject_is_read_where_there_is_no_forecast_toml(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.forecast]\nval-size = 7\n[tool.forecast.train]\nseed = 5\n"
    )
    assert train(tmp_path).val_size == 7
    assert train(tmp_path).seed == 5
    (tmp_path / "forecast.toml").write_text("")
    assert train(tmp_path).val_size is None


def test_a_pyproject_of_others_means_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert train(tmp_path) == TrainConfig()


def test_a_section_comes_before_what_stands_above_it(tmp_path: Path) -> None:
    (tmp_path / "forecast.toml").write_text(
        "horizon = 1\nseed = 1\n[train]\nhorizon = 2\n[compare-baselines]\nhorizon = 3\n"
    )
    assert (train(tmp_path).horizon, train(tmp_path).seed) == (2, 1)
    given = {"data": ["a.csv"]}
    other = resolve("compare-baselines", CompareConfig, given, environment={}, folder=tmp_path)
    assert other.horizon == 3


def test_a_key_of_another_verb_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "forecast.toml").write_text('baselines = ["naive"]\n')
    assert train(tmp_path) == TrainConfig()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("horizn = 3\n", 'unknown key "horizn"', "horizon"),
        ("[trian]\nseed = 1\n", 'unknown section "[trian]"', "train"),
        ('[train]\nbaselines = ["naive"]\n', 'unknown key "baselines"', "available"),
        ("horizon = \n", "not TOML", "model"),
        ("horizon = -3\n", 'forecast.toml, horizon "-3"', "--help"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    (tmp_path / "forecast.toml").write_text(text)
    failure = refused(tmp_path)
    assert message in failure.message
    assert "forecast.toml" in failure.message
    assert hint in failure.fix


def test_a_config_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    assert "none.toml" in refused(tmp_path, config_file=str(tmp_path / "none.toml")).message


def test_a_wrong_value_names_the_place_it_came_from(tmp_path: Path) -> None:
    assert refused(tmp_path, given={"horizon": "soon"}).message.startswith('--horizon "soon":')
    failure = refused(tmp_path, environment={"FORECAST_SEED": "x"})
    assert failure.message.startswith('FORECAST_SEED "x":')


def test_several_wrong_values_are_all_named(tmp_path: Path) -> None:
    failure = refused(tmp_path, given={"horizon": "0", "dropout": "2", "device": "tpu"})
    assert len(failure.problems) == 3
    assert any("'cuda'" in problem for problem in failure.problems)


def test_a_list_may_stand_in_one_value_or_in_several(tmp_path: Path) -> None:
    assert train(tmp_path, given={"level": ["80,95"]}).level == (80, 95)
    assert train(tmp_path, given={"level": ["80", "95"]}).level == (80, 95)
    assert train(tmp_path, environment={"FORECAST_LEVEL": "50, 90"}).level == (50, 90)
    (tmp_path / "forecast.toml").write_text("level = 70\nseason = [24, 168]\n")
    assert train(tmp_path).level == (70,)
    assert train(tmp_path).season == (24, 168)


def test_a_quoted_name_keeps_its_comma(tmp_path: Path) -> None:
    config = train(tmp_path, given={"target": ['"Load, MW",price']})
    assert config.target == ("Load, MW", "price")


def test_a_file_name_is_never_split(tmp_path: Path) -> None:
    assert train(tmp_path, given={"data": ["a,b.csv"]}).data == ("a,b.csv",)
    (tmp_path / "forecast.toml").write_text('data = "c,d.csv"\n')
    assert train(tmp_path).data == ("c,d.csv",)


def test_a_single_separator_is_no_list(tmp_path: Path) -> None:
    assert train(tmp_path, given={"sep": ",", "decimal": ","}).sep == ","


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    assert train(tmp_path, environment={"FORECAST_HORIZON": ""}).horizon is None


@pytest.mark.parametrize(
    ("verb", "cls", "given", "standing"),
    [
        ("predict", PredictConfig, {}, False),
        ("predict", PredictConfig, {"data": ["new.csv"]}, False),
        ("compare-baselines", CompareConfig, {}, False),
        ("compare-baselines", CompareConfig, {"data": ["new.csv"]}, True),
    ],
)
def test_only_the_command_itself_changes_how_a_run_reads_its_data(
    tmp_path: Path, verb: str, cls: type[PredictConfig], given: dict[str, Any], standing: bool
) -> None:
    (tmp_path / "forecast.toml").write_text('target = ["load"]\nruns = "mine"\n')
    named = tmp_path / "named.toml"
    named.write_text('sep = ";"\n')
    config = resolve(
        verb,
        cls,
        {"decimal": ",", **given},
        environment={"FORECAST_TZ": "Europe/Berlin"},
        folder=tmp_path,
        config_file=str(named),
    )
    assert (config.decimal, config.sep, config.runs) == (",", ";", "mine")
    assert (config.target, config.tz) == ((("load",), "Europe/Berlin") if standing else ((), None))

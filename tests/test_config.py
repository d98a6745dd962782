"""The options: frozen, checked, described, and the same wherever they appear."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from forecast_cli import config
from forecast_cli.config import (
    CompareConfig,
    DataOptions,
    InspectConfig,
    PredictConfig,
    Settings,
    TaskOptions,
    TrainConfig,
    settings_of,
)

VERBS = (TrainConfig, PredictConfig, CompareConfig, InspectConfig)
CLASSES = [
    c
    for c in vars(config).values()
    if isinstance(c, type) and issubclass(c, BaseModel) and c.__module__ == config.__name__
]


@pytest.mark.parametrize("verb", CLASSES, ids=lambda c: c.__name__)
def test_every_option_has_a_default_and_a_meaning(verb: type[BaseModel]) -> None:
    verb()
    for name, field in verb.model_fields.items():
        assert field.description, name


def test_an_option_means_the_same_for_every_verb() -> None:
    seen: dict[str, tuple[object, object]] = {}
    for verb in VERBS:
        for name, field in verb.model_fields.items():
            if name == "run":  # whose run differs: the one to use, or the one to compare
                continue
            meaning = (field.default, field.annotation)
            assert seen.setdefault(name, meaning) == meaning, name


def test_the_data_options_of_the_contract_are_those_of_every_verb() -> None:
    promised = (
        "time target id variable value past future static freq season sep decimal encoding "
        "date_format tz na"
    )
    assert set(promised.split()) <= set(DataOptions.model_fields)
    assert all(issubclass(verb, DataOptions) for verb in VERBS)


def test_the_comparison_options_of_the_contract_exist() -> None:
    promised = "horizon models baselines origins stride test_size val_size metric refit seeds"
    assert set(promised.split()) <= set(CompareConfig.model_fields)


@pytest.mark.parametrize(
    ("verb", "wrong"),
    [
        (TaskOptions, {"horizon": 0}),
        (TaskOptions, {"level": (100,)}),
        (TaskOptions, {"val_size": -1}),
        (Settings, {"device": "tpu"}),
        (Settings, {"dropout": 1.0}),
        (Settings, {"max_seconds": 0}),
        (Settings, {"layers": 0}),
        (DataOptions, {"season": (0,)}),
        (CompareConfig, {"metric": "r2"}),
        (CompareConfig, {"refit": -1}),
        (TrainConfig, {"horzion": 3}),
    ],
)
def test_values_and_names_that_make_no_sense_are_refused(
    verb: type[BaseModel], wrong: dict[str, object]
) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        verb(**wrong)


def test_a_configuration_cannot_be_changed_after_it_was_resolved() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TrainConfig().seed = 1  # type: ignore[misc]


def test_a_configuration_survives_json() -> None:
    given = CompareConfig(data=("a.csv", "b.csv"), horizon=24, level=(50,), season=(24, 168))
    assert CompareConfig.model_validate_json(given.model_dump_json()) == given


def test_models_get_their_part_of_a_verbs_configuration() -> None:
    verb = TrainConfig(hidden=7, seed=3, horizon=24)
    settings = settings_of(verb)
    assert type(settings) is Settings
    assert (settings.hidden, settings.seed) == (7, 3)
    assert settings_of(verb, seed=9) == settings.model_copy(update={"seed": 9})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tz", ""),
        ("id", ""),
        ("freq", "0h"),
        ("freq", "-1h"),
        ("freq", "-h"),
        ("freq", "0"),
        ("date_format", "%Q"),
        ("date_format", "%d %d"),
        ("seed", -1),
        ("seed", 2**63),
        ("learning_rate", float("inf")),
        ("learning_rate", float("nan")),
        ("horizon", 2**31),
        ("horizon", True),
        ("dropout", False),
        ("level", (80, True)),
        ("season", [True]),
    ],
)
def test_values_that_no_work_can_be_done_with_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as failure:
        TrainConfig.model_validate({name: value})
    assert failure.value.errors()[0]["loc"][0] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("freq", "15min"),
        ("freq", "W-SUN"),
        ("freq", "1h30min"),
        ("freq", "0.5h"),
        ("date_format", "%d.%m.%Y %H:%M"),
        ("date_format", "%Y-%m-%dT%H:%M:%S.%f%z"),
        ("date_format", "ISO8601"),
        ("seed", 2**63 - 1),
        ("na", ("",)),
    ],
)
def test_values_at_the_edge_are_taken(name: str, value: object) -> None:
    assert getattr(TrainConfig.model_validate({name: value}), name) == value


def test_a_flag_takes_a_truth_value_and_nothing_else_does() -> None:
    assert CompareConfig(prove_no_leak=True).prove_no_leak
    assert CompareConfig(prove_no_leak="true").prove_no_leak  # as the environment says it
    with pytest.raises(ValidationError):
        CompareConfig(refit=True)
    with pytest.raises(ValidationError):
        CompareConfig(prove_no_leak=7)

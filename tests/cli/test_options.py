"""Every field of the configuration is an option, with the same meaning and default."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from pydantic import BaseModel

from forecast_cli.cli.app import build
from forecast_cli.cli.options import VERB_CONFIGS, arguments, flag, metavar, repeats
from forecast_cli.config import is_flag

COMMANDS: dict[str, Any] = typer.main.get_command(build()).commands  # type: ignore[attr-defined]
FIELDS = [(verb, name) for verb, cls in VERB_CONFIGS.items() for name in cls.model_fields]


def parameter(verb: str, name: str) -> Any:
    return next(p for p in COMMANDS[verb].params if p.name == name)


def test_every_verb_has_a_configuration() -> None:
    assert list(COMMANDS) == list(VERB_CONFIGS)


@pytest.mark.parametrize(("verb", "name"), FIELDS)
def test_every_field_has_its_option_with_its_help_and_default(verb: str, name: str) -> None:
    field = VERB_CONFIGS[verb].model_fields[name]
    option = parameter(verb, name)
    assert option.default is None  # not given, so that the other places are asked
    assert field.description
    assert option.help.startswith(field.description)
    if name in arguments(verb):
        assert option.param_type_name == "argument"
        return
    assert option.opts == [flag(name)]
    if is_flag(field):
        off = ["--no-" + flag(name)[2:]] if field.default else []
        assert (option.is_flag, option.secondary_opts) == (True, off)
        assert ("[default: on]" in option.help) == field.default
    elif field.default in (None, ()):
        assert "default" not in option.help
    else:
        values = field.default if repeats(field) else (field.default,)
        assert f"[default: {','.join(map(str, values))}]" in option.help


@pytest.mark.parametrize("verb", COMMANDS)
def test_there_is_no_option_that_the_configuration_does_not_know(verb: str) -> None:
    common = {"format", "config", "quiet", "debug"}
    own = {"compare-baselines": {"forecasts", "report"}}.get(verb, set())
    names = {p.name for p in COMMANDS[verb].params}
    assert names == {*VERB_CONFIGS[verb].model_fields, *common, *own}


def test_an_option_means_the_same_in_every_verb() -> None:
    meanings: dict[str, set[tuple[object, str | None]]] = {}
    for cls in VERB_CONFIGS.values():
        for name, field in cls.model_fields.items():
            meanings.setdefault(name, set()).add((field.default, field.description))
    several = {name for name, found in meanings.items() if len(found) > 1}
    # The run to use, to compare or to repeat; what is read, and what a run was trained on.
    assert several == {"run", "data"}


def test_choices_stand_in_the_help() -> None:
    fields = VERB_CONFIGS["compare-baselines"].model_fields
    assert metavar("device", fields["device"]) == "auto|cpu|cuda|mps"
    assert metavar("horizon", fields["horizon"]) == "N"
    assert metavar("dropout", fields["dropout"]) == "NUMBER"
    assert metavar("target", fields["target"]) == "COLUMN"


def test_the_configurations_are_those_of_the_config_module() -> None:
    from forecast_cli import config

    classes = {
        value
        for value in vars(config).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__name__[0] != "_"
    }
    parts = {config.DataOptions, config.TaskOptions, config.EventOptions, config.Settings}
    parts.add(BaseModel)
    assert classes - parts == set(VERB_CONFIGS.values())

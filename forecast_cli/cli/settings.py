"""Which value of an option counts: the order of precedence, and where a value came from.

Given on the command line > ``FORECAST_*`` in the environment > the ``--config`` file >
``forecast.toml`` (or ``[tool.forecast]`` of ``pyproject.toml``) here > the default. Where a
run answers, how its data are read and what is asked stand in the run: of these, only what the
command itself says (an option, or the file of ``--config``) changes anything. Each layer is a
mapping of field to value with its own words for "where", so that an error names
the place that has to be mended. pydantic parses and checks the values.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from forecast_cli.cli.options import VERB_CONFIGS, flag, known_names, repeats, variable
from forecast_cli.config import DataOptions, EventOptions, TaskOptions
from forecast_cli.errors import UsageError, did_you_mean

Config = TypeVar("Config", bound=BaseModel)


@dataclass(frozen=True)
class Layer:
    """Values from one place, and how to name a field there."""

    values: Mapping[str, Any]
    where: Callable[[str], str]
    standing: bool = False  # whether it holds for every command, not for this one


_KEPT_BY_RUNS = {
    *DataOptions.model_fields,
    *TaskOptions.model_fields,
    *EventOptions.model_fields,
} - {"data"}


def resolve(
    verb: str,
    cls: type[Config],
    given: Mapping[str, Any],
    *,
    environment: Mapping[str, str],
    folder: Path,
    config_file: str | None = None,
) -> Config:
    """The configuration of a verb from all the places that may hold a part of it.

    Parameters
    ----------
    verb : str
        Name of the command, which is also the name of its section in a file.
    cls : class of forecast_cli.config
    given : mapping
        Field to text (a list of texts where the option repeats), None where not given.
    environment : mapping
    folder : Path
        Where ``forecast.toml`` and ``pyproject.toml`` are looked for.
    config_file : str, optional

    Raises
    ------
    UsageError
        An unknown key, or a value that an option cannot have; it names the place.
    """
    layers = [
        Layer({k: v for k, v in given.items() if v is not None}, flag),
        _environment(cls, environment),
    ]
    if config_file is not None:
        layers.append(_file(verb, Path(config_file), read_toml(Path(config_file))))
    layers += _project(verb, folder)
    kept = _KEPT_BY_RUNS if _asks_a_run(verb, layers) else frozenset()

    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for layer in layers:
        for name in cls.model_fields:
            passed_over = layer.standing and name in kept
            if name in layer.values and name not in values and not passed_over:
                several = repeats(cls.model_fields[name]) and name != "data"
                value = layer.values[name]
                values[name] = _split(value) if several else value
                origin[name] = layer.where(name)
    if isinstance(values.get("data"), str):
        values["data"] = [values["data"]]
    try:
        return cls(**values)
    except ValidationError as cause:
        raise _explain(cause, origin, verb) from None


def _asks_a_run(verb: str, layers: Sequence[Layer]) -> bool:
    """Whether a trained run says how data are read: always in predict, else without data."""
    named = any(layer.values.get("data") for layer in layers)
    return verb == "predict" or (verb == "compare-baselines" and not named)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises
    ------
    UsageError
        The file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as cause:
        raise UsageError(
            f"{path}: cannot be read ({cause.strerror})", "name an existing file with --config"
        ) from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise UsageError(f"{path}: not TOML ({cause})", 'write lines such as: model = "gru"') from (
            cause
        )


def _environment(cls: type[BaseModel], environment: Mapping[str, str]) -> Layer:
    """What ``FORECAST_<FIELD>`` variables say; an empty one says nothing."""
    found = {
        name: environment[variable(name)]
        for name in cls.model_fields
        if name != "data" and environment.get(variable(name))
    }
    return Layer(found, variable, standing=True)


def _project(verb: str, folder: Path) -> list[Layer]:
    """The configuration file of the folder that the command runs in, if it has one."""
    own, shared = folder / "forecast.toml", folder / "pyproject.toml"
    if own.is_file():
        return [replace(_file(verb, Path(own.name), read_toml(own)), standing=True)]
    if shared.is_file():
        table = read_toml(shared).get("tool", {}).get("forecast", {})
        found = _file(verb, Path(f"{shared.name} [tool.forecast]"), table)
        return [replace(found, standing=True)]
    return []


def _file(verb: str, path: Path, content: Mapping[str, Any]) -> Layer:
    """A file's values for this verb: its own section before what stands above all sections.

    What another verb knows may stand above the sections too and is passed over here; what no
    verb knows is an error, since it would otherwise be lost in silence.
    """
    everywhere = {name for verb in VERB_CONFIGS for name in known_names(verb)}
    shared: dict[str, Any] = {}
    sections: dict[str, dict[str, Any]] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            _known(key, VERB_CONFIGS, f'{path}: unknown section "[{key}]"')
            names = known_names(key)
            sections[key] = {_field(k, names, f"{path} [{key}]"): v for k, v in value.items()}
        else:
            shared[_field(key, everywhere, str(path))] = value
    return Layer(
        {**shared, **sections.get(verb, {})}, lambda name: f"{path}, {name.replace('_', '-')}"
    )


def _field(key: str, names: Any, where: str) -> str:
    """The field that a key of a file means: ``val-size`` and ``val_size`` are one."""
    name = key.replace("-", "_")
    _known(name, names, f'{where}: unknown key "{key}"')
    return name


def _known(name: str, names: Any, message: str) -> None:
    if name not in names:
        shown = sorted(n if n in VERB_CONFIGS else n.replace("_", "-") for n in names)
        raise UsageError(message, did_you_mean(name.replace("_", "-"), shown))


def _split(value: Any) -> Any:
    """Several values in one text stand between commas; a quoted one may hold a comma.

    Examples
    --------
    >>> _split(["a,b", '"Load, MW"'])
    ['a', 'b', 'Load, MW']
    """
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return (value,)
    parts: list[Any] = []
    for text in value:
        comma = isinstance(text, str) and "," in text
        parts += next(csv.reader([text], skipinitialspace=True)) if comma else [text]
    return parts


def _explain(cause: ValidationError, origin: Mapping[str, str], verb: str) -> UsageError:
    """One line for each value that cannot be used, naming the place it came from."""
    problems = []
    for error in cause.errors():
        where = origin.get(str(error["loc"][0]), flag(str(error["loc"][0])))
        reason = error["msg"][:1].lower() + error["msg"][1:]
        problems.append(f'{where} "{error["input"]}": {reason}')
    several = len(problems) > 1
    return UsageError(
        f"{len(problems)} values cannot be used" if several else problems[0],
        f"see: forecast {verb} --help",
        problems if several else (),
    )

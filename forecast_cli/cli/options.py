"""Options of the command line, made once from the configuration classes.

Every field of ``config.py`` becomes an option here and nowhere else, so that it has one name,
one meaning and one default everywhere. Notable: a value stays text here, and is None where it
was not given; ``settings.py`` finds the value that counts, and pydantic alone parses it.
Nothing here knows what a verb does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from forecast_cli import config

VERB_CONFIGS: dict[str, type[BaseModel]] = {
    "inspect": config.InspectConfig,
    "train": config.TrainConfig,
    "predict": config.PredictConfig,
    "compare-baselines": config.CompareConfig,
    "models": config.ModelsConfig,
    "runs": config.RunsConfig,
    "rerun": config.RerunConfig,
    "doctor": config.DoctorConfig,
}

VERB_OUTPUTS = {"compare-baselines": ("forecasts", "report")}  # files that it can write

_COLUMNS = ("time", "target", "id", "variable", "value", "past", "future", "static")
_METAVARS = dict.fromkeys(_COLUMNS, "COLUMN") | {
    "data": "FILE",
    "run": "RUN",
    "resume": "RUN",
    "runs": "FOLDER",
    "model": "NAME",
    "models": "NAME",
    "baselines": "NAME",
    "fail_if_worse_than": "NAME",
    "metric": "METRIC",
    "label": "COLUMN",
    "labels": "FILE",
    "statics": "FILE",
    "test_data": "FILE",
    "test_labels": "FILE",
    "event": "RULE",
    "event_within": "SPAN",
    "positive": "LABEL",
    "freq": "STEP",
    "tz": "ZONE",
}
EVENT_FIELDS = {"folds", "test_data", "test_labels", "false_alarms"}  # of a verb, yet of events
_ARGUMENTS = {"data": "DATA", "request": "[show NAME]"}  # what needs no option before it
_ARGUMENTS_OF = {"rerun": {"run": "RUN"}}  # in place of these


def flag(name: str) -> str:
    """The option behind a field.

    Examples
    --------
    >>> flag("val_size")
    '--val-size'
    """
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """The environment variable behind a field.

    Examples
    --------
    >>> variable("val_size")
    'FORECAST_VAL_SIZE'
    """
    return "FORECAST_" + name.upper()


def repeats(field: FieldInfo) -> bool:
    """Whether an option may be given several times."""
    return isinstance(field.default, tuple)


def describe(field: FieldInfo) -> str:
    """The help of an option: its meaning, and its default where there is one."""
    shown = ",".join(map(str, field.default)) if repeats(field) else field.default
    if config.is_flag(field):
        shown = "on" if field.default else None
    return (field.description or "") + (f" [default: {shown}]" if shown not in (None, "") else "")


def metavar(name: str, field: FieldInfo) -> str:
    """What stands for the value of an option in its help."""
    if name in _METAVARS:
        return _METAVARS[name]
    kinds = _kinds(field.annotation)
    choices = [choice for kind in kinds for choice in get_args(kind)]
    if choices:
        return "|".join(choices)
    return "N" if int in kinds else "NUMBER" if float in kinds else "TEXT"


def group(cls: type[BaseModel], name: str) -> str:
    """The heading under which an option stands: by the class that declares it."""
    if name in EVENT_FIELDS:
        return "Event"
    headings: dict[type[BaseModel], str] = {
        config.DataOptions: "Data",
        config.TaskOptions: "Task",
        config.EventOptions: "Event",
        config.Settings: "Model and training",
    }
    for parent, heading in headings.items():
        if issubclass(cls, parent) and name in parent.model_fields:
            return heading
    return "This command"


def arguments(verb: str) -> dict[str, str]:
    """The fields of a verb that need no option before them, and what stands for each."""
    return _ARGUMENTS_OF.get(verb, _ARGUMENTS)


def option(verb: str, name: str, field: FieldInfo) -> Any:
    """The typer annotation of a field: text, a list of texts where it may repeat, or a flag."""
    if name in arguments(verb):
        shown = arguments(verb)[name]
        argument = typer.Argument(metavar=shown, help=field.description, show_default=False)
        several: Any = list[str] if repeats(field) else str
        return Annotated[several | None, argument]
    if config.is_flag(field):
        # What is on by default is switched off, and the other way round.
        shown = f"{flag(name)}/--no-{flag(name)[2:]}" if field.default else flag(name)
        described = typer.Option(shown, help=describe(field), show_default=False)
        return Annotated[bool | None, described]
    kind: Any = list[str] if repeats(field) else str
    described = typer.Option(
        flag(name), help=describe(field), metavar=metavar(name, field), show_default=False
    )
    return Annotated[kind | None, described]


def _kinds(annotation: Any) -> set[Any]:
    """All the types that an annotation is made of; a Literal stays whole."""
    origin: Any = get_origin(annotation)
    inner = get_args(annotation)
    if not inner or origin is Literal:
        return {annotation}
    if origin is Annotated:
        inner = inner[:1]
    return set().union(*(_kinds(part) for part in inner))


def output_class(verb: str, formats: tuple[str, ...]) -> type[BaseModel]:
    """How a verb prints its result, as a configuration that resolves like any other."""
    fields: dict[str, Any] = {"format": (Literal[formats], formats[0]), "quiet": (bool, False)}
    fields |= dict.fromkeys(VERB_OUTPUTS.get(verb, ()), (str | None, None))
    return create_model("Output", **fields)


def known_names(verb: str) -> set[str]:
    """Every option of a verb that may also stand in the environment or in a file."""
    output = {"format", "quiet", *VERB_OUTPUTS.get(verb, ())}
    return {*VERB_CONFIGS[verb].model_fields, *output}


Config = Annotated[
    str | None,
    typer.Option(
        "--config", metavar="FILE", help="TOML file with values for options", show_default=False
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="print data, warnings and errors only")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an error")]


def format_option(formats: tuple[str, ...]) -> Any:
    """``--format`` of a verb that can print itself in these ways, the first by default."""
    return Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(formats),
            help=f"how to print the result [default: {formats[0]}]",
            show_default=False,
        ),
    ]

"""What several verbs share: options into a configuration, a data set into a task.

Notable: the horizon that nobody gave is chosen here, by one rule, and comes back with the
words that say so. Nothing here reads a file or fits a model.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from forecast_cli.config import DataOptions, TaskOptions
from forecast_cli.data.dataset import Dataset
from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.results import DataSummary, Inferred
from forecast_cli.task import Task

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from forecast_cli.forecasters.base import Forecaster
    from forecast_cli.runs.store import Run

SHORTEST_CYCLE, LONGEST_CYCLE = 4, 48  # seasons that make a natural horizon
FALLBACK_HORIZON = 24
LONGEST_SHOWN = 60  # characters of a value that cannot be used
STEPS_FOR_EACH_ASKED = 10  # a default horizon is at most this share of the history
_HANG_ON = {"time": ("date_format", "freq"), "sep": ("decimal",)}

Config = TypeVar("Config", bound="BaseModel")
Name = str | os.PathLike[str]
Data = Name | Sequence[Name]


def configure(
    config: type[Config], data: tuple[Data, ...], options: Mapping[str, object]
) -> Config:
    """Turn the arguments of a verb into its configuration.

    Parameters
    ----------
    config : class of forecast_cli.config
    data : tuple of str, paths, or lists of them
        Files, as given by position; they go before ``options["data"]``, which may also
        name them.
    options : mapping
        Fields of ``config``. A single text where several are allowed is taken as one.

    Raises
    ------
    UsageError
        An option that does not exist, or a value that it cannot have.
    """
    from pydantic import ValidationError

    for name in options:
        if name not in config.model_fields:
            raise UsageError(f'unknown option "{name}"', did_you_mean(name, config.model_fields))
    given = {name: _as_several(config, name, value) for name, value in options.items()}
    named = data if data else options.get("data")
    if named is not None:
        given["data"] = tuple(_file_names(named))
    try:
        return config(**given)
    except ValidationError as cause:
        raise UsageError(*_explain(cause)) from None


def default_horizon(dataset: Dataset) -> tuple[int, Inferred]:
    """Choose H where none was given: one season, if a season is a natural thing to ask for.

    The main season m where 4 ≤ m ≤ 48, else 24 steps; never more than a tenth of the
    median history, so that there is room to test, and at least 1.
    """
    season = dataset.seasons[0]
    natural = SHORTEST_CYCLE <= season <= LONGEST_CYCLE
    wanted = season if natural else FALLBACK_HORIZON
    history = int(np.median(dataset.panel.known_ends - dataset.panel.starts))
    horizon = max(1, min(wanted, history // STEPS_FOR_EACH_ASKED))
    if horizon < wanted:
        why = f"a tenth of the {history} steps there are"
    else:
        why = "one season" if natural else "no season between 4 and 48 steps to take"
    plural = "s" if horizon > 1 else ""
    return horizon, Inferred("horizon", f"{horizon} step{plural}", f"--horizon {horizon}", why)


def resolve_horizon(dataset: Dataset, given: int | None) -> tuple[int, tuple[Inferred, ...]]:
    """The horizon that was given, or the default with the words that say so."""
    if given is not None:
        return given, ()
    horizon, inferred = default_horizon(dataset)
    return horizon, (inferred,)


def resolve_task(dataset: Dataset, options: TaskOptions, validation: int) -> Task:
    """State the question: horizon and levels from the options, seasons from the data.

    Parameters
    ----------
    dataset : Dataset
    options : TaskOptions
        Any configuration that holds ``horizon`` and ``level``.
    validation : int
        Steps for early stopping, as ``data.split.split`` chose them.
    """
    horizon, _ = resolve_horizon(dataset, options.horizon)
    levels = tuple(sorted(set(options.level)))
    return Task(horizon, seasons=dataset.seasons, levels=levels, validation=validation)


def with_inferred(summary: DataSummary, inferred: tuple[Inferred, ...]) -> DataSummary:
    """The summary with more inferences, to be printed with those of reading."""
    return replace(summary, inferred=(*summary.inferred, *inferred))


def kept_options(run: Run, given: Collection[str]) -> dict[str, Any]:
    """The options by which the data of a run were read, but for those that are given now.

    Parameters
    ----------
    run : Run
    given : collection of str
        Another time column has its own format and step, and another separator its own
        decimal mark: what hangs on an option that is given is not kept either.
    """
    hanging = {name for option in given for name in _HANG_ON.get(option, ())}
    names = DataOptions.model_fields.keys() - {"data", *given, *hanging}
    return {name: getattr(run.config, name) for name in names}


def sources_of(run: Run) -> tuple[str, ...]:
    """The files of a run: under the names they were given, or where those names were given.

    Raises
    ------
    UsageError
        The run was trained from standard input, which cannot be read again.
    """
    if "-" in run.config.data:
        raise UsageError(
            f"{run.path}: was trained from standard input, which cannot be read again",
            "name the data on the command line",
        )
    sources = run.manifest["data"]
    here = all(Path(name).exists() for name in sources["given"])
    return tuple(sources["given"] if here else sources["absolute"])


def context_of(model: Forecaster | None) -> int | None:
    """The past steps that one forecast of a fitted network reads; None for a baseline."""
    members = getattr(model, "sizes", None)
    return None if members is None else max(sizes.context for sizes in members)


def _file_names(data: object) -> Iterator[str]:
    """Names, paths and lists of them as plain names."""
    if isinstance(data, str | os.PathLike):
        yield os.fsdecode(data)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _file_names(item)
    else:
        raise UsageError(
            f"data are named by their files, not given as {type(data).__name__}",
            'save them first, for example frame.to_csv("data.csv"), and name that file',
        )


def _as_several(config: type[BaseModel], name: str, value: object) -> object:
    """``target="load"`` means ``target=("load",)`` where an option may repeat."""
    repeats = isinstance(config.model_fields[name].default, tuple)
    return (value,) if repeats and isinstance(value, str | int) else value


def _explain(cause: ValidationError) -> tuple[str, str]:
    """Message and fix for the first thing that pydantic found wrong."""
    first = cause.errors()[0]
    option = str(first["loc"][0]).replace("_", "-")
    reason = first["msg"][:1].lower() + first["msg"][1:]
    shown = shorten(repr(first["input"]), LONGEST_SHOWN, placeholder=" …")
    return f"--{option} {shown}: {reason}", f"see: --{option} in --help"

"""What the verbs return: frozen, plain, made of numbers and words.

A Result is all that a report needs; it knows no model, no file and no terminal. The Python
functions return these, the command line prints them. What a comparison returns has a file of
its own, comparison.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def freeze(result: object) -> None:
    """Make the arrays of a result read-only, as its fields are; no number is copied."""
    for name, value in vars(result).items():
        if isinstance(value, np.ndarray):
            object.__setattr__(result, name, _read_only(value))
        elif isinstance(value, Mapping):
            locked = {key: _read_only(array) for key, array in value.items()}
            object.__setattr__(result, name, locked)


def _read_only(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class Inferred:
    """One thing that was guessed: said aloud, with the option that overrides it."""

    name: str  # "frequency"
    value: str  # "1 hour"
    option: str  # "--freq h"
    why: str = ""  # "99.8 % of the steps"


@dataclass(frozen=True)
class Repair:
    """One kind of change made to what was read: counted, never silent."""

    kind: str  # "sorted", "duplicates merged", "gaps", "missing cells", "constant column", ...
    count: int
    detail: str  # "rows were not in time order (first: line 25)"
    option: str = ""  # the option that changes it, if there is one


@dataclass(frozen=True)
class SeriesSummary:
    """One series in brief."""

    id: str
    rows: int
    missing: int
    start: str
    end: str
    mean: float
    deviation: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class DataSummary:
    """What was read."""

    sources: tuple[str, ...]
    rows: int  # rows of the file(s)
    series: int
    frequency: str  # alias, or "step"
    seasons: tuple[int, ...]
    sha256: str
    inferred: tuple[Inferred, ...]
    repairs: tuple[Repair, ...]
    start: str
    end: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class InspectResult:
    """``forecast inspect``."""

    data: DataSummary
    series: tuple[SeriesSummary, ...]
    warnings: tuple[str, ...]
    suggestion: str  # the next command
    history: Floats = field(repr=False, default_factory=lambda: np.zeros(0))  # of series 0
    history_times: tuple[str, ...] = field(repr=False, default=())

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True)
class HeldOutScores:
    """What a model and simple ones reach on the validation block, fitted on what lies before it.

    Parameters
    ----------
    start, end : str
        Of the values that were forecast.
    origins : int
        Over all series.
    season : int
        m of MASE.
    models : mapping of model to metric to score
        The trained one first; a score that is undefined is NaN.
    """

    start: str
    end: str
    origins: int
    season: int
    models: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class TrainResult:
    """``forecast train``."""

    run: str  # path of the run folder
    model: str
    kind: str
    data: DataSummary
    horizon: int
    context: int | None
    parameters: int
    steps: int | None
    seconds: float
    best_loss: float | None  # pinball loss on the validation block, in spreads of each series
    device: str
    stopped: str  # why training ended
    settings: Mapping[str, object]  # every resolved value
    history: tuple[Mapping[str, float], ...] = field(repr=False, default=())
    fallbacks: tuple[str, ...] = ()
    chosen: str = ""  # how a comparison chose it, where it did
    scores: HeldOutScores | None = None  # None without a validation block


@dataclass(frozen=True, eq=False)
class SeriesForecast:
    """One series' forecast from its end."""

    id: str
    times: tuple[str, ...]  # H
    forecast: Floats  # [H]
    lower: Mapping[int, Floats]  # level → [H]
    upper: Mapping[int, Floats]
    past_times: tuple[str, ...]  # the recent past, for the eye
    past: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, eq=False)
class PredictResult:
    """``forecast predict``."""

    run: str
    model: str
    levels: tuple[int, ...]
    id_name: str
    time_name: str
    data: DataSummary
    series: tuple[SeriesForecast, ...]
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class RerunResult:
    """``forecast rerun``.

    Parameters
    ----------
    run, model : str
        What was repeated.
    identical : bool
        All that was learned is the same, byte for byte.
    largest_difference : float
        Between two weights at the same place; infinite where they have other shapes.
    difference : str
        The first one, in words; empty where there is none.
    reasons : tuple of str
        What may explain a difference: versions and facts of the machine that changed, and a
        training that was ended by the clock or by hand.
    seconds : float
        That the training took.
    kept : str
        Path of the new run, where it was kept.
    """

    run: str
    model: str
    data: DataSummary
    identical: bool
    largest_difference: float
    difference: str
    reasons: tuple[str, ...]
    seconds: float
    kept: str = ""


@dataclass(frozen=True)
class ModelEntry:
    """``forecast models``: one row, and all about a model for ``forecast models show``."""

    name: str
    kind: str
    summary: str
    citation: str
    use: str = ""  # when to use it
    cost: str = ""
    parameters: str = ""  # what is estimated, in words
    question: str = "values"  # that it answers; or "event"
    of_events: str = ""  # what the model of the same name does with events, in a line


@dataclass(frozen=True)
class RunEntry:
    """``forecast runs``: one row."""

    name: str
    path: str
    model: str
    created: str
    horizon: int | None  # None of an event, and where a damaged run does not say
    series: int | None
    data: str
    best_loss: float | None
    size_bytes: int
    latest: bool
    problem: str = ""  # why the run cannot be used; empty where it can
    event: str = ""  # what it answers about; empty where it forecasts values


@dataclass(frozen=True)
class Check:
    """``forecast doctor``: one row."""

    name: str
    status: str  # "ok", "warn", "fail"
    detail: str
    fix: str = ""

"""What the verbs return: frozen, plain, made of numbers and words.

A Result is all that a report needs; it knows no model, no file and no terminal. The Python
functions return these, the command line prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from forecast_cli.clock import Clock

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def _freeze(result: object) -> None:
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
        _freeze(self)


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
        _freeze(self)


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


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """Every forecast of a comparison: the one table that all scores are computed from.

    Parameters
    ----------
    ids : tuple of str, S
    series : [O] int64
        Which series each origin belongs to.
    origin_times : [O] int64
    times : [O, H] int64
    actual : [O, H] float64
        NaN where nothing was observed.
    quantiles : tuple of float, Q
    forecasts : mapping of model name to [O, H, Q] float64
        In the order of the comparison; models that failed are absent.
    clock : Clock
    """

    ids: tuple[str, ...]
    series: Ints
    origin_times: Ints
    times: Ints
    actual: Floats
    quantiles: tuple[float, ...]
    forecasts: Mapping[str, Floats]
    clock: Clock

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True)
class Replaced:
    """Forecasts that a simpler model gave in a model's place, for one reason.

    Where the simpler model could not answer either, a record of its own says so.
    """

    model: str
    by: str
    why: str  # ends a sentence that begins "as ..."
    origins: int
    of: int  # origins that were asked
    series: tuple[str, ...]

    @property
    def told(self) -> str:
        """What happened, in the words that every line about it begins with.

        Examples
        --------
        >>> Replaced("ets", "holt", "there is no season", 2, 9, ("a", "b")).told
        'ets: holt, as there is no season'
        """
        return f"{self.model}: {self.by}, as {self.why}"


@dataclass(frozen=True)
class ModelScore:
    """One row of the comparison."""

    name: str
    kind: str
    status: str  # "ok", "failed" or "timed out"
    reason: str  # why it has no scores, or what it fell back to; empty otherwise
    rank: int | None
    metrics: Mapping[str, float]  # NaN where undefined
    by_step: Mapping[str, tuple[float, ...]]  # metric → H values
    by_series: Mapping[str, tuple[float, ...]]  # metric → S values
    skill: float | None  # 1 − loss / loss of the reference
    skill_by_step: tuple[float, ...]
    fit_seconds: float
    forecast_seconds: float
    parameters: int
    fallbacks: tuple[str, ...] = ()
    seed_spread: float | None = None  # standard deviation of the metric over seeds
    replaced: tuple[Replaced, ...] = ()  # the fallbacks that a simpler model answered, counted


@dataclass(frozen=True)
class DirectionScore:
    """How well a model says whether the series will stand higher than now."""

    model: str
    kind: str
    status: str
    reason: str
    base_rate: float  # share of rises
    brier: float
    accuracy: float
    auc: float
    by_step: Mapping[str, tuple[float, ...]]  # "brier", "accuracy", "auc" → H values


@dataclass(frozen=True)
class Protocol:
    """How the comparison was made."""

    horizon: int
    context: int | None
    origins: int  # over all series
    origins_per_series: int  # the most that one series has
    stride: int
    test_size: int
    val_size: int
    metric: str
    season: int  # m of MASE
    refit: int
    seeds: int
    reference: str
    quantiles: tuple[float, ...]
    start: str  # of the test block
    end: str


@dataclass(frozen=True)
class Verdict:
    """The answer in words, and the finding behind them in one."""

    best: str
    text: str
    finding: str = ""  # "network", "simple", "no difference", "inconclusive", "not asked"


@dataclass(frozen=True, eq=False)
class CompareResult:
    """``forecast compare-baselines``."""

    data: DataSummary
    protocol: Protocol
    models: tuple[ModelScore, ...]  # ranked, failures last
    direction: tuple[DirectionScore, ...]
    verdict: Verdict
    table: ForecastTable = field(repr=False)
    notes: tuple[str, ...] = ()  # undefined scales counted, series without origins, ...


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


@dataclass(frozen=True)
class RunEntry:
    """``forecast runs``: one row."""

    name: str
    path: str
    model: str
    created: str
    horizon: int | None  # None where a damaged run does not say
    series: int | None
    data: str
    best_loss: float | None
    size_bytes: int
    latest: bool
    problem: str = ""  # why the run cannot be used; empty where it can


@dataclass(frozen=True)
class Check:
    """``forecast doctor``: one row."""

    name: str
    status: str  # "ok", "warn", "fail"
    detail: str
    fix: str = ""

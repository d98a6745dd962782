"""What a comparison returns: forecasts, scores, verdict, and how far each can be believed.

As in results.py everything is frozen, plain, and made of numbers and words; a number that is
undefined is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from forecast_cli.clock import Clock
from forecast_cli.results import DataSummary, Floats, Ints, freeze


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
        freeze(self)


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
class Versus:
    """One model against another, by losses that are paired within independent units.

    Parameters
    ----------
    skill : float
        1 - loss / loss of the other, over all units; NaN where the other loses nothing.
    ci95 : tuple of float
        Its 95 % confidence interval, coherent with ``p``; NaN where there are too few units.
    p : float
        Two-sided, that of no difference; NaN where there are too few units.
    p_holm : float
        Corrected for the number of models that were compared (Holm 1979).
    units : int
        Independent units that were paired.
    kind : {"origins", "series"}
        What a unit is.
    decision : {"better", "worse", "inconclusive", "reference"}
    p_dm : float
        The Diebold-Mariano test with the correction of Harvey, Leybourne & Newbold (1997), for
        readers who look for it; no decision rests on it.
    """

    skill: float
    ci95: tuple[float, float]
    p: float
    p_holm: float
    units: int
    kind: str
    decision: str
    p_dm: float = math.nan


@dataclass(frozen=True)
class SeedScore:
    """One network of several that were trained alike but for their seed."""

    seed: int
    loss: float  # of the metric that ranks


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
    versus_reference: Versus | None = None  # None where it has no scores
    seeds: tuple[SeedScore, ...] = ()  # where several networks were averaged


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
    """The answer: which model is best, which to ship, how sure that is, and why.

    Parameters
    ----------
    best : str
        The model with the least loss; empty where none could be scored.
    text : str
        The answer in words.
    finding : {"network", "simple", "no difference", "inconclusive", "not asked"}
        Who won: the best network or the best simple model.
    ship : str
        The model to use, by the rules of docs/verdict.md; empty where there is none.
    rules : tuple of str
        Each rule that led here, with the numbers it was applied to.
    """

    best: str
    text: str
    finding: str = ""
    ship: str = ""
    rules: tuple[str, ...] = ()

    @property
    def decision(self) -> str:
        """The finding, by the name it has in JSON."""
        return self.finding


@dataclass(frozen=True)
class LevelCoverage:
    """How often one interval of one model held what came, as measured on the test block.

    Parameters
    ----------
    level : int
        In per cent.
    coverage, uncalibrated : float
        Share of the observed cells inside the interval that was given, and inside that before
        calibration (the same where there was none).
    width : float
        Mean over the cells, in units of the series.
    coverage_by_step, width_by_step : tuple of float, H
    """

    level: int
    coverage: float
    uncalibrated: float
    width: float
    coverage_by_step: tuple[float, ...]
    width_by_step: tuple[float, ...]


@dataclass(frozen=True)
class ModelCalibration:
    """How far the intervals of one model can be believed.

    Parameters
    ----------
    model : str
    scores : int
        Held-out values that the intervals were calibrated by; 0 where they were not.
    note : str
        Why they were not, or only in part.
    levels : tuple of LevelCoverage
    shares : tuple of float, Q
        For each quantile of the table the share of observed values at or below it: on the
        diagonal of the calibration plot where the model knows what it does not know.
    """

    model: str
    scores: int
    note: str
    levels: tuple[LevelCoverage, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Learnability:
    """What can be said of the series before a network is trained; medians over series.

    Parameters
    ----------
    seasonal_strength : float
        1 - Var(rest) / Var(season + rest) of an STL decomposition, not below 0 (Wang, Smith &
        Hyndman 2006); NaN without a season or with less than two of them.
    predictability : float
        1 - spectral entropy, 0 for white noise, 1 for a pure wave (Goerg 2013).
    ridge_skill : float
        Of ridge regression against the reference on the validation block; NaN without one.
    seconds : float
        That this took.
    text : str
        In words.
    """

    seasonal_strength: float
    predictability: float
    ridge_skill: float
    seconds: float
    text: str


@dataclass(frozen=True)
class Phase:
    """Columns of a win map: what the position in time of a cell is called."""

    name: str  # "hour of day", "position in the season of 48 steps", ...
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class WinMap:
    """Which model is best where: bands of steps by phase of the season, for a group of series.

    Parameters
    ----------
    group : str
        "all series", or which.
    steps : tuple of (int, int), A
        First and last step of each band.
    phase : Phase
        With B labels.
    best : [A][B] str
        The model with the least loss in each cell; empty where nothing was observed.
    skill : [A, B] float64
        Of that model against the reference.
    """

    group: str
    steps: tuple[tuple[int, int], ...]
    phase: Phase
    best: tuple[tuple[str, ...], ...]
    skill: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True)
class Worst:
    """Where the best model did worst: a series, or an origin of one."""

    series: str
    origin: str  # its time; empty for a whole series
    loss: float  # of the best model
    reference: float  # of the reference there


@dataclass(frozen=True, eq=False)
class Where:
    """Where the models win and fail."""

    maps: tuple[WinMap, ...]
    worst_series: tuple[Worst, ...]
    worst_origins: tuple[Worst, ...]


@dataclass(frozen=True)
class Proof:
    """One model of a leak certificate."""

    model: str
    fit_sha256: str  # of all that the fit learned
    forecasts_sha256: str
    same: bool  # byte for byte, with noise after every cutoff
    difference: str = ""  # the first one, in words


@dataclass(frozen=True)
class LeakCertificate:
    """That nothing after a cutoff reached a fit or a forecast.

    Parameters
    ----------
    proved : bool
        Every model was the same, byte for byte.
    cutoffs : int
        Moments after which everything was replaced by noise.
    proofs : tuple of Proof
    suspects : tuple of str
        Covariates known ahead that are suspiciously good at lead 0 alone, one line each.
    """

    proved: bool
    cutoffs: int
    proofs: tuple[Proof, ...]
    suspects: tuple[str, ...]


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
    calibration: tuple[ModelCalibration, ...] = ()  # in the order of ``models``
    learnability: Learnability | None = None
    where: Where | None = field(default=None, repr=False)
    leak_certificate: LeakCertificate | None = None  # where it was asked for
    command: str = ""  # that gives this result again
    versions: Mapping[str, str] = field(default_factory=dict)  # of the packages that decide it

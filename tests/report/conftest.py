"""Results as the workflows return them, made up with care: realistic, and some hostile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.clock import Clock
from forecast_cli.comparison import (
    CompareResult,
    DirectionScore,
    ForecastTable,
    LeakCertificate,
    Learnability,
    LevelCoverage,
    ModelCalibration,
    ModelScore,
    Phase,
    Proof,
    Protocol,
    SeedScore,
    Verdict,
    Versus,
    Where,
    WinMap,
    Worst,
)
from forecast_cli.results import (
    Check,
    DataSummary,
    HeldOutScores,
    Inferred,
    InspectResult,
    ModelEntry,
    PredictResult,
    Repair,
    RunEntry,
    SeriesForecast,
    SeriesSummary,
    TrainResult,
)

HOUR = 3_600 * 10**9
START = 1_700_000_000 // 3600 * HOUR
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)
HOSTILE = "</script><script>alert(1)</script>\x1b[31m=1+1"

# name, kind, MAE relative to the reference, fit seconds, forecast seconds, parameters
MODELS = (
    ("lstm", "network", 0.74, 7.83, 0.412, 131_873),
    ("gru", "network", 0.77, 8.41, 0.434, 99_233),
    ("linear", "baseline", 0.79, 0.212, 0.018, 16_176),
    ("arima", "baseline", 0.97, 21.6, 2.94, 7),
    ("seasonal-naive", "baseline", 1.0, 0.0002, 0.003, 0),
    ("seasonal-naive-168", "baseline", 1.13, 0.0002, 0.003, 0),
    ("mean", "baseline", 1.61, 0.0001, 0.001, 1),
    ("naive", "baseline", 1.94, 0.0001, 0.001, 0),
    ("drift", "baseline", 2.02, 0.0001, 0.001, 1),
)


def make_data(series: int = 1, source: str = "data/ETTh1.csv") -> DataSummary:
    return DataSummary(
        sources=(source,),
        rows=17_420,
        series=series,
        frequency="h",
        seasons=(24, 168),
        sha256="ab" * 32,
        inferred=(
            Inferred("time", "date", "--time date", "the only column of dates"),
            Inferred("target", "OT", "--target OT", "the last numeric column"),
            Inferred("frequency", "1 hour", "--freq h", "99.8 % of the steps"),
            Inferred("season", "24, 168", "--season 24 --season 168", "day and week"),
        ),
        repairs=(
            Repair("sorted", 4, "rows were not in time order (first: line 25)"),
            Repair("gaps", 31, "hours without a row, left missing", "--freq h"),
        ),
        start="2016-07-01 00:00:00",
        end="2018-06-26 19:00:00",
        channels=("OT",),
    )


def make_table(
    series: int = 1, horizon: int = 24, origins: int = 30, seed: int = 0
) -> ForecastTable:
    rng = np.random.default_rng(seed)
    n = series * origins
    which = np.repeat(np.arange(series), origins)
    first = START + np.tile(np.arange(origins), series) * horizon * HOUR
    times = first[:, None] + np.arange(1, horizon + 1) * HOUR  # [O, H]
    hours = times // HOUR
    level = 20.0 + 15.0 * which[:, None]
    actual = level + 6 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1, times.shape)
    width = np.array([-1.96, -1.28, 0.0, 1.28, 1.96])
    forecasts = {}
    for name, _, ratio, *_ in MODELS:
        spread = ratio * np.sqrt(1 + np.arange(horizon) / 12)  # [H]
        centre = actual + rng.normal(0, 1, (n, horizon)) * spread
        forecasts[name] = centre[:, :, None] + spread[None, :, None] * width  # [O, H, Q]
    actual[0, min(2, horizon - 1)] = np.nan
    return ForecastTable(
        ids=tuple(f"meter_{s:02d}" for s in range(series)),
        series=which.astype(np.int64),
        origin_times=first.astype(np.int64),
        times=times.astype(np.int64),
        actual=actual,
        quantiles=QUANTILES,
        forecasts=forecasts,
        clock=Clock(freq="h", name="date"),
    )


def make_scores(table: ForecastTable) -> tuple[ModelScore, ...]:
    series, horizon = len(table.ids), table.times.shape[1]
    median = QUANTILES.index(0.5)
    errors = {name: np.abs(f[:, :, median] - table.actual) for name, f in table.forecasts.items()}
    steps = {name: np.nanmean(e, axis=0) for name, e in errors.items()}
    base = float(steps["seasonal-naive"].mean())
    scores = []
    for rank, (name, kind, _, fit, ask, parameters) in enumerate(MODELS, start=1):
        mae = float(steps[name].mean())
        per_series = [float(np.nanmean(errors[name][table.series == s])) for s in range(series)]
        scores.append(
            ModelScore(
                name=name,
                kind=kind,
                status="ok",
                reason="",
                rank=rank,
                metrics={
                    "mase": 0.93 * mae / base,
                    "rmsse": 0.91 * mae / base,
                    "mae": mae,
                    "rmse": 1.25 * mae,
                    "smape": 4.1 * mae,
                    "wql": 0.031 * mae,
                    "coverage_80": 0.8 - 0.02 * rank,
                    "coverage_95": 0.95 - 0.01 * rank,
                    "width_80": 2.56 * mae,
                    "width_95": 3.92 * mae,
                },
                by_step={
                    "mae": tuple(steps[name].tolist()),
                    "mase": tuple((0.93 * steps[name] / base).tolist()),
                    "coverage_80": tuple((0.8 - 0.1 * steps[name] / steps[name].max()).tolist()),
                    "coverage_95": tuple([0.94] * horizon),
                },
                by_series={"mase": tuple(0.93 * v / base for v in per_series)},
                skill=1 - mae / base,
                skill_by_step=tuple((1 - steps[name] / steps["seasonal-naive"]).tolist()),
                fit_seconds=fit,
                forecast_seconds=ask,
                parameters=parameters,
                fallbacks=("2 of 30 origins answered by seasonal-naive",)
                if name == "arima"
                else (),
                seed_spread=0.004 if kind == "network" else None,
            )
        )
    failed = ModelScore(
        "ets", "baseline", "failed", "TrainingError: no finite likelihood", None,
        {}, {}, {}, None, (), 0.31, float("nan"), 0,
    )  # fmt: skip
    return (*scores, failed)


def make_direction(horizon: int) -> tuple[DirectionScore, ...]:
    step = tuple([0.2] * horizon)
    by_step = {"brier": step, "accuracy": step, "auc": step}
    return (
        DirectionScore("lstm", "network", "ok", "", 0.512, 0.1713, 0.742, 0.823, by_step),
        DirectionScore("logistic", "baseline", "ok", "", 0.512, 0.1842, 0.719, 0.794, by_step),
        DirectionScore(
            "gru", "network", "failed", "no quantiles", *[float("nan")] * 4, {}
        ),
    )  # fmt: skip


def make_compare(series: int = 1, horizon: int = 24) -> CompareResult:
    table = make_table(series, horizon)
    return CompareResult(
        data=make_data(series),
        protocol=Protocol(
            horizon=horizon,
            context=336,
            origins=30 * series,
            origins_per_series=30,
            stride=horizon,
            test_size=720,
            val_size=720,
            metric="mase",
            season=24,
            refit=0,
            seeds=3,
            reference="seasonal-naive",
            quantiles=QUANTILES,
            start="2018-02-20 00:00:00",
            end="2018-06-26 19:00:00",
        ),
        models=make_scores(table),
        direction=make_direction(horizon),
        verdict=Verdict(
            "lstm",
            "The network is worth it: lstm has a MASE of 0.667, 7.9 % lower than the 0.724 of "
            "linear, the best simple model (95 % interval: 2.1 % lower to 13.4 % lower; 30 "
            "non-overlapping origins). It took 7.83 s to fit lstm, 37 times the 0.212 s of "
            "linear. Skill against seasonal-naive: lstm +28.3 %, linear +22.2 %.",
            "network",
        ),
        table=table,
        notes=("1 value of the test block was not observed and is not scored.",),
    )


def make_versus(score: ModelScore) -> Versus | None:
    """What a careful statistician might have found: only sure gains and losses are decided."""
    skill, nan = score.skill, float("nan")
    if skill is None:
        return None
    if score.name == "seasonal-naive":
        return Versus(0.0, (nan, nan), nan, nan, 30, "origins", "reference")
    low, high = skill - 0.06, skill + 0.05
    decision = "better" if low > 0 else "worse" if high < 0 else "inconclusive"
    p = 0.3 if decision == "inconclusive" else 0.0004
    return Versus(skill, (low, high), p, min(1.0, 8 * p), 30, "origins", decision)


def make_calibration(score: ModelScore, horizon: int) -> ModelCalibration:
    levels = tuple(
        LevelCoverage(
            level,
            score.metrics[f"coverage_{level}"],
            score.metrics[f"coverage_{level}"] - 0.04,
            score.metrics[f"width_{level}"],
            tuple(np.linspace(level / 100, level / 100 - 0.05, horizon).tolist()),
            tuple(np.linspace(2, 3, horizon).tolist()),
        )
        for level in (80, 95)
    )
    shares = (0.03, 0.12, 0.49, 0.88, 0.96)
    note = "" if score.kind == "network" else "its own quantiles were kept"
    return ModelCalibration(score.name, 720 if not note else 0, note, levels, shares)


def make_where() -> Where:
    bands = ((1, 8), (9, 16), (17, 24))
    best = tuple(
        tuple("linear" if (hour + k) % 3 == 0 else "lstm" for hour in range(24)) for k in range(3)
    )
    skill = np.linspace(-0.02, 0.4, 72).reshape(3, 24)
    skill[1, 3] = np.nan
    hours = Phase("hour of day", tuple(f"{hour:02d}" for hour in range(24)))
    return Where(
        maps=(WinMap("all series", bands, hours, best, skill),),
        worst_series=(Worst("meter_00", "", 1.31, 1.22),),
        worst_origins=(
            Worst("meter_00", "2018-03-04 00:00:00", 2.7, 1.9),
            Worst("meter_00", "2018-05-21 00:00:00", 2.1, 2.4),
        ),
    )


def make_judged(series: int = 1, horizon: int = 24) -> CompareResult:
    """A comparison in which every optional part was found out."""
    result = make_compare(series, horizon)
    models = tuple(
        replace(
            score,
            versus_reference=make_versus(score),
            seeds=tuple(SeedScore(k, 0.66 + 0.004 * k) for k in range(3))
            if score.kind == "network"
            else (),
        )
        for score in result.models
    )
    verdict = replace(
        result.verdict,
        ship="linear",
        rules=(
            "lstm has the least MASE, 0.667, and is better than seasonal-naive (p 0.003).",
            "linear is not worse than lstm (skill of lstm against it 3.0 %, p 0.21).",
            "Of models that are not worse, the cheapest to fit is shipped: linear, 0.2 s.",
        ),
    )
    return replace(
        result,
        models=models,
        verdict=verdict,
        calibration=tuple(make_calibration(s, horizon) for s in models if s.status == "ok"),
        learnability=Learnability(
            0.82, 0.61, 0.22, 0.9, "Strongly seasonal (0.82) and fairly predictable (0.61)."
        ),
        where=make_where(),
        leak_certificate=LeakCertificate(
            True,
            1,
            tuple(Proof(s.name, "0a" * 32, "1b" * 32, True) for s in models if s.status == "ok"),
            ("temperature: 31 % better at lead 0 than a step later",),
        ),
        command="forecast compare-baselines data/ETTh1.csv --horizon 24 --seeds 3",
        versions={"forecast-cli": "0.1.0", "torch": "2.13.0", "numpy": "2.3.4"},
    )


def make_predict(series: int = 1, horizon: int = 24) -> PredictResult:
    rng = np.random.default_rng(1)
    clock = Clock(freq="h")
    forecasts = []
    for s in range(series):
        past = START + np.arange(72) * HOUR
        future = clock.onwards(int(past[-1]), horizon)
        centre = 20 + 6 * np.sin(2 * np.pi * (future // HOUR) / 24)
        spread = np.sqrt(1 + np.arange(horizon) / 6)
        values = 20 + 6 * np.sin(2 * np.pi * (past // HOUR) / 24) + rng.normal(0, 0.7, 72)
        values[10:13] = np.nan
        forecasts.append(
            SeriesForecast(
                id=f"meter_{s:02d}",
                times=tuple(clock.show(future)),
                forecast=centre,
                lower={80: centre - 1.28 * spread, 95: centre - 1.96 * spread},
                upper={80: centre + 1.28 * spread, 95: centre + 1.96 * spread},
                past_times=tuple(clock.show(past)),
                past=values,
            )
        )
    return PredictResult(
        run="runs/20260102-030405-lstm-1a2b3c",
        model="lstm",
        levels=(80, 95),
        id_name="meter",
        time_name="date",
        data=make_data(series),
        series=tuple(forecasts),
    )


def make_train() -> TrainResult:
    steps = np.arange(25, 625, 25)
    return TrainResult(
        run="runs/20260102-030405-lstm-1a2b3c",
        model="lstm",
        kind="network",
        data=make_data(),
        horizon=96,
        context=336,
        parameters=131_873,
        steps=600,
        seconds=7.83,
        best_loss=0.2871,
        device="cpu (2 threads)",
        stopped="no better for 5 evaluations; best weights restored",
        settings={
            "model": "lstm",
            "horizon": 96,
            "level": (80, 95),
            "seed": 0,
            "hidden": 128,
            "device": "cpu",
        },
        history=tuple(
            {
                "step": float(k),
                "loss": float(0.25 + np.exp(-k / 120)),
                "val_loss": float(0.287 + np.exp(-k / 90)),
                "seconds": float(k / 80),
            }
            for k in steps
        ),
        scores=HeldOutScores(
            start="2018-04-01 00:00:00",
            end="2018-06-26 19:00:00",
            origins=50,
            season=24,
            models={
                name: dict(
                    zip(("mase", "mae", "wql", "coverage_80", "coverage_95"), row, strict=True)
                )
                for name, row in (
                    ("lstm", (0.612, 1.84, 0.0312, 0.781, 0.94)),
                    ("seasonal-naive", (0.903, 2.71, 0.0488, 0.812, 0.957)),
                    ("linear", (0.655, 1.97, 0.0331, 0.79, 0.946)),
                )
            },
        ),
    )


def make_inspect(series: int = 1) -> InspectResult:
    t = np.arange(400)
    return InspectResult(
        data=make_data(series),
        series=tuple(
            SeriesSummary(
                f"meter_{s:02d}",
                17_420,
                31 * s,
                "2016-07-01 00:00:00",
                "2018-06-26 19:00:00",
                13.3 + s,
                8.57,
                -4.08,
                46.0,
            )
            for s in range(series)
        ),
        warnings=("column LUFL is constant over the last 40 days",),
        suggestion="forecast train data/ETTh1.csv --horizon 24",
        history=13 + 5 * np.sin(2 * np.pi * t / 24) + 0.01 * t,
        history_times=tuple(Clock(freq="h").show(START + t * HOUR)),
    )


@pytest.fixture(scope="session")
def compare() -> CompareResult:
    """One series, nine models that ran and one that failed."""
    return make_compare()


@pytest.fixture(scope="session")
def compare_many() -> CompareResult:
    """Twelve series."""
    return make_compare(series=12, horizon=48)


@pytest.fixture(scope="session")
def judged() -> CompareResult:
    """One series, with all that can be known of a comparison."""
    return make_judged()


@pytest.fixture(scope="session")
def judged_many() -> CompareResult:
    """Twelve series, with all that can be known of a comparison."""
    return make_judged(series=12, horizon=48)


def make_hostile(compare: CompareResult) -> CompareResult:
    """The same with a name in every place a user can fill that tries to do harm."""
    data = replace(
        compare.data,
        sources=(HOSTILE,),
        channels=(HOSTILE,),
        inferred=(Inferred("target", HOSTILE, f"--target {HOSTILE}", HOSTILE),),
        repairs=(Repair("gaps", 1, HOSTILE),),
    )
    models = tuple(replace(m, reason=HOSTILE, fallbacks=(HOSTILE,)) for m in compare.models)
    table = replace(compare.table, ids=(HOSTILE,))
    verdict = replace(compare.verdict, text=HOSTILE)
    harmed = replace(
        compare, data=data, models=models, table=table, verdict=verdict, notes=(HOSTILE,)
    )
    if compare.where is None:
        return harmed
    assert compare.learnability is not None
    assert compare.leak_certificate is not None
    proof = Proof(HOSTILE, HOSTILE, HOSTILE, False, HOSTILE)
    worst = (Worst(HOSTILE, HOSTILE, 2.0, 1.0),)
    phase = Phase(HOSTILE, (HOSTILE,))
    win_map = WinMap(HOSTILE, ((1, 24),), phase, ((HOSTILE,),), np.array([[0.1]]))
    return replace(
        harmed,
        verdict=replace(verdict, ship="linear", rules=(HOSTILE,)),
        calibration=tuple(replace(c, note=HOSTILE) for c in compare.calibration),
        learnability=replace(compare.learnability, text=HOSTILE),
        where=Where((win_map,), worst, worst),
        leak_certificate=LeakCertificate(False, 1, (proof,), (HOSTILE,)),
        command=HOSTILE,
        versions={HOSTILE: HOSTILE},
    )


@pytest.fixture
def hostile_compare(compare: CompareResult) -> CompareResult:
    """A comparison of the old kind, with harmful names."""
    return make_hostile(compare)


@pytest.fixture
def hostile_judged(judged: CompareResult) -> CompareResult:
    """A comparison with all optional parts, and harmful names in each."""
    return make_hostile(judged)


@pytest.fixture(scope="session")
def predict() -> PredictResult:
    """Three series, a day ahead."""
    return make_predict(series=3)


@pytest.fixture(scope="session")
def train() -> TrainResult:
    """A network that stopped early."""
    return make_train()


@pytest.fixture(scope="session")
def inspect() -> InspectResult:
    """Three series."""
    return make_inspect(series=3)


@pytest.fixture(scope="session")
def model_entries() -> tuple[ModelEntry, ...]:
    return (
        ModelEntry("lstm", "network", "one patched LSTM for all series", "Hochreiter 1997"),
        ModelEntry("seasonal-naive", "baseline", "the value one season ago", "Hyndman 2021"),
    )


@pytest.fixture(scope="session")
def run_entries() -> tuple[RunEntry, ...]:
    name, other = "20260102-030405-lstm-1a2b3c", "20260101-030405-gru-9f8e7d"
    return (
        RunEntry(
            name, f"runs/{name}", "lstm", "2026-01-02 03:04:05", 96, 1, "data/ETTh1.csv", 0.2871,
            843_211, True,
        ),
        RunEntry(
            other, f"runs/{other}", "gru", "2026-01-01 03:04:05", 24, 52, "data/nn5.csv", None,
            612_002, False, "model.safetensors is missing",
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def checks() -> tuple[Check, ...]:
    return (
        Check("python", "ok", "3.11.9"),
        Check("torch", "ok", "2.13.0, cpu only, 2 threads"),
        Check("zstandard", "warn", "not installed", "pip install 'forecast-cli[zstd]'"),
        Check("runs", "fail", "folder runs cannot be written", "chmod u+w runs"),
    )

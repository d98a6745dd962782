"""Results as versioned JSON: the contract with programs that read this tool.

Every payload names its schema and version; within a version, fields are only ever added.
Notable: a number that does not exist (NaN, infinite) is ``null``, floats are the shortest
that read back to the same bits, and text is UTF-8 whatever a user's file held. This file
computes nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from typing import Any

import numpy as np

from forecast_cli.comparison import (
    CompareResult,
    DirectionScore,
    ModelScore,
    Verdict,
    Versus,
)
from forecast_cli.results import (
    Check,
    DataSummary,
    InspectResult,
    ModelEntry,
    PredictResult,
    RerunResult,
    RunEntry,
    SeriesForecast,
    TrainResult,
)

Payload = dict[str, Any]

# Always present, null where undefined or failed; further metrics may follow.
METRICS = ("mase", "rmsse", "mae", "rmse", "smape", "wql", "coverage_80", "coverage_95")


def compare_payload(result: CompareResult) -> Payload:
    """``compare-baselines --format json``."""
    return {
        "schema": "forecast-cli/compare/1",
        "data": data_payload(result.data),
        "protocol": asdict(result.protocol),
        "models": [_model(score) for score in result.models],
        "direction": [_direction(score) for score in result.direction],
        "verdict": _verdict(result.verdict),
        "notes": list(result.notes),
        "calibration": [asdict(each) for each in result.calibration],
        "learnability": result.learnability and asdict(result.learnability),
        "where": result.where and asdict(result.where),
        "leak_certificate": result.leak_certificate and asdict(result.leak_certificate),
        "command": result.command,
        "versions": dict(result.versions),
    }


def predict_payload(result: PredictResult) -> Payload:
    """``predict --format json``."""
    return {
        "schema": "forecast-cli/predict/1",
        "run": result.run,
        "model": result.model,
        "levels": list(result.levels),
        "id_name": result.id_name,
        "time_name": result.time_name,
        "data": data_payload(result.data),
        "series": [_series(series) for series in result.series],
        "fallbacks": list(result.fallbacks),
    }


def train_payload(result: TrainResult) -> Payload:
    """``train --format json``."""
    return {
        "schema": "forecast-cli/train/1",
        "run": result.run,
        "model": result.model,
        "kind": result.kind,
        "task": {"horizon": result.horizon, "seasons": list(result.data.seasons)},
        "context": result.context,
        "parameters": result.parameters,
        "steps": result.steps,
        "seconds": result.seconds,
        "best_loss": result.best_loss,
        "device": result.device,
        "stopped": result.stopped,
        "settings": dict(result.settings),
        "data": data_payload(result.data),
        "history": [dict(row) for row in result.history],
        "fallbacks": list(result.fallbacks),
        "validation_block": result.scores and asdict(result.scores),
    }


def inspect_payload(result: InspectResult) -> Payload:
    """``inspect --format json``."""
    return {
        "schema": "forecast-cli/inspect/1",
        "data": data_payload(result.data),
        "series": [asdict(series) for series in result.series],
        "warnings": list(result.warnings),
        "suggestion": result.suggestion,
    }


def models_payload(entries: Sequence[ModelEntry]) -> Payload:
    """``models --format json``."""
    return {"schema": "forecast-cli/models/1", "models": [asdict(entry) for entry in entries]}


def model_payload(entry: ModelEntry) -> Payload:
    """``models show --format json``."""
    return {"schema": "forecast-cli/model/1", **asdict(entry)}


def runs_payload(entries: Sequence[RunEntry]) -> Payload:
    """``runs --format json``."""
    return {"schema": "forecast-cli/runs/1", "runs": [asdict(entry) for entry in entries]}


def doctor_payload(checks: Sequence[Check]) -> Payload:
    """``doctor --format json``."""
    return {"schema": "forecast-cli/doctor/1", "checks": [asdict(check) for check in checks]}


def dumps(payload: Mapping[str, Any]) -> str:
    """A payload as one line of JSON.

    Examples
    --------
    >>> dumps({"mase": float("nan"), "id": "Köln", "loss": np.float64(0.1)})
    '{"mase": null, "id": "Köln", "loss": 0.1}'
    """
    return json.dumps(_plain(payload), ensure_ascii=False, allow_nan=False)


def data_payload(data: DataSummary) -> Payload:
    """What was read, as every schema has it."""
    return {
        "rows": data.rows,
        "series": data.series,
        "frequency": data.frequency,
        "seasons": list(data.seasons),
        "sha256": data.sha256,
        "repairs": [asdict(repair) for repair in data.repairs],
        "sources": list(data.sources),
        "start": data.start,
        "end": data.end,
        "channels": list(data.channels),
        "inferred": [asdict(inferred) for inferred in data.inferred],
    }


def _model(score: ModelScore) -> Payload:
    return {
        "name": score.name,
        "kind": score.kind,
        "status": score.status,
        "reason": score.reason,
        "rank": score.rank,
        "metrics": dict.fromkeys(METRICS) | dict(score.metrics),
        "by_step": {metric: list(values) for metric, values in score.by_step.items()},
        "by_series": {metric: list(values) for metric, values in score.by_series.items()},
        "skill": score.skill,
        "skill_by_step": list(score.skill_by_step),
        "fit_seconds": score.fit_seconds,
        "forecast_seconds": score.forecast_seconds,
        "parameters": score.parameters,
        "fallbacks": list(score.fallbacks),
        "seed_spread": score.seed_spread,
        "replaced": [asdict(record) for record in score.replaced],
        "versus_reference": score.versus_reference and _versus(score.versus_reference),
        "seeds": [asdict(seed) for seed in score.seeds],
    }


def _versus(found: Versus) -> Payload:
    return {
        "skill": found.skill,
        "ci95": list(found.ci95),
        "p": found.p,
        "p_holm": found.p_holm,
        "origins": found.units,
        "unit": found.kind,  # what "origins" counts: where there are many series, series
        "decision": found.decision,
        "p_dm": found.p_dm,
    }


def _verdict(verdict: Verdict) -> Payload:
    return {**asdict(verdict), "decision": verdict.decision}


def _direction(score: DirectionScore) -> Payload:
    return {
        "model": score.model,
        "kind": score.kind,
        "status": score.status,
        "reason": score.reason,
        "base_rate": score.base_rate,
        "brier": score.brier,
        "accuracy": score.accuracy,
        "auc": score.auc,
        "by_step": {metric: list(values) for metric, values in score.by_step.items()},
    }


def _series(series: SeriesForecast) -> Payload:
    bounds: Payload = {}
    for level in series.lower:
        bounds[f"lo_{level}"] = series.lower[level].tolist()
        bounds[f"hi_{level}"] = series.upper[level].tolist()
    return {
        "id": series.id,
        "times": list(series.times),
        "forecast": series.forecast.tolist(),
        **bounds,
    }


def _plain(value: Any) -> Any:
    """The same value in JSON's own types."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(_plain(item) for item in value)
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return _plain(str(value))


def rerun_payload(result: RerunResult) -> Payload:
    """``rerun --format json``; a largest difference without bound is null."""
    return {
        "schema": "forecast-cli/rerun/1",
        "run": result.run,
        "model": result.model,
        "identical": result.identical,
        "largest_difference": result.largest_difference,
        "difference": result.difference,
        "reasons": list(result.reasons),
        "seconds": result.seconds,
        "kept": result.kept,
        "data": data_payload(result.data),
    }

"""Results of event verbs as versioned JSON: the contract with programs that read this tool.

As in report/payload.py: within a version fields are only ever added, and a number that does not
exist is ``null``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from forecast_cli.event_comparison import (
    EventCompareResult,
    EventPredictResult,
    EventScore,
    EventTrainResult,
    HistoriesResult,
)
from forecast_cli.events import EventTask, event_task_to_json
from forecast_cli.report.payload import Payload, data_payload

# Always present, null where undefined or failed; further metrics may follow.
METRICS = ("average_precision", "roc_auc", "brier", "log_loss", "f1", "min_se_pp", "ece")


def compare_payload(result: EventCompareResult) -> Payload:
    """``compare-baselines --format json`` of an event."""
    return {
        "schema": "forecast-cli/compare-events/1",
        "data": data_payload(result.data),
        "task": event_task_to_json(result.task),
        "protocol": asdict(result.protocol),
        "prevalence": result.protocol.prevalence,
        "folds": result.protocol.folds,
        "models": [_model(score) for score in result.models],
        "verdict": {**asdict(result.verdict), "decision": result.verdict.decision},
        "notes": list(result.notes),
        "command": result.command,
        "versions": dict(result.versions),
    }


def train_payload(result: EventTrainResult) -> Payload:
    """``train --format json`` of an event."""
    return {
        "schema": "forecast-cli/train-events/1",
        "run": result.run,
        "model": result.model,
        "kind": result.kind,
        "task": event_task_to_json(result.task),
        "shares": list(result.shares),
        "examples": result.examples,
        "threshold": result.threshold,
        "parameters": result.parameters,
        "seconds": result.seconds,
        "device": result.device,
        "settings": dict(result.settings),
        "held_out": {name: dict(scores) for name, scores in result.held_out.items()},
        "data": data_payload(result.data),
        "history": [dict(row) for row in result.history],
        "notes": list(result.notes),
    }


def predict_payload(result: EventPredictResult) -> Payload:
    """``predict --format json`` of an event."""
    return {
        "schema": "forecast-cli/predict-events/1",
        "run": result.run,
        "model": result.model,
        "task": event_task_to_json(result.task),
        "id_name": result.id_name,
        "time_name": result.time_name,
        "threshold": result.threshold,
        "data": data_payload(result.data),
        "answers": [_answer(result, k) for k in range(len(result.entities))],
        "notes": list(result.notes),
    }


def histories_payload(result: HistoriesResult) -> Payload:
    """``inspect --format json`` of histories."""
    return {
        "schema": "forecast-cli/inspect-histories/1",
        "data": data_payload(result.data),
        "id_name": result.id_name,
        "unit": result.unit,
        "lengths": result.lengths,
        "gaps": list(result.gaps),
        "observed": dict(result.observed),
        "classes": list(result.classes),
        "shares": list(result.shares),
        "statics": list(result.statics),
        "entities": [asdict(entity) for entity in result.entities],
        "warnings": list(result.warnings),
        "suggestion": result.suggestion,
    }


def _model(score: EventScore) -> Payload:
    return {
        "name": score.name,
        "kind": score.kind,
        "status": score.status,
        "reason": score.reason,
        "rank": score.rank,
        "metrics": dict.fromkeys(METRICS) | dict(score.metrics),
        "intervals": {metric: list(ends) for metric, ends in score.intervals.items()},
        "by_fold": {metric: list(values) for metric, values in score.by_fold.items()},
        "thresholds": list(score.thresholds),
        "curves": score.curves and asdict(score.curves),
        "versus_reference": score.versus_reference and asdict(score.versus_reference),
        "lead_times": score.lead_times and asdict(score.lead_times),
        "fit_seconds": score.fit_seconds,
        "answer_seconds": score.answer_seconds,
        "parameters": score.parameters,
        "notes": list(score.notes),
    }


def _answer(result: EventPredictResult, k: int) -> Payload:
    task: EventTask = result.task
    shares: list[Any] = result.probabilities[k].tolist()
    told: Payload = {"id": result.entities[k]}
    if result.times[k]:
        told["time"] = result.times[k]
    if task.binary:
        told["probability"] = shares[1]
        told["alarm"] = shares[1] >= result.threshold
    else:
        told["class"] = task.classes[max(range(len(shares)), key=shares.__getitem__)]
    told["probabilities"] = dict(zip(task.classes, shares, strict=True))
    return told

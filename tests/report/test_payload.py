"""The machine-readable contract: keys exactly, numbers exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.comparison import CompareResult, Replaced
from forecast_cli.report.payload import (
    compare_payload,
    doctor_payload,
    dumps,
    inspect_payload,
    models_payload,
    predict_payload,
    runs_payload,
    train_payload,
)
from forecast_cli.results import (
    Check,
    InspectResult,
    ModelEntry,
    PredictResult,
    RunEntry,
    TrainResult,
)

DATA = [
    "rows", "series", "frequency", "seasons", "sha256", "repairs", "sources", "start", "end",
    "channels", "inferred",
]  # fmt: skip
METRICS = {"mase", "rmsse", "mae", "rmse", "smape", "wql", "coverage_80", "coverage_95"}


def test_compare_has_the_keys_of_the_contract(compare: CompareResult) -> None:
    payload = json.loads(dumps(compare_payload(compare)))
    assert list(payload) == [
        "schema", "data", "protocol", "models", "direction", "verdict", "notes", "calibration",
        "learnability", "where", "leak_certificate", "command", "versions",
    ]  # fmt: skip
    assert payload["schema"] == "forecast-cli/compare/1"
    assert list(payload["data"]) == DATA
    wanted = {"horizon", "context", "origins", "stride", "test_size", "metric", "refit", "seeds"}
    assert wanted <= set(payload["protocol"])
    assert list(payload["models"][0]) == [
        "name", "kind", "status", "reason", "rank", "metrics", "by_step", "by_series", "skill",
        "skill_by_step", "fit_seconds", "forecast_seconds", "parameters", "fallbacks",
        "seed_spread", "replaced", "versus_reference", "seeds",
    ]  # fmt: skip
    assert set(payload["models"][0]["metrics"]) >= METRICS
    assert list(payload["verdict"]) == ["best", "text", "finding", "ship", "rules", "decision"]
    assert list(payload["direction"][0]) == [
        "model", "kind", "status", "reason", "base_rate", "brier", "accuracy", "auc", "by_step",
    ]  # fmt: skip


def test_a_failed_model_is_listed_with_its_reason_and_null_metrics(compare: CompareResult) -> None:
    failed = json.loads(dumps(compare_payload(compare)))["models"][-1]
    assert (failed["name"], failed["status"], failed["rank"]) == ("ets", "failed", None)
    assert failed["reason"] == "TrainingError: no finite likelihood"
    assert set(failed["metrics"]) >= METRICS
    assert set(failed["metrics"].values()) == {None}


def test_what_a_simpler_model_answered_is_counted(compare: CompareResult) -> None:
    record = Replaced("lstm", "naive", "it is far", 2, 9, ("a",))
    helped = replace(compare, models=(replace(compare.models[0], replaced=(record,)),))
    payload = json.loads(dumps(compare_payload(helped)))
    assert payload["models"][0]["replaced"] == [
        {"model": "lstm", "by": "naive", "why": "it is far", "origins": 2, "of": 9, "series": ["a"]}
    ]


def test_scores_pass_through_unchanged(compare: CompareResult) -> None:
    payload = json.loads(dumps(compare_payload(compare)))
    for written, score in zip(payload["models"][:-1], compare.models, strict=False):
        assert written["metrics"]["mase"] == score.metrics["mase"]
        assert tuple(written["by_step"]["mae"]) == score.by_step["mae"]


def test_each_model_stands_against_the_reference(judged: CompareResult) -> None:
    payload = json.loads(dumps(compare_payload(judged)))
    versus = {model["name"]: model["versus_reference"] for model in payload["models"]}
    found = judged.models[0].versus_reference
    assert found is not None
    assert versus["lstm"] == {
        "skill": found.skill,
        "ci95": list(found.ci95),
        "p": found.p,
        "p_holm": found.p_holm,
        "origins": 30,
        "unit": "origins",
        "decision": "better",
        "p_dm": None,
    }
    assert versus["seasonal-naive"]["decision"] == "reference"
    assert versus["seasonal-naive"]["ci95"] == [None, None]
    assert versus["ets"] is None


def test_what_is_known_beyond_the_scores_passes_through(judged: CompareResult) -> None:
    payload = json.loads(dumps(compare_payload(judged)))
    assert payload["models"][0]["seeds"][1] == {"seed": 1, "loss": judged.models[0].seeds[1].loss}
    assert payload["verdict"]["ship"] == judged.verdict.ship
    assert payload["verdict"]["decision"] == payload["verdict"]["finding"] == "network"
    assert payload["verdict"]["rules"] == list(judged.verdict.rules)
    assert payload["calibration"][0]["levels"][1]["level"] == 95
    assert payload["learnability"]["predictability"] == 0.61
    assert payload["leak_certificate"]["proofs"][0]["fit_sha256"] == "0a" * 32
    assert payload["where"]["maps"][0]["phase"]["name"] == "hour of day"
    assert payload["where"]["maps"][0]["skill"][1][3] is None
    assert payload["where"]["worst_origins"][0]["origin"] == "2018-03-04 00:00:00"
    assert payload["command"] == judged.command
    assert payload["versions"]["torch"] == "2.13.0"


def test_what_was_not_found_out_is_null_or_empty(compare: CompareResult) -> None:
    payload = json.loads(dumps(compare_payload(compare)))
    for key in ("learnability", "where", "leak_certificate"):
        assert payload[key] is None
    assert payload["calibration"] == []
    assert payload["models"][0]["versus_reference"] is None


def test_predict_has_the_keys_of_the_contract(predict: PredictResult) -> None:
    payload = json.loads(dumps(predict_payload(predict)))
    assert payload["schema"] == "forecast-cli/predict/1"
    assert payload["run"] == predict.run
    assert list(payload["series"][0]) == [
        "id", "times", "forecast", "lo_80", "hi_80", "lo_95", "hi_95",
    ]  # fmt: skip
    np.testing.assert_array_equal(payload["series"][1]["lo_95"], predict.series[1].lower[95])


def test_train_names_run_task_and_inferred_settings(train: TrainResult) -> None:
    payload = json.loads(dumps(train_payload(train)))
    assert payload["schema"] == "forecast-cli/train/1"
    assert payload["task"] == {"horizon": 96, "seasons": [24, 168]}
    wanted = {"run", "parameters", "steps", "seconds", "best_loss", "settings", "context"}
    assert wanted <= set(payload)
    assert payload["data"]["inferred"][0]["option"] == "--time date"


def test_the_small_verbs_name_their_schema(
    inspect: InspectResult,
    model_entries: Sequence[ModelEntry],
    run_entries: Sequence[RunEntry],
    checks: Sequence[Check],
) -> None:
    assert inspect_payload(inspect)["schema"] == "forecast-cli/inspect/1"
    assert inspect_payload(inspect)["series"][2]["id"] == "meter_02"
    assert models_payload(model_entries)["models"][0]["name"] == "lstm"
    assert runs_payload(run_entries)["runs"][1]["problem"] == "model.safetensors is missing"
    assert doctor_payload(checks)["checks"][3]["fix"] == "chmod u+w runs"


@given(st.floats())
def test_finite_floats_read_back_to_the_same_bits_and_others_are_null(value: float) -> None:
    read = json.loads(dumps({"v": value, "n": np.float64(value)}))
    expected = value if math.isfinite(value) else None
    assert read == {"v": expected, "n": expected}


@given(st.text())
def test_any_text_becomes_one_line_of_utf_8(text: str) -> None:
    line = dumps({"id": text})
    line.encode("utf-8")
    assert "\n" not in line


def test_a_lone_surrogate_is_written_as_an_escape() -> None:
    assert json.loads(dumps({"id": "a\udc80"})) == {"id": "a\\udc80"}


def test_settings_of_any_kind_are_written() -> None:
    settings = {"levels": (80, 95), "on": np.bool_(True), "n": np.int64(3), "odd": {2, 1}}
    assert json.loads(dumps(settings)) == {"levels": [80, 95], "on": True, "n": 3, "odd": [1, 2]}

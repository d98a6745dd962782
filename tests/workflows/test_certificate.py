"""What a comparison says of leaks, of the series, of places and of itself."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.comparison import CompareResult
from forecast_cli.errors import UsageError
from forecast_cli.evaluation import leaks
from forecast_cli.monitor import SilentMonitor
from forecast_cli.workflows.compare import compare_baselines

QUICK = {"models": "linear", "baselines": ("naive", "seasonal-naive"), "horizon": 6}


class Listener(SilentMonitor):
    """Keeps what it is told, and the names of the work that began."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, task: str, total: float | None = None) -> None:
        self.said.append(f"begin {task}")

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def file(tmp_path: Path) -> str:
    hours = pd.date_range("2026-01-01", periods=600, freq="h")
    rng = np.random.default_rng(0)
    load = 10 + 3 * np.sin(2 * np.pi * np.arange(600) / 24) + rng.normal(size=600)
    frame = pd.DataFrame({"time": hours, "load": load, "copy": load + 0.01 * rng.normal(size=600)})
    frame.to_csv(tmp_path / "my data.csv", index=False)
    return str(tmp_path / "my data.csv")


def certified(file: str, listener: Listener, **options: object) -> CompareResult:
    asked = {**QUICK, "target": "load", "prove_no_leak": True, **options}
    return compare_baselines(file, monitor=listener, **asked)


def test_a_comparison_can_carry_its_certificate(file: str) -> None:
    listener = Listener()
    result = certified(file, listener)
    certificate = result.leak_certificate
    assert certificate is not None
    assert certificate.proved
    assert {proof.model for proof in certificate.proofs} == set(result.result.table.forecasts)
    assert certificate.cutoffs == len(np.unique(result.result.table.origin_times))
    assert certificate.suspects == ()
    assert "begin leak certificate: linear (1 of 3): forecasts" in listener.said
    assert not [line for line in listener.said if line.startswith("warning")]
    assert not [note for note in result.notes if "leak" in note]


def test_where_not_all_moments_are_asked_a_note_says_how_many(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "MOST_MOMENTS", 4)
    result = certified(file, Listener())
    told = "the leak certificate holds for the forecasts from 4 of 20 moments, spread evenly"
    assert told in result.notes


@pytest.mark.parametrize("prove", [True, False])
def test_a_column_made_from_the_target_is_warned_of_once_and_in_the_verdict(
    file: str, prove: bool
) -> None:
    listener = Listener()
    result = certified(file, listener, future="copy", prove_no_leak=prove)
    (line,) = (line for line in listener.said if line.startswith("warning"))
    assert line.startswith("warning: copy: says nearly all that is new in the target")
    assert line.removeprefix("warning: ") in result.notes
    assert "But copy looks as if it was made from the target" in result.verdict.text
    assert any(rule.startswith("suspicious: copy") for rule in result.verdict.rules)


def test_a_column_that_is_not_called_known_ahead_is_not_suspected(file: str) -> None:
    listener = Listener()
    result = certified(file, listener, past="copy", prove_no_leak=False)
    assert not [line for line in listener.said if line.startswith("warning")]
    assert "made from the target" not in result.verdict.text


def test_what_ends_by_the_clock_cannot_be_proved(file: str) -> None:
    with pytest.raises(UsageError, match="never the same twice") as refused:
        certified(file, Listener(), max_seconds=5.0)
    assert refused.value.fix == "bound the training by --max-steps"


def test_without_the_option_nothing_is_certified_and_the_rest_is_told(file: str) -> None:
    listener = Listener()
    result = certified(file, listener, prove_no_leak=False)
    assert result.leak_certificate is None
    assert result.learnability is not None
    line = f"learnability: {result.learnability.text}"
    first_fit = next(n for n, said in enumerate(listener.said) if said.startswith("begin linear"))
    assert listener.said.index(line) < first_fit
    assert result.where is not None
    assert result.where.maps[0].phase.name == "hour of day"
    assert result.where.worst_origins[0].origin.startswith("2026-01-")
    assert {"forecast-cli", "python", "torch", "numpy"} <= set(result.versions)


def test_the_command_gives_the_result_again(file: str) -> None:
    result = certified(file, Listener())
    words = shlex.split(result.command)
    assert words[:3] == ["forecast", "compare-baselines", file]
    assert "--prove-no-leak" in words
    assert words[words.index("--horizon") + 1] == "6"
    again = certified(file, Listener())
    for name, values in result.result.table.forecasts.items():
        assert values.tobytes() == again.result.table.forecasts[name].tobytes()


def test_the_command_of_the_comparison_of_a_run_names_its_data_and_not_the_run(
    file: str, tmp_path: Path
) -> None:
    from forecast_cli.workflows.train import train

    runs = str(tmp_path / "runs")
    trained = train(file, target="load", model="naive", horizon=6, runs=runs)
    result = compare_baselines(
        run=Path(trained.run).name, runs=runs, models="linear", baselines="naive"
    )
    words = shlex.split(result.command)
    assert words[2] == file
    assert "--run" not in words

"""A small data file in a folder of its own, and the command line as a user calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from forecast_cli.cli.app import build
from forecast_cli.cli.exits import run_app


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Forecast = Callable[..., Ended]


def csv_text(rows: int = 480) -> str:
    """Hourly loads with a daily wave, two decimals."""
    noise = np.random.default_rng(0).normal(size=rows)
    load = 10 + 3 * np.sin(2 * np.pi * np.arange(rows) / 24) + 0.2 * noise
    start = np.datetime64("2026-01-05T00:00:00")
    times = start + np.arange(rows) * np.timedelta64(1, "h")
    lines = [f"{t},{v:.2f}" for t, v in zip(times.astype(str), load, strict=True)]
    return "\n".join(["when,load", *lines]) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with data.csv in it, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data.csv").write_text(csv_text())
    return tmp_path


@pytest.fixture
def forecast(folder: Path, capfd: pytest.CaptureFixture[str]) -> Forecast:
    """Run ``forecast`` with these words, in this process."""

    def run(*words: str) -> Ended:
        capfd.readouterr()
        code = run_app(build(), words)
        return Ended(code, *capfd.readouterr())

    return run

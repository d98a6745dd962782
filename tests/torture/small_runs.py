"""Small trainings, for promises that need many of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.conftest import csv_text

REPOSITORY = Path(__file__).resolve().parents[2]
QUICK: dict[str, Any] = {"horizon": 6, "max_steps": 6, "hidden": 4, "members": 1}
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}


def data_file(folder: Path, rows: int = 300) -> Path:
    """A CSV of hourly loads."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "data.csv"
    file.write_text(csv_text(rows))
    return file


def small_run(folder: Path, model: str, **options: Any) -> Path:
    """A run in ``folder``/runs, trained by a process of its own; its path.

    The calling process trains nothing itself, so that it can be forked.
    """
    file = data_file(folder / "..")
    words = [f"--{name.replace('_', '-')}={value}" for name, value in (QUICK | options).items()]
    command = [sys.executable, "-m", "forecast_cli", "train", str(file), "--model", model]
    done = subprocess.run(
        [*command, *words, "--runs", str(folder)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    (run,) = folder.iterdir()
    return run


def held(promise: str) -> None:
    """Assert that the short form of a promise holds, measured in a process of its own."""
    script = (
        f"from tests.torture.{promise} import measure\n"
        "outcome = measure(True)\n"
        "print(*outcome.failures[:20], sep='\\n')\n"
        "raise SystemExit(outcome.passed < outcome.cases)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=ENVIRONMENT,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""How long things take: reading, a long series, many series, a back-test, starting up.

Files are made with a fixed seed in a temporary folder; the solar and the transformer data are
real. What a command takes is the wall time of its process, from its start to its exit, and its
peak memory what the system counted for it. Reading and starting up are the best of three, with
the files in the system's cache; everything else is measured once.

    python benchmarks/speed.py
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import ask
import ett
import frame
from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import load
from forecast_cli.data.future import extend
from forecast_cli.data.panel import Origins
from forecast_cli.forecasters import registry
from forecast_cli.task import Task

TABLE = "Speed and memory"
NOTE = "2 cores"
ROWS = 1_000_000
SERIES, LENGTH = 10_000, 1000
STEPS = 50  # of training on many series: their time is that of everything around it
ORIGINS, AHEAD, CONTEXT = 2880, 96, 720
SOLAR = "solar_1min_dtu_2016_2017"
TRAIN = ("-m", "forecast_cli", "train")


@dataclass(frozen=True)
class Spent:
    """What one process took."""

    seconds: float
    megabytes: float


class Rows(list[frame.Row]):
    """The rows measured so far."""

    def tell(self, row: str, value: float, mark: float | None = None, *, unit: str = "s") -> None:
        """One more figure; "s" or "MB", the less the better."""
        metric = {"s": "seconds", "MB": "peak memory, MB"}[unit]
        noted = NOTE if mark is not None else ""
        self.append(
            frame.Row(
                TABLE, row, metric, "forecast-cli", "ours", value, target=mark, target_note=noted
            )
        )


def main() -> None:
    given = frame.options(__doc__, quick="without the 10 000 series").parse_args()
    rows = Rows()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reading(rows, folder)
        start_up(rows, folder)
        if (given.data / SOLAR).is_dir():
            long_series(rows, folder, given)
        if (given.data / "ett_h1_m1").is_dir():
            back_test(rows, given)
        if not given.quick:
            many_series(rows, folder, given)
    skipped = not all((given.data / name).is_dir() for name in (SOLAR, "ett_h1_m1"))
    frame.finish(rows, given, partial=given.quick or skipped)


def reading(rows: Rows, folder: Path) -> None:
    """A wide file of minutes to a panel."""
    wave = np.sin(2 * np.pi * np.arange(ROWS) / 1440)
    noise = np.random.default_rng(0).normal(size=(2, ROWS))
    path = folder / "minutes.csv"
    pd.DataFrame(
        {
            "time": pd.date_range("2024-01-01", periods=ROWS, freq="min"),
            "load": np.round(50 + 10 * wave + noise[0], 3),
            "temperature": np.round(10 + 5 * wave + noise[1], 2),
        }
    ).to_csv(path, index=False)
    load(DataOptions(data=(str(path),)))  # pandas is imported, the file is in the cache
    best = min(_read(path) for _ in range(3))
    rows.tell("reading 1 000 000 rows x 3 columns to a panel", best, 1.5)


def start_up(rows: Rows, folder: Path) -> None:
    """What a command costs before it does anything, and a forecast with a trained model."""
    hours = pd.date_range("2024-01-01", periods=2000, freq="h")
    wave = np.round(np.sin(2 * np.pi * np.arange(2000) / 24), 4)
    pd.DataFrame({"time": hours, "load": wave}).to_csv(folder / "hours.csv", index=False)
    process(folder, *TRAIN, "hours.csv", "--max-steps", "5")
    marks = {
        "forecast predict, from start to exit": (("-m", "forecast_cli", "predict"), 3.0),
        "of it: import torch": (("-c", "import torch"), None),
        "forecast --help": (("-m", "forecast_cli", "--help"), None),
    }
    for what, (words, mark) in marks.items():
        rows.tell(what, min(process(folder, *words).seconds for _ in range(3)), mark)


def long_series(rows: Rows, folder: Path, given: argparse.Namespace) -> None:
    """Two years of minutes, trained by the command."""
    packed = given.data / SOLAR / "dtu_2016_2017.csv.gz"
    with gzip.open(packed) as source, (folder / "solar.csv").open("wb") as target:
        shutil.copyfileobj(source, target)
    steps = ("--max-steps", str(given.steps)) if given.steps else ()
    spent = process(folder, *TRAIN, "solar.csv", "--horizon", "60", *steps)
    what = "forecast train on 1.05 million minutes (solar), 60 ahead"
    rows.tell(what, spent.seconds, 60.0)
    rows.tell(what, spent.megabytes, 1500.0, unit="MB")


def back_test(rows: Rows, given: argparse.Namespace) -> None:
    """Every origin of four months of ETTh1, from a network that need not be a good one."""
    source = ett.SOURCES["ETTh1"]
    panel = ett.read(given.data / "ett_h1_m1" / source.file, source)
    until = panel.starts + 16 * source.month
    task = Task(AHEAD, source.seasons, validation=ORIGINS)
    settings = ask.settings(given).model_copy(update={"max_steps": 20, "context": CONTEXT})
    model = registry.create(ask.NETWORK, settings).fit(panel, task, until)
    after = extend(panel, AHEAD)  # the last origins look beyond the four months
    asked = after.starts[:, None] + 16 * source.month - 1 + np.arange(ORIGINS)  # [S, O / S]
    origins = Origins(np.repeat(np.arange(panel.n_series), ORIGINS), asked.ravel())
    with timed() as spent:
        model.forecast(after, origins)
    rows.tell("back-test of 2880 origins x 7 series x 96 steps, context 720", spent[0], 2.0)


def many_series(rows: Rows, folder: Path, given: argparse.Namespace) -> None:
    """A long file of many meters: read, trained for a few steps, forecast from every end."""
    rng = np.random.default_rng(0)
    phase = rng.uniform(0, 2 * np.pi, (SERIES, 1))
    day = np.sin(2 * np.pi * np.arange(LENGTH) / 24 + phase)  # [S, T]
    values = rng.uniform(5, 500, (SERIES, 1)) * (1 + 0.3 * day)
    values *= 1 + 0.1 * rng.normal(size=values.shape)
    hours = pd.date_range("2024-01-01", periods=LENGTH, freq="h").astype("str")
    path = folder / "meters.csv"
    pd.DataFrame(
        {
            "meter": np.repeat([f"meter_{i}" for i in range(SERIES)], LENGTH),
            "time": np.tile(hours.to_numpy(), SERIES),
            "load": np.round(values.ravel(), 3),
        }
    ).to_csv(path, index=False)
    what = "10 000 series x 1000 points: "
    with timed() as spent:
        panel = load(DataOptions(data=(str(path),))).panel
    rows.tell(what + "reading", spent[0])
    task = Task(24, (24,), validation=100)
    settings = ask.settings(given).model_copy(update={"max_steps": STEPS})
    with timed() as spent:
        model = registry.create(ask.NETWORK, settings).fit(panel, task, panel.known_ends)
    rows.tell(what + f"training for {STEPS} steps", spent[0])
    with timed() as spent:
        ahead = extend(panel, task.horizon)
        model.forecast(ahead, Origins.at_end(ahead))
    rows.tell(what + "forecasting 24 ahead", spent[0])


def process(folder: Path, *words: str) -> Spent:
    """Run Python in a process of its own, in ``folder``, and measure it."""
    paths = [str(frame.REPOSITORY), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {child.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes there
    return Spent(seconds, usage.ru_maxrss * unit / 1e6)


@contextmanager
def timed() -> Iterator[list[float]]:
    """A list that holds the seconds at the end."""
    spent: list[float] = []
    began = time.perf_counter()
    yield spent
    spent.append(time.perf_counter() - began)


def _read(path: Path) -> float:
    with timed() as spent:
        load(DataOptions(data=(str(path),)))
    return spent[0]


if __name__ == "__main__":
    main()

"""What every worker shares: the two questions, the clock, the scores and the answer's JSON.

A worker is one process that fits one model of one library and writes what it measured. It runs
in the library's own environment, so this file needs numpy alone, and everybody's forecasts are
scored by the same lines.

Notable: seconds are those of fitting, imports and forecasts not counted; memory is the peak of
the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Question:
    """S series of equal length, cut in three; forecasts from every ``stride``-th origin.

    Parameters
    ----------
    values : [S, rows] float64
        Z-scored with mean and deviation of the training rows.
    times : [rows] int64
        Nanoseconds since the epoch, one an hour.
    train, validation : int
        Rows of the first two blocks; the rest is the test block.
    horizon : int
        H.
    stride : int
        Rows between origins; divides what a block has beyond the horizon.
    """

    values: Floats
    times: Ints
    train: int
    validation: int
    horizon: int
    stride: int

    @property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """First row and end of the two blocks that are forecast."""
        test = self.train + self.validation
        return {"validation": (self.train, test), "test": (test, self.values.shape[1])}

    def origins(self, first: int, end: int) -> Ints:
        """[O] last known rows, from which all H targets lie in the block."""
        return np.arange(first - 1, end - self.horizon, self.stride)

    def targets(self, first: int, end: int) -> Floats:
        """[S, O, H] what the block holds after each origin."""
        ahead = np.arange(1, self.horizon + 1)
        return self.values[:, self.origins(first, end)[:, None] + ahead]

    @classmethod
    def load(cls, path: Path) -> Question:
        """Read it from the .npz file that peers.py wrote."""
        with np.load(path) as held:
            numbers = ("train", "validation", "horizon", "stride")
            return cls(held["values"], held["times"], *(int(held[name]) for name in numbers))


@dataclass(frozen=True, eq=False)
class Sample:
    """S series of unequal length, each with the H values that follow it.

    Parameters
    ----------
    flat : [rows] float64
        One series after another.
    lengths : [S] int64
    future : [S, H] float64
    season : int
        m, of MASE and of seasonal models.
    """

    flat: Floats
    lengths: Ints
    future: Floats
    season: int

    @property
    def series(self) -> list[Floats]:
        """The history of each series."""
        return np.split(self.flat, np.cumsum(self.lengths)[:-1])

    @classmethod
    def load(cls, path: Path) -> Sample:
        """Read it from the .npz file that peers.py wrote."""
        with np.load(path) as held:
            return cls(held["flat"], held["lengths"], held["future"], int(held["season"]))


@dataclass(frozen=True)
class Trained:
    """A fitted model.

    Parameters
    ----------
    answer : callable
        (first, end) of a block to forecasts [S, O, H] from its origins.
    forecasts : float
        Windows of H steps whose loss was computed, over the whole training.
    steps : int
        Training steps done.
    """

    answer: Callable[[int, int], Floats]
    forecasts: float
    steps: int


def arguments() -> argparse.ArgumentParser:
    """What every worker is told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("question", type=Path, help="the data, as .npz")
    parser.add_argument("out", type=Path, help="JSON file to write")
    parser.add_argument("--model", required=True)
    parser.add_argument("--steps", type=int, help="training steps")
    return parser


def measure(question: Question, train: Callable[[Question], Trained]) -> dict[str, Any]:
    """Fit one model, and score it on the validation and the test block."""
    began = time.perf_counter()
    trained = train(question)
    seconds = time.perf_counter() - began
    scores = {
        name: errors(trained.answer(first, end), question.targets(first, end))
        for name, (first, end) in question.blocks.items()
    }
    return {
        "seconds": seconds,
        "steps": trained.steps,
        "forecasts": trained.forecasts,
        "validation_mae": scores["validation"][1],
        "mse": scores["test"][0],
        "mae": scores["test"][1],
    }


def measure_sample(sample: Sample, answer: Callable[[Sample], Floats]) -> dict[str, Any]:
    """Fit and forecast every series of a sample, and score the [S, H] forecasts."""
    began = time.perf_counter()
    forecast = answer(sample)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "smape": smape(forecast, sample), "mase": mase(forecast, sample)}


def errors(forecast: Floats, actual: Floats) -> tuple[float, float]:
    """Mean squared and mean absolute error over all cells."""
    if forecast.shape != actual.shape:
        raise ValueError(f"forecasts {forecast.shape} of targets {actual.shape}")
    error = forecast - actual
    return float(np.mean(error**2)), float(np.mean(np.abs(error)))


def smape(forecast: Floats, sample: Sample) -> float:
    """Symmetric percentage error as in M4: mean of 200 |e| / (|y| + |f|)."""
    error = np.abs(forecast - sample.future)
    return float(np.mean(200 * error / (np.abs(sample.future) + np.abs(forecast))))


def mase(forecast: Floats, sample: Sample) -> float:
    """Mean over the series of |e| in units of the seasonal naive error in its history."""
    m = sample.season
    scale = [np.mean(np.abs(past[m:] - past[:-m])) for past in sample.series]
    return float(np.mean(np.abs(forecast - sample.future).mean(axis=1) / np.array(scale)))


def write(path: Path, found: dict[str, Any], version: str) -> None:
    """Write what was measured, with the library's version and the peak memory in MiB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    path.write_text(json.dumps(found | {"version": version, "memory": memory}))

"""The default network on ETTh1: the published protocol, its error and its time.

Rows 0-8639 train, 8640-11519 validate, 11520-14399 test; seven series, every window of the
test block; errors on z-scores (mean and deviation of the training rows).

    python benchmarks/etth1.py ETTh1.csv --horizon 96
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.forecasters import registry
from forecast_cli.task import Task

TRAIN, VALIDATION, TEST = 8640, 2880, 2880


def read(path: Path) -> Panel:
    """The first 20 months as a panel of seven series."""
    table = pd.read_csv(path, nrows=TRAIN + VALIDATION + TEST, index_col=0, parse_dates=True)
    rows, n_series = table.shape
    flat = table.to_numpy(dtype=np.float64).T.reshape(-1, 1)
    times = pd.DatetimeIndex(table.index).as_unit("ns").asi8
    return Panel(
        values=flat,
        observed=np.isfinite(flat),
        times=np.tile(times, n_series),
        offsets=np.arange(n_series + 1) * rows,
        ids=tuple(table.columns),
        clock=Clock(freq="h", name="date"),
    )


@dataclass(frozen=True)
class Score:
    """Errors on z-scores over all windows, and the time they took."""

    mse: float
    mae: float
    windows: int
    fit_seconds: float
    forecast_seconds: float
    parameters: int


def run(path: Path, horizon: int, name: str, seed: int) -> Score:
    """Train on the first blocks, forecast from every origin of the last."""
    panel = read(path)
    task = Task(horizon=horizon, seasons=(24, 168), validation=VALIDATION)
    began = time.perf_counter()
    model = registry.create(name, Settings(seed=seed, device="cpu"))
    model.fit(panel, task, panel.starts + TRAIN + VALIDATION)
    fitted = time.perf_counter()

    first, windows = TRAIN + VALIDATION - 1, TEST - horizon + 1
    rows = (panel.starts[:, None] + first + np.arange(windows)).ravel()
    origins = Origins(np.repeat(np.arange(panel.n_series), windows), rows)
    point = model.forecast(panel, origins).point  # [O, H]
    done = time.perf_counter()

    spread = panel.target.reshape(panel.n_series, -1)[:, :TRAIN].std(axis=1)
    actual = panel.target[rows[:, None] + np.arange(1, horizon + 1)]  # [O, H]
    error = (point - actual) / spread[origins.series, None]
    return Score(
        mse=float(np.mean(error**2)),
        mae=float(np.mean(np.abs(error))),
        windows=len(origins),
        fit_seconds=fitted - began,
        forecast_seconds=done - fitted,
        parameters=model.n_parameters,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="the default network on ETTh1")
    parser.add_argument("data", type=Path, help="ETTh1.csv")
    parser.add_argument("--horizon", type=int, default=96)
    parser.add_argument("--model", default="lstm")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    score = run(given.data, given.horizon, given.model, given.seed)
    print(
        f"{given.model} on ETTh1, {given.horizon} ahead: "
        f"MSE {score.mse:.4f}  MAE {score.mae:.4f}\n"
        f"trained in {score.fit_seconds:.1f} s ({score.parameters} parameters), "
        f"{score.windows} forecasts in {score.forecast_seconds:.1f} s"
    )


if __name__ == "__main__":
    main()

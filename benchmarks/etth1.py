"""The default network on ETTh1: the published protocol, its error and its time.

Rows 0-8639 train, 8640-11519 validate, 11520-14399 test; seven series, every window of the
test block; errors on z-scores (mean and deviation of the training rows).

    python benchmarks/etth1.py ETTh1.csv --horizon 96
"""

from __future__ import annotations

import argparse
import time
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="ETTh1.csv")
    parser.add_argument("--horizon", type=int, default=96)
    parser.add_argument("--model", default="lstm")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()

    panel, horizon = read(given.data), given.horizon
    task = Task(horizon=horizon, seasons=(24, 168), validation=VALIDATION)
    began = time.perf_counter()
    model = registry.create(given.model, Settings(seed=given.seed, device="cpu"))
    model.fit(panel, task, panel.starts + TRAIN + VALIDATION)
    fitted = time.perf_counter()

    first, windows = TRAIN + VALIDATION - 1, TEST - horizon + 1
    rows = (panel.starts[:, None] + first + np.arange(windows)).ravel()
    origins = Origins(np.repeat(np.arange(panel.n_series), windows), rows)
    point = model.forecast(panel, origins).point  # [O, H]
    done = time.perf_counter()

    train = panel.target.reshape(panel.n_series, -1)[:, :TRAIN]
    spread = train.std(axis=1)[origins.series, None]
    actual = panel.target[rows[:, None] + np.arange(1, horizon + 1)]  # [O, H]
    error = (point - actual) / spread
    print(
        f"{given.model} ETTh1 {horizon}: MSE {np.mean(error**2):.4f}  "
        f"MAE {np.mean(np.abs(error)):.4f}  trained in {fitted - began:.1f} s, "
        f"{len(origins)} forecasts in {done - fitted:.1f} s, {model.n_parameters} parameters"
    )


if __name__ == "__main__":
    main()

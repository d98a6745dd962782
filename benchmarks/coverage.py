"""Whether intervals hold: measured coverage of 80 and 95 % on five sets, for quick models.

The back-test of ``forecast compare-baselines`` with its default blocks and origins (ETTh1: the
published 12, 4 and 4 months), calibrated as by default. A figure is the share of all observed
values of the test block inside the interval, in per cent; the note has the figures of the
model's own interval before calibration, and of calibration alone, without what follows the
misses. The mark is a deviation from the level of at most 3 points.

    python benchmarks/coverage.py --sets ETTh1 --models lstm
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np

import ask
import epf
import ett
import frame
import m4_hourly
import nn5
import vic_elec
from forecast_cli.data.panel import Floats, Panel
from forecast_cli.data.split import Split, rolling_origins, split
from forecast_cli.evaluation.backtest import Outcome, backtest
from forecast_cli.evaluation.metrics import levels_of
from forecast_cli.evaluation.targets import targets
from forecast_cli.task import Task
from frame import Row

TABLE = "Coverage of intervals"
MARK = 3.0  # points from the level
BASELINES = (
    *("naive", "drift", "mean", "naive2", "ses", "holt", "damped", "theta", "linear"),
    "seasonal-naive",
)
MODELS = (ask.NETWORK, *BASELINES)
Question = tuple[Panel, int, tuple[int, ...], Split]


def etth1(given: argparse.Namespace) -> Question:
    source = ett.SOURCES["ETTh1"]
    panel = ett.read(frame.data_set(given, "ett_h1_m1") / source.file, source)
    return panel, 96, source.seasons, split(panel, 96, 4 * source.month, 4 * source.month)


def pjm(given: argparse.Namespace) -> Question:
    panel = epf.read(frame.data_set(given, "epf_np_pjm") / "PJM.csv.gz")
    return panel, 24, (24, 168), split(panel, 24)


def victoria(given: argparse.Namespace) -> Question:
    path = frame.data_set(given, "vic_elec") / "vic_elec.csv.gz"
    panel = vic_elec.read(path, ("temperature",))
    return panel, 48, vic_elec.SEASONS, split(panel, 48)


def cash(given: argparse.Namespace) -> Question:
    panel, _ = nn5.read(frame.data_set(given, "nn5"))
    return panel, nn5.HORIZON, (nn5.SEASON,), split(panel, nn5.HORIZON)


def m4(given: argparse.Namespace) -> Question:
    folder = frame.data_set(given, "m4_hourly")
    past, after = (m4_hourly.read(folder / f"Hourly-{part}.csv") for part in ("train", "test"))
    panel, _ = ask.official(past, after)
    return panel, m4_hourly.HORIZON, (m4_hourly.SEASON, 168), split(panel, m4_hourly.HORIZON)


SETS: dict[str, Callable[[argparse.Namespace], Question]] = {
    "ETTh1": etth1,
    "PJM price": pjm,
    "vic_elec": victoria,
    "NN5": cash,
    "M4 Hourly": m4,
}


def held(values: Floats, actual: Floats, quantiles: tuple[float, ...]) -> dict[int, float]:
    """Per cent of the observed values inside each interval."""
    seen = np.isfinite(actual)
    return {
        level: 100
        * float(np.mean(((values[:, :, a] <= actual) & (actual <= values[:, :, b]))[seen]))
        for level, (a, b) in levels_of(quantiles).items()
    }


def run(name: str, models: Sequence[str], given: argparse.Namespace) -> list[Row]:
    """All models on one set."""
    panel, horizon, seasons, blocks = SETS[name](given)
    task = Task(horizon, seasons, validation=blocks.validation)
    origins = rolling_origins(panel, blocks, horizon, horizon)
    actual = targets(panel, origins, horizon)  # [O, H]
    rows = []
    for model in models:
        print(f"  {name}, {model} ...", flush=True)
        (found,) = backtest(
            [model],
            panel,
            task,
            blocks,
            origins,
            settings=ask.settings(given),
            conformal=True,
        )
        rows += rows_of(f"{name}, {horizon} ahead", found, actual, task)
    return rows


def rows_of(row: str, found: Outcome, actual: Floats, task: Task) -> list[Row]:
    """Two rows a level: what the interval held, and how far that is from the level."""
    kind, seconds = ask.kind_of(found.name), round(found.fit_seconds + found.calibration_seconds, 2)
    if found.forecast is None or found.uncalibrated is None:
        return [
            Row(TABLE, row, f"{level} %", found.name, kind, float("nan"), note=found.reason)
            for level in task.levels
        ]
    quantiles = task.quantiles
    (calibration,) = found.calibrations
    after = held(found.forecast.values, actual, quantiles)
    own = held(found.uncalibrated, actual, quantiles)
    split_alone = held(calibration.apply(found.uncalibrated, quantiles), actual, quantiles)
    rows = []
    for level in task.levels:
        note = f"own {own[level]:.1f}, split conformal alone {split_alone[level]:.1f}"
        rows.append(
            Row(
                TABLE, row, f"{level} %", found.name, kind, after[level],
                better="higher", seconds=seconds, note=note,
            )
        )  # fmt: skip
        rows.append(
            Row(
                TABLE, row, f"points off {level} %", found.name, kind, abs(after[level] - level),
                target=MARK, target_note="mark of this package",
            )
        )  # fmt: skip
    return rows


def main() -> None:
    parser = frame.options(__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    given = parser.parse_args()
    partial = given.sets != list(SETS) or given.models != list(MODELS)
    rows = [row for name in given.sets for row in run(name, given.models, given)]
    frame.finish(rows, given, partial=partial)


if __name__ == "__main__":
    main()

"""Long horizons: oil temperature and load of two transformers (ETTh1 hourly, ETTm1 by 15 min).

The published protocol: 12 months train, 4 validate, 4 test; seven channels, every window of
the test block; errors on z-scores (mean and deviation of the training months). The network
learns from the 12 months only and stops by the 4 after them. A ridge regression needs no
block to stop by, so it is fitted twice: on the 12 months, and by its own rule on all 16.
Published figures are those computed without dropping the last test batch; older papers
dropped it, and are not quoted.

    python benchmarks/ett.py --sets ETTh1 --horizons 96
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import ask
import frame
from forecast_cli.clock import Clock
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.evaluation.backtest import targets
from forecast_cli.task import Task

TABLE = "Long horizons: ETTh1 and ETTm1"
HORIZONS = (96, 192, 336, 720)
MARKS = {
    "ETTh1": {"MSE": (0.360, 0.397, 0.422, 0.430), "MAE": (0.382, 0.405, 0.422, 0.442)},
    "ETTm1": {"MSE": (0.277, 0.318, 0.352, 0.408), "MAE": (0.322, 0.350, 0.372, 0.410)},
}
CORRECTED = "; with the last test batch, which its first version dropped"
SEGRNN = "Lin et al. 2023, arXiv 2308.11200" + CORRECTED
FITS = "Xu et al. 2024, arXiv 2307.03756" + CORRECTED
DLINEAR = "Zeng et al. 2023, arXiv 2205.13504" + CORRECTED
PATCHTST = "Nie et al. 2023, arXiv 2211.14730" + CORRECTED
PUBLISHED = {  # MSE, at the four horizons
    "ETTh1": (
        ("SegRNN-GRU", SEGRNN, (0.368, 0.408, 0.444, 0.446)),
        ("FITS", FITS, (0.372, 0.404, 0.427, 0.424)),
        ("DLinear", DLINEAR, (0.384, 0.443, 0.446, 0.504)),
    ),
    "ETTm1": (
        ("SegRNN-GRU", SEGRNN, (0.330, 0.369, 0.399, 0.454)),
        ("PatchTST", PATCHTST, (0.292, 0.330, 0.365, 0.419)),
    ),
}


@dataclass(frozen=True)
class Source:
    """One of the two files: its step, and how many of them are an hour."""

    file: str
    freq: str
    hourly: int

    @property
    def month(self) -> int:
        """Steps of a month, which has 30 days here."""
        return 30 * 24 * self.hourly

    @property
    def seasons(self) -> tuple[int, ...]:
        return 24 * self.hourly, 168 * self.hourly


SOURCES = {"ETTh1": Source("ETTh1.csv", "h", 1), "ETTm1": Source("ETTm1.csv.gz", "15min", 4)}


def read(path: Path, source: Source) -> Panel:
    """The first 20 months as a panel of seven series."""
    table = pd.read_csv(path, nrows=20 * source.month, index_col=0, parse_dates=True)
    series = {str(name): column.to_numpy(dtype=np.float64) for name, column in table.items()}
    times = pd.DatetimeIndex(table.index).as_unit("ns").asi8
    return ask.panel_of(series, Clock(freq=source.freq, name="date"), times)


def windows(panel: Panel, source: Source, horizon: int) -> Origins:
    """Every origin whose H targets lie in the last four months."""
    count = 4 * source.month - horizon + 1
    rows = panel.starts[:, None] + 16 * source.month - 1 + np.arange(count)  # [S, O / S]
    return Origins(np.repeat(np.arange(panel.n_series), count), rows.ravel())


def errors(panel: Panel, source: Source, origins: Origins, point: Floats) -> dict[str, float]:
    """MSE and MAE in deviations of the training months."""
    spread = panel.target.reshape(panel.n_series, -1)[:, : 12 * source.month].std(axis=1)  # [S]
    error = targets(panel, origins, point.shape[1]) - point  # [O, H]
    error /= spread[origins.series, None]
    mae = float(np.mean(np.abs(error)))
    return {"MSE": float(np.mean(np.square(error, out=error))), "MAE": mae}


def run(folder: Path, name: str, horizon: int, given: argparse.Namespace) -> list[frame.Row]:
    """All models on one file at one horizon."""
    source = SOURCES[name]
    panel = read(folder / source.file, source)
    origins = windows(panel, source, horizon)
    task = Task(horizon=horizon, seasons=source.seasons, validation=4 * source.month)
    place = HORIZONS.index(horizon)
    marks = {metric: ask.Mark(values[place]) for metric, values in MARKS[name].items()}
    learned, stopped = panel.starts + 12 * source.month, panel.starts + 16 * source.month
    plan = [
        (ask.NETWORK, ask.NETWORK, stopped, "learned from 12 months, stopped by the next 4"),
        ("linear", "linear, 12 months", learned, "fitted on 12 months"),
        ("linear", "linear", stopped, "fitted on 16 months"),
        ("arima", "arima", stopped, "fitted on 16 months"),
        ("seasonal-naive", "seasonal-naive", stopped, "of one day"),
    ]
    row = f"{name}, {horizon} ahead"
    print(row)
    rows = []
    for model, who, until, note in plan:
        found = ask.answer(model, given, panel, task, until, origins, final_fit="training")
        values = errors(panel, source, origins, found.point)
        rows += ask.rows_of(TABLE, row, found, values, marks, who=who, note=note)
    for method, citation, figures in PUBLISHED[name]:
        rows += ask.published_rows(TABLE, row, [(method, "MSE", figures[place])], citation)
    return rows


def main() -> None:
    parser = frame.options(__doc__, quick="ETTh1 at the first horizon only")
    parser.add_argument("--sets", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--horizons", nargs="+", type=int, choices=HORIZONS, default=HORIZONS)
    given = parser.parse_args()
    folder = frame.data_set(given, "ett_h1_m1")
    sets, horizons = (["ETTh1"], HORIZONS[:1]) if given.quick else (given.sets, given.horizons)
    rows = [
        row for name in sets for horizon in horizons for row in run(folder, name, horizon, given)
    ]
    whole = len(sets) * len(horizons) == len(SOURCES) * len(HORIZONS)
    frame.finish(rows, given, partial=not whole)


if __name__ == "__main__":
    main()

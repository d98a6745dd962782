"""Day-ahead electricity prices: Nord Pool and PJM, 24 hours from every midnight of two years.

Two forecasts of the market operator (load, and wind or the load of a zone) are known ahead
and enter as covariates. The published ensembles were fitted again every day; ours is fitted
once, before the two test years. Rows of models "fitted every" so many days (``--refit``) stand
beside those, with the seconds of all their fits. Published errors are computed again from the
published forecasts on every run, which proves that hours and days are aligned.

    python benchmarks/epf.py --refit 56
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import ask
import frame
from forecast_cli.clock import Clock
from forecast_cli.data.panel import Floats, Origins, Panel

TABLE = "Day-ahead electricity prices"
MARKETS = {"NP": "Nord Pool", "PJM": "PJM"}
DAY = 24
OPPONENTS = ("seasonal-naive", "seasonal-naive-168", "linear", "arima")
MARKED = "LEAR Ensemble"
METHODS = (MARKED, "DNN Ensemble", "naive same hour last week", "naive day/week mixed")
SOURCE = "Lago et al. 2021, Applied Energy 293, 116983"


def read(path: Path) -> Panel:
    """Six years of prices, with the two covariates."""
    table = pd.read_csv(path, index_col=0, parse_dates=True, skipinitialspace=True)
    price = table.pop("OT")
    values = np.column_stack([price, table]).astype(np.float64)  # [rows, 3]
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=pd.DatetimeIndex(table.index).as_unit("ns").asi8,
        offsets=np.array([0, len(values)]),
        ids=("price",),
        channels=("price", *(str(name) for name in table)),
        roles=("target", "future", "future"),
        clock=Clock(freq="h", name="date"),
    )


def test_days(panel: Panel, theirs: pd.DataFrame) -> Origins:
    """The last hour before each day that was forecast in the publication."""
    first = int(np.searchsorted(panel.times, pd.DatetimeIndex(theirs.index).as_unit("ns").asi8[0]))
    rows = first - 1 + np.arange(0, len(theirs), DAY)
    return Origins(np.zeros(len(rows), dtype=np.int64), rows)


def answer(name: str, given: argparse.Namespace, panel: Panel, origins: Origins) -> ask.Answer:
    """One model's forecasts, fitted before the first day or every ``--refit`` days."""
    days = given.refit or len(origins)
    parts = []
    for first in range(0, len(origins), days):
        some = origins[first : first + days]
        until = some.rows[:1] + 1
        task = ask.question(panel, until, DAY, (DAY, 7 * DAY))
        parts.append(ask.answer(name, given, panel, task, until, some))
    return replace(
        parts[0],
        point=np.concatenate([part.point for part in parts]),  # [O, H]
        seconds=sum(part.seconds for part in parts),
        failure="; ".join(dict.fromkeys(part.failure for part in parts if part.failure)),
    )


def run(folder: Path, market: str, given: argparse.Namespace) -> list[frame.Row]:
    """All models on one market."""
    panel = read(folder / f"{market}.csv.gz")
    theirs = pd.read_csv(folder / f"forecasts_{market}.csv.gz", index_col=0, parse_dates=True)
    origins = test_days(panel, theirs)

    def scored(point: Floats) -> dict[str, float]:
        return ask.scores(("mae",), panel, origins.rows[:1] + 1, origins, point, DAY)

    row = f"{MARKETS[market]}, 24 ahead"
    print(row)
    where, metric = {"market": market}, {"MAE": "MAE"}
    figures = ask.published(folder / "published_results.csv", where, "method", metric)
    for method, _, value in figures:
        if method in theirs:
            point = theirs[method].to_numpy(dtype=np.float64).reshape(-1, DAY)  # [O, H]
            ask.check(f"{method}, {market}", scored(point), {"MAE": value})
    mark = next(value for method, _, value in figures if method == MARKED)
    often = f", fitted every {given.refit} days" if given.refit else ""
    rows = []
    for name in (ask.NETWORK, *OPPONENTS):
        found = answer(name, given, panel, origins)
        marks = {"MAE": ask.Mark(mark, MARKED)}
        values = scored(found.point)
        rows += ask.rows_of(TABLE, row, found, values, marks, who=f"{name}{often}")
    shown = [figure for figure in figures if figure[0] in METHODS]
    return rows + ask.published_rows(TABLE, row, shown, SOURCE)


def main() -> None:
    parser = frame.options(__doc__)
    parser.add_argument("--refit", type=int, default=0, metavar="DAYS", help="fit again so often")
    given = parser.parse_args()
    folder = frame.data_set(given, "epf_np_pjm")
    rows = [row for market in MARKETS for row in run(folder, market, given)]
    frame.finish(rows, given, partial=True)  # fitted once or often, both stay


if __name__ == "__main__":
    main()

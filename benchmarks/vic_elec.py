"""Half-hourly electricity demand of Victoria, the next 24 hours.

Three years, the last fifth for the test: an origin every 48 half-hours, fitted once before
the first. Once with the temperature of the hours to come, once without. That temperature was
measured, not forecast: the figures with it say what a perfect weather forecast would give,
and every model that can use it has it. The margin is how much lower the network's MASE is;
its mark is that the lower end of the 95 % interval lies above zero.

    python benchmarks/vic_elec.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import ask
import frame
import rolling
from forecast_cli.clock import Clock
from forecast_cli.data.panel import Panel, Role

TABLE = "Electricity demand with temperature"
HORIZON = 48
SEASONS = (48, 336)
TO_BEAT = ("seasonal-naive-336", "linear", "arima")
OPPONENTS = ask.opponents(*SEASONS[1:])
METRICS = ("mase", "smape", "wql")


def read(path: Path, covariates: tuple[str, ...]) -> Panel:
    """Demand, with covariates known ahead."""
    table = pd.read_csv(path)
    values = table[["demand", *covariates]].to_numpy(dtype=np.float64)  # [rows, C]
    ahead: list[Role] = ["future" for _ in covariates]
    times = pd.DatetimeIndex(pd.to_datetime(table["time"], utc=True)).as_unit("ns").asi8
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=times,
        offsets=np.array([0, len(values)]),
        ids=("demand",),
        channels=("demand", *covariates),
        roles=("target", *ahead),
        clock=Clock(freq="30min", tz="Australia/Melbourne"),
    )


def run(panel: Panel, row: str, given: argparse.Namespace) -> list[frame.Row]:
    """All models with these covariates, and the margins over those that are to be beaten."""
    print(row)
    names = (ask.NETWORK, *OPPONENTS)
    found = rolling.compare(names, given, panel, HORIZON, SEASONS, stride=HORIZON)
    rows = rolling.rows_of(TABLE, row, found, names, METRICS, f"{len(found.table.series)} origins")
    for other in TO_BEAT:
        margin = found.margin(ask.NETWORK, other)
        rows.append(
            frame.Row(
                TABLE,
                row,
                f"least margin over {other}, %",
                ask.NETWORK,
                "ours",
                100 * margin.ci95[0],
                better="higher",
                target=0.0,
                target_note="significantly better",
                note=rolling.in_words(margin),
            )
        )
    return rows


def main() -> None:
    given = frame.options(__doc__).parse_args()
    path = frame.data_set(given, "vic_elec") / "vic_elec.csv.gz"
    rows = run(read(path, ("temperature",)), "with measured temperature, 48 ahead", given)
    rows += run(read(path, ()), "without temperature, 48 ahead", given)
    frame.finish(rows, given)


if __name__ == "__main__":
    main()

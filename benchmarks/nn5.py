"""NN5: daily withdrawals of 111 cash machines, with real gaps, the last 56 days ahead.

Gaps stay gaps. sMAPE as in the M4 competition; MASE with m = 7. The published figures scale
by the plain naive (m = 1), so they have a row of their own.

    python benchmarks/nn5.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import ask
import frame
from forecast_cli.clock import Clock
from forecast_cli.data.panel import Ints, Panel

TABLE = "NN5 daily, with gaps"
ROW = "111 series, 56 ahead"
SEASON = 7
HORIZON = 56
OPPONENTS = ask.opponents()
FIRST_DAY = "1996-03-18"  # a Monday, by the description of the competition
AHEAD = 0.85  # of the error of the seasonal naive, at most
SOURCE = "Chronos (Ansari et al. 2024), results of its evaluation scripts"


def read(folder: Path) -> tuple[Panel, Ints]:
    """All 791 days, and [S] the rows where the last 56 begin."""
    parts = [pd.read_csv(folder / name, index_col="t") for name in ("train.csv", "test.csv")]
    table = pd.concat(parts)
    times = pd.date_range(FIRST_DAY, periods=len(table), freq="D").as_unit("ns").asi8
    series = {str(name): column.to_numpy(dtype=np.float64) for name, column in table.items()}
    panel = ask.panel_of(series, Clock(freq="D", date_only=True), times)
    return panel, panel.starts + len(parts[0])


def main() -> None:
    given = frame.options(__doc__).parse_args()
    folder = frame.data_set(given, "nn5")
    panel, until = read(folder)
    origins = ask.last_known(until)
    task = ask.question(panel, until, HORIZON, (SEASON,))
    names = (ask.NETWORK, *OPPONENTS)
    found = [ask.answer(name, given, panel, task, until, origins) for name in names]
    scored = {
        each.name: ask.scores(("smape", "mase"), panel, until, origins, each.point, SEASON)
        | {"MASE, m = 1": ask.scores(("mase",), panel, until, origins, each.point, 1)["MASE"]}
        for each in found
    }
    naive = AHEAD * scored["seasonal-naive"]["sMAPE"]
    classical = float(np.nanmin([scored[name]["sMAPE"] for name in OPPONENTS]))
    notes = {naive: "15 % below the seasonal naive", classical: "the best classical model here"}
    mark = min(notes)
    marks = {"sMAPE": ask.Mark(mark, notes[mark])}
    rows = []
    for each in found:
        rows += ask.rows_of(TABLE, ROW, each, scored[each.name], marks)
    published = folder / "published_chronos.csv"
    figures = ask.published(published, {}, "model", {"MASE, m = 1": "MASE"})
    rows += ask.published_rows(TABLE, ROW, figures, SOURCE)
    frame.finish(rows, given)


if __name__ == "__main__":
    main()

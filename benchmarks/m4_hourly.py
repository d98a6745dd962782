"""M4 Hourly: 414 series, 48 hours ahead, the official split.

sMAPE and MASE (m = 24) as the competition defined them; OWA is the mean of both, each divided
by that of Naive2 over all series. Scores of the naive methods are checked against the
published ones on every run, so that ours stand in the same units.

    python benchmarks/m4_hourly.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import ask
import frame
from forecast_cli.data.panel import Floats

TABLE = "M4 Hourly"
ROW = "414 series, 48 ahead"
SEASON = 24
HORIZON = 48
OPPONENTS = ("seasonal-naive", "seasonal-naive-168", "linear", "arima")
MARKS = {
    "OWA": ask.Mark(0.440, "the competition's winner"),
    "MASE": ask.Mark(0.80, "below the best of the competition"),
}
METRICS = {name: f"{name}_Hourly" for name in ("sMAPE", "MASE", "OWA")}  # and their columns
CHECKED = ("Naive", "sNaive", "Naive2")
METHODS = {  # as numbered by the competition
    "118": "Smyl, ES-RNN (118)",
    "238": "Doornik et al. (238)",
    "237": "Pawlikowski et al. (237)",
    "245": "Montero-Manso et al. (245)",
    "Theta": "Theta",
    "RNN": "RNN",
}
SOURCE = "M4 competition (Makridakis et al. 2020), Evaluation and Ranks"
ZERO_SHOT = "timesfm_2_0_500m"  # a foundation model that was not trained on these series
ZERO_SHOT_SOURCE = "GIFT-Eval (Aksu et al. 2024)"


def read(path: Path) -> dict[str, Floats]:
    """Series by id; lengths differ, and the empty cells stand at the right end."""
    table = pd.read_csv(path, index_col=0)
    return {
        str(name): values[np.isfinite(values)]
        for name, values in zip(table.index, table.to_numpy(dtype=np.float64), strict=True)
    }


def owa(values: dict[str, float], naive2: dict[str, float]) -> dict[str, float]:
    """The scores with OWA added: the ratio of means, not the mean of ratios."""
    ratios = [values[name] / naive2[name] for name in ("sMAPE", "MASE")]
    return values | {"OWA": float(np.mean(ratios))}


def main() -> None:
    given = frame.options(__doc__, quick=ask.QUICK).parse_args()
    folder = frame.data_set(given, "m4_hourly")
    past, after = read(folder / "Hourly-train.csv"), read(folder / "Hourly-test.csv")
    panel, until = ask.official(past, after)
    origins = ask.last_known(until)
    task = ask.question(panel, until, HORIZON, (SEASON, 168))

    def scored(point: Floats) -> dict[str, float]:
        return ask.scores(("smape", "mase"), panel, until, origins, point, SEASON)

    figures = ask.published(folder / "published_results.csv", {}, "id", METRICS)
    naive2: dict[str, float] = {}  # the last that is checked
    for method in CHECKED:
        table = pd.read_csv(folder / "forecasts" / f"{method}.csv.gz", index_col=0)
        naive2 = scored(table.loc[list(past)].to_numpy(dtype=np.float64))
        expected = {metric: value for who, metric, value in figures if who == method}
        expected.pop("OWA")
        ask.check(f"{method} of M4 Hourly", naive2, expected)
    rows = []
    for name in ask.asked(given, OPPONENTS):
        found = ask.answer(name, given, panel, task, until, origins)
        rows += ask.rows_of(TABLE, ROW, found, owa(scored(found.point), naive2), MARKS)
    shown = [(METHODS[who], metric, value) for who, metric, value in figures if who in METHODS]
    rows += ask.published_rows(TABLE, ROW, shown, SOURCE)
    gift = folder / "published_gift_eval.csv"
    zero_shot = ask.published(gift, {"model": ZERO_SHOT}, "model", {"MASE": "MASE"})
    rows += ask.published_rows(TABLE, ROW, zero_shot, ZERO_SHOT_SOURCE)
    frame.finish(rows, given)


if __name__ == "__main__":
    main()

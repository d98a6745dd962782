"""M3 monthly: 1428 series, 18 months ahead, the official split.

sMAPE is averaged over the forecasts of a series and then over series, as in the published
tables. Only the year in which a series begins is published, so time is a plain step here.

    python benchmarks/m3_monthly.py
"""

from __future__ import annotations

import ask
import frame
import m3

TABLE = "M3 monthly"
ROW = "1428 series, 18 ahead"
SEASON = 12
HORIZON = 18
OPPONENTS = ("seasonal-naive", "linear", "arima")
MARKS = {"sMAPE": ask.Mark(13.9, "Theta, which won")}
METHODS = ("THETA", "ForecastPro", "B-J auto", "Auto-ANN", "NAIVE2")
SOURCE = "M3 competition (Makridakis & Hibon 2000), from its published forecasts"


def main() -> None:
    given = frame.options(__doc__, quick=ask.QUICK).parse_args()
    folder = frame.data_set(given, "m3")
    past, after = m3.read(folder, "MONTHLY")
    panel, until = ask.official(past, after)
    origins = ask.last_known(until)
    task = ask.question(panel, until, HORIZON, (SEASON,))
    rows = []
    for name in ask.asked(given, OPPONENTS):
        found = ask.answer(name, given, panel, task, until, origins)
        scores = ask.scores(("smape", "mase"), panel, until, origins, found.point, SEASON)
        rows += ask.rows_of(TABLE, ROW, found, scores, MARKS)
    metrics = {"sMAPE": "sMAPE", "MASE": "MASE"}
    figures = ask.published(
        folder / "published_results.csv", {"period": "MONTHLY"}, "method", metrics
    )
    shown = [figure for figure in figures if figure[0] in METHODS]
    rows += ask.published_rows(TABLE, ROW, shown, SOURCE)
    frame.finish(rows, given)


if __name__ == "__main__":
    main()

"""Opponents: every classical model on the sets where its method was published.

M4 Hourly and M3 monthly by the competitions' own splits and scores, ETTh1 by the protocol of the
long horizons, long seasons by the clock, and three whole comparisons as a user runs them. Where
a competition published the forecasts of the same method, ours stand beside the published ones.

    python benchmarks/opponents.py --parts m3 ett
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import ask
import ett
import frame
import m3
import m4_hourly
from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters import registry
from forecast_cli.task import Task
from frame import Row

M4, M3, ETT = "Opponents: M4 Hourly", "Opponents: M3 monthly", "Opponents: ETTh1"
CLOCK, WHOLE = "Opponents: long seasons", "Opponents: a whole comparison"
ISSUE = "mark of this package"
A_SERIES = "seconds a series"
M4_MARKS = {("arima", "MASE"): 0.93, ("arima", A_SERIES): 0.35}
SAME_METHOD = {  # ours: the competition's name of it
    "naive2": "NAIVE2",
    "ses": "SINGLE",
    "holt": "HOLT",
    "damped": "DAMPEN",
    "theta": "THETA",
}
RATIO = "sMAPE / that of the published forecasts"
M3_MARKS = {("arima", "sMAPE"): 14.9, ("theta", RATIO): 1.02}
LINEAR_MSE, BOOSTING_SECONDS = 0.378, 60.0
SEASON_ROWS, SEASON_SECONDS = 2000, 1.0


def baselines(given: argparse.Namespace, seasons: tuple[int, ...]) -> list[str]:
    """Those that are asked for; every registered one, with a seasonal naive a season."""
    others = [f"seasonal-naive-{m}" for m in seasons[1:]]
    every = [*registry.names("baseline"), *others]
    return [name for name in every if not given.models or name in given.models]


def rows_of(
    table: str,
    row: str,
    found: ask.Answer,
    values: Mapping[str, float],
    marks: Mapping[tuple[str, str], float],
    note: str = "",
) -> list[Row]:
    """One row a metric, each with its own mark where there is one."""
    return [
        Row(
            table,
            row,
            metric,
            found.name,
            "classical",
            float("nan") if found.failure else value,
            target=marks.get((found.name, metric)),
            target_note=ISSUE if (found.name, metric) in marks else "",
            seconds=round(found.seconds, 2),
            note=f"failed: {found.failure}" if found.failure else note,
        )
        for metric, value in values.items()
    ]


def m4_part(given: argparse.Namespace) -> Iterable[Row]:
    """All 414 series; OWA by the published Naive2."""
    folder = frame.data_set(given, "m4_hourly")
    past = m4_hourly.read(folder / "Hourly-train.csv")
    panel, until = ask.official(past, m4_hourly.read(folder / "Hourly-test.csv"))
    seasons = (m4_hourly.SEASON, 168)
    task = ask.question(panel, until, m4_hourly.HORIZON, seasons)
    table = pd.read_csv(folder / "forecasts" / "Naive2.csv.gz", index_col=0)

    def scored(point: Floats) -> dict[str, float]:
        return ask.scores(
            ("smape", "mase"), panel, until, ask.last_known(until), point, m4_hourly.SEASON
        )

    naive2 = scored(table.loc[list(past)].to_numpy(dtype=np.float64))
    for name in baselines(given, seasons):
        found = ask.answer(name, given, panel, task, until, ask.last_known(until))
        values = m4_hourly.owa(scored(found.point), naive2)
        values[A_SERIES] = found.seconds / panel.n_series
        yield from rows_of(M4, m4_hourly.ROW, found, values, M4_MARKS)


def m3_part(given: argparse.Namespace) -> Iterable[Row]:
    """All monthly series, beside the published forecasts of the same methods."""
    folder = frame.data_set(given, "m3")
    past, after = m3.read(folder, "MONTHLY")
    panel, until = ask.official(past, after)
    task = ask.question(panel, until, 18, (12,))
    figures = ask.published(
        folder / "published_results.csv", {"period": "MONTHLY"}, "method", {"sMAPE": "sMAPE"}
    )
    theirs = {method: value for method, _, value in figures}
    for name in baselines(given, (12,)):
        found = ask.answer(name, given, panel, task, until, ask.last_known(until))
        values = ask.scores(("smape", "mase"), panel, until, ask.last_known(until), found.point, 12)
        note = ""
        if name in SAME_METHOD:
            published = theirs[SAME_METHOD[name]]
            values[RATIO] = values["sMAPE"] / published
            note = f"published {SAME_METHOD[name]}: {published:.2f}"
        yield from rows_of(M3, "1428 series, 18 ahead", found, values, M3_MARKS, note)


def ett_part(given: argparse.Namespace) -> Iterable[Row]:
    """96 hours ahead from every hour of four months, fitted on the sixteen before."""
    source = ett.SOURCES["ETTh1"]
    panel = ett.read(frame.data_set(given, "ett_h1_m1") / source.file, source)
    until, origins = panel.starts + 16 * source.month, ett.windows(panel, source, 96)
    task = Task(horizon=96, seasons=source.seasons, validation=4 * source.month)
    marks = {("linear", "MSE"): LINEAR_MSE, ("boosting", "seconds"): BOOSTING_SECONDS}
    for name in baselines(given, source.seasons):
        began = time.perf_counter()
        found = ask.answer(name, given, panel, task, until, origins)
        values = ett.errors(panel, source, origins, found.point)
        values["seconds"] = time.perf_counter() - began  # with all forecasts
        yield from rows_of(ETT, "96 ahead", found, values, marks)


def clock_part(given: argparse.Namespace) -> Iterable[Row]:
    """A noisy week of hours; fit and forecast of one series."""
    t = np.arange(SEASON_ROWS)
    noise = np.random.default_rng(given.seed).normal(size=SEASON_ROWS)
    wave = np.sin(2 * np.pi * t / 24) + np.sin(2 * np.pi * t / 168)
    panel = ask.panel_of({"week": 50 + 5 * wave + noise})
    until = panel.ends - 48
    for name in ("fourier-arma", "mstl", "arima"):
        task, origins = Task(horizon=48, seasons=(168, 24)), ask.last_known(until)
        ask.answer(name, given, panel, task, until, origins)  # what is imported is imported
        found = ask.answer(name, given, panel, task, until, origins)
        marks = {(name, "seconds"): SEASON_SECONDS} if name != "arima" else {}
        values = {"seconds": found.seconds}
        yield from rows_of(CLOCK, f"seasons 168 and 24, {SEASON_ROWS} rows", found, values, marks)


def whole_part(given: argparse.Namespace) -> Iterable[Row]:
    """``forecast compare-baselines`` with every opponent, started from nothing."""
    hourly = frame.data_set(given, "m4_hourly") / "Hourly-train.csv"
    etth1 = frame.data_set(given, "ett_h1_m1") / "ETTh1.csv"
    victoria = frame.data_set(given, "vic_elec") / "vic_elec.csv.gz"
    with tempfile.TemporaryDirectory() as name:
        long = Path(name) / "m4_hourly.csv"
        as_long(m4_hourly.read(hourly), long)
        seasons = ("--season", "24", "--season", "168")
        weather = ("--target", "demand", "--future", "temperature")
        asked = (
            ("ETTh1, 24 ahead", 120.0, (str(etth1), "--horizon", "24")),
            ("M4 Hourly, 48 ahead", 600.0, (str(long), "--id", "id", "--horizon", "48", *seasons)),
            ("Victoria, 48 ahead", 120.0, (str(victoria), *weather, "--horizon", "48")),
        )
        for row, mark, words in asked:
            print(f"  {row} ...", flush=True)
            began = time.perf_counter()
            command = [sys.executable, "-m", "forecast_cli", "compare-baselines", *words]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            failed = done.returncode != 0
            yield Row(
                WHOLE,
                row,
                "seconds",
                "forecast-cli",
                "ours",
                float("nan") if failed else time.perf_counter() - began,
                target=mark,
                target_note=ISSUE,
                note=f"failed: {done.stderr.strip().splitlines()[-1]}" if failed else "",
            )


def as_long(series: Mapping[str, Floats], path: Path) -> None:
    """One row a value, without times: the competition published none."""
    ids = np.repeat(list(series), [len(values) for values in series.values()])
    steps: Ints = np.concatenate([np.arange(len(values)) for values in series.values()])
    values = np.concatenate(list(series.values()))
    pd.DataFrame({"id": ids, "step": steps, "value": values}).to_csv(path, index=False)


PARTS: dict[str, Callable[[argparse.Namespace], Iterable[Row]]] = {
    "m4": m4_part,
    "m3": m3_part,
    "ett": ett_part,
    "seasons": clock_part,
    "whole": whole_part,
}


def main() -> None:
    parser = frame.options(__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--models", nargs="+", default=[], help="only these of m4, m3 and ett")
    given = parser.parse_args()
    for place, name in enumerate(given.parts):
        print(name)
        partial = place > 0 or given.parts != list(PARTS) or bool(given.models)
        frame.finish(list(PARTS[name](given)), given, partial=partial)


if __name__ == "__main__":
    main()

"""Events from irregular histories: networks against simple models of the same measurements.

Default settings everywhere. Five folds by entity, stratified, and the mean of their scores, unless
the set comes with a test of its own. Sets without a mark are small: what is asked of them is an
honest report, so the note says what the verdict was. Each network learns for 90 seconds at most
in each fold, so that all of it takes two hours at most; ``--quick`` leaves out PhysioNet.

    python benchmarks/events.py
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import frame
from forecast_cli.config import CompareConfig
from forecast_cli.event_comparison import EventCompareResult, EventScore
from forecast_cli.monitor import SILENT
from forecast_cli.report.events.words import LOWER, name_of
from forecast_cli.workflows.events.compare import compare_event

TABLE = "Events"
NETWORKS = ("lstm", "gru")
BASELINES = ("prior", "logistic-means", "logistic-three", "logistic", "boosting")
SHOWN = ("average_precision", "roc_auc", "min_se_pp", "brier", "ece")
OF_CLASSES = ("accuracy", "log_loss")
CUT = pd.Timestamp("1997-12-30")  # 26 weeks before the end of the CDNOW log
LONGEST = 90.0  # seconds of training, for each network
LEAD = "median lead, cycles"
ALARMS = "false alarms, share"


@dataclass(frozen=True)
class Asked:
    """One line of the table: what is read, what is asked, and the marks of its metrics."""

    row: str
    options: dict[str, Any]
    marks: dict[str, float]
    metrics: tuple[str, ...] = SHOWN


def physionet(data: Path, _: Path) -> Iterator[Asked]:
    """4000 stays in intensive care, 1.68 million rows of name and value."""
    options = {
        "data": (str(data / "set-a.csv.gz"),),
        "labels": str(data / "Outcomes-a.csv"),
        "label": "In-hospital_death",
        "static": ("Age", "Gender", "Height", "ICUType", "Weight"),
        "na": ("-1",),
    }
    marks = {"roc_auc": 0.855, "average_precision": 0.52, "min_se_pp": 0.5}
    yield Asked("PhysioNet 2012, death in hospital", options, marks)


def cmapss(data: Path, scratch: Path) -> Iterator[Asked]:
    """100 engines to failure, 100 cut off before it; all settings and sensors as they come."""
    names = ["unit", "cycle", *(f"s{k}" for k in range(1, 25))]
    for part in ("train", "test"):
        with gzip.open(data / f"{part}_FD001.txt.gz", "rt") as file:
            table = pd.read_csv(file, sep=r"\s+", header=None, names=names)
        table.to_csv(scratch / f"{part}.csv", index=False)
    left = pd.read_csv(data / "RUL_FD001.txt", header=None)[0]
    soon = pd.DataFrame({"unit": left.index + 1, "soon": (left <= 30).astype(int)})
    soon.to_csv(scratch / "soon.csv", index=False)
    options = {"data": (str(scratch / "train.csv"),), "id": "unit", "event_within": "30"}
    test = {"test_data": (str(scratch / "test.csv"),), "test_labels": str(scratch / "soon.csv")}
    yield Asked("C-MAPSS FD001, last cycle of the test engines", options | test, {"roc_auc": 0.98})
    yield Asked("C-MAPSS FD001, five folds, every cycle", options, {LEAD: 25.0})


def japanese_vowels(data: Path, scratch: Path) -> Iterator[Asked]:
    """Nine speakers say two vowels, 12 channels; the split that was given."""
    for part in ("TRAIN", "TEST"):
        text = (data / f"JapaneseVowels_{part}.ts").read_text(encoding="utf-8")
        rows = []
        lines = (line for line in text.splitlines() if line and line[0] not in "@#")
        for place, line in enumerate(lines):
            *channels, speaker = line.split(":")
            steps = zip(*(map(float, channel.split(",")) for channel in channels), strict=True)
            rows += [(place, t, *values, f"speaker {speaker}") for t, values in enumerate(steps)]
        names = ["utterance", "t", *(f"c{k}" for k in range(1, 13)), "speaker"]
        pd.DataFrame(rows, columns=names).to_csv(scratch / f"{part}.csv", index=False)
    options = {
        "data": (str(scratch / "TRAIN.csv"),),
        "test_data": (str(scratch / "TEST.csv"),),
        "id": "utterance",
        "label": "speaker",
    }
    yield Asked("Japanese vowels, 9 speakers", options, {"accuracy": 0.985}, OF_CLASSES)


def indoor_movement(data: Path, _: Path) -> Iterator[Asked]:
    """314 walks past four radio anchors: does the person change the room?"""
    options = {
        "data": (str(data / "sequences.csv"),),
        "id": "sequence_id",
        "labels": str(data / "MovementAAL_target.csv"),
        "positive": "1",
    }
    metrics = ("accuracy", *SHOWN)
    yield Asked("Indoor movement, change of room", options, {"accuracy": 0.93}, metrics)


def pbc(data: Path, scratch: Path) -> Iterator[Asked]:
    """312 patients, their visits over years; what tells the end (futime) is taken out."""
    table = pd.read_csv(data / "pbcseq.csv").drop(columns="futime")
    table["died"] = (table.pop("status") == 2).astype(int)
    table.to_csv(scratch / "pbc.csv", index=False)
    options = {
        "data": (str(scratch / "pbc.csv"),),
        "id": "id",
        "time": ("day",),
        "label": "died",
        "static": ("trt", "age", "sex"),
    }
    yield Asked("PBC, death of the patient", options, {})


def cdnow(data: Path, scratch: Path) -> Iterator[Asked]:
    """Customers of a shop, by their purchases up to the cut: do they buy again within 26 weeks?"""
    table = pd.read_csv(data / "cdnowElog.csv")
    table["date"] = pd.to_datetime(table["date"].astype(str), format="%Y%m%d")
    past, future = table[table["date"] <= CUT], table[table["date"] > CUT]
    past[["masterid", "date", "cds", "sales"]].to_csv(scratch / "past.csv", index=False)
    customers = pd.DataFrame({"masterid": past["masterid"].unique()})
    customers["again"] = customers["masterid"].isin(future["masterid"]).astype(int)
    customers.to_csv(scratch / "again.csv", index=False)
    options = {
        "data": (str(scratch / "past.csv"),),
        "id": "masterid",
        "labels": str(scratch / "again.csv"),
        "label": "again",
    }
    yield Asked("CDNOW, buys again within 26 weeks", options, {})


def epileptic(data: Path, scratch: Path) -> Iterator[Asked]:
    """605 patients by their doses; is the drug withdrawn? When it was is taken out."""
    table = pd.read_csv(data / "epileptic.csv")
    table["withdrawn"] = (table["with.status"] != 0).astype(int)
    told = [name for name in table if str(name).startswith("with.")]
    table.drop(columns=told).to_csv(scratch / "epileptic.csv", index=False)
    options = {
        "data": (str(scratch / "epileptic.csv"),),
        "id": "id",
        "time": ("time",),
        "label": "withdrawn",
        "static": ("treat", "age", "gender", "learn.dis"),
    }
    yield Asked("Epilepsy, withdrawal of the drug", options, {})


Read = Callable[[Path, Path], Iterator[Asked]]
SETS: dict[str, Read] = {
    "physionet2012_set_a": physionet,
    "cmapss_fd001": cmapss,
    "japanese_vowels": japanese_vowels,
    "indoor_movement": indoor_movement,
    "pbc_sequential": pbc,
    "cdnow_transactions": cdnow,
    "epileptic_dose": epileptic,
}
LONG = ("physionet2012_set_a",)


def rows_of(asked: Asked, result: EventCompareResult) -> Iterator[frame.Row]:
    """Every metric of every model, with the verdict beside that of the best."""
    for score in result.models:
        ours = score.kind == "network"
        for metric, value in _figures(asked, score):
            interval = score.intervals.get(metric)
            said = "" if interval is None else f"95 %: {interval[0]:.3f} to {interval[1]:.3f}"
            if score.status != "ok":
                said = f"{score.status}: {score.reason}"
            elif metric == result.protocol.metric and score.name == result.verdict.best:
                said = f"{said}; {result.verdict.text}"
            yield frame.Row(
                TABLE,
                asked.row,
                name_of(metric),
                score.name,
                "ours" if ours else "classical",
                value,
                better="lower" if metric in LOWER or metric == ALARMS else "higher",
                target=asked.marks.get(metric) if ours else None,
                seconds=score.fit_seconds / result.protocol.folds,
                note=said,
            )


def _figures(asked: Asked, score: EventScore) -> Iterator[tuple[str, float]]:
    for metric in asked.metrics:
        yield metric, score.metrics.get(metric, float("nan"))
    if score.lead_times is not None:
        yield LEAD, score.lead_times.median
        yield ALARMS, score.lead_times.measured_false_alarms


def measure(name: str, given: argparse.Namespace) -> list[frame.Row]:
    """All lines of one data set."""
    folder = frame.data_set(given, name)
    rows: list[frame.Row] = []
    with tempfile.TemporaryDirectory(prefix="forecast-events-") as scratch:
        for asked in SETS[name](folder, Path(scratch)):
            config = CompareConfig(
                **asked.options,
                models=NETWORKS,
                baselines=BASELINES,
                seed=given.seed,
                max_seconds=LONGEST,
                max_steps=given.steps,
            )
            rows += rows_of(asked, compare_event(config, SILENT))
    return rows


def main() -> None:
    parser = frame.options(__doc__, quick="all sets but PhysioNet")
    parser.add_argument("--only", choices=sorted(SETS), help="this set alone")
    given = parser.parse_args()
    names = [given.only] if given.only else [n for n in SETS if not (given.quick and n in LONG)]
    for name in names:
        frame.data_set(given, name)  # what is absent is said before anything is measured
    rows = [row for name in names for row in measure(name, given)]
    frame.finish(rows, given, partial=given.quick or bool(given.only))


if __name__ == "__main__":
    main()

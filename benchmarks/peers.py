"""Other libraries and ours, side by side: the same data, the same origins, the same cores.

neuralforecast and darts train their networks on ETTh1 (12/4/4 months, 96 ahead), statsforecast
forecasts a sample of M4 Hourly; our models answer the same after them. Every model runs alone
in a process of its own, a library's in a virtual environment of its own, which is made once and
kept in benchmarks/.peers/ (4 GB). A library that cannot be installed becomes a row that says so.

Everybody has the defaults of his library, save that the peers run on as many threads as make
neuralforecast's LSTM fastest, one or one a core, which is tried first. Counted as a forecast is
a window of H steps whose loss was computed in training; seconds are those of the whole fit.
Without ``--quick`` this takes an hour or two, nearly all of it in the peers' training.

    python benchmarks/peers.py --quick
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

import frame
from frame import Row

TABLE = "Peers"
WORKERS = Path(__file__).resolve().parent / "peers"
PLACE = Path(__file__).resolve().parent / ".peers"
ROOM = 3 * 2**30  # bytes that one environment takes at most
TIME_LIMIT = 3600  # seconds that one model may take

TRAIN, VALIDATION, TEST, HORIZON = 8640, 2880, 2880, 96
QUICK_STRIDE = 29  # rows between origins; divides a block's 2784, and meets every hour of the day
SEASON = 24  # of M4 Hourly
SERIES, QUICK_SERIES = 52, 12  # of M4 Hourly, evenly spread over its 414
TRIAL = 10  # training steps after which the number of threads is chosen
STEPS = 200  # training steps after which the peers' validation error is the one to reach
FASTER, SOONER = 100, 50  # times as many forecasts a second, and times fewer seconds
MARK = "the aim of this project"


@dataclass(frozen=True)
class Entrant:
    """One model of one library.

    Parameters
    ----------
    library : str
        Its name, or "ours"; the worker is peers/run_<library>.py.
    model : str
        The library's name of it.
    steps : int or None
        Training steps; None leaves the library's default.
    quick : bool
        Whether it takes part in the quick run.
    kind : Kind
    options : tuple of str
        Further words for the worker.
    note : str
        What is not a default of the library.
    """

    library: str
    model: str
    steps: int | None = None
    quick: bool = False
    kind: Literal["ours", "classical", "peer"] = "peer"
    options: tuple[str, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """What the tables call it."""
        parts = [self.model if self.library == "ours" else f"{self.library} {self.model}"]
        if "--input" in self.options:
            parts.append(f"{self.options[self.options.index('--input') + 1]} rows in")
        if self.steps:
            parts.append(f"{self.steps} steps")
        return ", ".join(parts)


def seeing(rows: int) -> dict[str, Any]:
    """The words that make a network of neuralforecast see so many rows."""
    return {"options": ("--input", str(rows)), "note": f"input_size={rows}"}


RIVALS = (  # whose forecasts a second and validation error ours are measured against
    Entrant("neuralforecast", "LSTM", STEPS, quick=True, **seeing(96)),
    Entrant("neuralforecast", "LSTM", STEPS),
)
NETWORKS = (
    *RIVALS,
    Entrant("neuralforecast", "LSTM"),
    Entrant("neuralforecast", "GRU", STEPS),
    Entrant("neuralforecast", "DLinear", STEPS, **seeing(336)),
    Entrant("neuralforecast", "DLinear", **seeing(336)),
    Entrant("neuralforecast", "NHITS", STEPS, **seeing(336)),
    Entrant("neuralforecast", "NHITS", **seeing(336)),
    Entrant("darts", "LSTM", STEPS, quick=True, note="BlockRNNModel, input_chunk_length=96"),
)
OURS = Entrant("ours", "lstm", quick=True, kind="ours")
CLASSICAL = (
    Entrant("statsforecast", "SeasonalNaive", quick=True),
    Entrant("statsforecast", "AutoARIMA", quick=True, note="approximation=True"),
    Entrant("statsforecast", "AutoETS"),
    Entrant("statsforecast", "AutoTheta"),
    *(
        Entrant("ours", name, quick=name == "arima", kind="classical", options=("--sample",))
        for name in ("arima", "ets", "theta", "mstl")
    ),
    Entrant("ours", "lstm", quick=True, kind="ours", options=("--sample",)),
)


@dataclass(frozen=True)
class Outcome:
    """What a worker measured, or why there is nothing."""

    entrant: Entrant
    found: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def __getitem__(self, name: str) -> float:
        """A figure; NaN where there is none."""
        return float(self.found.get(name, math.nan))

    @property
    def rate(self) -> float:
        """Forecasts a second in training."""
        return self["forecasts"] / self["seconds"]


class UnavailableError(Exception):
    """A library or a figure that cannot be had here, with the reason in one line."""


def environment(library: str) -> Path:
    """The interpreter with the library, installed where it is not yet.

    torch comes first and alone, so that whatever build pip is set up to prefer is kept.
    """
    if library == "ours":
        return Path(sys.executable)
    pinned = (WORKERS / f"{library}.txt").read_text(encoding="utf-8")
    home = PLACE / library
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = home / "installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == pinned:
        return python
    PLACE.mkdir(exist_ok=True)
    free = shutil.disk_usage(PLACE).free
    if free < ROOM:
        raise UnavailableError(
            f"not installed: {free / 2**30:.1f} GiB of disk are free, {ROOM / 2**30:.0f} needed"
        )
    talk(f"installing {library} into {home}")
    install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    torch = [line for line in pinned.splitlines() if line.startswith("torch==")]
    for command in (
        [sys.executable, "-m", "venv", str(home)],
        *([*install, line] for line in torch),
        [*install, "-r", str(WORKERS / f"{library}.txt")],
    ):
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        if said.returncode:
            raise UnavailableError(f"not installed: {last_line(said.stderr or said.stdout)}")
    stamp.write_text(pinned, encoding="utf-8")
    return python


def last_line(text: str) -> str:
    """The last line that is not blank: where tracebacks and pip say what happened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no word why"


def ask(
    entrant: Entrant, question: Path, steps: int | None = None, threads: int | None = None
) -> Outcome:
    """Run one model in its own process; ``steps`` override its own."""
    talk(f"running {entrant.name}" + (f", threads: {threads}" if threads else ""))
    out = question.with_name("answer.json")
    out.unlink(missing_ok=True)
    chosen = steps or entrant.steps
    try:
        command = [
            *(str(environment(entrant.library)), str(WORKERS / f"run_{entrant.library}.py")),
            *(str(question), str(out), "--model", entrant.model, *entrant.options),
            *(["--steps", str(chosen)] if chosen else []),
        ]
        said = subprocess.run(
            command,
            cwd=question.parent,  # libraries leave logs where they run
            env=os.environ | ({"OMP_NUM_THREADS": str(threads)} if threads else {}),
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except UnavailableError as cause:
        return Outcome(entrant, reason=str(cause))
    except subprocess.TimeoutExpired:
        return Outcome(entrant, reason=f"not done after {TIME_LIMIT} s")
    if said.returncode:
        return Outcome(entrant, reason=f"failed: {last_line(said.stderr)}")
    found = json.loads(out.read_text(encoding="utf-8"))
    return Outcome(entrant, found | ({"threads": threads} if threads else {}))


def best_threads(question: Path) -> int:
    """How many threads make the rival fastest; all that there are where it cannot be run.

    Small kernels wait for their slowest thread: on cores that are shared, two threads can take
    three times as long as one.
    """
    cores = int(frame.machine()["cores"])
    short = replace(RIVALS[0], steps=TRIAL)
    tried = {n: ask(short, question, threads=n)["seconds"] for n in dict.fromkeys((cores, 1))}
    return min(tried, key=lambda n: tried[n])


def ett(folder: Path, path: Path, stride: int) -> str:
    """Write ETTh1 as the workers read it; what is asked, in words."""
    rows = TRAIN + VALIDATION + TEST
    table = pd.read_csv(folder / "ETTh1.csv", nrows=rows, index_col=0, parse_dates=True)
    values = table.to_numpy(dtype=np.float64).T  # [S, rows]
    past = values[:, :TRAIN]
    np.savez(
        path,
        values=(values - past.mean(axis=1, keepdims=True)) / past.std(axis=1, keepdims=True),
        times=pd.DatetimeIndex(table.index).as_unit("ns").asi8,
        train=TRAIN,
        validation=VALIDATION,
        horizon=HORIZON,
        stride=stride,
    )
    return f"ETTh1, {HORIZON} ahead" + ("" if stride == 1 else f", every {stride}th origin")


def m4(folder: Path, path: Path, n_series: int) -> str:
    """Write a sample of M4 Hourly as the workers read it; what is asked, in words."""
    past = pd.read_csv(folder / "Hourly-train.csv", index_col=0)
    future = pd.read_csv(folder / "Hourly-test.csv", index_col=0).loc[past.index]
    chosen = np.linspace(0, len(past) - 1, n_series).round().astype(int)
    series = [row[np.isfinite(row)] for row in past.to_numpy(dtype=np.float64)[chosen]]
    np.savez(
        path,
        flat=np.concatenate(series),
        lengths=[len(one) for one in series],
        future=future.to_numpy(dtype=np.float64)[chosen],
        season=SEASON,
    )
    return f"M4 Hourly, {n_series} of {len(past)} series, {future.shape[1]} ahead"


def network_rows(outcome: Outcome, asked: str) -> list[Row]:
    """What a network's training cost and what it is worth."""
    rate, errors = "training forecasts a second", "validation MAE"
    if outcome.reason:
        return [row(outcome, asked, rate, math.nan, "higher")]
    return [
        row(outcome, asked, rate, outcome.rate, "higher"),
        row(outcome, asked, errors, outcome["validation_mae"]),
        row(outcome, asked, "MSE", outcome["mse"]),
        row(outcome, asked, "MAE", outcome["mae"]),
        row(outcome, asked, "peak memory, MiB", outcome["memory"]),
    ]


def sample_rows(outcome: Outcome, asked: str, n_series: int) -> list[Row]:
    """What forecasting a sample of series cost and what it is worth."""
    if outcome.reason:
        return [row(outcome, asked, "MASE", math.nan)]
    return [
        row(outcome, asked, "MASE", outcome["mase"]),
        row(outcome, asked, "sMAPE", outcome["smape"]),
        row(outcome, asked, "seconds a series", outcome["seconds"] / n_series),
        row(outcome, asked, "peak memory, MiB", outcome["memory"]),
    ]


def ratio_rows(ours: Outcome, rival: Outcome, reached: Outcome, asked: str) -> list[Row]:
    """How many times faster ours trains, and how many times sooner it is as good.

    Parameters
    ----------
    ours, rival : Outcome
        Of the default training, and of the peer's.
    reached : Outcome
        Of our shortest training whose validation error is below the rival's.
    asked : str
    """
    name = rival.entrant.name
    details = (
        f"training steps after the linear start: {reached['steps']:.0f}; "
        f"{reached['seconds']:.2f} s to a validation MAE of "
        f"{frame.number(reached['validation_mae'])} (test {frame.number(reached['mae'])}), "
        f"{rival['seconds']:.1f} s to {frame.number(rival['validation_mae'])}"
        if "steps" in reached.found
        else f"no training reached {frame.number(rival['validation_mae'])}"
    )
    figures = (
        ("training forecasts a second", FASTER, ours.rate / rival.rate, ""),
        ("seconds to its validation MAE", SOONER, rival["seconds"] / reached["seconds"], details),
    )
    reason = next((outcome.reason for outcome in (ours, rival, reached) if outcome.reason), "")
    return [
        Row(
            TABLE,
            asked,
            f"{what}: gain over {name}",
            ours.entrant.name,
            "ours",
            value,
            better="higher",
            target=mark,
            target_note=MARK,
            note=reason or note,
        )
        for what, mark, value, note in figures
    ]


def row(
    outcome: Outcome,
    asked: str,
    metric: str,
    value: float,
    better: Literal["lower", "higher"] = "lower",
) -> Row:
    """One figure of one model, or the reason why there is none."""
    entrant = outcome.entrant
    parts = [entrant.note]
    if entrant.kind == "peer":
        told = {"version": "version {}", "threads": "threads: {}"}
        parts += [told[name].format(outcome.found[name]) for name in told if name in outcome.found]
    note = outcome.reason or ", ".join(part for part in parts if part)
    seconds = outcome.found.get("seconds")
    return Row(
        TABLE,
        asked,
        metric,
        entrant.name,
        entrant.kind,
        value,
        better=better,
        seconds=seconds,
        note=note,
    )


def compare_networks(folder: Path, work: Path, quick: bool, steps: int | None) -> list[Row]:
    """The peers' networks on ETTh1, then ours."""
    question = work / "ett.npz"
    asked = ett(folder, question, QUICK_STRIDE if quick else 1)
    threads = best_threads(question)
    peers = [ask(one, question, steps, threads) for one in NETWORKS if one.quick or not quick]
    ours = ask(OURS, question, steps)
    rows = [one for outcome in (*peers, ours) for one in network_rows(outcome, asked)]
    for rival in (outcome for outcome in peers if outcome.entrant in RIVALS):
        reached = rival
        if not rival.reason:
            below = ("--below", str(rival["validation_mae"]))
            reached = ask(Entrant("ours", OURS.model, kind="ours", options=below), question)
        rows += ratio_rows(ours, rival, reached, asked)
    return rows


def compare_classical(folder: Path, work: Path, quick: bool) -> list[Row]:
    """Classical models on a sample of M4 Hourly, and our network."""
    question, n_series = work / "m4.npz", QUICK_SERIES if quick else SERIES
    asked = m4(folder, question, n_series)
    found = [ask(one, question) for one in CLASSICAL if one.quick or not quick]
    return [one for outcome in found for one in sample_rows(outcome, asked, n_series)]


def talk(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    quick = f"fewer models, every {QUICK_STRIDE}th origin, {QUICK_SERIES} series: 4 minutes"
    parser = frame.options(__doc__, quick=quick, seed=False)
    both = ("networks", "classical")
    parser.add_argument("--parts", nargs="+", choices=both, default=both)
    given = parser.parse_args(argv)
    etth1, hourly = frame.data_set(given, "ett_h1_m1"), frame.data_set(given, "m4_hourly")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        rows = []
        if "networks" in given.parts:
            rows += compare_networks(etth1, work, given.quick, given.steps)
        if "classical" in given.parts:
            rows += compare_classical(hourly, work, given.quick)
    frame.finish(rows, given, partial=given.quick or len(given.parts) < len(both))


if __name__ == "__main__":
    main()

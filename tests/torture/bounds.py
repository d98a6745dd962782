"""Reading is bounded: memory in proportion to the file, limits that say so, quiet ends of pipes.

The peak of resident memory of a process that reads a file, less that of one that reads a tiny
one, has to stay below six times the size of the file unpacked. A file beyond a limit on its
text, rows, columns or series has to be refused with the limit in words, and read where
`--limits` raises it. A reader that closes the pipe early (`| head -1`) has to end the tool
without a word.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.torture.corpus.base import PLAIN
from tests.torture.frame import ROOT, Outcome

TITLE = "Bounded"
TIMES = 6.0  # the size of the file, at most
LARGEST = 8  # data sets, the largest first
DATA = Path(os.environ.get("FORECAST_SHARED_DATA", ROOT.parent / "shared" / "data"))

_MEASURE = """
import json, resource, sys, time
from forecast_cli.data.dataset import load
from forecast_cli.config import DataOptions
from forecast_cli.errors import ForecastError
load(DataOptions(data=(sys.argv[1],)))
before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
load(DataOptions(data=(sys.argv[2],)))
seconds = time.perf_counter() - begun
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"bytes": (after - before) * 1024, "seconds": seconds}))
"""


def measure(short: bool) -> Outcome:
    """Memory of the largest data sets (of none in the short form), limits, pipes."""
    failures: list[str] = []
    measured: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plain.csv").write_text(PLAIN)
        files = [] if short else _largest()
        worst = 0.0
        for path in files:
            size, found = _unpacked_size(path), _memory(folder / "plain.csv", path)
            times = found["bytes"] / size
            worst = max(worst, times)
            told = f"{times:.1f} times {size / 1e6:.1f} MB, {found['seconds']:.1f} s"
            measured[f"peak memory: {path.name}"] = told
            failures += [f"{path.name}: {told}"] * (times > TIMES)
        if files:
            measured["most memory"] = f"{worst:.1f} times the file"
        checks: tuple[Callable[[Path], str], ...] = (
            _text,
            _columns,
            _series,
            _rows,
            _raised,
            _pipe,
        )
        for check in checks:
            why = check(folder)
            failures += [f"{check.__name__.strip('_')}: {why}"] * bool(why)
    cases = len(files) + len(checks)
    return Outcome(cases, cases - len(failures), measured, tuple(failures))


def _largest() -> list[Path]:
    """The largest tables of the shared data sets."""
    paths = [p for p in DATA.rglob("*") if p.name.endswith((".csv", ".csv.gz"))]
    return sorted(paths, key=_unpacked_size)[-LARGEST:]


def _unpacked_size(path: Path) -> int:
    if path.suffix != ".gz":
        return path.stat().st_size
    with gzip.open(path) as file:
        return sum(len(part) for part in iter(lambda: file.read(2**20), b""))


def _forecast(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "forecast_cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _memory(tiny: Path, path: Path) -> dict[str, float]:
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tiny), str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def _refused(folder: Path, text: str, limit: str, *words: str) -> str:
    """Why a file was not refused for the limit; empty where it was."""
    (folder / "large.csv").write_text(text)
    ended = _forecast(folder, "inspect", "large.csv", *words)
    if ended.returncode != 3 or limit not in ended.stderr or "--limits" not in ended.stderr:
        return f"code {ended.returncode}: {ended.stderr[:200]}"
    return ""


def _columns(folder: Path) -> str:
    text = "time" + "".join(f",c{i}" for i in range(300)) + "\n2024-01-01" + ",1" * 300 + "\n"
    return _refused(folder, text, "more than 200 columns", "--limits", "0.01")


def _text(folder: Path) -> str:
    return _refused(folder, PLAIN * 9, "GB of text", "--limits", "1e-7")


def _series(folder: Path) -> str:
    rows = (f"m{s},2024-01-{d:02d},{s + d}.5" for s in range(700) for d in range(1, 3))
    text = "\n".join(["id,time,y", *rows])
    return _refused(folder, text, "more than 600 series", "--limits", "0.003", "--id", "id")


def _rows(folder: Path) -> str:
    text = "time,y\n" + "".join(f"{i},{i % 7}\n" for i in range(6000))
    return _refused(folder, text, "more than 5000 rows", "--limits", "0.0001")


def _raised(folder: Path) -> str:
    ended = _forecast(folder, "inspect", "plain.csv", "--limits", "2")
    return "" if ended.returncode == 0 else ended.stderr[:200]


def _pipe(folder: Path) -> str:
    """``forecast predict | head -1`` ends without a word, and head has its line."""
    trained = _forecast(folder, "train", "plain.csv", "--model", "naive", "--horizon", "3")
    if trained.returncode:
        return trained.stderr[:200]
    program = f'"{sys.executable}" -m forecast_cli'
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {program} predict --quiet --format csv | head -1"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    ok = ended.returncode == 0 and ended.stderr == "" and ended.stdout.count("\n") == 1
    return "" if ok else f"code {ended.returncode}: {ended.stderr[:200]}"

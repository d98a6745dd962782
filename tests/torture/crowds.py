"""Trainings that write into one folder at the same time do not meet.

Eight are begun at once, with different seeds. All of them end well, eight whole runs lie in the
folder, each loads, the latest is the newest, and nothing else is left.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from forecast_cli.runs import store
from tests.torture.frame import Outcome
from tests.torture.small_runs import ENVIRONMENT, QUICK, data_file

TITLE = "Two at once: every run whole"

ROUNDS, AT_ONCE, AT_ONCE_SHORT = 3, 8, 3


def measure(short: bool) -> Outcome:
    """Some rounds of trainings at once."""
    rounds, at_once = (1, AT_ONCE_SHORT) if short else (ROUNDS, AT_ONCE)
    failures = list[str]()
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            failures += [f"round {number}: {f}" for f in _round(Path(folder), at_once, short)]
    return Outcome.of(rounds * at_once, failures, at_once=f"{at_once}", rounds=f"{rounds}")


def _round(folder: Path, at_once: int, short: bool) -> list[str]:
    """Train at once, and say what is wrong then."""
    file, root = data_file(folder), folder / "runs"
    words = [f"--{name.replace('_', '-')}={value}" for name, value in QUICK.items()]
    command = [sys.executable, "-m", "forecast_cli", "train", str(file), "--runs", str(root)]
    begun = [
        subprocess.Popen(
            [*command, *words, f"--seed={seed}", "--model", "naive" if short else "gru"],
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(at_once)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in begun]
    found = [error[-200:] for error, code in ended if code]
    entries = store.list_runs(root)
    found += [f"{entry.name}: {entry.problem}" for entry in entries if entry.problem]
    if len({entry.name for entry in entries}) != at_once:
        found.append(f"{len(entries)} runs")
    if {path.name for path in root.iterdir()} != {entry.name for entry in entries}:
        found.append("something else is left")
    newest = max(entries, key=lambda entry: entry.created)
    if store.find(root).name != newest.name or not newest.latest:
        found.append("the latest is not the newest")
    for entry in entries:
        store.load_model(store.find(root, entry.name))
    return found

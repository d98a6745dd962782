"""Killed anywhere, a training leaves a whole run or none, and the earlier runs as they were.

A process is killed by SIGKILL before, and in the middle of, every call that writes: open, write,
sync, rename, make and remove, first while a run is written, then all through a training that keeps
its checkpoints. Then trainings are killed at random times. After each the earlier run is still
found and loads, whatever stands beside it under a run's name is whole, the latest is the newest of
those, and what is left over hinders nobody and is removed later.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from forecast_cli.forecasters import registry
from forecast_cli.runs import locks, store, unfinished
from forecast_cli.runs.write import TEMPORARY
from tests.torture.calls import Calls
from tests.torture.forks import forked
from tests.torture.frame import Outcome
from tests.torture.small_runs import QUICK, data_file, small_run

TITLE = "Kill it anywhere: old run or new run, never a torn one"

RANDOM, RANDOM_SHORT = 200, 2
EVERY_SHORT = 60  # in the short form, one call of so many of a training


def measure(short: bool) -> Outcome:
    """Kills at every writing call (some of them in the short form), and at random times."""
    import forecast_cli.workflows.train  # noqa: F401 - imported before the forks

    registry.model_class("gru")
    failures, calls = list[str](), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = small_run(folder / "old", "seasonal-naive")
        file = data_file(folder)
        ways: dict[str, tuple[Callable[[Path], object], int]] = {
            "writing a run": (rewrite(old), 7 if short else 1),
            "training": (training(file), EVERY_SHORT if short else 1),
        }
        for label, (work, every) in ways.items():
            number = 1
            while True:
                root = fresh(folder, old)
                ended = forked(lambda n=number, w=work, r=root: killed_at(n, w, r))  # type: ignore[misc]
                failures += [f"{label}, call {number}: {f}" for f in _faults(root, old.name)]
                if ended == "done":
                    break
                if ended != "ended by SIGKILL":
                    failures.append(f"{label}, call {number}: {ended}")
                    break
                calls, number = calls + 1, number + every
        times = RANDOM_SHORT if short else RANDOM
        failures += _random_kills(folder, old, file, times)
    return Outcome.of(
        calls + times,
        failures,
        kills_at_a_writing_call=f"{calls:,}",
        kills_at_a_random_time=f"{times}",
    )


def fresh(folder: Path, old: Path) -> Path:
    """A folder with the earlier run alone."""
    root = folder / "runs"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(old, root / old.name)
    return root


def rewrite(old: Path) -> Callable[[Path], object]:
    """Write the earlier run once more, as a new one."""

    def write(root: Path) -> object:
        run = store.find(old.parent, old.name)
        changed = {**run.manifest, "created": "2030-01-01T00:00:00+00:00"}
        return store.write(
            root,
            model=store.load_model(run),
            task=run.task,
            config=run.config,
            manifest=changed,
            history=({"step": 1.0},),
            metrics={},
            texts={"report.html": "fine"},
        )

    return write


def training(file: Path) -> Callable[[Path], object]:
    """A training that keeps a checkpoint after every step."""

    def train(root: Path) -> object:
        from forecast_cli.workflows.train import train as trained

        unfinished.SECONDS = 0.0
        return trained(str(file), model="gru", runs=str(root), **QUICK)

    return train


def killed_at(number: int, work: Callable[[Path], object], root: Path) -> str:
    """Work, and be killed at the n-th writing call."""

    def kill(name: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with Calls(number, kill, torn=True):
        work(root)
    return "done"


def _random_kills(folder: Path, old: Path, file: Path, times: int) -> list[str]:
    """Kill trainings at random times between their begin and a little after their end."""
    train, failures = training(file), list[str]()
    began = time.perf_counter()
    root = fresh(folder, old)
    forked(lambda: str(train(root)))
    whole = time.perf_counter() - began
    for number in range(times):
        root = fresh(folder, old)
        child = os.fork()
        if child == 0:
            try:
                train(root)
            finally:
                os._exit(0)
        time.sleep(random.Random(number).uniform(0, 1.1 * whole))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        failures += [f"at random, {number}: {fault}" for fault in _faults(root, old.name)]
    return failures


def _faults(root: Path, old: str) -> list[str]:
    """What is wrong in a folder of runs after a kill."""
    found = list[str]()
    entries = store.list_runs(root)
    torn = [e for e in entries if e.problem and not e.problem.startswith("unfinished")]
    found += [f"{entry.name} is torn ({entry.problem})" for entry in torn]
    runs = [entry for entry in entries if not entry.problem]
    if old not in [entry.name for entry in runs]:
        found.append("the earlier run is gone")
    if len(runs) > 2:
        found.append(f"{len(runs)} runs")
    newest = max(runs, key=lambda entry: entry.created)
    latest = store.find(root)
    if latest.name != newest.name or [e.name for e in runs if e.latest] != [newest.name]:
        found.append("the latest is not the newest")
    if latest.manifest["model"] == "seasonal-naive":
        store.load_model(latest)  # a network has to be loaded in a process of its own
    else:
        name = latest.name
        ended = forked(lambda: str(store.load_model(store.find(root, name)).name))
        found += [] if ended == "gru" else [f"the new run does not load: {ended}"]
    locks.remove_left(root, TEMPORARY, older=0)
    found += [f"{path.name} is left over" for path in root.glob(f"{TEMPORARY}*")]
    return found

"""A disk that is full, read-only or broken costs at most the run that is being written.

Every call that writes (open, write, sync, rename, make a folder) fails once, and then from there
on for good, with "no space left", "input/output error" and "permission denied": while a run is
written, and all through a training that keeps its checkpoints. The earlier run stays as it
was; the new one is there, whole, or is not, with one line that says why and exit code 5; nothing
half written is left where the disk allows to clean up. A checkpoint that cannot be written is
said, and costs nothing else.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from forecast_cli.errors import ExitCode, RunError
from forecast_cli.forecasters import registry
from forecast_cli.runs import store
from tests.torture.calls import Calls
from tests.torture.forks import forked
from tests.torture.frame import Outcome
from tests.torture.kills import fresh, rewrite, training
from tests.torture.small_runs import data_file, small_run

TITLE = "Disk full, read-only, input/output error: the earlier run stays, and nothing is left lying"

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
FAILING = ("write", "fsync", "rename", "replace", "mkdir")  # beside open; removing still works
EVERY_SHORT = 61  # in the short form, one case of so many of a training


def measure(short: bool) -> Outcome:
    """Every call with every error, transient and lasting; some of them in the short form."""
    import forecast_cli.workflows.train  # noqa: F401 - imported before the forks

    registry.model_class("gru")
    failures, cases, refused = list[str](), 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = small_run(folder / "old", "seasonal-naive")
        ways: dict[str, tuple[Callable[[Path], object], int]] = {
            "writing a run": (rewrite(old), 5 if short else 1),
            "training": (training(data_file(folder)), EVERY_SHORT if short else 1),
        }
        for label, (work, every) in ways.items():
            for error in ERRORS[:1] if short and label == "training" else ERRORS:
                for lasting in (False, True):
                    number = 1
                    while True:
                        root = fresh(folder, old)
                        ended = forked(
                            lambda n=number, w=work, r=root, e=error, t=lasting: _failing_at(
                                n, w, r, e, lasting=t
                            )  # type: ignore[misc]
                        )
                        where = f"{label}, {errno.errorcode[error]}, call {number}"
                        failures += [f"{where}: {f}" for f in _faults(root, old.name, ended)]
                        if ended == "not reached" or isinstance(ended, str):
                            break
                        cases, number = cases + 1, number + every
                        refused += bool(ended[0])
    return Outcome.of(cases, failures, calls_that_failed=f"{cases:,}", runs_refused=f"{refused:,}")


def _failing_at(
    number: int, work: Callable[[Path], object], root: Path, error: int, *, lasting: bool
) -> tuple[str, str] | str:
    """Work while the n-th writing call fails: what was said, and what was wrong with that."""

    def fail(name: str) -> None:
        raise OSError(error, os.strerror(error))

    said = wrong = ""
    with Calls(number, fail, lasting=lasting, names=FAILING) as calls:
        try:
            work(root)
        except RunError as failure:
            said = failure.message
            if failure.exit_code != ExitCode.BAD_RUN or os.strerror(error) not in said:
                wrong = f"said: {said}"
        except BaseException as failure:
            said = wrong = f"{type(failure).__name__}: {failure}"
    return (said, wrong) if calls.made >= number else "not reached"


def _faults(root: Path, old: str, ended: tuple[str, str] | str) -> list[str]:
    """What is wrong in a folder of runs after a fault."""
    if isinstance(ended, str):
        return [] if ended == "not reached" else [ended]
    said, wrong = ended
    found = [wrong] if wrong else []
    entries = store.list_runs(root)
    runs = [entry.name for entry in entries if not entry.problem]
    if old not in runs:
        found.append("the earlier run is gone")
    if len(runs) != (1 if said else 2):
        found.append(f"{len(runs)} runs after: {said or 'no error'}")
    # What was learned before the disk refused the run is kept, and listed with what to do.
    kept = {f".unfinished-{entry.name}" for entry in entries if "--resume" in entry.problem}
    litter = {path.name for path in root.iterdir()} - set(runs) - kept
    found += [f"{name} is left over" for name in sorted(litter)]
    return found

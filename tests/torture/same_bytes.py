"""The same seed, machine and versions give the same bytes, run after run.

Small networks of both kinds are trained again and again, each time in a process of its own, on
one and on two threads. Within each kind and number of threads the weights are one file. (On
another number of threads the last bits may differ; the default is one.)
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from forecast_cli.runs.folder import sha256
from tests.torture.frame import Outcome
from tests.torture.small_runs import small_run

TITLE = "Same seed, machine and versions: same bytes"

TIMES, TIMES_SHORT = 10, 2


def measure(short: bool) -> Outcome:
    """Ten trainings of each kind and number of threads, or two of one."""
    times = TIMES_SHORT if short else TIMES
    kinds = [(m, t) for m in ("lstm", "gru") for t in (1, 2)]
    failures = list[str]()
    for model, threads in kinds[:1] if short else kinds:
        found = list[str]()
        for number in range(times):
            with tempfile.TemporaryDirectory() as folder:
                run = small_run(Path(folder) / "runs", model, threads=threads, members=2)
                found.append(sha256(run / "model.safetensors"))
            if found[-1] != found[0]:
                failures.append(f"{model}, {threads} threads: run {number} differs from the first")
    return Outcome.of(
        times * (1 if short else len(kinds)), failures, trainings_of_each_kind=f"{times}"
    )

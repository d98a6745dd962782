"""Run command lines one after the other, each in a forked process that cannot do harm.

Starting Python and importing pandas takes a second; forking a process that has done so takes
milliseconds, so that tens of thousands of inputs can be tried. Every child has a bound on its
memory and its time and a session of its own; a crash, a signal or a hang ends the child and is
told. ``python -m tests.torture.worker`` reads one JSON list of words a line from stdin and
answers each with one line of JSON. What the answers should be is no concern of this file.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 3 * 2**30  # bytes of address space; a bare process with pandas takes about 1 GiB
EACH = "--inspect-each"  # stands for a command line: inspect these files within one child
SECONDS = 60  # of the processor; three times as many on the clock, which others share


@dataclass(frozen=True)
class Ended:
    """How one command line ended.

    Parameters
    ----------
    code : int
        The exit code; the negative number of a signal that killed it.
    out, err : str
    seconds : float
        On the clock.
    megabytes : float
        The peak of resident memory above that of the worker before the fork.
    """

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float

    @property
    def wrong(self) -> str:
        """Why this is no clean end: empty for a result, or one line of error with its fix."""
        lines = self.err.splitlines()
        errors = [line for line in lines if line.startswith("error: ")]
        fixes = [line for line in lines if line.startswith("fix: ")]
        if self.code < 0:
            return f"killed by {signal.Signals(-self.code).name} after {self.seconds:.1f} s"
        if "Traceback" in self.err:
            return "a traceback"
        if self.code == 0:
            return "an error beside a result" if errors else ""
        if self.code not in (2, 3):
            return f"exit code {self.code}: {(errors or lines or ['silence'])[0]}"
        if len(errors) != 1 or len(fixes) != 1 or len(errors[0]) < 20:
            return f"{len(errors)} errors and {len(fixes)} fixes were said: {errors[:1]}"
        return ""


def run_all(commands: Iterable[Sequence[str]], folder: Path) -> Iterator[Ended]:
    """Run each command line (without the name of the program) in ``folder``, in order."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("FORECAST_")},
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "COLUMNS": "200",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.worker"],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    with worker:
        for words in commands:
            worker.stdin.write(json.dumps(list(words)) + "\n")
            worker.stdin.flush()
            yield Ended(**json.loads(worker.stdout.readline()))
        worker.stdin.close()


def serve() -> None:
    """Answer the lines of stdin until it ends."""
    _import()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        for line in sys.stdin:
            answer = _in_child(json.loads(line), out.fileno(), err.fileno())
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def _import() -> None:
    """Do all once, so that each child has imported what the verbs import lazily."""
    from forecast_cli.cli import app
    from forecast_cli.cli.exits import run_app

    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file, redirect_stdout(io.StringIO()):
        file.write("time,y\n2024-01-01,1\n2024-01-02,2.5\n2024-01-03,3\n")
        file.flush()
        code = run_app(app.build(), ["inspect", file.name])
    assert code == 0, "a plain file can be inspected"


def _in_child(words: list[str], out: int, err: int) -> dict[str, object]:
    """Fork, run, wait."""
    for file in (out, err):
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
    before = _resident()
    begun = time.perf_counter()
    child = os.fork()
    if child == 0:
        _become(words, out, err)
    _, status, usage = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "out": _text(out),
        "err": _text(err),
        "seconds": time.perf_counter() - begun,
        "megabytes": max(usage.ru_maxrss / 1024 - before, 0.0),
    }


def _become(words: list[str], out: int, err: int) -> None:
    """Be ``forecast`` with these words, bounded; never returns."""
    code = 86
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(3 * SECONDS)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (out, 1), (err, 2)):
            os.dup2(source, target)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        from forecast_cli.cli import app

        sys.argv = ["forecast", *words]
        try:
            if words[0] == EACH:
                sys.stdout.write(json.dumps([_inspected(name) for name in words[1:]]))
                sys.exit(0)
            app.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _inspected(name: str) -> dict[str, object]:
    """How the inspection of one file ends, in this process."""
    from forecast_cli.errors import DataError, UsageError
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.inspect import inspect

    begun = time.perf_counter()
    code, wrong = 0, ""
    try:
        result = inspect(name)
        payload.dumps(payload.inspect_payload(result))
        assert tables.inspect_view(result)
    except (DataError, UsageError) as cause:
        code = int(cause.exit_code)
        wrong = "" if cause.message and cause.fix else f"no fix for: {cause.message}"
    except Exception as cause:
        where = traceback.extract_tb(cause.__traceback__)[-1]
        wrong = f"{type(cause).__name__}: {cause} (line {where.lineno} of {where.name})"
    return {"code": code, "wrong": wrong, "seconds": time.perf_counter() - begun}


def _text(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, min(size, 4_000_000), 0).decode("utf-8", "replace")


def _resident() -> float:
    """Mebibytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    serve()

"""Where, when and on what something was measured: the stamp of a benchmark's run.

No folder of anybody's machine is part of it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("torch", "forecast-cli", "numpy")


@dataclass(frozen=True)
class Stamp:
    """Where, when and on what rows were measured."""

    command: str
    date: str  # UTC, to the minute
    commit: str
    machine: dict[str, str]
    versions: dict[str, str]


def stamp() -> Stamp:
    """The running script, now, on this machine."""
    return Stamp(
        command=_command(sys.argv),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        commit=_commit(),
        machine=machine(),
        versions={"python": platform.python_version()} | _versions(),
    )


def machine() -> dict[str, str]:
    """Processor, cores that may be used, memory and accelerator."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    found = {"processor": _processor(), "cores": str(cores), "memory": _memory(), "GPU": "none"}
    if shutil.which("nvidia-smi"):
        query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        said = subprocess.run(query, capture_output=True, text=True, check=False)
        name, _, driver = said.stdout.partition("\n")[0].partition(", ")
        if said.returncode == 0 and name:
            found |= {"GPU": name, "driver": driver}
    return found


def _command(argv: Sequence[str]) -> str:
    """The command line without the folder of the data, which is everybody's own."""
    words = list(argv[1:])
    if "--data" in words:
        place = words.index("--data")
        del words[place : place + 2]
    words = [word for word in words if not word.startswith("--data=")]
    return " ".join(["python", f"benchmarks/{Path(argv[0]).name}", *words])


def _commit() -> str:
    """The short hash, and whether files differ from it; the results themselves do not count."""
    hashed = _git("rev-parse", "--short", "HEAD")
    if not hashed:
        return "unknown"
    written = [":!benchmarks/results", ":!docs/benchmarks.md", ":!docs/ablations.md"]
    return hashed + (" + changes" if _git("status", "--porcelain", "--", ".", *written) else "")


def _git(*words: str) -> str:
    try:
        said = subprocess.run(
            ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            if name == "forecast-cli":
                from forecast_cli import __version__

                found[name] = __version__
    return found


def _processor() -> str:
    """Its name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError, OSError):
        return "unknown"

"""``forecast doctor``: is this installation fit for work?

Each check is one function that returns its rows and never raises: a check that breaks is a
finding, not a crash.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from forecast_cli import __version__
from forecast_cli.results import Check

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9][0-9.]*)\s*$")


def doctor(runs: str = "runs") -> tuple[Check, ...]:
    """Check versions, devices, the folder of runs and the terminal, and fit a small network.

    Parameters
    ----------
    runs : str
        The folder that runs are to be written to.
    """
    examinations: dict[str, Callable[[], list[Check]]] = {
        "python": _python,
        "packages": _packages,
        "devices": _devices,
        "runs": lambda: _folder(runs),
        "terminal": _terminal,
        "small fit": _small_fit,
    }
    checks: list[Check] = []
    for name, examine in examinations.items():
        try:
            checks += examine()
        except Exception as cause:  # whatever is broken here is what the doctor is asked for
            what = f"{type(cause).__name__}: {cause}".splitlines()[0]
            checks.append(Check(name, "fail", what, "install again: pip install forecast-cli"))
    return tuple(checks)


def _python() -> list[Check]:
    right = sys.version_info >= (3, 11)
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    fix = "" if right else "install Python 3.11 or newer"
    return [Check("python", "ok" if right else "fail", detail, fix)]


def _packages() -> list[Check]:
    """The installed versions against the least that pyproject.toml asks for."""
    checks = [Check("forecast-cli", "ok", __version__)]
    try:
        needed = requires("forecast-cli") or []
    except PackageNotFoundError:
        return [Check("forecast-cli", "warn", f"{__version__}, run from its source")]
    for line in needed:
        match = _REQUIREMENT.match(line)
        if match is None:
            continue  # belongs to an extra
        name, least = match.groups()
        try:
            found = version(name)
        except PackageNotFoundError:
            checks.append(Check(name, "fail", "not installed", f'pip install "{name}>={least}"'))
            continue
        right = _numbers(found) >= _numbers(least)
        checks.append(
            Check(
                name,
                "ok" if right else "fail",
                found if right else f"{found}, at least {least} is needed",
                "" if right else f'pip install --upgrade "{name}>={least}"',
            )
        )
    return checks


def _numbers(text: str) -> tuple[int, ...]:
    """A version's leading numbers, for comparison."""
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:3])


def _devices() -> list[Check]:
    import torch

    threads = f"{torch.get_num_threads()} threads on {os.cpu_count()} processors"
    checks = [Check("cpu", "ok", threads)]
    if torch.cuda.is_available():
        checks.append(Check("cuda", "ok", torch.cuda.get_device_name()))
    else:
        checks.append(Check("cuda", "ok", "none; networks run on the cpu"))
    if torch.backends.mps.is_available():
        checks.append(Check("mps", "ok", "available"))
    return checks


def _folder(runs: str) -> list[Check]:
    """Whether a run could be written, without leaving anything behind."""
    path = Path(runs).absolute()
    nearest = next(p for p in (path, *path.parents) if p.exists())
    try:
        with tempfile.TemporaryDirectory(dir=nearest):
            free = shutil.disk_usage(nearest).free / 1e9
    except OSError as cause:
        problem = f"{runs}: cannot be written ({cause.strerror})"
        return [Check("runs", "fail", problem, "name another folder with --runs")]
    return [Check("runs", "ok", f"{runs} can be written, {free:.0f} GB free")]


def _terminal() -> list[Check]:
    width = shutil.get_terminal_size().columns
    encoding = (getattr(sys.stdout, "encoding", None) or "unknown").lower()
    detail = f"{width} columns, {encoding}"
    if not encoding.startswith("utf"):
        return [Check("terminal", "warn", detail, "set PYTHONUTF8=1 for plots with finer lines")]
    return [Check("terminal", "ok", detail)]


def _small_fit() -> list[Check]:
    """A small network on a sine wave: everything between numpy and the optimiser works."""
    import numpy as np

    from forecast_cli.clock import Clock
    from forecast_cli.config import Settings
    from forecast_cli.data.future import extend
    from forecast_cli.data.panel import Origins, Panel
    from forecast_cli.forecasters.registry import create
    from forecast_cli.task import Task

    rows = 480
    wave = np.sin(2 * np.pi * np.arange(rows) / 24)[:, None]  # [rows, 1]
    panel = Panel(
        values=wave,
        observed=np.ones_like(wave, dtype=bool),
        times=np.arange(rows, dtype=np.int64),
        offsets=np.array([0, rows], dtype=np.int64),
        ids=("wave",),
        clock=Clock(),
    )
    task = Task(horizon=24, seasons=(24,), validation=48)
    began = time.perf_counter()
    model = create("lstm", Settings(max_steps=20, hidden=16)).fit(panel, task, panel.known_ends)
    ahead = extend(panel, task.horizon)
    forecast = model.forecast(ahead, Origins.at_end(ahead))
    seconds = time.perf_counter() - began
    finite = bool(np.isfinite(forecast.values).all())
    detail = f"20 steps of a small LSTM and a forecast in {seconds:.1f} s"
    return [Check("small fit", "ok" if finite else "fail", detail)]

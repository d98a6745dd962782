"""Versions and machine: all beside data and options that decides the last bit of a model.

For the record, and for comparing one record with another.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from forecast_cli import __version__

_CPU_INFO = Path("/proc/cpuinfo")

PACKAGES = ("torch", "numpy", "pandas", "scipy", "scikit-learn", "statsmodels")


def package_versions() -> dict[str, str]:
    """The packages that decide what a model computes; empty for one that is not installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def all_versions() -> dict[str, str]:
    """This tool, Python, and the packages."""
    return {
        "forecast-cli": __version__,
        "python": platform.python_version(),
        **package_versions(),
    }


def machine() -> dict[str, str]:
    """What of a machine may change the last bits of a sum: its processor, cores and system."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": str(os.cpu_count() or ""),
    }


def _processor() -> str:
    """The name of the processor, where the system tells it."""
    try:
        for line in _CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()

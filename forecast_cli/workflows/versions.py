"""Versions of all that decides what a model computes, for the record and for comparing records."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from forecast_cli import __version__

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

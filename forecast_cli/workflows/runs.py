"""``forecast runs``: every model that was trained."""

from __future__ import annotations

from pathlib import Path

from forecast_cli.results import RunEntry
from forecast_cli.runs.store import list_runs


def runs(runs: str = "runs") -> tuple[RunEntry, ...]:
    """The runs in a folder, newest first.

    Parameters
    ----------
    runs : str
        The folder. One that does not exist holds no runs.
    """
    return list_runs(Path(runs))

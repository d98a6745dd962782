"""``forecast runs``: every model that was trained."""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import RunsConfig

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast runs", "newest first; the first is what predict uses"),
    ("forecast runs --runs experiments", "of another folder"),
)


def run(config: RunsConfig, console: Console, format: str) -> None:
    """List the runs, newest first.

    A damaged run is listed with what is wrong with it.
    """
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.runs import runs

    entries = runs(config.runs)
    if format == "json":
        console.data(payload.dumps(payload.runs_payload(entries)))
    elif entries:
        console.show(tables.runs_view(entries))
    else:
        console.say(f"no runs in {config.runs} yet; make one with: forecast train data.csv")

"""``forecast inspect``: what is in a file, and what to do next."""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import InspectConfig

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast inspect data.csv", "all of it at a glance"),
    ('forecast inspect "meters/*.csv.gz" --id meter', "several files, many series"),
    ("cat data.csv | forecast inspect - --format json", "for a script"),
)


def run(config: InspectConfig, console: Console, format: str) -> None:
    """Say what is in the data, what is wrong with it, and what to do next."""
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.inspect import inspect_with

    with console.monitor() as monitor:
        result = inspect_with(config, monitor)
    if format == "json":
        console.data(payload.dumps(payload.inspect_payload(result)))
    else:
        console.show(tables.inspect_view(result))

"""``forecast inspect``: what is in a file, and what to do next."""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import InspectConfig

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast inspect data.csv", "all of it at a glance"),
    ('forecast inspect "meters/*.csv.gz" --id meter', "several files, many series"),
    ("forecast inspect visits.csv --id patient", "histories at any times"),
    ("cat data.csv | forecast inspect - --format json", "for a script"),
)


def run(config: InspectConfig, console: Console, format: str) -> None:
    """Say what is in the data, what is wrong with it, and what to do next.

    Histories of many entities at any times are told from regular series, and described as such.
    """
    from forecast_cli.event_comparison import HistoriesResult
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.inspect import inspect_with

    with console.monitor() as monitor:
        result = inspect_with(config, monitor)
    if isinstance(result, HistoriesResult):
        from forecast_cli.report.events import payload as event_payload
        from forecast_cli.report.events import tables as event_tables

        if format == "json":
            console.data(payload.dumps(event_payload.histories_payload(result)))
        else:
            console.show(event_tables.histories_view(result))
    elif format == "json":
        console.data(payload.dumps(payload.inspect_payload(result)))
    else:
        console.show(tables.inspect_view(result))

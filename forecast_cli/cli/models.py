"""``forecast models``: every model that can be named."""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import ModelsConfig

FORMATS = ("table", "json")
EXAMPLES: Examples = (("forecast models", "names for --model, --models and --baselines"),)


def run(config: ModelsConfig, console: Console, format: str) -> None:
    """List the networks and the baselines by name."""
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.models import models

    entries = models()
    if format == "json":
        console.data(payload.dumps(payload.models_payload(entries)))
    else:
        console.show(tables.models_view(entries))

"""``forecast models``: every model that can be named, or all about one."""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import ModelsConfig
from forecast_cli.errors import UsageError

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast models", "names for --model, --models and --baselines"),
    ("forecast models show arima", "what it is, its cost, and when to use it"),
)


def run(config: ModelsConfig, console: Console, format: str) -> None:
    """List the networks and the baselines by name, or tell all about one.

    With "show NAME": what the model is, what it estimates, what it costs, when to use it and
    where it was published.
    """
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.models import models, show_model

    if config.request:
        entry = show_model(_named(config.request))
        if format == "json":
            console.data(payload.dumps(payload.model_payload(entry)))
        else:
            console.show(tables.model_view(entry))
        return
    entries = models()
    if format == "json":
        console.data(payload.dumps(payload.models_payload(entries)))
    else:
        console.show(tables.models_view(entries))


def _named(request: tuple[str, ...]) -> str:
    """The model of "show NAME".

    Raises
    ------
    UsageError
        Where anything else is asked.
    """
    if len(request) == 2 and request[0] == "show":
        return request[1]
    raise UsageError(f'unknown request "{" ".join(request)}"', "forecast models show NAME")

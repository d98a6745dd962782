"""``forecast compare-baselines``: is the network worth it?"""

from __future__ import annotations

from typing import Annotated

import typer

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import CompareConfig

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast compare-baselines data.csv", "on all baselines"),
    ("forecast compare-baselines", "the latest run"),
    ("forecast compare-baselines data.csv --baselines linear,arima", "these only"),
    ("forecast compare-baselines data.csv --forecasts all.csv", "keep them all"),
)

Forecasts = Annotated[
    str | None,
    typer.Option(
        "--forecasts",
        metavar="FILE.csv",
        help="write every forecast and what came true to this file",
        show_default=False,
    ),
]


def run(config: CompareConfig, console: Console, format: str, forecasts: Forecasts = None) -> None:
    """Compare networks with simple models, on origins that none has seen.

    Leads with the answer in a sentence, then the ranking, where on the horizon each model
    wins and loses, and what it costs.
    """
    from forecast_cli.report import frames, payload, tables
    from forecast_cli.workflows.compare import compare

    with console.monitor() as monitor:
        result = compare(
            config, monitor, heard=lambda summary: console.talk(tables.data_view(summary))
        )
    if forecasts is not None:
        frames.write_forecasts(result.table, forecasts)
        console.say(f"every forecast is in {forecasts}")
    if format == "json":
        console.data(payload.dumps(payload.compare_payload(result)))
    else:
        console.show(tables.compare_view(result, console.width))

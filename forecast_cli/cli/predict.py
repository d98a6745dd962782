"""``forecast predict``: the forecast of a run, from the end of its data or of newer data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import PredictConfig

if TYPE_CHECKING:
    from forecast_cli.event_comparison import EventPredictResult

FORMATS = ("table", "csv", "json")
EXAMPLES: Examples = (
    ("forecast predict", "the latest run, on its data"),
    ("forecast predict new.csv --run RUN", "the same model, on newer data"),
    ("forecast predict --format csv > forecast.csv", "your own column names"),
    ("forecast predict --format json | jq .series[0]", "for a script"),
    ("forecast predict new_visits.csv", "an event: id and probability"),
)


def run(config: PredictConfig, console: Console, format: str) -> None:
    """Forecast from the end of the data with a trained model.

    Data are read as they were for the training; an option given here changes that. A run of
    an event answers how probable it is: for each history, at its last row.
    """
    from forecast_cli.event_comparison import EventPredictResult
    from forecast_cli.report import frames, payload, tables
    from forecast_cli.workflows.predict import predict_with

    with console.monitor() as monitor:
        result = predict_with(
            config, monitor, heard=lambda summary: console.talk(tables.data_view(summary))
        )
    if isinstance(result, EventPredictResult):
        _show_event(result, console, format)
    elif format == "json":
        console.data(payload.dumps(payload.predict_payload(result)))
    elif format == "csv":
        console.data(frames.predict_csv(result))
    else:
        console.show(tables.predict_view(result, console.width))


def _show_event(result: EventPredictResult, console: Console, format: str) -> None:
    """What an event is answered with, in the same forms."""
    from forecast_cli.report.events import frames, payload, tables
    from forecast_cli.report.payload import dumps

    if format == "json":
        console.data(dumps(payload.predict_payload(result)))
    elif format == "csv":
        console.data(frames.predict_csv(result))
    else:
        console.show(tables.predict_view(result, console.width))

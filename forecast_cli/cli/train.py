"""``forecast train``: fit one model and keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import TrainConfig

if TYPE_CHECKING:
    from forecast_cli.event_comparison import EventTrainResult

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast train data.csv", "an LSTM, one season ahead"),
    ("forecast train data.csv --horizon 96 --model gru", "a GRU, 96 steps ahead"),
    ("forecast train data.csv --future temperature", "a covariate known ahead"),
    ("forecast train data.csv --model arima", "a baseline"),
    ("forecast train data.csv --model auto", "what a comparison would ship"),
    ("forecast train visits.csv --id id --label died", "an event"),
    ("forecast train visits.csv --labels outcomes.csv", "labels in a file"),
    ("forecast train engines.csv --event-within 30", "does the end come?"),
    ('forecast train y.csv --event "y > 9" --horizon 9', "above a limit"),
    ("forecast train --resume RUN", "go on after a kill"),
)


def run(config: TrainConfig, console: Console, format: str) -> None:
    """Fit one model on all of the data and keep it as a run.

    The last steps (--val-size) only tell a network when to stop. Ctrl-C, or SIGTERM, ends
    the training and keeps the best model so far; a second one leaves at once, and says so
    where the run was kept already. With --model auto networks and baselines are compared
    first, on the last part of the data, and the one that the verdict would ship is trained
    on all of it.
    A training that was killed stands in: forecast runs. With --resume it goes on, and learns
    what it would have learned, bit for bit.
    With --label, --labels, --event or --event-within the question is whether an event comes.
    """
    from forecast_cli.event_comparison import EventTrainResult
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.train import train_with

    with console.monitor(stoppable=True) as monitor:
        result = train_with(
            config, monitor, heard=lambda summary: console.talk(tables.data_view(summary))
        )
    try:
        if isinstance(result, EventTrainResult):
            _show_event(result, console, format)
        elif format == "json":
            console.data(payload.dumps(payload.train_payload(result)))
        else:
            console.show(tables.train_view(result))
    except KeyboardInterrupt:
        console.say(f"warning: interrupted, but the run is kept: {result.run}")
        raise


def _show_event(result: EventTrainResult, console: Console, format: str) -> None:
    """What an event was learned from, in the same forms."""
    from forecast_cli.report.events import payload, tables
    from forecast_cli.report.payload import dumps

    if format == "json":
        console.data(dumps(payload.train_payload(result)))
    else:
        console.show(tables.train_view(result))

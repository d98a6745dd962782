"""``forecast train``: fit one model and keep it."""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import TrainConfig

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast train data.csv", "an LSTM, one season ahead"),
    ("forecast train data.csv --horizon 96 --model gru", "a GRU, 96 steps ahead"),
    ("forecast train data.csv --future temperature", "a covariate known ahead"),
    ("forecast train data.csv --model arima", "a baseline"),
    ("forecast train data.csv --model auto", "what a comparison would ship"),
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
    """
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.train import train_with

    with console.monitor(stoppable=True) as monitor:
        result = train_with(
            config, monitor, heard=lambda summary: console.talk(tables.data_view(summary))
        )
    try:
        if format == "json":
            console.data(payload.dumps(payload.train_payload(result)))
        else:
            console.show(tables.train_view(result))
    except KeyboardInterrupt:
        console.say(f"warning: interrupted, but the run is kept: {result.run}")
        raise

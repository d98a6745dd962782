"""``forecast inspect`` of histories: what is in them, what is odd, what to do next."""

from __future__ import annotations

from forecast_cli.config import InspectConfig
from forecast_cli.data.events.describe import describe
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.question import Question
from forecast_cli.data.events.read import load_histories
from forecast_cli.data.events.whose import FILE
from forecast_cli.event_comparison import HistoriesResult
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.workflows.wording import command


def inspect_histories(config: InspectConfig, monitor: Monitor = SILENT) -> HistoriesResult:
    """Say what is in histories, with or without a question about them.

    Raises
    ------
    DataError, UsageError
        As reading the data raises them.
    """
    histories = load_histories(config, monitor)
    return describe(histories, _next(config, histories))


def _next(config: InspectConfig, histories: Histories) -> str:
    """The comparison to run next; a question has to be added where there is none."""
    if Question.of(config).asked:
        return command("compare-baselines", config)
    settled = {"id": histories.options.id} if config.id is None and histories.options.id else {}
    if histories.options.id == FILE:
        settled = {}
    return command("compare-baselines", config, **settled, label="LABEL")

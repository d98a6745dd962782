"""``forecast compare-baselines``: is the network worth it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.cli.outputs import require_writable
from forecast_cli.config import CompareConfig
from forecast_cli.errors import GateError, UsageError

if TYPE_CHECKING:
    from forecast_cli.comparison import CompareResult
    from forecast_cli.event_comparison import EventCompareResult

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast compare-baselines data.csv", "on all baselines"),
    ("forecast compare-baselines", "the latest run"),
    ("forecast compare-baselines data.csv --baselines linear,arima", "these only"),
    ("forecast compare-baselines data.csv --forecasts all.csv", "keep them all"),
    ("forecast compare-baselines data.csv --report report.html", "with pictures"),
    ("forecast compare-baselines --fail-if-worse-than linear", "a gate for CI"),
    ("forecast compare-baselines data.csv --report report.md", "as Markdown"),
    ("forecast compare-baselines visits.csv --label died", "an event"),
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
Report = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="write the report to this file: .html with pictures, .md for pull requests, or .json",
        show_default=False,
    ),
]


def run(
    config: CompareConfig,
    console: Console,
    format: str,
    forecasts: Forecasts = None,
    report: Report = None,
) -> None:
    """Compare networks with simple models, on origins that none has seen.

    Leads with the answer in a sentence, then the ranking, where on the horizon each model
    wins and loses, and what it costs. With --fail-if-worse-than the exit code is 6, after the
    report, if the best of --models loses more than the model named. With --label, --labels,
    --event or --event-within the question is whether an event comes, and the report is about that.
    """
    outputs = {"--forecasts": forecasts, "--report": report}
    named = {option: name for option, name in outputs.items() if name is not None}
    if named:
        require_writable(named, _sources(config))
    from forecast_cli.event_comparison import EventCompareResult
    from forecast_cli.report import formats, frames, payload, tables
    from forecast_cli.workflows.compare import compare

    closed = None
    form = formats.form_of(report) if report is not None else None
    with console.monitor() as monitor:
        try:
            result = compare(
                config, monitor, heard=lambda summary: console.talk(tables.data_view(summary))
            )
        except GateError as gate:  # told once the report is out
            closed, result = gate, cast("CompareResult | EventCompareResult", gate.result)
    if isinstance(result, EventCompareResult):
        _show_event(result, console, format, forecasts, report)
        if closed is not None:
            raise closed
        return
    if format == "json":
        console.data(payload.dumps(payload.compare_payload(result)))
    else:
        console.show(tables.compare_view(result, console.width))
    if forecasts is not None:
        frames.write_forecasts(result.table, forecasts)
        console.say(f"every forecast is in {forecasts}")
    if report is not None and form is not None:
        _write(report, form(result))
        console.say(f"the report is in {report}")
    if closed is not None:
        raise closed


def _show_event(
    result: EventCompareResult,
    console: Console,
    format: str,
    forecasts: str | None,
    report: str | None,
) -> None:
    """What an event was answered with, in the same forms."""
    from forecast_cli.report.events import comparison, formats, frames, payload
    from forecast_cli.report.payload import dumps

    if format == "json":
        console.data(dumps(payload.compare_payload(result)))
    else:
        console.show(comparison.compare_view(result, console.width))
    if forecasts is not None:
        frames.write_answers(result, forecasts)
        console.say(f"every answer is in {forecasts}")
    if report is not None:
        _write(report, formats.report_of(result, report))
        console.say(f"the report is in {report}")


def _sources(config: CompareConfig) -> tuple[str, ...]:
    """The names of what will be read: as given, or those of the run."""
    if config.data:
        return config.data
    from forecast_cli.runs import store
    from forecast_cli.workflows.common import sources_of

    return sources_of(store.find(Path(config.runs), config.run))


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as cause:
        raise UsageError(
            f"{name}: cannot be written ({cause.strerror})", "name another file with --report"
        ) from cause

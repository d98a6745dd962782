"""Which form a report of an event takes: the endings are those of report/formats.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from forecast_cli.event_comparison import EventCompareResult
from forecast_cli.report.events.markdown import compare_markdown
from forecast_cli.report.events.page import compare_html
from forecast_cli.report.events.payload import compare_payload
from forecast_cli.report.payload import dumps


def _json(result: EventCompareResult) -> str:
    return dumps(compare_payload(result)) + "\n"


FORMS: dict[str, Callable[[EventCompareResult], str]] = {
    ".html": compare_html,
    ".htm": compare_html,
    ".md": compare_markdown,
    ".json": _json,
}


def report_of(result: EventCompareResult, name: str | os.PathLike[str]) -> str:
    """The text of the report of this name, whose ending ``report.formats`` has accepted."""
    return FORMS[Path(name).suffix.lower()](result)

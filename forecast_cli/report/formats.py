"""Which form a report takes: the ending of its file's name decides."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from forecast_cli.comparison import CompareResult
from forecast_cli.errors import UsageError
from forecast_cli.report.html import compare_html
from forecast_cli.report.markdown import compare_markdown
from forecast_cli.report.payload import compare_payload, dumps


def _json(result: CompareResult) -> str:
    return dumps(compare_payload(result)) + "\n"


FORMS: dict[str, Callable[[CompareResult], str]] = {
    ".html": compare_html,
    ".htm": compare_html,
    ".md": compare_markdown,
    ".json": _json,
}


def form_of(name: str | os.PathLike[str]) -> Callable[[CompareResult], str]:
    """What makes the text of a report with this name.

    Raises
    ------
    UsageError
        Where the ending is not known.

    Examples
    --------
    >>> form_of("report.HTML").__name__
    'compare_html'
    >>> form_of("report.pdf")
    Traceback (most recent call last):
    ...
    forecast_cli.errors.UsageError: --report report.pdf: no report ends in ".pdf"
    """
    ending = Path(name).suffix
    form = FORMS.get(ending.lower())
    if form is None:
        known = ", ".join(FORMS)
        what = f'ends in "{ending}"' if ending else "goes without an ending"
        raise UsageError(
            f"--report {os.fspath(name)}: no report {what}", f"end the name in one of {known}"
        )
    return form

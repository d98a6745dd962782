"""``forecast models``: every model that can be named."""

from __future__ import annotations

from forecast_cli.forecasters.registry import ENTRIES
from forecast_cli.results import ModelEntry


def models() -> tuple[ModelEntry, ...]:
    """The registered models, networks first.

    Examples
    --------
    >>> models()[0].name
    'lstm'
    """
    return tuple(ModelEntry(e.name, e.kind, e.summary, e.citation) for e in ENTRIES.values())

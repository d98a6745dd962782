"""``forecast models``: every model that can be named, or all about one."""

from __future__ import annotations

from forecast_cli.forecasters import registry
from forecast_cli.results import ModelEntry


def models() -> tuple[ModelEntry, ...]:
    """The registered models, networks first.

    Examples
    --------
    >>> models()[0].name
    'lstm'
    """
    return tuple(_told(entry) for entry in registry.ENTRIES.values())


def show_model(name: str) -> ModelEntry:
    """All about one model.

    Raises
    ------
    UsageError
        Where no model has this name.

    Examples
    --------
    >>> show_model("naive").summary
    'the last value'
    """
    return _told(registry.entry(name))


def _told(entry: registry.Entry) -> ModelEntry:
    return ModelEntry(
        entry.name,
        entry.kind,
        entry.summary,
        entry.citation,
        entry.use,
        entry.cost,
        entry.parameters,
    )

"""``forecast models``: every model that can be named, or all about one."""

from __future__ import annotations

from forecast_cli.classifiers import registry as classifiers
from forecast_cli.forecasters import registry
from forecast_cli.results import ModelEntry


def models() -> tuple[ModelEntry, ...]:
    """The registered models, networks first: those that forecast values, then those of events.

    Examples
    --------
    >>> models()[0].name
    'lstm'
    """
    values = [_told(entry, "values") for entry in registry.ENTRIES.values()]
    events = [_told(entry, "event") for entry in classifiers.ENTRIES.values()]
    return (*values, *events)


def show_model(name: str) -> ModelEntry:
    """All about one model; what a model of the same name does with events stands within.

    Raises
    ------
    UsageError
        Where no model has this name.

    Examples
    --------
    >>> show_model("naive").summary
    'the last value'
    >>> show_model("prior").question
    'event'
    """
    of_event = classifiers.ENTRIES.get(name)
    if of_event is not None and name not in registry.ENTRIES:
        return _told(of_event, "event")
    return _told(registry.entry(name), "values", "" if of_event is None else of_event.summary)


def _told(
    entry: registry.Entry | classifiers.Entry, question: str, of_events: str = ""
) -> ModelEntry:
    return ModelEntry(
        entry.name,
        entry.kind,
        entry.summary,
        entry.citation,
        entry.use,
        entry.cost,
        entry.parameters,
        question,
        of_events,
    )

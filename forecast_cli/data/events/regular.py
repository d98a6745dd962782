"""Threshold events: a regular series, read as for forecasting, and a rule about what comes."""

from __future__ import annotations

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import Dataset, from_table
from forecast_cli.data.events.answers import NO_EXAMPLES
from forecast_cli.data.events.histories import Examples, Histories
from forecast_cli.data.events.question import Question
from forecast_cli.data.events.rules import Rule, parse_rule, threshold_examples
from forecast_cli.data.events.split import first_tested
from forecast_cli.data.events.times import DAY, HOUR
from forecast_cli.data.limits import Limits
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Panel
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import read_sources
from forecast_cli.errors import DataError, UsageError, did_you_mean
from forecast_cli.events import EventTask, TimeScale


def load_regular(options: DataOptions, question: Question, known: EventTask | None) -> Histories:
    """Read a regular series and ask whether it will meet the rule within the horizon.

    Parameters
    ----------
    options : DataOptions
    question : Question
        Without a rule (``forecast predict``) there are no examples.
    known : EventTask or None

    Raises
    ------
    DataError, UsageError
    """
    rule = None if question.rule is None else parse_rule(question.rule)
    horizon = known.horizon if known is not None else question.horizon
    if horizon is None:
        raise UsageError("--event asks of the steps ahead", "--horizon says of how many")
    notes = Notes()
    sources = read_sources(options.data, Limits(options.limits))
    table = read_table(sources, options, notes)
    if rule is not None:
        if not options.variable and rule.column not in table.names:
            raise UsageError(
                f'--event: no column "{rule.column}"', did_you_mean(rule.column, table.names)
            )
        if options.target not in ((), (rule.column,)):
            raise UsageError(
                f'--event is about "{rule.column}" and --target names "{options.target[0]}"',
                "leave --target out",
            )
        options = options.model_copy(update={"target": (rule.column,)})
    labels = None if known is None else known.categories
    dataset = from_table(table, sources, options, notes, labels)
    task = known if known is not None else _task(dataset, rule, horizon)
    examples = NO_EXAMPLES if rule is None else threshold_examples(dataset.panel, rule, horizon)
    if rule is not None and known is None:
        _refuse_one_sided(dataset.panel, rule, examples, horizon)
    return Histories(
        panel=dataset.panel,
        task=task,
        examples=examples,
        summary=dataset.summary,
        warnings=dataset.warnings,
        options=dataset.options,
    )


def _task(dataset: Dataset, rule: Rule | None, horizon: int) -> EventTask:
    """The question; seasons are those of the rows that no test holds."""
    panel = dataset.panel
    return EventTask(
        "threshold",
        str(rule),
        horizon=horizon,
        seasons=dataset.seasons_before(first_tested(panel)).seasons,
        scale=_scale(panel),
        categories=dataset.labels,
    )


def _scale(panel: Panel) -> TimeScale:
    if panel.clock.freq is None:
        return TimeScale(clock=panel.clock)
    steps = np.diff(panel.times)
    days = bool(np.median(steps[steps > 0]) >= DAY // 2) if (steps > 0).any() else True
    return TimeScale("date", DAY if days else HOUR, "day" if days else "hour", panel.clock)


def _refuse_one_sided(panel: Panel, rule: Rule, examples: Examples, horizon: int) -> None:
    if not len(examples):
        raise DataError(
            f"no row has {horizon} rows after it of which enough were observed",
            "--horizon takes fewer, or name a longer series",
        )
    if np.unique(examples.labels).size < 2:
        low, high = np.nanmin(panel.target), np.nanmax(panel.target)
        ever = "comes within every" if examples.labels[0] else "never comes within any"
        raise DataError(
            f'"{rule}" {ever} {horizon} steps; "{rule.column}" lies from {low:g} to {high:g}',
            "choose another limit or another --horizon",
        )

"""``forecast inspect``: what is in the data, what is wrong with it, what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from forecast_cli.config import InspectConfig
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.data.events.describe import looks_irregular
from forecast_cli.data.events.question import data_options
from forecast_cli.data.limits import Limits
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Panel
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import STDIN, read_sources
from forecast_cli.data.split import split
from forecast_cli.errors import DataError
from forecast_cli.event_comparison import HistoriesResult
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import InspectResult, SeriesSummary
from forecast_cli.workflows.common import (
    Data,
    configure,
    default_horizon,
    resolve_horizon,
    with_inferred,
)
from forecast_cli.workflows.events.inspect import inspect_histories
from forecast_cli.workflows.events.question import (
    asks_event,
    refuse_event_options,
    refuse_value_options,
)
from forecast_cli.workflows.wording import command

MISSING_SHARE = 0.3  # above this a series is warned of
SHOWN_SEASONS = 4  # of the first series, for the picture
SHOWN_AT_LEAST = 120


def inspect(
    *data: Data, monitor: Monitor = SILENT, **options: Any
) -> InspectResult | HistoriesResult:
    """Say what is in the data, what was inferred, and what to do next.

    Parameters
    ----------
    *data : str, path, or list of them
        CSV files, globs, or "-" for standard input.
    monitor : Monitor
    **options
        Fields of :class:`forecast_cli.config.InspectConfig`.

    Returns
    -------
    InspectResult
        Or :class:`HistoriesResult`, where an event is asked about, or where many entities were
        measured at any times.
    """
    return inspect_with(configure(InspectConfig, data, options), monitor)


def inspect_with(
    config: InspectConfig, monitor: Monitor = SILENT
) -> InspectResult | HistoriesResult:
    """:func:`inspect` with a configuration that is resolved already.

    Raises
    ------
    DataError, UsageError
        As reading the data raises them.
    """
    if asks_event(config) or _holds_histories(config):
        refuse_value_options(config)
        return inspect_histories(config, monitor)
    refuse_event_options(config)
    dataset = load(config, monitor)
    horizon, inferred = resolve_horizon(dataset, config.horizon)
    panel = dataset.panel
    series = _summaries(panel)
    suggestion, impossible = _next(config, dataset, horizon)
    end = int(panel.known_ends[0])
    window = max(SHOWN_SEASONS * dataset.seasons[0], SHOWN_AT_LEAST)
    start = max(end - window, int(panel.starts[0]))
    return InspectResult(
        data=with_inferred(dataset.summary, inferred),
        series=series,
        warnings=(*dataset.warnings, *impossible, *_warnings(dataset, series, horizon)),
        suggestion=suggestion,
        history=panel.target[start:end],
        history_times=tuple(panel.clock.show(panel.times[start:end])),
    )


def _holds_histories(config: InspectConfig) -> bool:
    """Whether the data are histories at any times, of which a grid would be an invention.

    What says how a regular series is to be read (a step, a season, a horizon, a target) settles
    that it is one; so does standard input, which can be read only once.
    """
    if any(Path(name).is_dir() for name in config.data):
        return True
    settled = config.freq or config.season or config.horizon or config.target or config.future
    if settled or STDIN in config.data or not config.data:
        return False
    options = data_options(config)
    return looks_irregular(
        read_table(read_sources(config.data, Limits(config.limits)), options, Notes()), options
    )


def _next(config: InspectConfig, dataset: Dataset, horizon: int) -> tuple[str, tuple[str, ...]]:
    """The comparison to run next, and why not the one that was asked for.

    Where the data are too short for the horizon, one that they can answer is suggested; where
    there is none, nothing is.
    """
    impossible: list[str] = []
    for steps in (horizon, default_horizon(dataset)[0]):
        try:
            split(dataset.panel, steps)
        except DataError as cause:
            impossible.append(f"{cause.message}: {cause.fix}")
        else:
            return command("compare-baselines", config, horizon=steps), tuple(impossible)
    return "", (impossible[0],)


def _summaries(panel: Panel) -> tuple[SeriesSummary, ...]:
    """Each series in brief; statistics are of the observed values."""
    firsts = panel.clock.show(panel.times[np.minimum(panel.starts, panel.n_rows - 1)])
    lasts = panel.clock.show(panel.times[np.maximum(panel.known_ends - 1, 0)])
    rows = []
    for s, name in enumerate(panel.ids):
        history = slice(panel.starts[s], panel.known_ends[s])
        seen = panel.target[history][panel.observed[history, 0]]
        values = seen if seen.size else np.array([np.nan])
        same = values.min() == values.max()  # rounding must not give it a deviation
        rows.append(
            SeriesSummary(
                id=name,
                rows=int(panel.known_ends[s] - panel.starts[s]),
                missing=int(panel.known_ends[s] - panel.starts[s]) - seen.size,
                start=firsts[s],
                end=lasts[s],
                mean=float(values[0] if same else values.mean()),
                deviation=0.0 if same else float(values.std()),
                minimum=float(values.min()),
                maximum=float(values.max()),
            )
        )
    return tuple(rows)


def _warnings(dataset: Dataset, series: tuple[SeriesSummary, ...], horizon: int) -> tuple[str, ...]:
    """What makes forecasts of these data poor or a comparison weak."""
    found = (
        ([s.id for s in series if s.rows <= horizon], f"not longer than the horizon of {horizon}"),
        (
            [s.id for s in series if horizon < s.rows < 2 * dataset.seasons[0] + horizon],
            f"shorter than two seasons of {dataset.seasons[0]} and a horizon",
        ),
        (
            [s.id for s in series if s.missing > MISSING_SHARE * s.rows],
            f"more than {MISSING_SHARE:.0%} of the values missing",
        ),
        ([s.id for s in series if s.deviation == 0], "always the same value"),
    )
    return tuple(
        f"{len(ids)} of {len(series)} series: {what} ({', '.join(ids[:3])}"
        + (", …)" if len(ids) > 3 else ")")
        for ids, what in found
        if ids
    )

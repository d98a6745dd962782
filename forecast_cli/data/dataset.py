"""From files to a panel: the one door of the data layer.

``load`` reads, infers, repairs and assembles; the files beside this one each do one of
these. What was inferred and what was repaired comes back with the panel, for print.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.config import DataOptions
from forecast_cli.data.assemble import assemble
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Panel
from forecast_cli.data.read import fingerprint, read_sources
from forecast_cli.data.seasons import infer_seasons
from forecast_cli.data.table import read_table
from forecast_cli.errors import DataError
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary


@dataclass(frozen=True, eq=False)
class Dataset:
    """A panel and how it came to be."""

    panel: Panel
    seasons: tuple[int, ...]  # shortest first, (1,) where none
    summary: DataSummary
    warnings: tuple[str, ...] = ()


def load(options: DataOptions, monitor: Monitor = SILENT) -> Dataset:
    """Read the files that ``options`` name.

    Raises
    ------
    DataError
        A file that is missing, empty, or cannot be understood.
    UsageError
        A column that is not in the file.
    """
    monitor.begin("reading " + ", ".join(options.data))
    try:
        return _load(options)
    finally:
        monitor.end()


def _load(options: DataOptions) -> Dataset:
    notes = Notes()
    sources = read_sources(options.data)
    table = read_table(sources, options, notes)
    panel, grid = assemble(table, options, notes)
    if panel.lengths.max() < 2:
        raise DataError(
            f"{sources[0].name}: one row is not a series", "name a file with two rows or more"
        )
    seasons = tuple(sorted(set(options.season))) or infer_seasons(panel, grid, notes)
    clock = panel.clock
    summary = DataSummary(
        sources=tuple(source.name for source in sources),
        rows=table.rows,
        series=panel.n_series,
        frequency=clock.freq or "step",
        seasons=seasons,
        sha256=fingerprint(sources),
        inferred=tuple(notes.inferred),
        repairs=tuple(notes.repairs),
        start=clock.show([panel.times.min()])[0],
        end=clock.show([panel.times.max()])[0],
        channels=panel.channels,
    )
    return Dataset(panel, seasons, summary, tuple(notes.warnings))

"""From files to a panel: the one door of the data layer.

``load`` reads, infers, repairs and assembles; the files beside this one each do one of
these. What was inferred and what was repaired comes back with the panel, for print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from forecast_cli.config import DataOptions
from forecast_cli.data.assemble import assemble
from forecast_cli.data.frequency import Grid
from forecast_cli.data.limits import Limits
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Ints, Panel
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import Source, fingerprint, read_sources
from forecast_cli.data.seasons import infer_seasons
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary


@dataclass(frozen=True, eq=False)
class Dataset:
    """A panel and how it came to be.

    Parameters
    ----------
    panel : Panel
    seasons : tuple of int
        Shortest first, (1,) where none.
    summary : DataSummary
    warnings : tuple of str
    grid : Grid or None
        On which seasons were inferred; None where they were given.
    options : DataOptions
        With all that was inferred filled in, seasons excepted: newer data are read in the
        same way with them.
    labels : mapping of column to labels
        What the codes of text statics stand for.
    """

    panel: Panel
    seasons: tuple[int, ...]
    summary: DataSummary
    warnings: tuple[str, ...] = ()
    grid: Grid | None = None
    options: DataOptions = field(default_factory=DataOptions)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def seasons_before(self, ends: Ints) -> Dataset:
        """The same data with seasons inferred from the rows before ``ends`` [S] alone.

        Seasons that were given stay. What is said of them takes the place of what reading
        said, which looked at all rows.
        """
        if self.grid is None:
            return self
        notes = Notes()
        seasons = infer_seasons(self.panel, self.grid, ends, notes)
        others = [said for said in self.summary.inferred if said.name != "season"]
        summary = replace(self.summary, seasons=seasons, inferred=(*others, *notes.inferred))
        return replace(self, seasons=seasons, summary=summary)


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
        notes = Notes()
        sources = read_sources(options.data, Limits(options.limits))
        return from_table(read_table(sources, options, notes), sources, options, notes)
    except MemoryError as cause:
        raise too_large(options) from cause
    finally:
        monitor.end()


def too_large(options: DataOptions) -> DataError:
    """The error where memory does not suffice to read."""
    return DataError(
        f"{', '.join(options.data)}: more than the memory of this machine can hold",
        "name fewer files, or leave out columns and early rows",
    )


def from_table(
    table: Table,
    sources: Sequence[Source],
    options: DataOptions,
    notes: Notes,
    labels: Mapping[str, tuple[str, ...]] | None = None,
    several: bool = False,
) -> Dataset:
    """The data set of a table that was read; ``labels`` and ``several`` as for ``assemble``."""
    panel, grid = assemble(table, options, notes, labels, several)
    if panel.lengths.max() < 2:
        raise DataError(
            f"{sources[0].name}: one row is not a series", "name a file with two rows or more"
        )
    given = tuple(sorted(set(options.season)))
    seasons = given or infer_seasons(panel, grid, panel.known_ends, notes)
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
    return Dataset(
        panel,
        seasons,
        summary,
        tuple(notes.warnings),
        None if given else grid,
        _resolved(options, notes),
        notes.labels,
    )


def _resolved(options: DataOptions, notes: Notes) -> DataOptions:
    """The options as given, and as reading settled them where they were not."""
    given = {name: getattr(options, name) for name in DataOptions.model_fields}
    return DataOptions(**{**given, **notes.resolved})

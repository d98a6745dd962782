"""From files to a panel: the one door of the data layer.

``load`` reads, infers, repairs and assembles; the files beside this one each do one of
these. What was inferred and what was repaired comes back with the panel, for print.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.config import DataOptions
from forecast_cli.data.panel import Panel
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
    raise NotImplementedError

"""Histories: what was read for an event question, and the moments at which its answer is known.

Histories lie in the same ragged panel as forecast series, with three differences: rows are
at any times, no channel is a target, and text columns are codes (``EventTask.categories``). A
threshold event is asked of a regular series, whose panel is the one of forecasting, target
and all. This file holds types only; reading, labels and splits are the files beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forecast_cli.config import DataOptions
from forecast_cli.data.panel import Bools, Ints, Origins, Panel
from forecast_cli.events import EventTask
from forecast_cli.results import DataSummary


@dataclass(frozen=True, eq=False)
class Examples:
    """Moments at which the answer is known.

    Parameters
    ----------
    moments : Origins
        M pairs of an entity (a series of the panel) and the last row that may be seen.
        An entity without a single row has none.
    labels : [M] int64
        Number of the class.
    """

    moments: Origins
    labels: Ints

    def __post_init__(self) -> None:
        if self.labels.shape != self.moments.series.shape:
            raise ValueError("every moment needs a label")

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, chosen: slice | Ints | Bools) -> Examples:
        return Examples(self.moments[chosen], self.labels[chosen])


@dataclass(frozen=True, eq=False)
class Histories:
    """Histories and a question about them.

    Parameters
    ----------
    panel : Panel
    task : EventTask
    examples : Examples
        By entity, then by row. Empty where no labels were read (``forecast predict``).
    event_times : [S] int64
        When the event came to each entity; ``times.NAT`` where it did not, or nobody knows.
        For lead times, of "within" only; else empty.
    summary : DataSummary
    warnings : tuple of str
    options : DataOptions
        As settled by reading, so that newer data are read in the same way.
    """

    panel: Panel
    task: EventTask
    examples: Examples
    event_times: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    summary: DataSummary | None = None
    warnings: tuple[str, ...] = ()
    options: DataOptions = field(default_factory=DataOptions)

    @property
    def told(self) -> DataSummary:
        """The summary, of histories that were read."""
        if self.summary is None:
            raise ValueError("histories that were read have a summary")
        return self.summary


@dataclass(frozen=True, eq=False)
class Fold:
    """One division of the examples: what is learned from, and what is scored.

    Parameters
    ----------
    learn, test : Examples
        No entity is in both. In time (threshold events): no answer of ``learn`` depends on a
        row at or after the first moment of ``test``.
    panel : Panel
        That both speak of.
    """

    panel: Panel
    learn: Examples
    test: Examples

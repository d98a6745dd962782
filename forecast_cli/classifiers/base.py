"""What every model of events is: a Classifier. At these moments, how probable is each class?

Networks and simple models obey the same verbs, as forecasters do. An answer at a moment uses
rows of its entity up to that moment, and the entity's static features, nothing else. The laws
that every classifier obeys are tests in tests/contract/, over the registry.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.events import EventTask
from forecast_cli.forecasters.base import State
from forecast_cli.forecasters.state_files import read_state, write_state
from forecast_cli.monitor import SILENT, Monitor


@dataclass(frozen=True, eq=False)
class Held:
    """What a classifier answered on training examples that the answering fit had not learned.

    A threshold is chosen by these. A model that fits itself several times (folds of the
    training examples, members of an ensemble) may hold all examples here.

    Parameters
    ----------
    examples : Examples
        Some or all of the training examples.
    probabilities : [M, K] float64
    """

    examples: Examples
    probabilities: Floats


class Classifier(ABC):
    """A model that gives the probability of each class at any moment of any history.

    Parameters
    ----------
    settings : Settings
        Seed, device and the knobs of training; a simple model reads what it needs of it.

    Attributes
    ----------
    held : Held
        After :meth:`fit`.
    threshold : float
        Probability from which on an event is announced; chosen by whoever fits, on ``held``,
        and kept with the model. NaN where there are more than two classes.
    notes : tuple of str
        What the fit chose or could not do, one line each, for the report.
    """

    name: str
    held: Held

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.threshold = 0.5
        self.notes: tuple[str, ...] = ()

    @abstractmethod
    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Self:
        """Learn from the examples, and from no row of an entity after its last example.

        Of the examples, the classifier holds out what it needs to stop early, to choose and
        to calibrate (``data.events.split.hold_out``); the final fit may take all of them.

        Raises
        ------
        TrainingError
            Fewer than two classes among the examples, or a loss that is no number.
        """

    @abstractmethod
    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        """[M, K] the probability of each class at each moment; rows sum to 1.

        Parameters
        ----------
        panel : Panel
            May be another than that of :meth:`fit`: other entities, longer histories. Same
            channels and statics, with codes of the same categories.
        """

    @property
    @abstractmethod
    def n_parameters(self) -> int:
        """Numbers that were estimated."""

    @abstractmethod
    def state(self) -> State:
        """All that :meth:`restore` needs: named arrays, and a JSON object with the rest."""

    @classmethod
    @abstractmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        """Rebuild a fitted classifier from :meth:`state`; ``held`` is not kept."""

    def save(self, folder: Path) -> None:
        """Write the fitted classifier into an existing folder."""
        arrays, meta = self.state()
        threshold = None if math.isnan(self.threshold) else float(self.threshold)
        write_state(folder, self.name, (arrays, {"threshold": threshold, **meta}))

    @classmethod
    def load(cls, folder: Path, settings: Settings | None = None) -> Self:
        """Read a classifier that :meth:`save` wrote."""
        arrays, meta = read_state(folder)
        model = cls.restore(arrays, meta, settings or Settings())
        model.threshold = math.nan if meta["threshold"] is None else float(meta["threshold"])
        return model

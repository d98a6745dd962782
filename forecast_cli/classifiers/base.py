"""What every model of events is: a Classifier. At these moments, how probable is each class?

Networks and simple models obey the same verbs, as forecasters do. An answer at a moment uses
rows of its entity up to that moment, and the entity's static features, nothing else. The laws
that every classifier obeys are tests in tests/contract/, over the registry.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.errors import RunError
from forecast_cli.events import EventTask
from forecast_cli.forecasters.base import ARRAYS_FILE, STATE_FILE, State
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
        from safetensors.numpy import save_file

        arrays, meta = self.state()
        save_file(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()},
            folder / ARRAYS_FILE,
        )
        kept = {"model": self.name, "threshold": _plain(self.threshold), **meta}
        text = json.dumps(kept, indent=1, allow_nan=False)
        (folder / STATE_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, settings: Settings | None = None) -> Self:
        """Read a classifier that :meth:`save` wrote."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            meta = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
            arrays = load_file(folder / ARRAYS_FILE)
        except (OSError, ValueError, SafetensorError) as cause:
            raise RunError(
                f"{folder}: the saved model cannot be read ({cause})",
                "train again with: forecast train",
            ) from cause
        model = cls.restore(arrays, meta, settings or Settings())
        model.threshold = float("nan") if meta["threshold"] is None else float(meta["threshold"])
        return model


def _plain(value: float) -> float | None:
    return None if value != value else float(value)

"""What of a training is kept while it lasts, so that it can be taken up again.

The loop hands over named arrays and plain values, now and then, and is given them back when the
same training begins again. Notable: it asks whether it is time, so that a quick training keeps
nothing; and what another recipe left is never taken up. Nothing here knows files or networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[np.generic]]
Values = Mapping[str, Any]  # of JSON


class Checkpoints(Protocol):
    """Keeps states by key: one a member and fit. Keys are used from several threads."""

    def due(self, key: str) -> bool:
        """Whether it is time to save again; asked after every step."""

    def save(self, key: str, arrays: Arrays, values: Values) -> None:
        """Keep a state in place of the one before."""

    def load(self, key: str) -> tuple[Arrays, Values] | None:
        """The state that was kept, None where there is none."""


class NoCheckpoints:
    """Keeps nothing."""

    def due(self, key: str) -> bool:
        return False

    def save(self, key: str, arrays: Arrays, values: Values) -> None: ...

    def load(self, key: str) -> tuple[Arrays, Values] | None:
        return None


@dataclass(frozen=True)
class Keeper:
    """The place of one member's training among the checkpoints.

    Parameters
    ----------
    checkpoints : Checkpoints
    key : str
    recipe : str
        All that decides what is learned, beside the data; a state of another is passed over.
    """

    checkpoints: Checkpoints
    key: str
    recipe: str

    def due(self) -> bool:
        """See :meth:`Checkpoints.due`."""
        return self.checkpoints.due(self.key)

    def save(self, arrays: Arrays, values: Values) -> None:
        """See :meth:`Checkpoints.save`."""
        self.checkpoints.save(self.key, arrays, {**values, "recipe": self.recipe})

    def load(self) -> tuple[Arrays, Values] | None:
        """What this training left, None where it left nothing."""
        found = self.checkpoints.load(self.key)
        return found if found and found[1].get("recipe") == self.recipe else None


NOWHERE = NoCheckpoints()
KEPT_NOWHERE = Keeper(NOWHERE, "", "")

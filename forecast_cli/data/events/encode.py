"""Text as codes: one number for each label, and none for a label that training did not know.

The labels of a column stand in their natural order, so that the order of rows does not
matter. A run keeps them, and newer data are read by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.data.entities import natural
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

MOST_LABELS = 50  # of one column: more are free text, or numbers


@dataclass(frozen=True, eq=False)
class Encoder:
    """Makes codes, and says so.

    Parameters
    ----------
    notes : Notes
        Learns the labels of every column.
    known : mapping of column to labels, or None
        Those of a run; None: this is the first reading, and makes the codes.
    """

    notes: Notes
    known: Mapping[str, tuple[str, ...]] | None = None

    def codes(self, name: str, text: pd.Series, what: str = "channel") -> Floats:
        """[rows] the code of each cell; NaN where it is missing, or its label unseen."""
        import pandas as pd

        found = {str(label) for label in text.dropna().unique()}
        if self.known is None:
            labels = tuple(sorted(found, key=natural))
            shown = ", ".join(f"{label} = {code}" for code, label in enumerate(labels[:5]))
            more = ", …" if len(labels) > 5 else ""
            option = "--static COLUMN" if what == "static" else "--past COLUMN"
            self.notes.guess(f'{what} "{name}"', f"codes: {shown}{more}", option)
        else:
            labels = self.known.get(name, ())
        self.notes.labels[name] = labels
        codes = pd.Index(labels, dtype="str").get_indexer(pd.Index(text.astype("str")))
        missing = text.isna().to_numpy()
        unseen = (codes < 0) & ~missing
        if unseen.any():
            new = sorted(found - set(labels), key=natural)
            shown = ", ".join(f'"{label}"' for label in new[:5]) + (", …" if len(new) > 5 else "")
            self.notes.warn(
                f'{what} "{name}": {int(unseen.sum())} cells hold a label that the training did '
                f"not have ({shown}); it counts as unseen"
            )
        return np.where((codes < 0) | missing, np.nan, codes.astype(np.float64))

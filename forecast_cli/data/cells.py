"""Text that never comes again, such as times: read at a fixed width, which is far quicker.

The parser of pandas looks every cell of text up among all before it, which saves room where
cells repeat and is in vain where none does. Here the columns are told apart, and cells of
fixed width are made the text that the parser would have made. What a column means is not
known here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.data.dialect import Dialect

if TYPE_CHECKING:
    import pandas as pd

_WIDEST = 48  # bytes: longer cells are no times, and would take more room than they save
_BLOCK = 2**17  # rows made text at once: at four bytes a letter, all would be a second file


def fixed_widths(content: bytes, dialect: Dialect, text: Collection[str]) -> dict[str, int]:
    """The columns of ``text`` whose cells seem to come once, and one byte more than they have.

    A cell of the sample that is found but once in the whole file is the sign.
    """
    if not dialect.sample or not content.isascii() or b"\0" in content:
        return {}
    found = {}
    for i, name in enumerate(dialect.names):
        cells = [row[i] for row in dialect.sample] if name in text else []
        longest = max(map(len, cells), default=0)
        probe = cells[len(cells) // 2].strip() if cells else ""
        if probe and longest <= _WIDEST and content.count(probe.encode()) == 1:
            found[name] = longest + 1
    return found


def as_text(frame: pd.DataFrame, widths: Mapping[str, int]) -> bool:
    """Turn the columns that were read as fixed ``widths`` into text, in place.

    Returns
    -------
    bool
        False where a cell fills its width: it may have been cut short, and the columns have
        to be read again.
    """
    import pandas as pd

    for name, width in widths.items():
        cells = frame[name].to_numpy()
        if cells.dtype.kind != "S" or bool((np.char.str_len(cells) >= width).any()):
            return False
        text = np.empty(len(cells), dtype=object)
        for at in range(0, len(cells), _BLOCK):
            text[at : at + _BLOCK] = cells[at : at + _BLOCK].astype(f"U{width}")
        text[cells == b""] = np.nan
        frame[name] = pd.Series(text, dtype="str", index=frame.index)
    return True

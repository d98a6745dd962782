"""Recurrent cells by name. To add one: write its file, add one entry here; the tests find it.

Entries are "module:Class" below this package, so that listing cells imports no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from forecast_cli.networks.cells.base import Cell

CELLS: dict[str, str] = {
    "lstm": "lstm:LSTM",
    "gru": "gru:GRU",
    "rnn": "rnn:RNN",
}


def cell_class(name: str) -> type[Cell]:
    """Import the cell of this name.

    Raises
    ------
    KeyError
        Where no cell has this name.
    """
    module, _, attribute = CELLS[name].partition(":")
    loaded = importlib.import_module(f"{__name__}.{module}")
    return cast("type[Cell]", getattr(loaded, attribute))

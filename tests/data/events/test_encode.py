"""Text as codes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast_cli.data.events.encode import Encoder
from forecast_cli.data.notes import Notes


def test_codes_follow_the_natural_order_of_labels_not_of_rows():
    notes = Notes()
    codes = Encoder(notes).codes("ward", pd.Series(["w10", "w2", None, "w10"], dtype="str"))
    assert np.array_equal(codes, [1, 0, np.nan, 1], equal_nan=True)
    assert notes.labels == {"ward": ("w2", "w10")}


def test_unseen_labels_are_none_and_counted():
    notes = Notes()
    encoder = Encoder(notes, {"ward": ("a", "b")})
    codes = encoder.codes("ward", pd.Series(["b", "c", "c", None], dtype="str"))
    assert np.array_equal(codes, [1, np.nan, np.nan, np.nan], equal_nan=True)
    assert "2 cells" in notes.warnings[0]
    assert '"c"' in notes.warnings[0]

"""Histories in brief, and how they are told from regular series."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.events.describe import describe, looks_irregular
from forecast_cli.data.notes import Notes
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import read_sources
from tests.data.events.conftest import table, write

RNG = np.random.default_rng(1)
IRREGULAR = table(
    "patient,day,x,died",
    *[(f"p{e}", int(d), e, e % 2) for e in range(8) for d in RNG.choice(300, 9, replace=False)],
)
REGULAR = table("shop,t,sold", *[(f"s{e}", t, e * t) for e in range(8) for t in range(20)])


@pytest.mark.parametrize(("text", "expected"), [(IRREGULAR, True), (REGULAR, False)])
def test_histories_are_told_by_their_gaps(tmp_path, text, expected):
    paths = write(tmp_path, rows=text)
    options = DataOptions(data=(paths["rows"],))
    rows = read_table(read_sources(options.data), options, Notes())
    assert looks_irregular(rows, options) is expected


def test_a_description_counts_what_was_read(read):
    text = table(
        "patient,day,x,y,died",
        ("a", 0, 1, "", 0),
        ("a", 4, 2, 3, 0),
        ("b", 1, 1, 2, 1),
        ("c", 1, 5, "", 1),
        ("c", 9, 6, "", 1),
        ("d", 3, 5, "", 0),
        ("d", 5, 6, "", 0),
    )
    found = describe(read(text, label="died"), "next")
    assert found.lengths.tolist() == [2, 1, 2, 2]
    assert found.gaps == (2, 3, 4, 6, 8)
    assert found.unit == "day"
    assert found.observed == {"x": 1.0, "y": pytest.approx(2 / 7)}
    assert found.shares == (0.5, 0.5)
    assert [(e.id, e.rows, e.start, e.end, e.missing, e.label) for e in found.entities][:2] == [
        ("a", 2, "0", "4", 1, "0"),
        ("b", 1, "1", "1", 0, "1"),
    ]
    assert any("2 entities" in line for line in found.warnings)
    assert found.suggestion == "next"

"""What is fixed about an entity."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from tests.data.events.conftest import repairs, table

ROWS = table("unit,t,x", *[(f"u{e}", t, e + t) for e in range(4) for t in range(3)])
FIXED = table("unit,site,age", ("u3", "north", 4), ("u0", "south", 9), ("u1", "north", 5))


def test_a_file_of_statics_is_joined_on_the_id(read):
    histories = read(ROWS, statics=FIXED)
    assert histories.panel.static_names == ("site", "age")
    expected = [[1, 9], [0, 5], [np.nan, np.nan], [0, 4]]
    assert np.array_equal(histories.panel.static, expected, equal_nan=True)
    assert histories.task.categories == {"site": ("north", "south")}
    assert repairs(histories)["histories without a static"] == 1


def test_static_chooses_among_the_columns_of_the_file(read):
    assert read(ROWS, statics=FIXED, static=("age",)).panel.static_names == ("age",)


def test_a_static_that_is_nowhere_is_refused(read):
    with pytest.raises(UsageError, match='--static: no column or variable "height"'):
        read(ROWS, statics=FIXED, static=("height",))


def test_newer_statics_have_the_codes_of_the_run(read):
    trained = read(ROWS, statics=FIXED)
    kept = {k: v for k, v in dict(trained.options).items() if k != "data"}
    newer = table("unit,age,site", ("u1", 7, "south"), ("u2", 8, "west"))
    later = read(ROWS, statics=newer, known=trained.task, **kept)
    assert later.panel.static_names == ("site", "age")
    assert later.panel.static[1].tolist() == [1, 7]
    assert np.isnan(later.panel.static[2, 0])


def test_a_value_that_is_seldom_seen_twice_is_no_static(read):
    body = [(f"u{e}", t, e + t, e if t == 1 else "") for e in range(4) for t in range(3)]
    assert read(table("unit,t,x,lab", *body)).panel.channels == ("x", "lab")

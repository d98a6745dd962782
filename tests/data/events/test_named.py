"""Name/value files, and what is fixed in them."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from tests.data.events.conftest import inferred, repairs, table

STAYS = table(
    "stay,Time,Parameter,Value",
    *[
        row
        for s, (age, died) in enumerate([(50, 0), (61, 1), (72, 0), (43, 1)])
        for row in (
            (f"s{s}", "00:00", "stay", s),
            (f"s{s}", "00:00", "Age", age),
            (f"s{s}", "00:00", "Weight", 70 + s),
            (f"s{s}", "26:10", "HR", 80 + s),
            (f"s{s}", "26:10", "Temp", 37),
            (f"s{s}", "30:00", "HR", 90),
            (f"s{s}", "30:00", "HR", 95),
            (f"s{s}", "31:00", "Weight", 75),
            (f"s{s}", "31:00", "Died", died),
        )
    ],
)


def test_a_plain_header_is_understood(read):
    histories = read(STAYS)
    assert histories.options.variable == "Parameter"
    assert histories.options.value == "Value"
    assert histories.panel.channels == ("Died", "HR", "Temp", "Weight")
    assert histories.panel.static_names == ("Age",)
    assert inferred(histories)["statics"] == "Age"
    assert repairs(histories)["identifier variables"] == 1


def test_each_time_is_a_row_and_contradictions_have_rows_of_their_own(read):
    panel = read(STAYS).panel
    assert panel.lengths.tolist() == [5, 5, 5, 5]
    heart = panel.values[:5, panel.channels.index("HR")]
    assert np.array_equal(heart, [np.nan, 80, 90, 95, np.nan], equal_nan=True)


def test_a_variable_can_be_the_label(read):
    histories = read(STAYS, label="Died")
    assert histories.examples.labels.tolist() == [0, 1, 0, 1]
    assert "Died" not in histories.panel.channels
    with pytest.raises(UsageError, match="no variable"):
        read(STAYS, label="Dyed")


def test_a_named_static_takes_the_first_known_value(read):
    histories = read(STAYS, static=("Weight",))
    weight = histories.panel.static[:, histories.panel.static_names.index("Weight")]
    assert weight.tolist() == [70, 71, 72, 73]
    assert "Weight" not in histories.panel.channels


def test_newer_files_have_the_channels_of_the_run(read):
    trained = read(STAYS, label="Died")
    kept = {k: v for k, v in dict(trained.options).items() if k != "data"}
    newer = table(
        "stay,Time,Parameter,Value", ("n", "01:00", "HR", 70), ("n", "02:00", "Strange", 1)
    )
    later = read(newer, known=trained.task, **kept)
    assert later.panel.channels == trained.panel.channels
    assert later.panel.static_names == trained.panel.static_names
    assert later.panel.n_rows == 1
    assert np.isnan(later.panel.static).all()
    assert repairs(later)["variables not used"] == 1


def test_variables_of_text_are_codes(read):
    text = table(
        "id,time,variable,value",
        *[("a", t, "rhythm", "sinus" if t % 2 else "flutter") for t in range(4)],
        *[("b", t, "rhythm", "sinus") for t in range(4)],
        *[("b", t, "rate", 60 + t) for t in range(4)],
    )
    histories = read(text)
    assert histories.task.categories == {"rhythm": ("flutter", "sinus")}
    rhythm = histories.panel.values[:4, histories.panel.channels.index("rhythm")]
    assert rhythm.tolist() == [0, 1, 0, 1]

"""Values that can hardly be meant are named, and sound data hear nothing."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.notes import Notes
from forecast_cli.data.oddvalues import far_outside, on_a_line, warn_of_odd_values

CALM = 50 + np.random.default_rng(0).normal(size=300)


def warnings(*series: np.ndarray) -> list[str]:
    notes = Notes()
    entity = np.repeat(np.arange(len(series)), [len(one) for one in series])
    values = np.concatenate(series)[:, None]
    warn_of_odd_values(values, entity, ("y",), lambda row: f"data.csv:{row + 2}", notes)
    return notes.warnings


@pytest.mark.parametrize(
    "sound",
    [
        CALM,
        np.random.default_rng(1).lognormal(0, 2, 3000),
        np.random.default_rng(2).standard_t(3, 3000),
        np.maximum(0, np.sin(np.arange(500) / 4)),  # the sun at night
        np.arange(400.0),
        np.full(400, 7.0),
        np.repeat(CALM[:20], 24),  # a value a day, told each hour
        np.random.default_rng(3).poisson(0.2, 1000).astype(float),
    ],
)
def test_sound_data_hear_nothing(sound: np.ndarray) -> None:
    assert warnings(sound) == []


def test_a_value_without_bounds_is_named_with_its_line_and_kept() -> None:
    odd = CALM.copy()
    odd[[120, 200]] = 1e15, -1e9
    assert warnings(CALM, odd) == [
        'column "y": 2 values are far outside all others (wrong units, or a mark for missing '
        "values?) (first: data.csv:422)"
    ]
    assert far_outside(odd).nonzero()[0].tolist() == [120, 200]


@pytest.mark.parametrize("last", [40.0, 50.0])
def test_a_dozen_values_on_a_line_are_named_and_eleven_are_not(last: float) -> None:
    odd = CALM.copy()
    odd[100:112] = np.linspace(50.0, last, 12)
    assert on_a_line(odd).nonzero()[0].tolist() == list(range(100, 112))
    odd[111] = 77.0
    assert not on_a_line(odd).any()


def test_short_series_and_missing_values_are_no_matter() -> None:
    gaps = np.where(np.arange(300) % 3 == 0, np.nan, CALM)
    assert warnings(gaps, np.full(5, np.nan), np.array([1.0, 1e9])) == []

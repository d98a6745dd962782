"""inspect: the numbers are those of the file, and the next command works as it stands."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast_cli as fc
from forecast_cli.errors import UsageError


def write(path: Path, **columns: object) -> str:
    rows = 300
    times = pd.date_range("2026-01-01", periods=rows, freq="h")
    pd.DataFrame({"when": times, **columns}).to_csv(path, index=False)
    return str(path)


def wave(rows: int = 300) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.round(5 + np.sin(2 * np.pi * np.arange(rows) / 24) + 0.1 * rng.normal(size=rows), 3)


def test_the_summary_is_that_of_the_observed_values(tmp_path: Path) -> None:
    values = wave()
    values[[5, 50, 51]] = np.nan
    result = fc.inspect(write(tmp_path / "a.csv", load=values))
    (series,) = result.series
    assert (series.rows, series.missing) == (300, 3)
    assert series.mean == pytest.approx(np.nanmean(values))
    assert series.deviation == pytest.approx(np.nanstd(values))
    assert (series.minimum, series.maximum) == (np.nanmin(values), np.nanmax(values))
    assert series.start.startswith("2026-01-01")
    assert series.end.startswith("2026-01-13 11")


def test_the_next_command_repeats_what_was_given(tmp_path: Path) -> None:
    name = write(tmp_path / "my data.csv", load=wave(), price=wave())
    words = shlex.split(fc.inspect(name, target="load").suggestion)
    assert words[:3] == ["forecast", "compare-baselines", name]
    assert words[words.index("--target") + 1] == "load"
    assert words[words.index("--horizon") + 1] == "24"


def test_many_missing_values_and_constant_series_are_warned_of(tmp_path: Path) -> None:
    holes = np.where(np.arange(300) % 2 == 0, wave(), np.nan)
    result = fc.inspect(
        write(tmp_path / "a.csv", load=wave(), holes=holes), target=("load", "holes")
    )
    assert any("missing" in w and "holes" in w and "load" not in w for w in result.warnings)


def test_a_horizon_that_is_too_long_is_warned_of(tmp_path: Path) -> None:
    result = fc.inspect(write(tmp_path / "a.csv", load=wave()), horizon=400)
    assert any("horizon of 400" in warning for warning in result.warnings)


def test_the_picture_shows_the_end_of_the_first_series(tmp_path: Path) -> None:
    values = wave()
    result = fc.inspect(write(tmp_path / "a.csv", load=values))
    assert len(result.history) == len(result.history_times) == 120
    np.testing.assert_array_equal(result.history, values[-120:])


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(UsageError, match="horizn"):
        fc.inspect("a.csv", horizn=3)


@pytest.mark.parametrize("value", [33.3, 0.1])
def test_a_constant_series_has_no_deviation_left_by_rounding(tmp_path: Path, value: float) -> None:
    (series,) = fc.inspect(write(tmp_path / "a.csv", load=np.full(300, value))).series
    assert series.deviation == 0
    assert series.mean == value


def test_a_horizon_that_the_data_cannot_answer_is_said_and_not_suggested(tmp_path: Path) -> None:
    name = write(tmp_path / "a.csv", load=wave())
    result = fc.inspect(name, horizon=200)
    assert any(
        "horizon of 200" in line and "--horizon 150 or less" in line for line in result.warnings
    )
    words = shlex.split(result.suggestion)
    assert words[words.index("--horizon") + 1] == "24"

"""What lies in the test block decides nothing of a comparison: not its task, not a forecast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import load
from forecast_cli.data.split import split, untested_ends
from forecast_cli.workflows.compare import compare_baselines
from forecast_cli.workflows.comparison import Comparison
from tests.conftest import make_panel

MODELS = ("seasonal-naive", "naive", "drift", "linear")
TINY = {"max_steps": 4, "hidden": 8, "device": "cpu", "seed": 3}


def household(rng: np.random.Generator, rows: int = 720, young: int = 260) -> pd.DataFrame:
    """An old meter of noise, and one that begins late; both end together."""
    hours = pd.date_range("2024-01-01", periods=rows, freq="h")
    old = pd.DataFrame({"meter": "old", "time": hours, "kwh": 5 + rng.normal(size=rows)})
    late = pd.DataFrame(
        {"meter": "young", "time": hours[-young:], "kwh": 50 + rng.normal(size=young)}
    )
    return pd.concat([old, late], ignore_index=True)


def with_other_future(frame: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """The same times; from ``first`` on a loud day of its own in place of the noise."""
    tested = frame["time"] >= first
    day = 1e3 * np.sin(2 * np.pi * frame["time"].dt.hour / 24)
    return frame.assign(kwh=frame["kwh"].where(~tested, day + 7.5))


def written(frame: pd.DataFrame, path: Path) -> str:
    frame.to_csv(path, index=False)
    return str(path)


def first_forecasts(found: Comparison) -> dict[str, bytes]:
    """What each model forecasts from the first origin of each series."""
    table = found.result.table
    firsts = [int(np.flatnonzero(table.series == s)[0]) for s in np.unique(table.series)]
    return {name: values[firsts].tobytes() for name, values in table.forecasts.items()}


@pytest.mark.parametrize("options", [{}, {"horizon": 12}, {"test_size": 480}])
def test_another_future_leaves_the_task_and_the_first_forecasts_as_they_were(
    tmp_path: Path, options: dict[str, int]
) -> None:
    frame = household(np.random.default_rng(0))
    asked = {"models": ("gru",), "baselines": MODELS, **TINY, **options}
    clean = compare_baselines(written(frame, tmp_path / "a.csv"), **asked)
    begins = frame["time"].iloc[720 - clean.protocol.test_size]
    other = with_other_future(frame, begins)
    dirty = compare_baselines(written(other, tmp_path / "b.csv"), **asked)

    whole = load(DataOptions(data=(str(tmp_path / "b.csv"),)))
    assert whole.seasons == (24,)  # a leak would show
    assert clean.data.seasons == dirty.data.seasons == (1,)
    assert [i for i in clean.data.inferred if i.name in ("season", "horizon")] == [
        i for i in dirty.data.inferred if i.name in ("season", "horizon")
    ]
    for name in ("horizon", "season", "test_size", "val_size", "reference", "start", "end"):
        assert getattr(clean.protocol, name) == getattr(dirty.protocol, name), name
    assert {"gru", "linear", "naive"} <= {m.name for m in dirty.models if m.status == "ok"}
    assert first_forecasts(clean) == first_forecasts(dirty)


def test_the_season_that_is_said_is_the_one_that_is_used(tmp_path: Path) -> None:
    frame = household(np.random.default_rng(0))
    loud = with_other_future(frame, frame["time"].iloc[360])
    result = compare_baselines(
        written(loud, tmp_path / "a.csv"), models="linear", baselines="naive", test_size=360
    )
    said = [inferred.value for inferred in result.data.inferred if inferred.name == "season"]
    assert said == ["none"]
    assert (result.data.seasons, result.protocol.season) == ((1,), 1)


def test_seasons_that_were_given_stay(tmp_path: Path) -> None:
    path = written(household(np.random.default_rng(0)), tmp_path / "a.csv")
    result = compare_baselines(path, models="linear", baselines="naive", season=(24,))
    assert (result.data.seasons, result.protocol.season) == ((24,), 24)


def test_seasons_that_training_found_in_all_of_the_data_are_found_anew(tmp_path: Path) -> None:
    from forecast_cli.workflows.train import train

    frame = household(np.random.default_rng(0))
    loud = with_other_future(frame, frame["time"].iloc[360])
    runs = str(tmp_path / "runs")
    trained = train(written(loud, tmp_path / "a.csv"), model="drift", horizon=12, runs=runs)
    assert trained.data.seasons == (24,)
    result = compare_baselines(runs=runs, baselines="naive", test_size=360, max_steps=2)
    assert result.protocol.season == 1


@pytest.mark.parametrize("freq", ["h", None])
@pytest.mark.parametrize("lengths", [(400, 300, 350), (40,), (3, 2), (900, 20, 10)])
def test_no_default_block_reaches_before_the_untested_ends(
    lengths: tuple[int, ...], freq: str | None
) -> None:
    panel = make_panel(lengths, freq=freq)
    most = max(int(np.median(lengths)) // 10, 1)
    for horizon in range(1, most + 1):
        blocks = split(panel, horizon)
        assert (untested_ends(panel) <= blocks.fit_ends).all()

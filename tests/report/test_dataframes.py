"""pandas tables hold the numbers of the result, every one at its place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from forecast_cli.clock import Clock
from forecast_cli.comparison import CompareResult
from forecast_cli.report.dataframes import forecasts_frame, models_frame


def test_one_row_a_model_with_skill_interval_and_cost(judged: CompareResult) -> None:
    frame = models_frame(judged)
    assert frame.index.tolist() == [score.name for score in judged.models]
    for score in judged.models:
        row = frame.loc[score.name]
        assert row["fit_seconds"] == score.fit_seconds
        assert row["parameters"] == score.parameters
        found = score.versus_reference
        if found is None:
            assert (row["status"], pd.isna(row["rank"]), pd.isna(row["mase"])) == (
                "failed",
                True,
                True,
            )
        else:
            assert row["mase"] == score.metrics["mase"]
            assert row["coverage_80"] == score.metrics["coverage_80"]
            np.testing.assert_array_equal([row["skill_low"], row["skill_high"]], found.ci95)
            assert (row["rank"], row["units"], row["decision"]) == (
                score.rank,
                found.units,
                found.decision,
            )


def test_the_frame_of_models_has_the_same_columns_without_tests(
    compare: CompareResult, judged: CompareResult
) -> None:
    assert models_frame(compare).columns.tolist() == models_frame(judged).columns.tolist()
    assert models_frame(compare)["skill_low"].isna().all()


def test_every_forecast_stands_in_a_row_of_its_own(compare_many: CompareResult) -> None:
    t = compare_many.table
    frame = forecasts_frame(t)
    assert frame.columns.tolist() == [
        "id", "origin", "time", "step", "actual", "model", "forecast", "lo_80", "hi_80", "lo_95",
        "hi_95",
    ]  # fmt: skip
    assert len(frame) == t.times.size * len(t.forecasts)
    series, row, step = 7, 7 * 30 + 11, 5
    chosen = frame[
        (frame["id"] == t.ids[series])
        & (frame["origin"] == t.clock.local(t.origin_times[row : row + 1])[0])
        & (frame["step"] == step + 1)
        & (frame["model"] == "arima")
    ]
    assert len(chosen) == 1
    one = chosen.iloc[0]
    assert one["time"] == pd.Timestamp(int(t.times[row, step]))
    assert one["actual"] == t.actual[row, step]
    bounds = one[["lo_95", "lo_80", "forecast", "hi_80", "hi_95"]].tolist()
    assert bounds == t.forecasts["arima"][row, step].tolist()


def test_times_are_told_in_the_zone_of_the_data_and_steps_as_numbers(
    compare: CompareResult,
) -> None:
    zoned = replace(compare.table, clock=Clock(freq="h", tz="Europe/Berlin"))
    frame = forecasts_frame(zoned)
    assert str(frame["time"].dt.tz) == "Europe/Berlin"
    assert frame["time"].iloc[0] == pd.Timestamp(int(zoned.times[0, 0]), tz="UTC")
    steps = forecasts_frame(replace(compare.table, clock=Clock()))
    assert steps["time"].tolist()[:3] == compare.table.times[0, :3].tolist()


def test_no_forecasts_are_an_empty_frame(compare: CompareResult) -> None:
    empty = forecasts_frame(replace(compare.table, forecasts={}))
    assert len(empty) == 0
    assert "lo_95" in empty.columns

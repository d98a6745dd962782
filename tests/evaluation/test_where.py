"""Win maps against sums taken cell by cell, and the worst of the best model."""

from __future__ import annotations

import time

import numpy as np
import pytest

from forecast_cli.clock import Clock
from forecast_cli.comparison import ForecastTable, WinMap
from forecast_cli.evaluation.metrics import RANKING, Scales
from forecast_cli.evaluation.where import where

HOUR = 3_600 * 10**9
MONDAY = 4 * 24 * HOUR  # 1970-01-05


def make_table(
    series: int = 3,
    origins: int = 12,
    horizon: int = 12,
    freq: str | None = "h",
    start: int = MONDAY,
    stride: int = 5,
    seed: int = 0,
) -> ForecastTable:
    rng = np.random.default_rng(seed)
    clock = Clock(freq=freq)
    line = np.concatenate([[start], clock.onwards(start, origins * stride + horizon)])
    rows = np.tile(np.arange(origins) * stride, series)[:, None] + np.arange(horizon + 1)
    times = line[rows]  # [O, 1 + H]
    actual = rng.normal(size=(len(rows), horizon)) + 10 * np.arange(series).repeat(origins)[:, None]
    actual[rng.random(actual.shape) < 0.05] = np.nan
    error = {
        "best": rng.normal(0, 1, (*actual.shape, 1)),
        "reference": rng.normal(0, 1.2, (*actual.shape, 1)),
        "other": rng.normal(0, 1.1, (*actual.shape, 1)),
    }
    return ForecastTable(
        ids=tuple(f"s{s}" for s in range(series)),
        series=np.repeat(np.arange(series), origins),
        origin_times=times[:, 0],
        times=times[:, 1:],
        actual=actual,
        quantiles=(0.1, 0.5, 0.9),
        forecasts={
            name: np.nan_to_num(actual)[:, :, None] + e + np.array([-1.0, 0.0, 1.0])
            for name, e in error.items()
        },
        clock=clock,
    )


def units(table: ForecastTable) -> Scales:
    scale = 1.0 + table.series
    return Scales(scale, scale**2)


def found(table: ForecastTable, metric: str = "mase", season: int = 24, **options: object):  # type: ignore[no-untyped-def]
    asked = {"ranked": ("best", "other", "reference"), "reference": "reference"} | options
    result = where(table, units(table), metric=metric, season=season, **asked)  # type: ignore[arg-type]
    assert result is not None
    return result


def by_hand(
    table: ForecastTable, metric: str, group: list[int], steps: tuple[int, int], hour: int
) -> dict[str, float]:
    """The score of each model over the cells of one cell of the map."""
    losses = {}
    for name, forecast in table.forecasts.items():
        cells = RANKING[metric].cells(
            actual=table.actual, forecast=forecast, quantiles=table.quantiles, scales=units(table)
        )
        loss = weight = 0.0
        for o, h in np.ndindex(*table.actual.shape):
            inside = steps[0] <= h + 1 <= steps[1] and table.times[o, h] // HOUR % 24 == hour
            if inside and table.series[o] in group:
                loss, weight = loss + cells.loss[o, h], weight + cells.weight[o, h]
        losses[name] = float(RANKING[metric].finish(loss, weight))
    return losses


@pytest.mark.parametrize("metric", RANKING)
def test_every_cell_names_the_model_with_the_least_loss_and_its_skill(metric: str) -> None:
    table = make_table()
    (whole,) = found(table, metric).maps
    assert whole.group == "all series"
    assert whole.phase.name == "hour of day"
    for a, steps in enumerate(whole.steps):
        for b in range(0, 24, 5):
            losses = by_hand(table, metric, [0, 1, 2], steps, b)
            if not np.isfinite(losses["best"]):
                assert whole.best[a][b] == ""
                assert np.isnan(whole.skill[a, b])
                continue
            assert whole.best[a][b] == min(losses, key=losses.__getitem__)
            skill = 1 - min(losses.values()) / losses["reference"]
            assert whole.skill[a, b] == pytest.approx(skill)


@pytest.mark.parametrize(
    ("horizon", "steps"),
    [
        (1, ((1, 1),)),
        (8, tuple((k, k) for k in range(1, 9))),
        (13, ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 11), (12, 12), (13, 13))),
        (96, tuple((k, k + 11) for k in range(1, 97, 12))),
    ],
)
def test_steps_are_in_eight_bands_at_most_that_hold_each_step_once(
    horizon: int, steps: tuple[tuple[int, int], ...]
) -> None:
    (whole,) = found(make_table(horizon=horizon)).maps
    assert whole.steps == steps


@pytest.mark.parametrize(
    ("freq", "season", "name", "first", "columns"),
    [
        ("h", 24, "hour of day", "00:00", 24),
        ("15min", 96, "hour of day", "00:00", 17),  # 12 origins 5 quarters apart: 17 hours
        ("D", 7, "day of week", "Monday", 7),
        ("B", 5, "day of week", "Monday", 5),
        ("MS", 12, "month", "January", 12),
        ("6h", 4, "position in the season of 4 steps", "1", 4),
        ("W-SUN", 52, "position in the season of 52 steps", "1-3", 18),
        (None, 30, "position in the season of 30 steps", "1-2", 15),
        ("h", 1, "no season", "all", 1),
    ],
)
def test_columns_are_called_by_the_clock(
    freq: str | None, season: int, name: str, first: str, columns: int
) -> None:
    (whole,) = found(make_table(freq=freq, start=MONDAY if freq else 0), season=season).maps
    assert whole.phase.name == name
    assert whole.phase.labels[0] == first
    assert len(whole.phase.labels) == columns
    assert whole.skill.shape == (8, columns)
    assert {len(row) for row in whole.best} == {columns}


def test_hours_are_those_of_the_wall_clock() -> None:
    table = make_table(origins=1, horizon=3, series=1)
    there = ForecastTable(**{**vars(table), "clock": Clock("h", tz="Asia/Tokyo")})
    (whole,) = found(there).maps
    assert whole.phase.labels == ("10:00", "11:00", "12:00")


def maps_by_group(table: ForecastTable) -> dict[str, WinMap]:
    return {each.group: each for each in found(table).maps}


def test_eight_series_are_also_told_in_quarters_by_level() -> None:
    table = make_table(series=8)
    names = list(maps_by_group(table))
    assert names[0] == "all series"
    assert [name.split(" quarter")[0] for name in names[1:]] == [
        "smallest",
        "second",
        "third",
        "largest",
    ]
    largest = maps_by_group(table)[names[-1]]
    losses = by_hand(table, "mase", [6, 7], largest.steps[0], 3)
    assert largest.best[0][3] == min(losses, key=losses.__getitem__)
    assert list(maps_by_group(make_table(series=7))) == ["all series"]


def test_the_maps_of_the_quarters_hold_each_series_once() -> None:
    table = make_table(series=11, origins=1, horizon=1, stride=1)
    groups = found(table).maps[1:]
    counts = [each.group for each in groups]
    assert len(counts) == len(set(counts)) == 4


def test_of_equal_models_the_better_ranked_wins() -> None:
    table = make_table()
    same = dict.fromkeys(("first", "second"), table.forecasts["best"])
    equal = ForecastTable(**{**vars(table), "forecasts": same})
    (whole,) = found(equal, ranked=("second", "first"), reference="first").maps
    assert {name for row in whole.best for name in row} == {"second", ""}
    assert set(whole.skill[np.isfinite(whole.skill)]) == {0.0}


def test_without_a_scored_reference_there_is_no_skill_and_without_models_no_map() -> None:
    table = make_table()
    (whole,) = found(table, reference="absent").maps
    assert np.isnan(whole.skill).all()
    asked = {"metric": "mae", "season": 24, "ranked": (), "reference": "x"}
    assert where(table, units(table), **asked) is None  # type: ignore[arg-type]


def test_the_worst_series_and_origins_are_those_of_the_best_model_with_their_dates() -> None:
    table = make_table(series=7, origins=4)
    table.forecasts["best"].flags.writeable = True
    table.forecasts["best"][:] = np.nan_to_num(table.actual)[:, :, None] + 0.01
    for o, error in ((9, 50.0), (2, 40.0), (25, 30.0)):
        table.forecasts["best"][o] += error
    result = found(table, "mae")
    assert [w.series for w in result.worst_origins[:3]] == ["s2", "s0", "s6"]
    shown = table.clock.show(table.origin_times[[9, 2, 25]])
    assert [w.origin for w in result.worst_origins[:3]] == shown
    assert result.worst_origins[0].loss == pytest.approx(50.01)
    assert len(result.worst_origins) == 5
    assert [w.series for w in result.worst_series[:3]] == ["s2", "s0", "s6"]
    assert {w.origin for w in result.worst_series} == {""}
    error = np.abs(table.actual - table.forecasts["reference"][:, :, 1])
    assert result.worst_origins[0].reference == pytest.approx(np.nanmean(error[9]))
    assert result.worst_series[0].reference == pytest.approx(np.nanmean(error[8:12]))


def test_a_single_series_is_not_its_own_worst() -> None:
    result = found(make_table(series=1))
    assert result.worst_series == ()
    assert len(result.worst_origins) == 5


@pytest.mark.slow
def test_a_million_cells_of_twenty_models_take_less_than_two_seconds() -> None:
    table = make_table(series=50, origins=834, horizon=24, stride=1)
    many = {f"m{k}": table.forecasts["best"] for k in range(20)}
    large = ForecastTable(**{**vars(table), "forecasts": many})
    began = time.process_time()
    found(large, ranked=tuple(many), reference="m3")
    assert time.process_time() - began < 2

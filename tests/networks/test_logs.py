"""The vote for logarithms: whom it hears, what it hears, and what it does to whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.data.panel import Floats, Panel
from forecast_cli.networks.logs import FAR, choose_floors

SEASON = 12


def panel_of(series: list[Floats]) -> Panel:
    flat = np.concatenate(series)[:, None]
    return Panel(
        values=flat,
        observed=np.isfinite(flat),
        times=np.concatenate([np.arange(len(values)) for values in series]),
        offsets=np.concatenate([[0], np.cumsum([len(values) for values in series])]),
        ids=tuple(f"s{s}" for s in range(len(series))),
    )


def sales(count: int = 24, length: int = 96, seed: int = 0) -> list[Floats]:
    """Levels from 1 to 1000 that double or more, and swing by the same share throughout."""
    rng = np.random.default_rng(seed)
    t = np.arange(length)
    return [
        size
        * np.exp(0.01 * t + 0.2 * np.sin(2 * np.pi * t / SEASON) + 0.05 * rng.normal(size=length))
        for size in np.geomspace(1, 1000, count)
    ]


def steady(count: int = 24, length: int = 96, seed: int = 0) -> list[Floats]:
    """The same levels with a swing that does not grow with them."""
    rng = np.random.default_rng(seed)
    t = np.arange(length)
    return [
        size * (4 + 0.05 * t + np.sin(2 * np.pi * t / SEASON) + 0.1 * rng.normal(size=length))
        for size in np.geomspace(1, 1000, count)
    ]


def floors(series: list[Floats], season: int = SEASON) -> Floats:
    panel = panel_of(series)
    return choose_floors(panel, panel.ends, season)


def test_series_that_swing_by_a_share_take_logarithms_and_steady_ones_do_not() -> None:
    expected = [values.min() / 2 for values in sales()]
    np.testing.assert_array_equal(floors(sales()), expected)
    assert np.isnan(floors(steady())).all()


@pytest.mark.parametrize("season", [1, 4, 6])
def test_a_season_of_few_rows_gives_no_vote(season: int) -> None:
    assert np.isfinite(floors(sales(), season=7)).all()
    assert np.isnan(floors(sales(), season=season)).all()


def test_the_majority_decides_for_all() -> None:
    mostly = sales(16) + steady(8)
    assert np.isfinite(floors(mostly)).all()
    assert np.isnan(floors(sales(8) + steady(16))).all()


def test_few_series_have_no_vote() -> None:
    assert np.isfinite(floors(sales(20))).all()
    assert np.isnan(floors(sales(19))).all()


@pytest.mark.parametrize("odd", [0.0, -5.0, 1 / FAR], ids=["zero", "negative", "near zero"])
def test_a_series_near_zero_enters_as_it_is_and_many_of_them_end_the_vote(odd: float) -> None:
    series = sales(25)
    for s in range(5):
        series[s] = series[s] / series[s][1:].min()  # from 1 on, most beyond, but for one row
        series[s][0] = odd
    some = floors(series)
    assert np.isnan(some[:5]).all()
    assert np.isfinite(some[5:]).all()
    series[5][0] = 0.0
    assert np.isnan(floors(series)).all()


def test_short_series_follow_without_a_vote() -> None:
    short = [np.array([3.0, 5.0, 4.0])] * 10
    decided = floors(sales() + short)
    assert decided[24:].tolist() == [1.5] * 10
    assert np.isnan(floors(sales(19) + short)).all()  # too few are left to vote


def test_a_series_without_observations_or_movement_neither_votes_nor_counts() -> None:
    odd = [np.full(60, np.nan)] * 12 + [np.zeros(0), np.full(60, 7.0)]
    decided = floors(sales() + odd)
    assert np.isfinite(decided[:24]).all()
    assert np.isnan(decided[24:37]).all()
    assert decided[37] == 3.5
    assert np.isnan(floors([np.full(60, 7.0)] * 30)).all()


def test_rows_after_the_cutoff_have_no_vote() -> None:
    panel = panel_of(sales())
    ends = panel.starts + 60
    late = np.arange(panel.n_rows) >= ends[panel.series_of_row]
    poisoned = replace(panel, values=np.where(late[:, None], -1e12, panel.values))
    before = choose_floors(panel, ends, SEASON)
    assert np.isfinite(before).all()
    assert np.array_equal(before, choose_floors(poisoned, ends, SEASON))


def test_the_vote_sees_neither_units_nor_order_nor_gaps() -> None:
    panel = panel_of(sales())
    plain = choose_floors(panel, panel.ends, SEASON)
    larger = replace(panel, values=3 * panel.values)
    np.testing.assert_allclose(choose_floors(larger, panel.ends, SEASON), 3 * plain)
    order = np.random.default_rng(0).permutation(24)
    turned = panel.select(order)
    assert np.array_equal(choose_floors(turned, turned.ends, SEASON), plain[order])
    seen = np.random.default_rng(0).random((panel.n_rows, 1)) > 0.2
    holed = replace(panel, values=np.where(seen, panel.values, np.nan), observed=seen)
    assert np.isfinite(choose_floors(holed, panel.ends, SEASON)).all()


def test_the_preference_is_guerreros_coefficient() -> None:
    # One series repeated, whose two seasons can be worked out by hand: both coefficients are
    # |a - b| / (a + b) of the two deviations, as shares of the mean or by themselves.
    def decided(first: tuple[float, float], second: tuple[float, float]) -> bool:
        seasons = [np.array([mean - d, mean + d] * 4) for mean, d in (first, second, second)]
        return bool(np.isfinite(floors([np.concatenate(seasons)] * 20, season=8)).all())

    assert decided((10, 2.0), (20, 3.1))  # shares .2 and .155; deviations 2 and 3.1
    assert not decided((10, 2.0), (20, 2.7))  # shares .2 and .135; deviations 2 and 2.7


def test_competition_data_of_many_sizes_vote_for_logarithms_and_withdrawals_do_not(
    shared_data: Path,
) -> None:
    def share(series: list[Floats], season: int, held_out: int) -> float:
        panel = panel_of(series)
        both = [choose_floors(panel, panel.ends - cut, season) for cut in (0, held_out)]
        return float(np.isfinite(both).mean())

    assert share(monthly(shared_data / "m3"), season=12, held_out=18) > 0.9
    table = pd.read_csv(shared_data / "m4_hourly" / "Hourly-train.csv", index_col=0)
    assert share(columns(table.T), season=24, held_out=48) > 0.9
    table = pd.read_csv(shared_data / "nn5" / "train.csv", index_col="t")
    assert share(columns(table), season=7, held_out=56) == 0
    table = pd.read_csv(next((shared_data / "ett_h1_m1").glob("ETTh1*")), index_col="date")
    assert share(columns(table.iloc[:8640]), season=24, held_out=96) == 0


def monthly(folder: Path) -> list[Floats]:
    """The training part of M3's monthly series."""
    listed = pd.read_csv(folder / "series.csv").query("period == 'MONTHLY'")["series_id"]
    values = pd.read_csv(folder / "values.csv.gz").query("split == 'train'")
    values = values[values["series_id"].isin(listed)].sort_values(["series_id", "t"])
    return [part.to_numpy(dtype=np.float64) for _, part in values.groupby("series_id")["value"]]


def columns(table: pd.DataFrame) -> list[Floats]:
    """Each column as a series; rows at its end without a value are no rows."""
    return [column.loc[: column.last_valid_index()].to_numpy() for _, column in table.items()]

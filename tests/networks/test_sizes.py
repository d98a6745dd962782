"""The rule behind the defaults."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.errors import UsageError
from forecast_cli.networks.sizes import choose
from forecast_cli.task import Task


@pytest.mark.parametrize(
    ("season", "length", "patch"),
    [
        (24, 8640, 24),  # hourly: a day
        (96, 30_000, 96),  # quarter-hourly: a day
        (1440, 100_000, 96),  # by the minute: a divisor of the day
        (7, 700, 14),  # daily: two weeks, so that there is something to see in it
        (7, 100, 7),  # but one where there is no room for them
        (4, 40, 4),
        (12, 120, 12),  # monthly: a year
        (12, 40, 4),  # monthly, three years: a third of a year
        (52, 200, 13),  # weekly: a quarter of a year
        (1, 30, 1),  # yearly
        (1, 499, 1),
        (1, 500, 16),  # a sensor without a season
        (97, 100_000, 7),  # no divisor but one: parts that fifteen of hold a season
        (31, 200, 3),
        (62, 240, 5),
        (24, 3, 1),
    ],
)
def test_a_patch_is_a_season_or_a_divisor_that_leaves_room(
    season: int, length: int, patch: int
) -> None:
    first, *_ = choose(Task(horizon=6, seasons=(season,)), np.array([length]), Settings())
    assert first.patch == patch


@pytest.mark.parametrize(
    ("season", "length", "horizon", "third", "sixth"),
    [
        (24, 8640, 24, 8, 4),
        (24, 8640, 336, 12, 12),  # thirty of them reach as far back as the horizon ahead
        (24, 8640, 499, 24, 24),
        (96, 30_000, 96, 32, 16),
        (48, 30_000, 48, 16, 8),
        (12, 600, 12, 4, 4),  # not two: too few rows for a patch
        (7, 700, 7, 7, 7),
        (24, 240, 24, 24, 24),  # ten days: too short for several views
        (1, 30, 1, 1, 1),
    ],
)
def test_every_second_member_sees_a_part_of_the_patch(
    season: int, length: int, horizon: int, third: int, sixth: int
) -> None:
    task = Task(horizon=horizon, seasons=(season,))
    members = choose(task, np.array([length]), Settings())
    whole = members[0].patch
    assert [sizes.patch for sizes in members] == [whole, third, whole, sixth]
    assert [sizes.relative for sizes in members] == ["mean", "last", "last", "mean"]


def test_patches_that_do_not_fit_the_season_are_not_canonical() -> None:
    for season, settings in ((97, Settings()), (24, Settings(patch=10))):
        members = choose(Task(horizon=6, seasons=(season,)), np.array([9000]), settings)
        assert not any(sizes.canonical for sizes in members if season % sizes.patch)
    assert all(s.canonical for s in choose(Task(6, (7,)), np.array([9000]), Settings()))


def test_many_series_and_long_horizons_have_fewer_members() -> None:
    task = Task(horizon=6, seasons=(24,))
    assert len(choose(Task(horizon=720, seasons=(24,)), np.full(1, 10_000), Settings())) == 2
    assert len(choose(task, np.full(9, 1000), Settings())) == 4
    assert len(choose(task, np.full(10, 1000), Settings())) == 2
    assert len(choose(task, np.full(10, 1000), Settings(members=3))) == 3


@pytest.mark.parametrize("length", [1, 2, 7, 30, 100, 1000, 100_000])
@pytest.mark.parametrize("season", [1, 4, 7, 12, 24, 52, 365, 1440])
def test_the_context_fits_the_typical_series(season: int, length: int) -> None:
    for sizes in choose(Task(horizon=6, seasons=(season,)), np.array([length]), Settings()):
        assert 1 <= sizes.context <= length
        assert 1 <= sizes.highway <= sizes.patches


def test_settings_override_each_size() -> None:
    settings = Settings(
        patch=6,
        context=60,
        hidden=32,
        layers=2,
        dropout=0.1,
        batch_size=8,
        max_steps=7,
        learning_rate=0.01,
    )
    for sizes in choose(Task(horizon=6, seasons=(24,)), np.array([5000]), settings):
        assert (sizes.patch, sizes.patches, sizes.hidden, sizes.layers) == (6, 10, 32, 2)
        assert (sizes.dropout, sizes.batch_size, sizes.steps) == (0.1, 8, 7)
        assert sizes.learning_rate == 0.01


def test_the_linear_part_sees_no_more_steps_than_its_solution_can_afford() -> None:
    task, lengths = Task(horizon=6, seasons=(96,)), np.array([100_000])
    assert choose(task, lengths, Settings())[0].highway == 15
    assert choose(task, lengths, Settings(patch=700))[0].highway == 2
    assert choose(task, lengths, Settings(patch=5000))[0].highway == 1


def test_a_context_shorter_than_a_patch_is_refused_with_a_fix() -> None:
    with pytest.raises(UsageError, match="shorter than a patch") as caught:
        choose(Task(horizon=6, seasons=(24,)), np.array([5000]), Settings(context=5))
    assert "--context" in caught.value.fix

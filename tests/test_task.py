"""The task: what may be asked, and the quantiles that its levels ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.task import Task

LEVELS = st.sets(st.integers(1, 99), min_size=1, max_size=5).map(lambda s: tuple(sorted(s)))


@given(levels=LEVELS)
def test_quantiles_ascend_mirror_each_other_and_bound_every_level(levels: tuple[int, ...]) -> None:
    task = Task(horizon=1, levels=levels)
    q = task.quantiles
    assert list(q) == sorted(set(q))
    assert q[task.median] == 0.5
    assert [a + b for a, b in zip(q, reversed(q), strict=True)] == pytest.approx([1.0] * len(q))
    widths = [100 * (q[-1 - i] - q[i]) for i in range(len(levels))]
    assert widths == pytest.approx(sorted(levels, reverse=True))


def test_the_usual_levels_give_the_usual_quantiles() -> None:
    assert Task(horizon=24).quantiles == (0.025, 0.1, 0.5, 0.9, 0.975)


def test_no_levels_leave_the_median_alone() -> None:
    task = Task(horizon=1, levels=())
    assert (task.quantiles, task.median) == ((0.5,), 0)


def test_the_first_season_is_the_main_one() -> None:
    assert Task(horizon=1, seasons=(24, 168)).season == 24


@pytest.mark.parametrize(
    "wrong",
    [
        {"horizon": 0},
        {"horizon": 1, "seasons": ()},
        {"horizon": 1, "seasons": (0,)},
        {"horizon": 1, "levels": (95, 80)},
        {"horizon": 1, "levels": (80, 80)},
        {"horizon": 1, "levels": (0,)},
        {"horizon": 1, "levels": (100,)},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        Task(**wrong)  # type: ignore[arg-type]

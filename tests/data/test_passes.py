"""Shared passes: each origin is answered once, from a context that is its own alone.

What is read is taken from the gathered windows, whose values are their own row numbers, so
that a pass shows where it was cut and where it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.passes import WORTH_SHARING, Carry, Passes, share
from forecast_cli.data.windows import Windows
from tests.data.test_windows import resident

Context = tuple[int, ...]  # the rows that were read, the first held where a series is too short


@dataclass(frozen=True)
class Case:
    """Series of these lengths whose first steps have these numbers."""

    lengths: tuple[int, ...]
    numbers: tuple[int, ...]
    patch: int
    patches: int

    @property
    def carry(self) -> Carry:
        return Carry.around(self.patches)

    @property
    def panel(self) -> Panel:
        rows = sum(self.lengths)
        return Panel(
            values=np.zeros((rows, 1)),
            observed=np.ones((rows, 1), dtype=bool),
            times=np.arange(rows),
            offsets=np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64),
            ids=tuple(f"s{s}" for s in range(len(self.lengths))),
        )

    def origins(self) -> Origins:
        """Every row."""
        return Origins(self.panel.series_of_row, np.arange(self.panel.n_rows))

    def shared(self, origins: Origins, apart: bool = False) -> Passes:
        numbers = np.array(self.numbers)
        alone = np.full(len(origins), apart)
        return share(self.panel, numbers, origins, self.patch, self.carry, alone)

    def contexts(self, origins: Origins, apart: bool = False) -> list[Context]:
        """What is read before each origin is answered, in the order of the origins."""
        passes = self.shared(origins, apart)
        rows = resident(self.lengths, numbers=self.numbers)
        windows = Windows(rows, self.patch, self.carry.longest, horizon=1)
        batch = windows.ending_at(
            torch.from_numpy(passes.series),
            torch.from_numpy(passes.last),
            reach=torch.from_numpy(passes.reach),
        )
        position = batch.lengths.numpy()[passes.each] - 1 - passes.before_end
        assert (position >= 0).all()
        found: list[Context] = [()] * len(origins)
        for origin, each, at in zip(passes.order, passes.each, position, strict=True):
            read = batch.level[each, : at + 1].flatten()
            found[origin] = tuple(int(value) - 1 for value in read)
        return found


@st.composite
def cases(draw: st.DrawFn) -> Case:
    lengths = draw(st.lists(st.integers(1, 90), min_size=1, max_size=3).map(tuple))
    numbers = [draw(st.integers(-50, 50)) for _ in lengths]
    patch, patches = draw(st.integers(1, 5)), draw(st.integers(1, 20))
    return Case(lengths, tuple(numbers), patch, patches)


def some(case: Case, seed: int) -> Ints:
    """Part of the origins in any order, some of them twice."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, case.panel.n_rows, rng.integers(1, case.panel.n_rows + 1))


@pytest.mark.parametrize("patches", range(1, 61))
def test_contexts_are_of_the_wanted_length_on_average(patches: int) -> None:
    carry = Carry.around(patches)
    lengths = np.arange(carry.warm + 1, carry.longest + 1)
    assert lengths.mean() in (patches, patches + 0.5)
    assert np.abs(lengths - patches).max() <= max(1, patches / 5)
    assert carry.warm + 1 >= min(patches, 15)  # the linear part sees what it was trained on
    if patches < WORTH_SHARING:
        assert lengths.tolist() == [patches]


@settings(max_examples=50, deadline=None)
@given(case=cases(), seed=st.integers(0, 99))
def test_every_origin_is_answered_once_and_at_its_own_row(case: Case, seed: int) -> None:
    origins = case.origins()[some(case, seed)]
    passes = case.shared(origins)
    assert sorted(passes.order) == list(range(len(origins)))
    assert np.array_equal(passes.series[passes.each], origins.series[passes.order])
    answered = passes.last[passes.each] - passes.before_end * case.patch
    assert np.array_equal(answered, origins.rows[passes.order])
    assert np.array_equal(np.flatnonzero(np.diff(passes.each, prepend=-1)), passes.first)
    assert [context[-1] for context in case.contexts(origins)] == origins.rows.tolist()


@settings(max_examples=50, deadline=None)
@given(case=cases())
def test_a_context_is_as_long_as_asked_for_or_all_whole_patches_of_its_history(case: Case) -> None:
    panel, carry, P = case.panel, case.carry, case.patch
    for row, context in enumerate(case.contexts(case.origins())):
        start = int(panel.starts[panel.series_of_row[row]])
        history, patches = (row + 1 - start) // P, len(context) // P
        assert patches <= carry.longest
        assert patches >= min(carry.warm + 1, max(1, history))
        wanted = range(row + 1 - patches * P, row + 1)
        assert context == tuple(max(one, start) for one in wanted)


@settings(max_examples=50, deadline=None)
@given(case=cases(), seed=st.integers(0, 99))
def test_what_is_read_depends_on_the_origin_alone(case: Case, seed: int) -> None:
    whole = case.contexts(case.origins())
    chosen = some(case, seed)
    assert case.contexts(case.origins()[chosen]) == [whole[row] for row in chosen]
    assert case.contexts(case.origins(), apart=True) == whole


@settings(max_examples=25, deadline=None)
@given(
    numbers=st.tuples(st.integers(-30, 30), st.integers(0, 30)),
    patch=st.integers(1, 4),
    patches=st.integers(1, 20),
)
def test_the_place_on_the_time_axis_decides_and_not_the_start_of_the_series(
    numbers: tuple[int, int], patch: int, patches: int
) -> None:
    """Two series that end together: the later ones of their origins are read alike."""
    first, later = numbers
    length = Carry.around(patches).longest * patch + 30
    case = Case((length + later, length), (first, first + later), patch, patches)
    long, short = (
        case.contexts(Origins(np.full(30, s), case.panel.ends[s] - 30 + np.arange(30)))
        for s in range(2)
    )
    for one, other in zip(long, short, strict=True):
        assert one == tuple(row - length for row in other)


def test_origins_that_are_apart_share_with_nobody() -> None:
    case = Case((80,), (0,), patch=2, patches=20)
    apart = np.arange(80) % 3 == 0
    numbers = np.zeros(1, dtype=np.int64)
    passes = share(case.panel, numbers, case.origins(), 2, case.carry, apart)
    count = np.bincount(passes.each)[passes.each]
    assert (count[apart[passes.order]] == 1).all()
    assert count.max() > 1


def test_a_back_test_from_every_origin_costs_a_few_steps_an_origin() -> None:
    case = Case((2880,), (5,), patch=24, patches=30)
    passes = case.shared(case.origins()[np.arange(600, 2880)])
    assert passes.reach.sum() < 5 * 2280
    assert case.shared(case.origins()[np.arange(600, 2880)], apart=True).reach.sum() > 30 * 2279


def test_passes_come_as_they_are_first_asked_for_whatever_the_series_are_called() -> None:
    case = Case((80, 80), (3, 3), patch=2, patches=20)
    asked = np.random.default_rng(0).permutation(160)
    origins = case.origins()[asked]
    swapped = Origins(1 - origins.series, (origins.rows + 80) % 160)
    passes, others = case.shared(origins), case.shared(swapped)
    earliest = np.minimum.reduceat(passes.order, passes.first)
    assert (np.diff(earliest) > 0).all()
    for name in ("order", "each", "before_end", "reach"):
        assert np.array_equal(getattr(passes, name), getattr(others, name)), name


def test_no_origins_need_no_pass() -> None:
    case = Case((10,), (0,), patch=2, patches=20)
    passes = case.shared(case.origins()[np.arange(0)])
    assert len(passes.last) == len(passes.order) == len(passes.first) == 0

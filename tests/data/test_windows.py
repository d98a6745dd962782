"""The windowed dataset, against windows cut one by one with plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.data.windows import Batch, Resident, Sampler, Windows

LENGTHS = (17, 5, 1, 30)


NUMBERS = (0, 7, -4, 12)  # of the first step of each series, on a grid that all share


def resident(
    lengths: tuple[int, ...] = LENGTHS,
    missing: float = 0.2,
    numbers: tuple[int, ...] = NUMBERS,
) -> Resident:
    """Rows whose level is their own number, so that a window shows where it was cut."""
    rows = sum(lengths)
    rng = np.random.default_rng(0)
    offsets = torch.tensor([0, *np.cumsum(lengths)])
    number = torch.arange(rows, dtype=torch.float32) + 1
    return Resident(
        level=number,
        observed=torch.from_numpy(rng.random(rows) >= missing),
        past=torch.stack([number + 0.25, number + 0.5], dim=1),
        known=-number[:, None],
        calendar=number[:, None] / 100,
        starts=offsets[:-1],
        ends=offsets[1:],
        numbers=torch.tensor(numbers),
        identity=torch.arange(len(lengths)) + 1,
        static=10.0 * torch.arange(len(lengths), dtype=torch.float32)[:, None],
    )


def cut(rows: Resident, series: int, last: int, windows: Windows) -> list[list[float]]:
    """The patches that end with ``last``, row by row."""
    P, start = windows.patch, int(rows.starts[series])
    n = min(max((last - start + 1) // P, 1), windows.patches)
    first = last - n * P + 1
    return [[float(rows.level[max(first + i * P + j, start)]) for j in range(P)] for i in range(n)]


def every_row(rows: Resident) -> tuple[torch.Tensor, torch.Tensor]:
    series = torch.repeat_interleave(torch.arange(len(rows.starts)), rows.ends - rows.starts)
    return series, torch.arange(len(rows.level))


@settings(max_examples=25, deadline=None)
@given(patch=st.integers(1, 6), patches=st.integers(1, 8), horizon=st.integers(1, 9))
def test_windows_are_those_that_plain_loops_cut(patch: int, patches: int, horizon: int) -> None:
    rows = resident()
    windows = Windows(rows, patch, patches, horizon)
    series, last = every_row(rows)
    batch = windows.ending_at(series, last)
    for b in range(len(last)):
        wanted = cut(rows, int(series[b]), int(last[b]), windows)
        n = int(batch.lengths[b])
        assert batch.level[b, :n].tolist() == wanted
        assert batch.level[b, n:].eq(0).all()
        assert batch.past[b, :n].reshape(n, patch, 2)[..., 0].tolist() == [
            [value + 0.25 for value in row] for row in wanted
        ]
        assert batch.calendar[b, n - 1, 0] == pytest.approx((int(last[b]) + 1) / 100)
        assert batch.static[b, 0] == 10 * series[b]


@settings(max_examples=25, deadline=None)
@given(patch=st.integers(1, 6), patches=st.integers(1, 8), horizon=st.integers(1, 9))
def test_targets_follow_each_patch_and_count_only_where_seen_before_the_limit(
    patch: int, patches: int, horizon: int
) -> None:
    rows = resident()
    windows = Windows(rows, patch, patches, horizon)
    series, last = every_row(rows)
    limit = rows.ends[series] - 2
    batch = windows.ending_at(series, last, limit=limit)
    for b in range(len(last)):
        n = int(batch.lengths[b])
        assert batch.weight[b, n:].eq(0).all()
        for i in range(n):
            for h in range(horizon):
                row = int(last[b]) - (n - 1 - i) * patch + 1 + h
                counts = int(rows.starts[series[b]]) <= row < int(limit[b]) and bool(
                    rows.observed[row]
                )
                assert batch.weight[b, i, h] == counts
                assert batch.target[b, i, h] == (row + 1 if counts else 0)


@settings(max_examples=25, deadline=None)
@given(patch=st.integers(1, 6), patches=st.integers(1, 8))
def test_the_phase_is_the_place_of_the_first_row_in_its_cycle(patch: int, patches: int) -> None:
    rows = resident()
    series, last = every_row(rows)
    batch = Windows(rows, patch, patches, horizon=2).ending_at(series, last)
    plain = Windows(rows, patch, patches, horizon=2, canonical=False).ending_at(series, last)
    for b in range(len(last)):
        s = int(series[b])
        step = NUMBERS[s] + int(last[b]) - int(rows.starts[s])  # of the last row
        assert int(batch.phase[b]) == (step + 1 - patch * int(batch.lengths[b])) % patch
    assert plain.phase.eq(0).all()
    for name in set(vars(batch)) - {"phase"}:
        assert torch.equal(getattr(plain, name), getattr(batch, name)), name


def test_a_sequence_has_as_many_patches_as_it_may_and_ends_where_it_is_told() -> None:
    rows = resident()
    windows = Windows(rows, patch=3, patches=6, horizon=2)
    series, last = every_row(rows)
    whole = windows.ending_at(series, last)
    for most in range(1, 8):
        batch = windows.ending_at(series, last, reach=torch.full_like(last, most))
        assert torch.equal(batch.lengths, whole.lengths.clamp(max=most))
        end = batch.level[torch.arange(len(last)), batch.lengths - 1, -1]
        assert torch.equal(end, rows.level)


def test_known_covariates_reach_a_horizon_past_the_last_row() -> None:
    rows = resident()
    windows = Windows(rows, patch=3, patches=4, horizon=5)
    batch = windows.ending_at(torch.tensor([3]), torch.tensor([45]))
    n = int(batch.lengths[0])
    ahead = batch.known[0, n * 3 : n * 3 + 5, 0]
    assert ahead.tolist() == [-(row + 1) for row in range(46, 51)]


def test_nothing_is_known_ahead_beyond_the_rows_that_may_be_learned_from() -> None:
    rows = resident()
    windows = Windows(rows, patch=3, patches=4, horizon=5)
    batch = windows.ending_at(torch.tensor([3]), torch.tensor([45]), limit=torch.tensor([48]))
    n = int(batch.lengths[0])
    ahead = batch.known[0, n * 3 : n * 3 + 5, 0]
    assert ahead.tolist() == [-47, -48, -48, -48, -48]


def test_rows_after_the_last_never_enter() -> None:
    rows = resident()
    windows = Windows(rows, patch=4, patches=6, horizon=3)
    series, last = torch.tensor([0, 3]), torch.tensor([9, 40])
    clean = windows.ending_at(series, last)
    for poison in (float("nan"), 1e12):
        level, past = rows.level.clone(), rows.past.clone()
        for b in range(2):
            level[last[b] + 1 : rows.ends[series[b]]] = poison
            past[last[b] + 1 : rows.ends[series[b]]] = poison
        poisoned = Windows(
            Resident(**{**vars(rows), "level": level, "past": past}), 4, 6, 3
        ).ending_at(series, last)
        assert torch.equal(poisoned.level, clean.level)
        assert torch.equal(poisoned.past, clean.past)


def test_a_scale_of_its_own_is_applied_to_each_window() -> None:
    windows = Windows(resident(), patch=2, patches=2, horizon=1)
    series, last = torch.tensor([3]), torch.tensor([40])
    plain = windows.ending_at(series, last)
    scaled = windows.ending_at(series, last, shift=torch.tensor([8.0]), factor=torch.tensor([0.5]))
    assert torch.equal(scaled.level, (plain.level - 8) * 0.5)


def drawn(sampler: Sampler, times: int) -> list[Batch]:
    return [sampler.draw() for _ in range(times)]


def test_the_sampler_repeats_itself_with_its_seed_and_not_with_another() -> None:
    rows = resident()
    windows = Windows(rows, patch=3, patches=4, horizon=2)
    one, two, other = (Sampler(windows, rows.ends, 8, seed) for seed in (1, 1, 2))
    first = torch.cat([b.level for b in drawn(one, 5)])
    assert torch.equal(first, torch.cat([b.level for b in drawn(two, 5)]))
    assert not torch.equal(first, torch.cat([b.level for b in drawn(other, 5)]))


def test_the_sampler_leaves_the_global_generator_alone() -> None:
    rows = resident()
    sampler = Sampler(Windows(rows, 3, 4, 2), rows.ends, 8, seed=0)
    before = torch.get_rng_state()
    sampler.draw()
    assert torch.equal(before, torch.get_rng_state())


def test_every_usable_row_is_drawn_equally_often_and_no_other() -> None:
    rows = resident(missing=0.0)
    P, H = 3, 2
    sampler = Sampler(Windows(rows, P, 4, H), rows.ends, 512, seed=0)
    count = np.zeros(len(rows.level))
    for batch in drawn(sampler, 40):
        last = batch.level[torch.arange(512), batch.lengths - 1, -1].long() - 1
        count += np.bincount(last.numpy(), minlength=len(count))
    usable = np.concatenate(
        [
            np.arange(int(start) + P - 1, int(end) - 1)
            for start, end in zip(rows.starts, rows.ends, strict=True)
        ]
    )
    assert sampler.total == len(usable)
    assert set(np.flatnonzero(count)) == set(usable)
    expected = 40 * 512 / len(usable)
    assert np.abs(count[usable] - expected).max() < 6 * np.sqrt(expected)


def test_every_drawn_sequence_has_a_target_to_learn_from() -> None:
    rows = resident(missing=0.0)
    sampler = Sampler(Windows(rows, 3, 4, 5), rows.ends - 1, 256, seed=0)
    assert sampler.draw().weight.sum((1, 2)).min() >= 1


def test_nothing_at_or_after_the_end_is_a_target() -> None:
    rows = resident(missing=0.0)
    ends = rows.starts + torch.tensor([10, 4, 1, 20])
    sampler = Sampler(Windows(rows, 2, 4, 6), ends, 256, seed=0)
    for batch in drawn(sampler, 5):
        limit = ends[batch.identity - 1].float()
        assert (batch.target.amax((1, 2)) <= limit).all()

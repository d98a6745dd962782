"""Micro-batches: nothing is lost, and the parts have one size."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.training.micro import LEAST, ROOM, micro_batches, parts_of
from tests.training.test_loop import B, batch


@given(st.integers(1, 3000), st.integers(1, 100), st.sampled_from((8, 64, 128, 512, 1024)))
def test_parts_have_one_size_that_fits_and_is_not_too_thin(
    sequences: int, patches: int, hidden: int
) -> None:
    parts = parts_of(sequences, patches, hidden)
    assert sequences % parts == 0
    if parts > 1:
        assert LEAST <= sequences // parts <= max(LEAST, ROOM // (patches * hidden))


def test_the_default_batch_stays_whole_and_a_prime_one_too() -> None:
    assert parts_of(32, 30, 128) == 1
    assert parts_of(1009, 30, 128) == 1


def test_every_sequence_is_in_one_part_and_the_first_ones_lead_them() -> None:
    whole = batch(0)
    parts = micro_batches(whole, 2)
    assert torch.equal(torch.cat([p.level for p in parts]).sort(0)[0], whole.level.sort(0)[0])
    leading = torch.cat([p.level[:1] for p in parts])
    assert torch.equal(leading, whole.level[:2])
    assert [len(p.target) for p in parts] == [B // 2, B // 2]
    assert micro_batches(whole, 1)[0] is whole

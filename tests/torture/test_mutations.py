"""Mutated files end in a result or in words: the short form."""

from __future__ import annotations

import pytest

from tests.torture import mutations


@pytest.mark.slow
def test_three_hundred_mutated_files_end_as_a_result_or_in_words() -> None:
    outcome = mutations.measure(short=True)
    assert outcome.failures == ()
    assert outcome.passed == outcome.cases


def test_an_input_is_the_same_bytes_every_time() -> None:
    assert [mutations.mutated(n) for n in range(50)] == [mutations.mutated(n) for n in range(50)]

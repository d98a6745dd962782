"""A short form of the promise, in a process of its own: it forks."""

from __future__ import annotations

from tests.torture.small_runs import held


def test_a_training_that_is_taken_up_again_learns_the_same_bytes() -> None:
    held("resume")

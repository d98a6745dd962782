"""A short form of the promise, in a process of its own."""

from __future__ import annotations

from tests.torture.small_runs import held


def test_two_trainings_of_one_seed_are_the_same_bytes() -> None:
    held("same_bytes")

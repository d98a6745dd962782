"""A short form of the promise, in a process of its own: it forks."""

from __future__ import annotations

from tests.torture.small_runs import held


def test_a_training_that_is_killed_leaves_a_whole_run_or_none() -> None:
    held("kills")

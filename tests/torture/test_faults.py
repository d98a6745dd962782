"""A short form of the promise, in a process of its own: it forks."""

from __future__ import annotations

from tests.torture.small_runs import held


def test_a_disk_that_refuses_costs_at_most_the_run_that_is_written() -> None:
    held("faults")

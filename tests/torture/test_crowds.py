"""A short form of the promise, in a process of its own."""

from __future__ import annotations

from tests.torture.small_runs import held


def test_trainings_at_once_leave_a_whole_run_each() -> None:
    held("crowds")

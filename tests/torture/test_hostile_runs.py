"""A short form of the promise, in a process of its own: it forks."""

from __future__ import annotations

from tests.torture.small_runs import held


def test_no_hostile_or_damaged_run_is_loaded_nor_executes_anything() -> None:
    held("hostile_runs")

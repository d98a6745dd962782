"""Planted defects are told: the short form."""

from __future__ import annotations

from tests.torture import defects


def test_one_defect_of_each_kind_is_told_with_its_count_and_first_line() -> None:
    outcome = defects.measure(short=True)
    assert outcome.failures == ()
    assert outcome.passed == outcome.cases

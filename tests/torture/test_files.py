"""Files made by hand end as they should: the short form."""

from __future__ import annotations

import pytest

from tests.torture import files


@pytest.mark.slow
def test_every_seventh_file_made_by_hand_ends_as_it_should() -> None:
    outcome = files.measure(short=True)
    assert outcome.failures == ()
    assert outcome.passed == outcome.cases


def test_there_are_three_hundred_files_and_no_name_twice() -> None:
    names = [file.name for file in files.FILES]
    assert len(names) >= 300
    assert len(set(names)) == len(names)

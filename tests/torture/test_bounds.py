"""Limits are said, and a closed pipe is a quiet end: the short form."""

from __future__ import annotations

import pytest

from tests.torture import bounds


@pytest.mark.slow
def test_limits_are_said_and_a_closed_pipe_is_a_quiet_end() -> None:
    outcome = bounds.measure(short=True)
    assert outcome.failures == ()

"""A short form of the promise."""

from __future__ import annotations

from tests.torture.divergence import measure


def test_what_can_be_mended_in_a_training_is_mended_and_the_rest_is_said() -> None:
    assert measure(short=True).failures == ()

"""Two states: the same but for the clock, or where they part first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecast_cli.evaluation.sameness import digest, first_difference, largest_difference

numbers = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=3, max_side=4), elements=st.floats(width=32)
)


@given(numbers)
def test_a_state_is_the_same_as_its_copy_whatever_numbers_it_holds(
    values: npt.NDArray[np.float64],
) -> None:
    one, other = ({"w": values}, {"b": 1}), ({"w": values.copy()}, {"b": 1})
    assert digest(one) == digest(other)
    assert first_difference(one, other) is None
    assert largest_difference(one[0], other[0]) == 0


@given(numbers, st.data())
def test_one_bit_more_is_found_where_it_lies(
    values: npt.NDArray[np.float64], data: st.DataObject
) -> None:
    place = tuple(data.draw(st.integers(0, side - 1)) for side in values.shape)
    moved = values.copy()
    moved.view(np.int64)[place] ^= 1
    one, other = ({"w": values}, {}), ({"w": moved}, {})
    assert digest(one) != digest(other)
    found = first_difference(one, other)
    assert found is not None
    if not np.isnan(values[place]) and not np.isnan(moved[place]):
        assert found.place == f'"w" at {list(place)}'


def test_seconds_are_no_difference_and_every_other_word_is() -> None:
    one = {}, {"history": [{"loss": 1.0, "seconds": 3.0}], "seconds": 1}
    assert first_difference(one, ({}, {"history": [{"loss": 1.0, "seconds": 9.0}]})) is None
    found = first_difference(one, ({}, {"history": [{"loss": 2.0, "seconds": 3.0}]}))
    assert found is not None
    assert (found.place, found.one, found.other) == ("history[0].loss", "1.0", "2.0")
    found = first_difference(one, ({}, {"history": [{"loss": 1.0}], "more": "x"}))
    assert found is not None
    assert (found.place, found.one, found.other) == ("more", "nothing", "x")


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        (np.zeros(2), np.zeros(3), '"w"'),
        (np.zeros(2), np.zeros(2, np.float32), '"w"'),
        (np.array(0.0), np.array(-0.0), '"w"'),
        (np.array([1, 2]), np.array([1, 3]), '"w" at [1]'),
        (np.array([True]), np.array([False]), '"w" at [0]'),
    ],
)
def test_shapes_kinds_and_the_sign_of_zero_are_differences(
    one: npt.NDArray[np.generic], other: npt.NDArray[np.generic], place: str
) -> None:
    found = first_difference(({"w": one}, {}), ({"w": other}, {}))
    assert found is not None
    assert found.place == place
    assert digest(({"w": one}, {})) != digest(({"w": other}, {}))


def test_the_largest_difference_is_over_all_arrays() -> None:
    one = {"a": np.array([1.0, np.nan]), "b": np.array([1, 2])}
    assert largest_difference(one, one) == 0
    assert largest_difference(one, one | {"b": np.array([1, 5])}) == 3
    assert largest_difference(one, one | {"a": np.array([1.5, np.nan])}) == 0.5
    assert largest_difference(one, one | {"a": np.array([1.0, 2.0])}) == np.inf
    assert largest_difference(one, {"a": one["a"]}) == np.inf
    assert largest_difference(one, one | {"b": np.array([1, 2, 3])}) == np.inf

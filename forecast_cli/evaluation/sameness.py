"""Whether two states of a model are the same, byte for byte; and if not, where they part.

A leak shows as a difference between two fits that should have seen the same, and a repeated
training as none. Nothing here fits or asks a model, or knows what a state means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.forecasters.base import State

CLOCKED = frozenset({"seconds"})  # what a clock wrote among what was learned
MOST_DIGITS = 6

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Difference:
    """Where two states part first.

    Parameters
    ----------
    place : str
        '"weights" at [0, 3]', or "history[2].loss".
    one, other : str
        What stands there.
    """

    place: str
    one: str
    other: str


def digest(state: State) -> str:
    """SHA-256 of all arrays and all JSON of a state but the seconds that were taken.

    Examples
    --------
    >>> a = digest(({"w": np.zeros(2)}, {"loss": 1.5, "seconds": 3.0}))
    >>> a == digest(({"w": np.zeros(2)}, {"loss": 1.5, "seconds": 4.0}))
    True
    """
    arrays, meta = state
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        found.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    found.update(json.dumps(_timeless(meta), sort_keys=True).encode())
    return found.hexdigest()


def first_difference(one: State, other: State) -> Difference | None:
    """Where two states part first, arrays before JSON; None where they do not."""
    for name in sorted({*one[0], *other[0]}):
        found = _between_arrays(name, one[0].get(name), other[0].get(name))
        if found is not None:
            return found
    meta = (dict(_leaves(_timeless(state[1]))) for state in (one, other))
    left, right = meta
    for place in (*left, *(right.keys() - left.keys())):
        here, there = left.get(place, "nothing"), right.get(place, "nothing")
        if json.dumps(here) != json.dumps(there):  # NaN is NaN
            return Difference(place, str(here), str(there))
    return None


def largest_difference(one: Mapping[str, Array], other: Mapping[str, Array]) -> float:
    """The largest absolute difference between numbers at the same place.

    Infinite where an array is missing, has another shape, or is a number in one only.
    """
    if one.keys() != other.keys():
        return float("inf")
    largest = 0.0
    for name, left in one.items():
        right = other[name]
        if left.shape != right.shape:
            return float("inf")
        unequal = ~_equal(left, right)
        if unequal.any():
            with np.errstate(all="ignore"):
                apart = np.abs(left[unequal].astype(float) - right[unequal].astype(float))
            largest = max(largest, float(np.nan_to_num(apart, nan=np.inf).max()))
    return largest


def _between_arrays(name: str, one: Array | None, other: Array | None) -> Difference | None:
    if one is None or other is None:
        told = ["nothing" if array is None else f"{array.shape}" for array in (one, other)]
        return Difference(f'"{name}"', *told)
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        told = [f"{array.dtype} {array.shape}" for array in (one, other)]
        return Difference(f'"{name}"', *told)
    if one.tobytes() == other.tobytes():
        return None
    places = np.argwhere(~_equal(one, other))
    if not len(places):
        return Difference(f'"{name}"', "some bytes", "others of the same value")
    place = tuple(places[0].tolist())
    at = f" at {list(place)}" if place else ""
    return Difference(f'"{name}"{at}', *(_number(array[place]) for array in (one, other)))


def _equal(one: Array, other: Array) -> Array:
    """Where two arrays of one shape hold the same value, NaN among the values."""
    equal = np.asarray(one == other)
    if one.dtype.kind == "f" and other.dtype.kind == "f":
        equal = equal | (np.isnan(one) & np.isnan(other))
    return equal


def _number(value: Any) -> str:
    """As short as tells the value apart, where it is a number."""
    return f"{value:.{MOST_DIGITS}g}" if isinstance(value, np.floating) else str(value)


def _timeless(value: Any) -> Any:
    """JSON without what a clock wrote, anywhere in it."""
    if isinstance(value, Mapping):
        return {k: _timeless(v) for k, v in value.items() if k not in CLOCKED}
    if isinstance(value, list | tuple):
        return [_timeless(item) for item in value]
    return value


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value in JSON, with its place."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{place}[{number}]")
    else:
        yield place, value

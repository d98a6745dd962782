"""State within state: the small pieces that several models write and read alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy.typing as npt

Record = TypeVar("Record")
Arrays = Mapping[str, npt.NDArray[Any]]


def nest(name: str, arrays: Arrays) -> Arrays:
    """The arrays of a model within a model, under names of their own.

    Examples
    --------
    >>> list(nest("fallback", {"errors": None}))
    ['fallback.errors']
    """
    return {f"{name}.{key}": array for key, array in arrays.items()}


def nested(name: str, arrays: Arrays) -> Arrays:
    """The arrays that :func:`nest` put under ``name``, by their first names.

    Examples
    --------
    >>> list(nested("fallback", {"errors": None, "fallback.scale": None}))
    ['scale']
    """
    prefix = f"{name}."
    return {key[len(prefix) :]: array for key, array in arrays.items() if key.startswith(prefix)}


def record_from_json(kind: type[Record], values: Mapping[str, Any]) -> Record:
    """A dataclass of plain values and tuples from the JSON that ``asdict`` became."""
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})

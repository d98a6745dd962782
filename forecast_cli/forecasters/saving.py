"""State within state: the small pieces that several models write and read alike.

The parameters of thousands of series become a few flat arrays: values one after the other,
and beside them whose they are and in which shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
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


def pack(records: Sequence[Arrays | None]) -> Arrays:
    """Small named arrays of many series as a few flat ones.

    Parameters
    ----------
    records : sequence of mapping or None, S
        Arrays of any sizes; one name has one number of dimensions and one kind of number in
        all records. None, and a name that is missing, come back as such.

    Returns
    -------
    mapping
        For every name: ``values`` (all numbers, one after the other), ``shapes`` [n, ndim] and
        ``owners`` [n], the records that have it. Besides, ``given`` [S]: which are not None.

    Examples
    --------
    >>> pack([{"ar": np.array([0.5, 0.1])}, None])["ar.shapes"].tolist()
    [[2]]
    """
    names = dict.fromkeys(name for record in records if record is not None for name in record)
    flat: dict[str, npt.NDArray[Any]] = {"given": np.array([r is not None for r in records], bool)}
    for name in names:
        owners = [s for s, record in enumerate(records) if record is not None and name in record]
        found = [np.asarray(records[s][name]) for s in owners]  # type: ignore[index]
        shapes = np.array([array.shape for array in found], dtype=np.int64)
        flat[f"{name}.values"] = np.concatenate([array.ravel() for array in found])
        flat[f"{name}.shapes"] = shapes.reshape(len(found), found[0].ndim)
        flat[f"{name}.owners"] = np.array(owners, dtype=np.int64)
    return flat


def unpack(arrays: Arrays) -> list[dict[str, npt.NDArray[Any]] | None]:
    """The records that :func:`pack` packed.

    Examples
    --------
    >>> unpack(pack([{"level": np.array(2.0)}, None]))
    [{'level': array(2.)}, None]
    """
    records: list[dict[str, npt.NDArray[Any]] | None] = [
        {} if given else None for given in arrays["given"]
    ]
    for key in arrays:
        name, _, part = key.rpartition(".")
        if part != "values":
            continue
        shapes = arrays[f"{name}.shapes"]
        ends = np.cumsum(shapes.prod(axis=1, dtype=np.int64))
        pieces = np.split(arrays[key], ends[:-1])
        for owner, shape, piece in zip(arrays[f"{name}.owners"], shapes, pieces, strict=True):
            record = records[owner]
            if record is not None:
                record[name] = piece.reshape(shape)
    return records


def record_from_json(kind: type[Record], values: Mapping[str, Any]) -> Record:
    """A dataclass of plain values and tuples from the JSON that ``asdict`` became."""
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})

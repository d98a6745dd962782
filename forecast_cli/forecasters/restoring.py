"""Saved networks built again, however wrong what describes them may be.

A description that asks for a terabyte is a few bytes long. So a network is built only once the
arrays that fill it are there: first on torch's "meta" device, which computes shapes and holds
no numbers. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.noise import Noise
from forecast_cli.networks.sizes import Sizes
from forecast_cli.task import Task
from forecast_cli.training.device import isolated

WEIGHTS = "network."  # prefix of the weights among the saved arrays, then number and name
LONGEST_CONTEXT = 10**7  # steps

Arrays = Mapping[str, npt.NDArray[Any]]


def restored_networks(
    cell: str, meta: Mapping[str, Any], task: Task, sizes: Sequence[Sizes], arrays: Arrays
) -> tuple[Network, ...]:
    """The networks that were saved, with their weights.

    Parameters
    ----------
    cell : str
        Of all of them.
    meta : mapping
        "architectures": one for each of ``sizes``.
    task : Task
    sizes : sequence of Sizes
    arrays : mapping
        All that was saved; those of network 3 are named "network.3.…".

    Raises
    ------
    ValueError, TypeError, KeyError, RuntimeError
        The parts do not fit one another.
    """
    described = meta["architectures"]
    if len(described) != len(sizes) or not sizes:
        raise ValueError(f"{len(described)} networks with the sizes of {len(sizes)}")
    named: list[dict[str, npt.NDArray[Any]]] = [{} for _ in sizes]
    for name, array in arrays.items():
        if name.startswith(WEIGHTS):
            number, _, rest = name.removeprefix(WEIGHTS).partition(".")
            if number not in map(str, range(len(sizes))):
                raise ValueError(f'the array "{name:.40}" is of no network')
            named[int(number)][rest] = array
    return tuple(
        _restored(_checked(Architecture(**one), cell, task, size, weights), weights)
        for one, size, weights in zip(described, sizes, named, strict=True)
    )


def _checked(
    architecture: Architecture, cell: str, task: Task, sizes: Sizes, weights: Arrays
) -> Architecture:
    """Refuse a shape that is not that of the weights, or not that of the task.

    Raises
    ------
    ValueError
    """
    numbers = sum(array.size for array in weights.values())
    for name, value in asdict(architecture).items():
        # Every dimension is one of some weight, and every layer has weights of its own.
        most = len(weights) if name == "layers" else numbers
        if isinstance(value, int) and not 0 <= value <= most:
            raise ValueError(f"{name} = {value} for {numbers} weights")
    own = (architecture.cell, architecture.patch, architecture.hidden, architecture.layers)
    if own != (cell, sizes.patch, sizes.hidden, sizes.layers):
        raise ValueError("the shape of a network is not that of its sizes")
    if (architecture.horizon, architecture.quantiles) != (task.horizon, len(task.quantiles)):
        raise ValueError("the shape of a network is not that of the task")
    if not sizes.patches > 0 or not sizes.context <= LONGEST_CONTEXT:
        raise ValueError(f"a context of {sizes.patches} patches")
    return architecture


def _restored(architecture: Architecture, weights: Arrays) -> Network:
    """A network with these weights."""
    cpu = torch.device("cpu")
    with torch.device("meta"):
        expected = Network(architecture, Noise(0, cpu)).state_dict()
    for name, place in expected.items():
        array = weights[name]
        if array.shape != tuple(place.shape) or array.dtype != np.float32:
            raise ValueError(f'the array "{name}" is {array.dtype} {array.shape}')
        if not np.isfinite(array).all():
            raise ValueError(f'the array "{name}" holds what is no number')
    with isolated(cpu, seed=0):
        network = Network(architecture, Noise(0, cpu)).eval()
    # Copies, on memory that is torch's own: what was read may be a view of a file.
    network.load_state_dict(
        {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    )
    return network

"""What a model learned, as two files: arrays in safetensors, and the rest in JSON.

Nothing is ever unpickled. Notable: what asks for more memory than the file is long is refused
before it is loaded. What the arrays mean is the business of each model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.disk import MOST_BYTES, contents, json_object, opened, put
from forecast_cli.errors import RunError

ARRAYS_FILE = "model.safetensors"
STATE_FILE = "model.json"
MOST_ARRAYS = 50_000  # in a file; a network has some twenty
MOST_ARRAY_BYTES = 4 * 2**30
DTYPES = {"BOOL", "U8", "I8", "I16", "U16", "I32", "U32", "I64", "U64", "F16", "F32", "F64"}

State = tuple[Mapping[str, npt.NDArray[Any]], Mapping[str, Any]]


def write_state(folder: Path, name: str, state: State) -> None:
    """Write what a model of this name learned into an existing folder.

    Raises
    ------
    OSError
    """
    from safetensors.numpy import save

    arrays, meta = state
    put(folder / ARRAYS_FILE, save({n: np.ascontiguousarray(a) for n, a in arrays.items()}))
    text = json.dumps({"model": name, **meta}, indent=1, allow_nan=False)
    put(folder / STATE_FILE, text.encode())


def read_state(folder: Path) -> State:
    """What :func:`write_state` wrote, read as if a stranger had written it.

    Raises
    ------
    RunError
        A file is not there, or holds something else.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        meta = json_object(contents(folder / STATE_FILE), STATE_FILE)
        check_arrays(folder / ARRAYS_FILE)
        return load_file(folder / ARRAYS_FILE), meta
    except (OSError, ValueError, SafetensorError) as cause:
        file = "" if ARRAYS_FILE in str(cause) or STATE_FILE in str(cause) else f"{ARRAYS_FILE}: "
        raise RunError(
            f"{folder}: the saved model cannot be read ({file}{cause})",
            "train again with: forecast train",
        ) from cause


def check_arrays(path: Path) -> None:
    """Refuse a file of arrays whose header asks for more than it has, before it is loaded.

    Raises
    ------
    ValueError
        The message begins with the name of the file.
    OSError
    """
    with opened(path, MOST_ARRAY_BYTES) as (file, size):
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, MOST_BYTES):
            raise ValueError(f"{path.name} begins with a header of {length} bytes")
        header = json_object(file.read(length), path.name)
    described = {name: one for name, one in header.items() if name != "__metadata__"}
    if len(described) > MOST_ARRAYS:
        raise ValueError(f"{path.name} holds {len(described)} arrays")
    for name, one in described.items():
        kind = one.get("dtype") if isinstance(one, dict) else None
        if kind not in DTYPES:
            raise ValueError(f'{path.name}: the array "{name:.40}" holds no numbers ({kind})')

"""TOML out: the little of it that a configuration needs; ``tomllib`` reads it back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping


def dumps(values: Mapping[str, object]) -> str:
    """A flat mapping as TOML; None is left out, since TOML has no word for it.

    Parameters
    ----------
    values : mapping
        Texts, numbers, booleans and sequences of them.

    Examples
    --------
    >>> print(dumps({"model": "lstm", "level": (80, 95), "tz": None}), end="")
    model = "lstm"
    level = [80, 95]
    """
    return "".join(
        f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, str):  # JSON's escapes are TOML's, but for DEL, which JSON leaves bare
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple | list):
        return f"[{', '.join(_value(item) for item in value)}]"
    raise TypeError(f"{type(value).__name__} has no TOML form here")

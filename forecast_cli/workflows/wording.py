"""A configuration as the command that would give it: for suggestions and for the record."""

from __future__ import annotations

import shlex

from pydantic import BaseModel


def command(verb: str, config: BaseModel, **changes: object) -> str:
    """The command line that resolves to this configuration.

    Parameters
    ----------
    verb : str
    config : one of forecast_cli.config
        Fields at their default are left out.
    **changes
        Fields to set otherwise.

    Examples
    --------
    >>> from forecast_cli.config import InspectConfig
    >>> command("train", InspectConfig(data=("my data.csv",), na=("-200",)), horizon=24)
    "forecast train 'my data.csv' --na=-200 --horizon 24"
    """
    fields = {
        name: value
        for name, value in config
        if value != type(config).model_fields[name].default and name not in changes
    }
    data = fields.pop("data", ())
    words = ["forecast", verb, *(data if isinstance(data, tuple) else ())]
    for name, value in (fields | changes).items():
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            words += [flag if value else f"--no-{flag[2:]}"]
            continue
        for item in value if isinstance(value, tuple) else (value,):
            words += _option(flag, str(item))
    return shlex.join(words)


def _option(flag: str, text: str) -> list[str]:
    """A value that itself looks like an option, or holds a comma, must not be misread."""
    if "," in text and len(text) > 1:
        text = '"' + text.replace('"', '""') + '"'
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]

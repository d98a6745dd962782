"""A run while it is trained: what is needed to take the training up again.

``runs/.unfinished-<time>-<model>-<hash>/`` holds config.toml, begun.json and, once a training has
lasted a while, a checkpoint of each of its networks. It is removed when the run is written.
Notable: a disk that is full costs the checkpoints, and never the training. Nothing here knows
how a model is fitted, nor what the arrays of a checkpoint mean.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from pydantic import ValidationError

from forecast_cli.config import TrainConfig
from forecast_cli.disk import contents, json_object, put, replace
from forecast_cli.errors import ForecastError, RunError
from forecast_cli.monitor import Monitor
from forecast_cli.runs import locks, toml
from forecast_cli.runs.folder import CONFIG_FILE
from forecast_cli.runs.write import TEMPORARY, folder_name, unwritable
from forecast_cli.training.checkpoint import Arrays, Values

UNFINISHED = ".unfinished-"
BEGUN_FILE = "begun.json"
SUFFIX = ".checkpoint"
SECONDS = 10.0  # between two checkpoints of one network
A_DAY = 86_400.0  # after which what was killed before its first checkpoint is removed
MOST_CHECKPOINT_BYTES = 2**30


class Unfinished:
    """A training under way, or one that ended before its time; the checkpoints of its networks.

    Inside a ``with`` block: where that ends well, or fails as it would fail again, nothing
    remains; where it is interrupted or the run cannot be written, its checkpoints do.

    Parameters
    ----------
    own : Own
        The folder.
    config : TrainConfig
        The training as it was asked for.
    begun : mapping
        What was known when it began.
    monitor : Monitor
    """

    def __init__(
        self, own: locks.Own, config: TrainConfig, begun: Mapping[str, Any], monitor: Monitor
    ) -> None:
        self.path, self.config, self.begun = own.path, config, begun
        self._own, self._monitor, self._broken = own, monitor, False
        self._since: dict[str, float] = {}
        self._began = time.monotonic()

    @property
    def name(self) -> str:
        """As ``forecast runs`` lists it."""
        return self.path.name.removeprefix(UNFINISHED)

    @property
    def has_checkpoint(self) -> bool:
        return any(self.path.glob(f"*{SUFFIX}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        final = isinstance(cause, ForecastError) and not isinstance(cause, RunError)
        if kind is None or final or not self.has_checkpoint:
            shutil.rmtree(self.path, ignore_errors=True)
            _remove_empty(self.path.parent)
        else:
            self._monitor.say(f"warning: what was learned is kept: {resume_command(self.path)}")
        self._own.release()

    @contextmanager
    def still_closed(self) -> Iterator[None]:
        """Before the training goes on: where this fails all stays, for others to take up."""
        try:
            yield
        except BaseException:
            self._own.release()
            raise

    def due(self, key: str) -> bool:
        """See ``Checkpoints.due``: some seconds after the last one."""
        return time.monotonic() - self._since.get(key, self._began) >= SECONDS

    def save(self, key: str, arrays: Arrays, values: Values) -> None:
        """See ``Checkpoints.save``; a disk that refuses is said once, and training goes on."""
        from safetensors.numpy import save

        body = save(
            {name: np.asarray(array, order="C") for name, array in arrays.items()},
            {"values": json.dumps(values)},
        )
        try:
            replace(self._file(key), hashlib.sha256(body).hexdigest().encode() + body)
        except OSError as cause:
            if not self._broken:
                reason = cause.strerror or cause
                self._monitor.say(f"warning: no checkpoint could be written ({reason})")
            self._broken = True
        self._since[key] = time.monotonic()

    def load(self, key: str) -> tuple[Arrays, Values] | None:
        """See ``Checkpoints.load``; a damaged one is none, and that is said."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        file = self._file(key)
        try:
            data = contents(file, MOST_CHECKPOINT_BYTES)
            told, body = data[:64], data[64:]
            if hashlib.sha256(body).hexdigest().encode() != told:
                raise ValueError(f"{file.name} is damaged")
            length = int.from_bytes(body[:8], "little")
            header = json_object(body[8 : 8 + length], file.name)
            return load(body), json.loads(header["__metadata__"]["values"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as cause:
            self._monitor.say(f"warning: a network is trained anew ({cause})")
            return None

    def _file(self, key: str) -> Path:
        return self.path / f"{key}{SUFFIX}"


def begin(
    root: Path, config: TrainConfig, begun: Mapping[str, Any], monitor: Monitor
) -> Unfinished:
    """Make the folder of a training that begins, and remove what dead processes left.

    Parameters
    ----------
    begun : mapping
        Holds "created" and "model", as a manifest does.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    locks.remove_left(root, TEMPORARY)
    _remove_unlearned(root)
    path = root / (UNFINISHED + folder_name(begun))
    try:
        path.mkdir(parents=True)
        own = locks.take(path) or locks.Own(path, None)
        put(path / CONFIG_FILE, toml.dumps(config.model_dump()).encode())
        put(path / BEGUN_FILE, json.dumps(begun, indent=1).encode())
    except OSError as cause:
        shutil.rmtree(path, ignore_errors=True)
        _remove_empty(root)
        raise unwritable(root, cause) from cause
    return Unfinished(own, config, begun, monitor)


def take_up(root: Path, name: str, monitor: Monitor) -> Unfinished:
    """The training of this name or path that ended before its time.

    Raises
    ------
    RunError
        There is none, it cannot be read, or another process is at it.
    """
    path = place(root, name)
    if path is None:
        names = ", ".join(p.name.removeprefix(UNFINISHED) for p in folders(root)[:20])
        raise RunError(
            f'{root}: there is no unfinished run "{name}"',
            f"one of: {names}" if names else "begin one with: forecast train data.csv",
        )
    own = locks.take(path)
    if own is None and locks.LOCKS:
        raise RunError(
            f"{path}: another process is training it", "wait for it, or end that process first"
        )
    try:
        begun = read_begun(path)
        text = contents(path / CONFIG_FILE).decode()
        config = TrainConfig(**tomllib.loads(text))
        sha256 = begun["data"]["sha256"]
        if not isinstance(sha256, str):
            raise TypeError(f"{BEGUN_FILE} does not name the data")
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError) as cause:
        raise RunError(
            f"{path}: cannot be taken up ({str(cause).splitlines()[0]})",
            "train again with: forecast train",
        ) from cause
    return Unfinished(own or locks.Own(path, None), config, begun, monitor)


def place(root: Path, name: str) -> Path | None:
    """The folder of an unfinished run, by its name or path."""
    given = Path(name)
    for path in (given, given.with_name(UNFINISHED + given.name), root / (UNFINISHED + name)):
        if path.name.startswith(UNFINISHED) and (path / BEGUN_FILE).is_file():
            return path
    return None


def folders(root: Path) -> list[Path]:
    """The unfinished runs, newest first."""
    return sorted(
        (path for path in root.glob(f"{UNFINISHED}*") if (path / BEGUN_FILE).is_file()),
        reverse=True,
    )


def read_begun(path: Path) -> dict[str, Any]:
    """What was known when a training began; raises ValueError or OSError."""
    return json_object(contents(path / BEGUN_FILE), BEGUN_FILE)


def problem_of(path: Path) -> str:
    """Why an unfinished run is no run yet, in words."""
    own = locks.take(path)
    if own is None:
        return "unfinished: it is being trained"
    own.release()
    return f"unfinished; go on with: {resume_command(path)}"


def resume_command(path: Path) -> str:
    """The command that takes a training up again."""
    name = path.name.removeprefix(UNFINISHED)
    elsewhere = "" if str(path.parent) == "runs" else f" --runs {path.parent}"
    return f"forecast train --resume {name}{elsewhere}"


def _remove_empty(root: Path) -> None:
    """A folder for runs that never held one is not left behind."""
    with suppress(OSError):
        root.rmdir()


def _remove_unlearned(root: Path) -> None:
    """Of what was killed long ago, that which had learned nothing yet."""
    for path in folders(root):
        if not any(path.glob(f"*{SUFFIX}")):
            locks.remove_left(root, path.name, older=A_DAY)

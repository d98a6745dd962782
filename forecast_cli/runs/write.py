"""Writing a run: whole or not at all.

A run is written under a temporary name beside its place, synced, and renamed. What a process
that was killed left under such a name is removed by the next one. Nothing here knows how a
model is made or what its report says.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import TrainConfig
from forecast_cli.disk import put, sync_folder
from forecast_cli.errors import RunError
from forecast_cli.evaluation.conformal import Calibration
from forecast_cli.events import EventTask, event_task_to_json
from forecast_cli.forecasters.base import Forecaster, task_to_json
from forecast_cli.runs import locks, toml
from forecast_cli.runs.folder import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    EVENT_SCHEMA,
    HISTORY_FILE,
    MANIFEST_FILE,
    METRICS_FILE,
    SCHEMA,
    seal,
    sha256,
)
from forecast_cli.task import Task

TEMPORARY = ".writing-"


def folder_name(manifest: Mapping[str, Any]) -> str:
    """The name of the folder of a run, from what its manifest says before it is written.

    Parameters
    ----------
    manifest : mapping
        Holds "created" (ISO 8601, UTC) and "model".
    """
    stamp = str(manifest["created"])[:19].replace("-", "").replace(":", "").replace("T", "-")
    text = json.dumps(manifest, sort_keys=True, default=str)
    return f"{stamp}-{manifest['model']}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def require_writable(root: Path) -> None:
    """Refuse a folder of runs that could not be written, before a model is trained for it.

    Raises
    ------
    RunError
    """
    nearest = next(path for path in (root.absolute(), *root.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        reason = errno.EACCES if nearest.is_dir() else errno.ENOTDIR
        raise unwritable(root, OSError(reason, os.strerror(reason)))


def write(
    root: Path,
    *,
    model: Forecaster | Classifier,
    task: Task | EventTask,
    config: TrainConfig,
    manifest: Mapping[str, Any],
    history: tuple[Mapping[str, float], ...],
    metrics: Mapping[str, Any],
    texts: Mapping[str, str],
    calibration: Calibration | None = None,
) -> Path:
    """Write a run and return its folder.

    Parameters
    ----------
    root : Path
        The folder that holds all runs; made where it is missing.
    manifest : mapping
        Holds "created" and "model"; schema, task and checksums are added here.
    texts : mapping
        Further files by name, such as the report.
    calibration : Calibration, optional
        Of the model's intervals.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    final = root / folder_name(manifest)
    files = {
        CONFIG_FILE: toml.dumps(config.model_dump()),
        HISTORY_FILE: "".join(_json(row) + "\n" for row in history),
        METRICS_FILE: _json(metrics, indent=1),
        **texts,
    }
    if calibration is not None:
        files[CALIBRATION_FILE] = _json(calibration.as_json(), indent=1)
    try:
        temporary = locks.make_own(root, TEMPORARY)
    except OSError as cause:
        raise unwritable(root, cause) from cause
    try:
        for name, text in files.items():
            put(temporary.path / name, text.encode())
        model.save(temporary.path)
        complete = {
            **_question(task),
            **manifest,
            "files": {path.name: sha256(path) for path in sorted(temporary.path.iterdir())},
        }
        put(temporary.path / MANIFEST_FILE, _json(complete, indent=1).encode())
        seal(temporary.path)
        sync_folder(temporary.path)
        os.rename(temporary.path, final)
        _settle(final)
    except OSError as cause:
        raise unwritable(final, cause) from cause
    finally:
        shutil.rmtree(temporary.path, ignore_errors=True)
        temporary.release()
    return final


def _question(task: Task | EventTask) -> dict[str, Any]:
    """What the manifest says first: its format, and what the model answers."""
    if isinstance(task, EventTask):
        return {"schema": EVENT_SCHEMA, "question": "event", "task": event_task_to_json(task)}
    return {"schema": SCHEMA, "question": "values", "task": task_to_json(task)}


def _settle(final: Path) -> None:
    """Make the new name last; where it may not, there is no run: an error never leaves one."""
    try:
        sync_folder(final.parent)
    except OSError:
        shutil.rmtree(final, ignore_errors=True)
        raise


def _json(value: object, indent: int | None = None) -> str:
    """JSON that every reader takes: what is not finite is null."""
    return json.dumps(_finite(value), indent=indent, ensure_ascii=False, allow_nan=False)


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_finite(item) for item in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value


def unwritable(path: Path, cause: OSError) -> RunError:
    """The error that says so, with a fix."""
    return RunError(
        f"{path}: cannot be written ({cause.strerror or cause})", "name another folder with --runs"
    )

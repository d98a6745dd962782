"""Finding runs again, checked before anything of them is used.

The files that a forecast depends on are checked against the manifest's SHA-256 before they
are read; the report and the card may be edited at will. A damaged run is never used, but
always listed with its problem.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from forecast_cli import __version__
from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import Settings, TrainConfig, settings_of
from forecast_cli.errors import RunError, did_you_mean
from forecast_cli.evaluation.conformal import Calibration
from forecast_cli.events import EventTask, event_task_from_json
from forecast_cli.forecasters.base import (
    ARRAYS_FILE,
    STATE_FILE,
    Forecaster,
    State,
    task_from_json,
)
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import RunEntry
from forecast_cli.runs.folder import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    EVENT_SCHEMA,
    MANIFEST_FILE,
    SCHEMA,
    VITAL_FILES,
    Run,
    check_manifest,
    sha256,
)
from forecast_cli.task import Task

_MAKE_ONE = "make one with: forecast train data.csv"
_TRAIN_AGAIN = "train again with: forecast train"


def find(root: Path, name: str | None = None, monitor: Monitor = SILENT) -> Run:
    """The run of this name or path, the latest where ``name`` is None.

    A damaged run is passed over, aloud, when the latest is looked for. The schema decides
    whether a run can be read; one that a newer version wrote is read, and that is said.

    Raises
    ------
    RunError
        None found, or it cannot be read.
    """
    if name is not None:
        for path in (Path(name), root / name):
            if (path / MANIFEST_FILE).is_file():
                return _told(_read(path), monitor)
        names = [path.name for path in _folders(root)]
        fix = did_you_mean(name, names) if names else _MAKE_ONE
        raise RunError(f'{root}: there is no run "{name}"', fix)
    damaged: list[RunError] = []
    for path in _newest_first(root):
        try:
            run = _read(path)
        except RunError as cause:
            damaged.append(cause)
            continue
        for failure in damaged:
            monitor.say(f"warning: passed over {failure.message}")
        return _told(run, monitor)
    if len(damaged) == 1:
        raise damaged[0]
    if damaged:
        raise RunError(
            f"{root}: none of the {len(damaged)} runs can be used",
            _TRAIN_AGAIN,
            [failure.message for failure in damaged],
        )
    raise RunError(f"{root}: there is no run", _MAKE_ONE)


def load_model(run: Run, settings: Settings | None = None) -> Forecaster:
    """The fitted model of a run that forecasts values.

    Raises
    ------
    RunError
        The files are not those that the manifest describes, or the run is of an event.
    """
    from forecast_cli.forecasters.registry import model_class

    state = _state(run)
    if "task" in state and task_from_json(state["task"]) != run.task:
        raise RunError(
            f"{run.path}: the task in {MANIFEST_FILE} is not the one of the model",
            _TRAIN_AGAIN,
        )
    cls = model_class(str(run.manifest["model"]))
    with _as_run_error(run):
        return cls.load(run.path, settings or settings_of(run.config))


def load_classifier(run: Run, settings: Settings | None = None) -> Classifier:
    """The fitted model of a run that answers about an event.

    Raises
    ------
    RunError
        The files are not those that the manifest describes.
    """
    from forecast_cli.classifiers.registry import model_class

    _state(run)
    cls = model_class(str(run.manifest["model"]))
    with _as_run_error(run):
        return cls.load(run.path, settings or settings_of(run.config))


def _state(run: Run) -> Mapping[str, Any]:
    """What the file of the model says of itself, which is what the manifest says."""
    state: Mapping[str, Any] = json.loads((run.path / STATE_FILE).read_text(encoding="utf-8"))
    if state.get("model") != run.manifest["model"]:
        raise RunError(
            f'{run.path}: the manifest speaks of "{run.manifest["model"]}", the model file of '
            f'"{state.get("model")}"',
            _TRAIN_AGAIN,
        )
    return state


@contextmanager
def _as_run_error(run: Run) -> Iterator[None]:
    """Whatever a model does not find in its files is a run that cannot be used."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as cause:
        raise RunError(
            f"{run.path}: the saved model does not fit this version of forecast-cli "
            f"({type(cause).__name__}: {cause})",
            f"install forecast-cli=={run.manifest.get('forecast_cli')}, or {_TRAIN_AGAIN}",
        ) from cause


def saved_state(run: Run) -> State:
    """What the model of a run learned, as it lies on disk: its arrays and its JSON."""
    from safetensors.numpy import load_file

    meta = json.loads((run.path / STATE_FILE).read_text(encoding="utf-8"))
    return load_file(run.path / ARRAYS_FILE), meta


def load_calibration(run: Run) -> Calibration | None:
    """What the intervals of a run are multiplied by; None where they are left as they are.

    Raises
    ------
    RunError
        The file is no calibration of the run's task.
    """
    if CALIBRATION_FILE not in run.manifest["files"]:
        return None
    try:
        saved = json.loads((run.path / CALIBRATION_FILE).read_text(encoding="utf-8"))
        return Calibration.from_json(saved, run.task)
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise RunError(
            f"{run.path}: {CALIBRATION_FILE} cannot be used ({cause})", _TRAIN_AGAIN
        ) from cause


def list_runs(root: Path) -> tuple[RunEntry, ...]:
    """All runs, newest first; a damaged one is listed with its problem."""
    entries: list[RunEntry] = []
    latest = True
    for path in _newest_first(root):
        try:
            run, problem = _read(path), ""
            manifest = run.manifest
        except RunError as cause:
            manifest, problem = _manifest_or_nothing(path), cause.message
        entries.append(_entry(path, manifest, problem, latest=latest and not problem))
        latest = latest and bool(problem)
    return tuple(entries)


def _entry(path: Path, manifest: Mapping[str, Any], problem: str, latest: bool) -> RunEntry:
    data, task = (_mapping(manifest.get(key)) for key in ("data", "task"))
    loss, sources = manifest.get("best_loss"), data.get("sources")
    return RunEntry(
        name=path.name,
        path=str(path),
        model=str(manifest.get("model", "")),
        created=str(manifest.get("created", "")),
        horizon=_count(task.get("horizon")),
        event=str(task.get("event", "")),
        series=_count(data.get("series")),
        data=", ".join(map(str, sources)) if isinstance(sources, list) else "",
        best_loss=loss if isinstance(loss, float) else None,
        size_bytes=sum(file.stat().st_size for file in path.iterdir() if file.is_file()),
        latest=latest,
        problem=problem,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    """What stands in a damaged manifest may be anything."""
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _told(run: Run, monitor: Monitor) -> Run:
    """The run, once it is said where a newer version wrote it."""
    written = run.manifest["forecast_cli"]
    if _release(written) > _release(__version__):
        monitor.say(
            f"warning: {run.path} was written by forecast-cli {written}, this is {__version__}; "
            f"if something is odd: pip install forecast-cli=={written}"
        )
    return run


def _release(version: str) -> tuple[int, ...]:
    """Major and minor version."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _read(path: Path) -> Run:
    """Read and check a run: its manifest, its vital files, its configuration."""
    try:
        manifest = json.loads((path / MANIFEST_FILE).read_text(encoding="utf-8"))
        if not isinstance(manifest, dict):
            raise ValueError(f"{MANIFEST_FILE} is no JSON object")
        schema = manifest["schema"]
        if schema not in (SCHEMA, EVENT_SCHEMA):
            raise RunError(
                f'{path}: written in another format ("{schema}", this version reads "{SCHEMA}")',
                f"install forecast-cli=={manifest.get('forecast_cli')}, or {_TRAIN_AGAIN}",
            )
        check_manifest(manifest)
        own = [name for name in (CALIBRATION_FILE,) if name in manifest["files"]]
        for name in (*VITAL_FILES, *own):
            if sha256(path / name) != manifest["files"][name]:
                raise RunError(f"{path}: {name} was changed after the training", _TRAIN_AGAIN)
        config = TrainConfig(**tomllib.loads((path / CONFIG_FILE).read_text(encoding="utf-8")))
        return Run(path, manifest, config, _question(manifest))
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as cause:
        if isinstance(cause, FileNotFoundError):
            what = f"{Path(cause.filename).name} is missing"
        elif isinstance(cause, KeyError):
            what = f"{MANIFEST_FILE} says nothing of {cause}"
        else:
            what = str(cause).splitlines()[0]
        raise RunError(f"{path}: the run is damaged ({what})", _TRAIN_AGAIN) from cause


def _question(manifest: Mapping[str, Any]) -> Task | EventTask:
    if manifest["schema"] == EVENT_SCHEMA:
        return event_task_from_json(manifest["task"])
    return task_from_json(manifest["task"])


def _folders(root: Path) -> Iterator[Path]:
    """The folders of runs; what an interrupted write left behind is none."""
    if root.is_dir():
        for path in root.iterdir():
            if path.is_dir() and not path.name.startswith("."):
                yield path


def _newest_first(root: Path) -> list[Path]:
    """By the time in the manifest, then by name; where there is no time, the name has one."""

    def age(path: Path) -> tuple[str, str]:
        return str(_manifest_or_nothing(path).get("created", "")), path.name

    return sorted(_folders(root), key=age, reverse=True)


def _manifest_or_nothing(path: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}

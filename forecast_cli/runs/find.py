"""Finding runs again, checked before anything of them is used.

All files but the report and the card, which may be edited at will, are checked against their
SHA-256 before they are read, the manifest against its own. Notable: a checksum finds damage, not
malice; so whatever is read is read as if a stranger had made it, and what cannot be used ends
in one line that names the file. A damaged run is never used, but always listed with its problem;
so is one whose training is not over.
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from forecast_cli import __version__
from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import Settings, TrainConfig, settings_of
from forecast_cli.disk import contents, json_object
from forecast_cli.errors import RunError, did_you_mean, one_line
from forecast_cli.evaluation.conformal import Calibration
from forecast_cli.events import EventTask, event_task_from_json
from forecast_cli.forecasters.base import (
    ARRAYS_FILE,
    STATE_FILE,
    Forecaster,
    State,
    task_from_json,
)
from forecast_cli.forecasters.state_files import read_state
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import RunEntry
from forecast_cli.runs import unfinished
from forecast_cli.runs.folder import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    EVENT_SCHEMA,
    MANIFEST_FILE,
    SCHEMA,
    ChangedFileError,
    Run,
    check_files,
    check_manifest,
    check_seal,
)
from forecast_cli.task import Task

MOST_TOML = 2**20  # bytes of a configuration

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
        given, among = Path(name), root / name
        if (given / MANIFEST_FILE).is_file():
            return _told(_read(given), monitor)
        if among.is_dir() and not among.name.startswith("."):
            return _told(_read(among), monitor)
        left = unfinished.place(root, name)
        if left is not None:
            fix = f"go on with: {unfinished.resume_command(left)}"
            raise RunError(f"{left}: the training of this run is not over", fix)
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
    with _as_run_error(run):
        if "task" in state and task_from_json(state["task"]) != run.task:
            raise ValueError(f"the task in {MANIFEST_FILE} is not the one of the model")
        cls = model_class(str(run.manifest["model"]))
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
    with _as_run_error(run):
        cls = model_class(str(run.manifest["model"]))
        return cls.load(run.path, settings or settings_of(run.config))


def _state(run: Run) -> Mapping[str, Any]:
    """What the file of the model says of itself, which is what the manifest says."""
    state = _object(run.path / STATE_FILE, run)
    if state.get("model") != run.manifest["model"]:
        raise RunError(
            f'{run.path}: {MANIFEST_FILE} speaks of "{run.manifest["model"]}", {STATE_FILE} of '
            f'"{state.get("model")}"',
            _TRAIN_AGAIN,
        )
    return state


@contextmanager
def _as_run_error(run: Run) -> Iterator[None]:
    """Whatever a model does not find in its files is a run that cannot be used."""
    try:
        yield
    except Exception as cause:  # whatever a file can make a model do
        raise RunError(
            f"{run.path}: {ARRAYS_FILE} and {STATE_FILE} do not fit this version of forecast-cli "
            f"({one_line(cause)})",
            f"install forecast-cli=={run.manifest.get('forecast_cli')}, or {_TRAIN_AGAIN}",
        ) from cause


def saved_state(run: Run) -> State:
    """What the model of a run learned, as it lies on disk: its arrays and its JSON."""
    return read_state(run.path)


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
        return Calibration.from_json(_object(run.path / CALIBRATION_FILE, run), run.task)
    except (ValueError, KeyError, TypeError, IndexError, ArithmeticError) as cause:
        raise RunError(
            f"{run.path}: {CALIBRATION_FILE} cannot be used ({cause})", _TRAIN_AGAIN
        ) from cause


def list_runs(root: Path) -> tuple[RunEntry, ...]:
    """All runs, newest first; a damaged one is listed with its problem."""
    entries = [
        _entry(path, _begun_or_nothing(path), unfinished.problem_of(path), latest=False)
        for path in unfinished.folders(root)
    ]
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
        name=path.name.removeprefix(unfinished.UNFINISHED),
        path=str(path),
        model=str(manifest.get("model", "")),
        created=str(manifest.get("created", "")),
        horizon=_count(task.get("horizon")),
        event=str(task.get("event", "")),
        series=_count(data.get("series")),
        data=", ".join(map(str, sources)) if isinstance(sources, list) else "",
        best_loss=loss if isinstance(loss, float) else None,
        size_bytes=_size(path),
        latest=latest,
        problem=problem,
    )


def _size(path: Path) -> int:
    """Bytes of a folder's files; a file may go, or refuse, at any moment."""
    try:
        found = [file.lstat() for file in path.iterdir()]
    except OSError:
        return 0
    return sum(one.st_size for one in found if stat.S_ISREG(one.st_mode))


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
    """Read and check a run: its manifest, its files, its configuration."""
    try:
        check_seal(path)
        manifest = json_object(contents(path / MANIFEST_FILE), MANIFEST_FILE)
        schema = manifest["schema"]
        if schema not in (SCHEMA, EVENT_SCHEMA):
            raise RunError(
                f"{path}: {MANIFEST_FILE} is written in another format "
                f'("{schema}", this version reads "{SCHEMA}")',
                f"install forecast-cli=={manifest.get('forecast_cli')}, or {_TRAIN_AGAIN}",
            )
        check_manifest(manifest)
        check_files(path, manifest["files"])
        config = _config(path)
        return Run(path, manifest, config, _question(manifest))
    except ChangedFileError as cause:
        raise RunError(f"{path}: {cause}", _TRAIN_AGAIN) from cause
    except (OSError, ValueError, KeyError) as cause:
        raise RunError(f"{path}: the run is damaged ({_what(cause)})", _TRAIN_AGAIN) from cause


def _config(path: Path) -> TrainConfig:
    """The configuration of a run; raises ValueError, which begins with the name of the file."""
    try:
        return TrainConfig(**tomllib.loads(contents(path / CONFIG_FILE, MOST_TOML).decode()))
    except (ValueError, TypeError, RecursionError, ValidationError) as cause:
        first = str(cause).splitlines()[0].removeprefix(f"{CONFIG_FILE} ")
        raise ValueError(f"{CONFIG_FILE} cannot be used: {first}") from None


def _question(manifest: Mapping[str, Any]) -> Task | EventTask:
    """The question of a run; raises ValueError, which begins with the name of the file."""
    try:
        if manifest["schema"] == EVENT_SCHEMA:
            return event_task_from_json(manifest["task"])
        return task_from_json(manifest["task"])
    except (ValueError, TypeError, KeyError) as cause:
        raise ValueError(f"{MANIFEST_FILE}, task: {one_line(cause)}") from None


def _object(path: Path, run: Run) -> dict[str, Any]:
    """The JSON object of one of a run's files.

    Raises
    ------
    RunError
    """
    try:
        return json_object(contents(path), path.name)
    except (OSError, ValueError) as cause:
        raise RunError(f"{run.path}: the run is damaged ({_what(cause)})", _TRAIN_AGAIN) from cause


def _what(cause: Exception) -> str:
    """What is wrong with a file, in one line that names it."""
    if isinstance(cause, OSError):
        name = Path(cause.filename).name if cause.filename else "a file"
        missing = isinstance(cause, FileNotFoundError)
        return f"{name} is missing" if missing else f"{name} cannot be read: {cause.strerror}"
    if isinstance(cause, KeyError):
        return f"{MANIFEST_FILE} says nothing of {cause}"
    return str(cause).splitlines()[0]


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
        return json_object(contents(path / MANIFEST_FILE), MANIFEST_FILE)
    except (OSError, ValueError):
        return {}


def _begun_or_nothing(path: Path) -> Mapping[str, Any]:
    try:
        return unfinished.read_begun(path)
    except (OSError, ValueError):
        return {}

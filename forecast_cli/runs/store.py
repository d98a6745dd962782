"""A run: one trained model's folder, written whole or not at all.

``runs/<time>-<model>-<hash>/`` holds config.toml, manifest.json, model.safetensors,
model.json, history.jsonl, metrics.json, report.html and MODEL_CARD.md. It is written under
a temporary name beside its place, synced, and renamed. Notable: the files that a forecast
depends on are checked against the manifest's SHA-256 before they are read; the report and
the card may be edited at will. Nothing here knows how a model is made or what it says.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from forecast_cli.config import Settings, TrainConfig, settings_of
from forecast_cli.errors import RunError, did_you_mean
from forecast_cli.forecasters.base import ARRAYS_FILE, STATE_FILE, Forecaster
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import RunEntry
from forecast_cli.runs import toml
from forecast_cli.task import Task

SCHEMA = "forecast-cli/run/1"
MANIFEST_FILE = "manifest.json"
CONFIG_FILE = "config.toml"
HISTORY_FILE = "history.jsonl"
METRICS_FILE = "metrics.json"
VITAL_FILES = (CONFIG_FILE, ARRAYS_FILE, STATE_FILE)  # a forecast depends on these

_TEMPORARY = ".unfinished-"
_TRAIN_AGAIN = "train again with: forecast train"


@dataclass(frozen=True)
class Run:
    """A run that was found on disk."""

    path: Path
    manifest: Mapping[str, Any]
    config: TrainConfig
    task: Task

    @property
    def name(self) -> str:
        return self.path.name


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
        raise _unwritable(root, OSError(reason, os.strerror(reason)))


def write(
    root: Path,
    *,
    model: Forecaster,
    task: Task,
    config: TrainConfig,
    manifest: Mapping[str, Any],
    history: tuple[Mapping[str, float], ...],
    metrics: Mapping[str, Any],
    texts: Mapping[str, str],
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
    try:
        root.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=root))
    except OSError as cause:
        raise _unwritable(root, cause) from cause
    try:
        for name, text in files.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
        model.save(temporary)
        complete = {
            "schema": SCHEMA,
            **manifest,
            "task": {
                "horizon": task.horizon,
                "seasons": task.seasons,
                "levels": task.levels,
                "validation": task.validation,
            },
            "files": {path.name: _sha256(path) for path in sorted(temporary.iterdir())},
        }
        (temporary / MANIFEST_FILE).write_text(_json(complete, indent=1), encoding="utf-8")
        for path in (*temporary.iterdir(), temporary):
            _open_to_others(path)
            _sync(path)
        temporary.rename(final)
        _sync(root)
    except OSError as cause:
        raise _unwritable(final, cause) from cause
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return final


def find(root: Path, name: str | None = None, monitor: Monitor = SILENT) -> Run:
    """The run of this name or path, the latest where ``name`` is None.

    A damaged run is passed over, aloud, when the latest is looked for.

    Raises
    ------
    RunError
        None found, or it cannot be read.
    """
    if name is not None:
        for path in (Path(name), root / name):
            if (path / MANIFEST_FILE).is_file():
                return _read(path)
        names = [path.name for path in _folders(root)]
        raise RunError(f'{root}: there is no run "{name}"', did_you_mean(name, names))
    for path in _newest_first(root):
        try:
            return _read(path)
        except RunError as cause:
            monitor.say(f"warning: passed over {cause.message}")
    raise RunError(f"{root}: there is no run", "make one with: forecast train data.csv")


def load_model(run: Run, settings: Settings | None = None) -> Forecaster:
    """The fitted model of a run.

    Raises
    ------
    RunError
        The files are not those that the manifest describes.
    """
    from forecast_cli.forecasters.registry import model_class

    state = json.loads((run.path / STATE_FILE).read_text(encoding="utf-8"))
    if state.get("model") != run.manifest["model"]:
        raise RunError(
            f'{run.path}: the manifest speaks of "{run.manifest["model"]}", the model file of '
            f'"{state.get("model")}"',
            _TRAIN_AGAIN,
        )
    cls = model_class(str(run.manifest["model"]))
    try:
        return cls.load(run.path, settings or settings_of(run.config))
    except (KeyError, IndexError, TypeError, ValueError) as cause:
        raise RunError(
            f"{run.path}: the saved model does not fit this version of forecast-cli "
            f"({type(cause).__name__}: {cause})",
            f"install forecast-cli=={run.manifest.get('forecast_cli')}, or {_TRAIN_AGAIN}",
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
    data, task = manifest.get("data", {}), manifest.get("task", {})
    return RunEntry(
        name=path.name,
        path=str(path),
        model=str(manifest.get("model", "")),
        created=str(manifest.get("created", "")),
        horizon=int(task.get("horizon", 0)),
        series=int(data.get("series", 0)),
        data=", ".join(data.get("sources", ())),
        best_loss=manifest.get("best_loss"),
        size_bytes=sum(file.stat().st_size for file in path.iterdir() if file.is_file()),
        latest=latest,
        problem=problem,
    )


def _read(path: Path) -> Run:
    """Read and check a run: its manifest, its vital files, its configuration."""
    try:
        manifest = json.loads((path / MANIFEST_FILE).read_text(encoding="utf-8"))
        schema = manifest["schema"]
        if schema != SCHEMA:
            raise RunError(
                f'{path}: written by another version ("{schema}", this one reads "{SCHEMA}")',
                f"install forecast-cli=={manifest.get('forecast_cli')}, or {_TRAIN_AGAIN}",
            )
        for name in VITAL_FILES:
            if _sha256(path / name) != manifest["files"][name]:
                raise RunError(f"{path}: {name} was changed after the training", _TRAIN_AGAIN)
        config = TrainConfig(**tomllib.loads((path / CONFIG_FILE).read_text(encoding="utf-8")))
        task = manifest["task"]
        return Run(
            path,
            manifest,
            config,
            Task(
                task["horizon"], tuple(task["seasons"]), tuple(task["levels"]), task["validation"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as cause:
        what = (
            f"{Path(cause.filename).name} is missing"
            if isinstance(cause, FileNotFoundError)
            else (f"{type(cause).__name__}: {cause}".splitlines()[0])
        )
        raise RunError(f"{path}: the run is damaged ({what})", _TRAIN_AGAIN) from cause


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Make a file or a folder safe against a loss of power."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_to_others(path: Path) -> None:
    """The usual permissions: temporary folders and weights come for one's own eyes only."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)


def _unwritable(path: Path, cause: OSError) -> RunError:
    return RunError(
        f"{path}: cannot be written ({cause.strerror or cause})", "name another folder with --runs"
    )

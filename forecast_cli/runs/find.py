"""Finding runs again, checked before anything of them is used.

The files that a forecast depends on are checked against the manifest's SHA-256 before they
are read; the report and the card may be edited at will. A damaged run is never used, but
always listed with its problem.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from forecast_cli.config import Settings, TrainConfig, settings_of
from forecast_cli.errors import RunError, did_you_mean
from forecast_cli.forecasters.base import STATE_FILE, Forecaster, task_from_json
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import RunEntry
from forecast_cli.runs.folder import (
    CONFIG_FILE,
    MANIFEST_FILE,
    SCHEMA,
    VITAL_FILES,
    Run,
    sha256,
)

_MAKE_ONE = "make one with: forecast train data.csv"
_TRAIN_AGAIN = "train again with: forecast train"


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
        fix = did_you_mean(name, names) if names else _MAKE_ONE
        raise RunError(f'{root}: there is no run "{name}"', fix)
    for path in _newest_first(root):
        try:
            return _read(path)
        except RunError as cause:
            monitor.say(f"warning: passed over {cause.message}")
    raise RunError(f"{root}: there is no run", _MAKE_ONE)


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
            if sha256(path / name) != manifest["files"][name]:
                raise RunError(f"{path}: {name} was changed after the training", _TRAIN_AGAIN)
        config = TrainConfig(**tomllib.loads((path / CONFIG_FILE).read_text(encoding="utf-8")))
        return Run(path, manifest, config, task_from_json(manifest["task"]))
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

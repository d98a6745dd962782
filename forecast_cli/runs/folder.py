"""What a run is on disk: the names of its files, and what is read of them.

``runs/<time>-<model>-<hash>/`` holds config.toml, manifest.json, model.safetensors,
model.json, calibration.json (unless intervals were left as they are), history.jsonl,
metrics.json, report.html and MODEL_CARD.md. The manifest has the checksums of all others, and
manifest.sha256 that of the manifest. Writing and finding are the files beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast_cli.config import TrainConfig
from forecast_cli.disk import contents, put
from forecast_cli.disk import sha256 as sha256
from forecast_cli.errors import RunError
from forecast_cli.events import EventTask
from forecast_cli.forecasters.base import ARRAYS_FILE, STATE_FILE
from forecast_cli.task import Task

SCHEMA = "forecast-cli/run/1"
EVENT_SCHEMA = "forecast-cli/event-run/1"  # versions that know no events refuse it by its name
MANIFEST_FILE = "manifest.json"
DIGEST_FILE = "manifest.sha256"  # as sha256sum writes and checks it
CONFIG_FILE = "config.toml"
HISTORY_FILE = "history.jsonl"
METRICS_FILE = "metrics.json"
CALIBRATION_FILE = "calibration.json"  # vital where there is one
VITAL_FILES = (CONFIG_FILE, ARRAYS_FILE, STATE_FILE)  # a forecast depends on these
EDITABLE_FILES = frozenset({"report.html", "MODEL_CARD.md"})  # by whoever reads them


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Data(_Strict):
    sources: list[str]
    given: list[str]
    absolute: list[str]
    sha256: str
    series: int = Field(gt=0)
    frequency: str
    ids: list[str]
    labels: dict[str, list[Any]] = Field(default_factory=dict)


class _Manifest(_Strict):
    """The part of a manifest that is read again."""

    created: str
    model: str
    forecast_cli: str
    data: _Data
    task: dict[str, Any]
    files: dict[str, str]
    best_loss: float | None = None


def check_manifest(manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that holds something else than what was written.

    Raises
    ------
    ValueError
        It names the first entry that is wrong.
    """
    try:
        _Manifest.model_validate(manifest)
    except ValidationError as cause:
        first = cause.errors()[0]
        place = ".".join(map(str, first["loc"]))
        reason = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise ValueError(f"{MANIFEST_FILE}, {place}: {reason}") from None


@dataclass(frozen=True)
class Run:
    """A run that was found on disk.

    Parameters
    ----------
    question : Task or EventTask
        What its model answers: values, or an event.
    """

    path: Path
    manifest: Mapping[str, Any]
    config: TrainConfig
    question: Task | EventTask

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_of_event(self) -> bool:
        return isinstance(self.question, EventTask)

    @property
    def task(self) -> Task:
        """The question of a run that forecasts values.

        Raises
        ------
        RunError
            It answers about an event.
        """
        if isinstance(self.question, EventTask):
            raise RunError(
                f'{self.path}: answers about an event, "{self.question.event}", and forecasts '
                "no values",
                "name a run that forecasts values with --run; see: forecast runs",
            )
        return self.question

    @property
    def event(self) -> EventTask:
        """The question of a run that answers about an event.

        Raises
        ------
        RunError
            It forecasts values.
        """
        if isinstance(self.question, EventTask):
            return self.question
        raise RunError(
            f"{self.path}: forecasts values, and answers about no event",
            "name a run of an event with --run; see: forecast runs",
        )


class ChangedFileError(ValueError):
    """A file that is not the one of the manifest."""


def seal(folder: Path) -> None:
    """Write the checksum of the manifest beside it; raises OSError."""
    (folder / DIGEST_FILE).unlink(missing_ok=True)
    line = f"{sha256(folder / MANIFEST_FILE)}  {MANIFEST_FILE}\n"
    put(folder / DIGEST_FILE, line.encode())


def check_seal(folder: Path) -> None:
    """Refuse a manifest that is not the one that was sealed; runs of before had no seal.

    Raises
    ------
    ValueError
        The message begins with the name of the file.
    OSError
    """
    try:
        line = contents(folder / DIGEST_FILE, most=200).decode("ascii", "replace")
    except FileNotFoundError:
        return
    if line != f"{sha256(folder / MANIFEST_FILE)}  {MANIFEST_FILE}\n":
        raise ValueError(f"{MANIFEST_FILE} is not the one of the training")


def check_files(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse files that are not those of the manifest, before anything of them is used.

    Raises
    ------
    ValueError, OSError
        The message begins with the name of the file.
    """
    for name in VITAL_FILES:
        if name not in files:
            raise ValueError(f"{MANIFEST_FILE} says nothing of {name}")
    for name in files:
        plain = PurePosixPath(name).name == PureWindowsPath(name).name == name
        if not plain or name.startswith(".") or not name.isprintable():
            raise ValueError(f"{MANIFEST_FILE} speaks of a file outside of the run ({name!r:.80})")
    for name, told in files.items():
        if name not in EDITABLE_FILES and sha256(folder / name) != told:
            raise ChangedFileError(f"{name} was changed after the training")

"""``forecast train``: fit one model on all of the data and keep it as a run.

No test block is cut here: the last steps of the history only tell a network when to stop.
The comparison, which must not see its test block, is another verb.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from forecast_cli import __version__
from forecast_cli.config import TrainConfig, settings_of
from forecast_cli.data.dataset import Dataset, load
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.data.split import default_validation
from forecast_cli.errors import DataError, TrainingError
from forecast_cli.evaluation.conformal import Calibration, calibrate
from forecast_cli.evaluation.learnability import learnability
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecaster, task_to_json
from forecast_cli.forecasters.parallel import check_backend
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.report.words import count
from forecast_cli.results import DataSummary, TrainResult
from forecast_cli.runs import store
from forecast_cli.task import Task
from forecast_cli.workflows.auto import AUTO, Chosen, choose
from forecast_cli.workflows.common import (
    Data,
    configure,
    context_of,
    resolve_horizon,
    resolve_task,
    with_inferred,
)
from forecast_cli.workflows.compare import reference_of
from forecast_cli.workflows.held_out import held_out_scores
from forecast_cli.workflows.hints import hints
from forecast_cli.workflows.resume import chosen_before, require_same_data, taken_up
from forecast_cli.workflows.soundness import forecast_from_end, require_sound
from forecast_cli.workflows.versions import machine, package_versions
from forecast_cli.workflows.wording import command

_SHARED = (  # what the manifest and the result both say
    "model",
    "kind",
    "parameters",
    "steps",
    "seconds",
    "best_loss",
    "device",
    "stopped",
)


def train(*data: Data, monitor: Monitor = SILENT, **options: Any) -> TrainResult:
    """Fit one model and keep it; ``model="auto"``: the one that a comparison would ship.

    Parameters
    ----------
    *data : str, path, or list of them
        CSV files, globs, or "-" for standard input.
    monitor : Monitor
    **options
        Fields of :class:`forecast_cli.config.TrainConfig`.

    Returns
    -------
    TrainResult

    Examples
    --------
    >>> import forecast_cli as fc
    >>> fc.train("load.csv", horizon=24, model="gru").run  # doctest: +SKIP
    'runs/20260102-101500-gru-3f9a1c'
    """
    return train_with(configure(TrainConfig, data, options), monitor)


def train_with(
    config: TrainConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> TrainResult:
    """:func:`train` with a configuration that is resolved already.

    Parameters
    ----------
    config : TrainConfig
    monitor : Monitor
    heard : callable
        Is told what was read and inferred before the work begins.

    Raises
    ------
    UsageError
        An unknown model or column.
    DataError
        Data that cannot be read, or that are too short for the horizon.
    TrainingError
        The model could not be fitted, or it cannot forecast.
    RunError
        The run cannot be written, or there is none to go on with.
    """
    if config.resume is not None:
        return _resumed(config, monitor, heard)
    if config.model != AUTO:
        registry.entry(config.model)  # what cannot end well is said before the data are read
    check_backend(config.backend)
    store.require_writable(Path(config.runs))
    chosen = None
    if config.model == AUTO:
        chosen = choose(config, monitor, heard)
        monitor.say(chosen.text)
        monitor.say(f"training {chosen.model} on all of the data")
        config = config.model_copy(update={"model": chosen.model, "horizon": chosen.horizon})
    lesson = _read(config, monitor)
    if chosen is None:
        heard(lesson.summary)
    begun = _known(config, lesson.dataset, lesson.task, chosen)
    with store.begin(Path(config.runs), config, begun, monitor) as unfinished:
        return _trained(config, lesson, chosen, unfinished, monitor)


def _resumed(
    config: TrainConfig, monitor: Monitor, heard: Callable[[DataSummary], None]
) -> TrainResult:
    """Go on with a training that ended before its time."""
    unfinished = taken_up(config, monitor)
    with unfinished.still_closed():
        lesson = _read(unfinished.config, monitor)
        require_same_data(unfinished, lesson.summary)
        chosen = chosen_before(unfinished)
        heard(lesson.summary)
    with unfinished:
        return _trained(unfinished.config, lesson, chosen, unfinished, monitor)


def _trained(
    config: TrainConfig,
    lesson: _Lesson,
    chosen: Chosen | None,
    unfinished: store.Unfinished,
    monitor: Monitor,
) -> TrainResult:
    """Fit the model, check it, and keep it as a run."""
    model, seconds = _learn(lesson, unfinished, monitor)
    panel, ahead = forecast_from_end(model, lesson.panel, lesson.task.horizon)
    for warning in require_sound(ahead, panel, model.name, lesson.kind):
        monitor.say(f"warning: {warning}")
    until, reference = lesson.panel.known_ends, reference_of(lesson.task)
    scores = held_out_scores(model, lesson.panel, lesson.task, until, reference, monitor)
    calibration = _calibrate(model, lesson, monitor) if config.conformal else None
    manifest = _manifest(model, config, lesson.dataset, lesson.task, seconds, chosen)
    result = TrainResult(
        run=str(Path(config.runs) / store.folder_name(manifest)),
        data=lesson.summary,
        horizon=lesson.task.horizon,
        context=context_of(model),
        settings=lesson.resolved.model_dump(),
        history=tuple(getattr(model, "history", ())),
        fallbacks=(*ahead.fallbacks, *manifest["notes"]),
        chosen="" if chosen is None else chosen.told,
        scores=scores,
        **{name: manifest[name] for name in _SHARED},
    )
    try:
        _keep(model, lesson.task, lesson.resolved, manifest, result, calibration)
    except KeyboardInterrupt:
        if Path(result.run).exists():
            monitor.say(f"warning: interrupted, but the run is kept: {result.run}")
        raise
    return result


@dataclass(frozen=True, eq=False)
class _Lesson:
    """What is to be learned, of which data."""

    dataset: Dataset
    summary: DataSummary
    task: Task
    resolved: TrainConfig  # with all that was inferred

    @property
    def panel(self) -> Panel:
        return self.dataset.panel

    @property
    def kind(self) -> str:
        return registry.entry(self.resolved.model).kind


def _read(config: TrainConfig, monitor: Monitor) -> _Lesson:
    """Read the data and work out what is asked of them."""
    dataset = load(config, monitor)
    horizon, inferred = resolve_horizon(dataset, config.horizon)
    validation = _validation(dataset, horizon, config.val_size)
    resolved = config.model_copy(
        update={**dict(dataset.options), "horizon": horizon, "val_size": validation}
    )
    task = resolve_task(dataset, resolved, validation)
    return _Lesson(dataset, with_inferred(dataset.summary, inferred), task, resolved)


def _learn(
    lesson: _Lesson, unfinished: store.Unfinished, monitor: Monitor
) -> tuple[Forecaster, float]:
    """Say what can be expected of a network, fit the model, and count the seconds."""
    ahead = hints(lesson.panel, lesson.task.horizon, lesson.resolved.context)
    for warning in (*lesson.dataset.warnings, *ahead):
        monitor.say(f"warning: {warning}")
    if lesson.kind == "network":  # what is cheaper to train than to talk about is trained
        panel, task = lesson.panel, lesson.task
        promise = learnability(panel, task, panel.known_ends, reference_of(task))
        monitor.say(f"learnability: {promise.text}")
    model = registry.create(lesson.resolved.model, settings_of(lesson.resolved))
    if lesson.kind == "network":  # a baseline travels to its workers, and has nothing to keep
        model.checkpoints = unfinished
    return model, _fit(model, lesson.dataset, lesson.task, monitor)


def _validation(dataset: Dataset, horizon: int, given: int | None) -> int:
    """Steps for early stopping: as given, or by the rule of ``data.split`` without a test block.

    Raises
    ------
    DataError
        The history is shorter than the horizon, or than the steps that were given.
    """
    lengths = dataset.panel.known_ends - dataset.panel.starts  # [S]
    longest = int(lengths.max(initial=0))
    sources = ", ".join(dataset.summary.sources)
    if longest <= horizon:
        raise DataError(
            f"{sources}: the longest series has {count(longest, 'step')}, too few to learn a "
            f"horizon of {horizon}",
            f"--horizon {longest - 1} or less" if longest > 1 else "give a longer history",
        )
    if given is not None and longest - given <= horizon:
        raise DataError(
            f"{sources}: {count(given, 'step')} of validation leave "
            f"{max(longest - given, 0)} to learn a horizon of {horizon}",
            f"--val-size {longest - horizon - 1} or less",
        )
    return default_validation(int(np.median(lengths)), 0, horizon) if given is None else given


def _fit(model: Forecaster, dataset: Dataset, task: Task, monitor: Monitor) -> float:
    """Fit on all of the history, and return the seconds it took."""
    began = time.perf_counter()
    try:
        model.fit(dataset.panel, task, dataset.panel.known_ends, monitor)
    except (ArithmeticError, MemoryError, RuntimeError, np.linalg.LinAlgError) as cause:
        first_line = (str(cause) or type(cause).__name__).splitlines()[0]
        raise TrainingError(
            f"{model.name} could not be fitted: {first_line}",
            "run again with --debug to see where, or try another --model",
        ) from cause
    return time.perf_counter() - began


def _calibrate(model: Forecaster, lesson: _Lesson, monitor: Monitor) -> Calibration:
    """How wide the intervals have to be from the end of the data, where forecasts will begin."""
    panel = lesson.panel
    seen = panel.known_ends > panel.starts
    asked = Origins.at_end(panel)[seen]
    monitor.begin("calibrating the intervals")
    found = calibrate([model], panel, lesson.task, panel.known_ends, asked, monitor)
    monitor.end()  # from here on a Ctrl-C leaves at once again
    if found.note:
        monitor.say(f"intervals are the model's own, at least in part: {found.note}")
    return found


def _manifest(
    model: Forecaster,
    config: TrainConfig,
    dataset: Dataset,
    task: Task,
    seconds: float,
    chosen: Chosen | None,
) -> dict[str, Any]:
    """What is to be known of a run, beside its configuration."""
    best = getattr(model, "best_loss", None)
    return {
        **_known(config, dataset, task, chosen),
        "model": model.name,
        "device": getattr(model, "device_name", "cpu"),
        "parameters": model.n_parameters,
        "steps": getattr(model, "steps", None),
        "seconds": round(seconds, 3),
        "best_loss": best if best is None or math.isfinite(best) else None,
        "stopped": getattr(model, "stopped", ""),
        "notes": list(getattr(model, "notes", ())),
    }


def _known(
    config: TrainConfig, dataset: Dataset, task: Task, chosen: Chosen | None
) -> dict[str, Any]:
    """What is known of a run before its model is fitted."""
    summary = dataset.summary
    return {
        "created": datetime.now(UTC).isoformat(),
        "forecast_cli": __version__,
        "python": platform.python_version(),
        "packages": package_versions(),
        "machine": machine(),
        "command": command("train", config),
        "model": config.model,
        "kind": registry.entry(config.model).kind,
        "seed": config.seed,
        "task": task_to_json(task),
        "data": {
            "sources": list(summary.sources),
            "given": list(config.data),
            "absolute": [
                name if name == "-" else str(Path(name).absolute()) for name in config.data
            ],
            "sha256": summary.sha256,
            "rows": summary.rows,
            "series": summary.series,
            "frequency": summary.frequency,
            "ids": list(dataset.panel.ids),
            "clock": asdict(dataset.panel.clock),
            "labels": {name: list(labels) for name, labels in dataset.labels.items()},
        },
        **({} if chosen is None else {"chosen": chosen.kept()}),
    }


def _keep(
    model: Forecaster,
    task: Task,
    config: TrainConfig,
    manifest: Mapping[str, Any],
    result: TrainResult,
    calibration: Calibration | None,
) -> None:
    """Write the run with its report and its card."""
    from forecast_cli.report.html import train_html
    from forecast_cli.report.model_card import model_card

    store.write(
        Path(config.runs),
        model=model,
        task=task,
        config=config,
        manifest=manifest,
        history=result.history,
        metrics={
            "best_loss": result.best_loss,
            "steps": result.steps,
            "seconds": result.seconds,
            "parameters": result.parameters,
            "validation_block": None if result.scores is None else asdict(result.scores),
        },
        texts={"report.html": train_html(result), "MODEL_CARD.md": model_card(result)},
        calibration=calibration,
    )

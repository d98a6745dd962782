"""``forecast train`` of an event: fit one model on all examples and keep it as a run.

The threshold of alarms is chosen on what the model held out of its own fit, and the scores beside
the prior are of the same examples: they tell that something was learned, and are no estimate
for new data. The comparison, which gives one, is another verb.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from forecast_cli import __version__
from forecast_cli.classifiers import registry
from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import (
    CompareConfig,
    DataOptions,
    EventOptions,
    Settings,
    TrainConfig,
    settings_of,
)
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.read import load_histories
from forecast_cli.errors import TrainingError, UsageError
from forecast_cli.evaluation.events.answers import Answers, Thresholds
from forecast_cli.evaluation.events.backtest import chosen_thresholds
from forecast_cli.evaluation.events.metrics import METRICS
from forecast_cli.event_comparison import EventTrainResult
from forecast_cli.monitor import SILENT, Monitor, Unheeding
from forecast_cli.results import DataSummary
from forecast_cli.runs import store
from forecast_cli.workflows.auto import AUTO
from forecast_cli.workflows.events.compare import compare_event
from forecast_cli.workflows.events.question import refuse_value_options
from forecast_cli.workflows.versions import machine, package_versions
from forecast_cli.workflows.wording import command

Held = Mapping[str, Mapping[str, float]]


def train_event(
    config: TrainConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> EventTrainResult:
    """Fit one model of an event and keep it; ``auto``: the one that a comparison would ship.

    Parameters
    ----------
    config : TrainConfig
    monitor : Monitor
    heard : callable
        Is told what was read and inferred before the work begins.

    Raises
    ------
    UsageError
        An unknown model or column, or an option that says nothing about an event.
    DataError
        Data that cannot be read, or that do not answer the question.
    TrainingError
        The model could not be fitted.
    RunError
        The run cannot be written.
    """
    refuse_value_options(config)
    if config.model != AUTO:
        registry.entry(config.model)
    store.require_writable(Path(config.runs))
    chosen = ""
    if config.model == AUTO:
        name, chosen = _choose(config, monitor, heard)
        config = config.model_copy(update={"model": name})
        monitor.say(f"training {name} on all of the data")
    histories = load_histories(config, monitor)
    registry.entry(config.model, histories.task.kind)
    if not chosen:
        heard(histories.told)
    for warning in histories.warnings:
        monitor.say(f"warning: {warning}")
    model, seconds = _fit(config, histories, monitor)
    held_out = _decide(model, histories)
    # What reading settled, so that newer data are read in the same way.
    resolved = config.model_copy(update=dict(histories.options))
    manifest = _manifest(model, config, histories, seconds, chosen)
    result = _result(model, resolved, histories, manifest, held_out, chosen)
    try:
        _keep(model, resolved, manifest, result)
    except KeyboardInterrupt:
        if Path(result.run).exists():
            monitor.say(f"warning: interrupted, but the run is kept: {result.run}")
        raise
    return result


def _result(
    model: Classifier,
    config: TrainConfig,
    histories: Histories,
    manifest: Mapping[str, Any],
    held_out: Held,
    chosen: str,
) -> EventTrainResult:
    """What the verb returns; ``config`` as reading settled it."""
    return EventTrainResult(
        run=str(Path(config.runs) / store.folder_name(manifest)),
        model=model.name,
        kind=manifest["kind"],
        data=histories.told,
        task=histories.task,
        shares=shares_of(histories),
        examples=len(histories.examples),
        threshold=model.threshold,
        parameters=model.n_parameters,
        seconds=manifest["seconds"],
        device=manifest["device"],
        settings=config.model_dump(),
        held_out=held_out,
        history=tuple(getattr(model, "history", ())),
        notes=(*([chosen] if chosen else []), *model.notes),
    )


def shares_of(histories: Histories) -> tuple[float, ...]:
    """The share of each class among the examples."""
    labels = histories.examples.labels
    counts = np.bincount(labels, minlength=len(histories.task.classes))  # [K]
    return tuple((counts / max(len(labels), 1)).tolist())


def _choose(
    config: TrainConfig, monitor: Monitor, heard: Callable[[DataSummary], None]
) -> tuple[str, str]:
    """The model that a comparison with the same options would ship, and the words that say so.

    Raises
    ------
    UsageError
        The data come from standard input, which can be read only once.
    TrainingError
        No model could be scored.
    KeyboardInterrupt
        The comparison was asked to stop.
    """
    if "-" in config.data:
        raise UsageError(
            "--model auto reads the data twice, and standard input can be read only once",
            "write the data to a file first, or name a model",
        )
    shared = (*DataOptions.model_fields, *EventOptions.model_fields, *Settings.model_fields)
    names = [name for name in (*shared, "horizon") if name in config.model_fields_set]
    asked = CompareConfig(**{name: getattr(config, name) for name in names})
    result = compare_event(asked, Unheeding(monitor), heard)
    if monitor.stop_requested():
        raise KeyboardInterrupt  # half a comparison chooses nothing
    if not result.verdict.ship:
        failed = tuple(f"{row.name}: {row.reason}" for row in result.models)
        raise TrainingError(
            "no model could be scored, so none can be chosen", "name one with --model", failed
        )
    monitor.say(result.verdict.text)
    return result.verdict.ship, f"chosen by a comparison: {result.verdict.text}"


def _fit(config: TrainConfig, histories: Histories, monitor: Monitor) -> tuple[Classifier, float]:
    """Fit on all examples, and count the seconds it took."""
    model = registry.create(config.model, settings_of(config))
    began = time.perf_counter()
    try:
        model.fit(histories.panel, histories.task, histories.examples, monitor)
    except (ArithmeticError, MemoryError, RuntimeError, np.linalg.LinAlgError) as cause:
        first_line = (str(cause) or type(cause).__name__).splitlines()[0]
        raise TrainingError(
            f"{model.name} could not be fitted: {first_line}",
            "run again with --debug to see where, or try another --model",
        ) from cause
    return model, time.perf_counter() - began


def _decide(model: Classifier, histories: Histories) -> Held:
    """Choose the threshold on held-out examples, and score the model on them beside the prior."""
    thresholds = chosen_thresholds(model, histories.task)
    labels, given = model.held.examples.labels, model.held.probabilities  # [M], [M, K]
    shares = np.array(shares_of(histories))  # [K]
    knows_nothing = Thresholds(float(shares[-1]), float(shares[-1]))  # announces it always
    answered = {
        model.name: Answers(given, labels, shares, thresholds),
        "prior": Answers(np.broadcast_to(shares, given.shape), labels, shares, knows_nothing),
    }
    return {
        name: {metric.name: metric.compute(answers) for metric in METRICS.values()}
        for name, answers in answered.items()
        if len(labels)
    }


def _manifest(
    model: Classifier, config: TrainConfig, histories: Histories, seconds: float, chosen: str
) -> dict[str, Any]:
    """What is to be known of a run, beside its configuration."""
    summary, panel = histories.told, histories.panel
    given = histories.options.data or config.data
    return {
        "created": datetime.now(UTC).isoformat(),
        "forecast_cli": __version__,
        "python": platform.python_version(),
        "packages": package_versions(),
        "machine": machine(),
        "command": command("train", config),
        "model": model.name,
        "kind": registry.entry(config.model).kind,
        "seed": config.seed,
        "device": getattr(model, "device_name", "cpu"),
        "data": {
            "sources": list(summary.sources),
            "given": list(given),
            "absolute": [name if name == "-" else str(Path(name).absolute()) for name in given],
            "sha256": summary.sha256,
            "rows": summary.rows,
            "series": summary.series,
            "frequency": summary.frequency,
            "ids": list(panel.ids),
            "clock": asdict(panel.clock),
            "channels": list(panel.channels),
            "static": list(panel.static_names),
            "spread": _spread(histories),
        },
        "parameters": model.n_parameters,
        "seconds": round(seconds, 3),
        "threshold": None if math.isnan(model.threshold) else model.threshold,
        "stopped": getattr(model, "stopped", ""),
        **({"chosen": chosen} if chosen else {}),
    }


def _spread(histories: Histories) -> list[list[float] | None]:
    """[C] least and most of each channel that was trained on, to tell what lies far outside."""
    panel = histories.panel
    ends: list[list[float] | None] = []
    for c in range(len(panel.channels)):
        seen = panel.values[panel.observed[:, c], c]
        ends.append([float(seen.min()), float(seen.max())] if seen.size else None)
    return ends


def _keep(
    model: Classifier, config: TrainConfig, manifest: Mapping[str, Any], result: EventTrainResult
) -> None:
    """Write the run with its report and its card."""
    from forecast_cli.report.events.card import model_card
    from forecast_cli.report.events.page import train_html

    store.write(
        Path(config.runs),
        model=model,
        task=result.task,
        config=config,
        manifest=manifest,
        history=result.history,
        metrics={
            "threshold": result.threshold,
            "seconds": result.seconds,
            "parameters": result.parameters,
            "held_out": result.held_out,
        },
        texts={"report.html": train_html(result), "MODEL_CARD.md": model_card(result)},
    )

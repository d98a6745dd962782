"""``forecast predict`` with a run of an event: how probable is it, for each history?

A whole history has one answer. Where rows are asked about, each history is answered at its last
row: what lies before is past, and its alarms have been raised. Data are read as they were for the
training; what differs from it (another file, texts never seen, values far outside) is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from forecast_cli.config import DataOptions, PredictConfig, settings_of
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.read import load_histories
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.event_comparison import EventPredictResult
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary
from forecast_cli.runs import store
from forecast_cli.workflows.common import kept_options, sources_of

FAR = 0.5  # of the spread in training, beyond its ends
FEW = 0.01  # of the values that may lie there without a word


def predict_event(
    run: store.Run,
    config: PredictConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> EventPredictResult:
    """Answer a run's question about new histories, or about those it was trained on.

    Parameters
    ----------
    run : Run
    config : PredictConfig
    monitor : Monitor
    heard : callable
        Is told what was read and inferred before the work begins.

    Raises
    ------
    DataError
        Data that cannot be read, or that lack what the model was trained on.
    """
    task = run.event
    options = _options(run, config)
    histories = load_histories(options, monitor, known=task)
    heard(histories.told)
    panel = histories.panel
    _require_same_columns(run, panel)
    notes = (*histories.warnings, *_changed(run, histories, config), *_far_outside(run, panel))
    for note in notes:
        monitor.say(f"warning: {note}")
    settings = settings_of(run.config)
    if settings.device not in ("auto", "cpu"):  # trained on an accelerator, answered anywhere
        settings = settings.model_copy(update={"device": "auto"})
    model = store.load_classifier(run, settings)
    ends = Origins.at_end(panel)
    moments = ends[panel.known_ends > panel.starts]
    answers = model.probabilities(panel, moments, monitor)  # [M, K]
    times = task.scale.show(panel.times[moments.rows]) if task.per_row else [""] * len(moments)
    return EventPredictResult(
        run=str(run.path),
        model=model.name,
        task=task,
        data=histories.told,
        id_name=panel.id_name,
        time_name=panel.clock.name,
        threshold=model.threshold,
        entities=tuple(panel.ids[s] for s in moments.series.tolist()),
        times=tuple(times),
        probabilities=answers,
        notes=notes,
    )


def _options(run: store.Run, config: PredictConfig) -> PredictConfig:
    """How to read the data: as given here, else as in the training; labels are not looked for."""
    given = {name: getattr(config, name) for name in DataOptions.model_fields}
    statics = config.statics
    if not config.data:
        given["data"] = sources_of(run)
        statics = statics or run.config.statics
    kept = kept_options(run, config.model_fields_set)
    return PredictConfig(**{**given, **kept, "statics": statics})


def _require_same_columns(run: store.Run, panel: Panel) -> None:
    """Refuse data whose channels or statics are not those that the model learned.

    Raises
    ------
    DataError
    """
    trained: Mapping[str, Any] = run.manifest["data"]
    for what, own, wanted in (
        ("channels", panel.channels, tuple(trained["channels"])),
        ("facts known once", panel.static_names, tuple(trained["static"])),
    ):
        if own != wanted:
            lost = [name for name in wanted if name not in own]
            differ = f"lack {', '.join(lost)}" if lost else f"are {', '.join(own) or 'none'}"
            fix = "a file of them is named with --statics" if what != "channels" else ""
            raise DataError(
                f"the {what} {differ}, but {run.name} was trained on {', '.join(wanted)}",
                fix or "name data with the same columns",
            )


def _changed(run: store.Run, histories: Histories, config: PredictConfig) -> list[str]:
    """That the data of the run are no longer those it was trained on."""
    if config.data or run.config.labels is not None:
        return []  # the fingerprint of the run holds the labels too, which are not read here
    if histories.told.sha256 == run.manifest["data"]["sha256"]:
        return []
    return [f"the data changed since the training of {run.name}"]


def _far_outside(run: store.Run, panel: Panel) -> list[str]:
    """Channels whose values often lie far outside all that was trained on, in a line."""
    names = []
    for c, ends in enumerate(run.manifest["data"].get("spread", ())):
        seen = panel.values[panel.observed[:, c], c]
        if ends is None or not seen.size:
            continue
        air = FAR * (ends[1] - ends[0])
        outside = (seen < ends[0] - air) | (seen > ends[1] + air)
        if outside.mean() > FEW:
            names.append(f"{panel.channels[c]} ({np.mean(outside):.0%})")
    if not names:
        return []
    return [
        "values far outside those of the training, where an answer is a guess: " + ", ".join(names)
    ]

"""A model card of an event: what a trained model is, on what, for what, and where it ends.

After Mitchell et al. 2019, as report/model_card.py. Only what the training result knows is said.
"""

from __future__ import annotations

import math
import shlex

from forecast_cli.event_comparison import EventTrainResult
from forecast_cli.report.events.words import ASKED_OF, figure, name_of
from forecast_cli.report.markdown import bullets, code, pairs, plain, table
from forecast_cli.report.words import clean, count, duration, number, percent


def model_card(result: EventTrainResult) -> str:
    """The card as Markdown."""
    parts = [
        f"# {plain(result.model)}: {plain(result.task.event)}",
        f"A {result.kind} trained by forecast-cli on {plain(', '.join(result.data.sources))}.",
        "## Question",
        pairs(
            [
                ("event", result.task.event),
                ("asked of", ASKED_OF[result.task.kind]),
                ("classes", _classes(result)),
                ("alarm from a probability of", _threshold(result)),
            ]
        ),
        "## Data",
        pairs(
            [
                ("rows", count(result.data.rows)),
                ("entities", count(result.data.series)),
                ("examples", count(result.examples)),
                ("columns", ", ".join(result.data.channels)),
                ("SHA-256", result.data.sha256),
            ]
        ),
        bullets([f"{r.kind}: {count(r.count)} ({r.detail})" for r in result.data.repairs]),
        "## Training",
        pairs(
            [
                ("parameters", count(result.parameters)),
                ("time", duration(result.seconds)),
                ("device", result.device),
            ]
        ),
        bullets(result.notes),
        *_held_out(result),
        "## Limits",
        bullets(_limits(result)),
        "## Reproduce",
        "`config.toml` beside this file holds every resolved option, `manifest.json` the "
        "versions, the machine and the SHA-256 of the data.",
        f"    forecast rerun {shlex.quote(clean(result.run))}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _classes(result: EventTrainResult) -> str:
    pairs_of = zip(result.task.classes, result.shares, strict=True)
    return ", ".join(f"{name} ({percent(share)})" for name, share in pairs_of)


def _threshold(result: EventTrainResult) -> str:
    return number(result.threshold, 3) if math.isfinite(result.threshold) else ""


def _held_out(result: EventTrainResult) -> list[str]:
    if not result.held_out:
        return []
    shown = list(dict.fromkeys(m for scores in result.held_out.values() for m in scores))
    rows = [
        [code(model), *(figure(metric, scores.get(metric)) for metric in shown)]
        for model, scores in result.held_out.items()
    ]
    return [
        "## Scores",
        "On training examples that the scored fit had not learned, but that choices were made by: "
        "no estimate for new data. `forecast compare-baselines` gives one, beside simple models.",
        table(["model", *map(name_of, shown)], rows),
    ]


def _limits(result: EventTrainResult) -> list[str]:
    kinds = {
        "entity": "An answer is about a history as a whole; on one that is still growing it has "
        "not been tried.",
        "row": "An answer uses the rows up to its own.",
        "within": "An answer uses the rows up to its own, and means the span above, no other.",
        "threshold": "An answer uses the rows up to its own, and means this horizon, no other.",
    }
    return [
        kinds[result.task.kind],
        f"It saw {count(result.data.series, 'entity', 'entities')}. Others are answered by what "
        "these had in common; another population, device or hospital is another question.",
        "A probability is one where the share of events stays as it was in training: "
        f"{_classes(result)}.",
        "A text that was not seen in training counts as unseen, and is told.",
        "That something came before an event does not make it the cause.",
    ]

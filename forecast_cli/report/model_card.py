"""A model card: what a trained model is, on what, for what, and where it ends.

After Mitchell et al. 2019, "Model Cards for Model Reporting". Only what the training
result knows is said.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast_cli.report.words import clean, count, duration, number
from forecast_cli.results import DataSummary, TrainResult


def model_card(result: TrainResult) -> str:
    """The card as Markdown."""
    return "\n".join(
        [
            f"# {_text(result.model)}, {count(result.horizon, 'step')} ahead",
            "",
            f"A {result.kind} trained by forecast-cli on {_text(', '.join(result.data.sources))}.",
            *(["", f"Chosen by a comparison: {_text(result.chosen)}"] if result.chosen else []),
            "",
            *_data(result.data),
            *_training(result),
            *_use(result),
        ]
    )


def _data(data: DataSummary) -> list[str]:
    inferred = [f"{i.name}: {i.value} ({i.option})" for i in data.inferred]
    repaired = [f"{r.kind}: {count(r.count)} ({r.detail})" for r in data.repairs]
    facts = {
        "rows": count(data.rows),
        "series": count(data.series),
        "span": f"{data.start} to {data.end}",
        "frequency": data.frequency,
        "seasons, in steps": ", ".join(map(str, data.seasons)),
        "columns": ", ".join(data.channels),
        "SHA-256": data.sha256,
    }
    return [
        "## Data",
        "",
        *_table(facts),
        *_bullets("Inferred from the data:", inferred),
        *_bullets("Changed before training:", repaired),
    ]


def _training(result: TrainResult) -> list[str]:
    facts = {
        "parameters": count(result.parameters),
        "context": "" if result.context is None else count(result.context, "step"),
        "steps": "" if result.steps is None else count(result.steps),
        "time": duration(result.seconds),
        "device": result.device,
        "ended": result.stopped,
        "best loss on the validation block": ""
        if result.best_loss is None
        else number(result.best_loss),
    }
    return ["## Training", "", *_table(facts), *_bullets("Fallbacks:", result.fallbacks)]


def _use(result: TrainResult) -> list[str]:
    config = shlex.quote(clean(Path(result.run) / "config.toml"))
    given: Any = result.settings.get("data") or result.data.sources
    sources = " ".join(shlex.quote(clean(source)) for source in given)
    return [
        "## Intended use",
        "",
        f"Forecasts, with prediction intervals, of the next {count(result.horizon, 'step')} of the "
        "series above, or of newer data with the same columns and frequency.",
        "",
        "## Limits",
        "",
        "- A loss on the validation block chose the weights; it is no estimate of the error on "
        "new data. `forecast compare-baselines` measures that, against simple models.",
        "- The model knows only what the training span holds: a change of regime after "
        f"{_text(result.data.end)} is unknown to it.",
        "- Intervals are learned, not guaranteed; a comparison shows how many values they cover.",
        "",
        "## Reproduce",
        "",
        "`config.toml` beside this file holds every resolved option, `manifest.json` the versions "
        "and the SHA-256 of the data. In the folder that the training was started in:",
        "",
        f"    forecast train {sources} --config {config}",
        "",
    ]


def _text(text: str) -> str:
    """User text that no Markdown or HTML reader takes for markup."""
    return re.sub(r"([\\`*_\[\]<>|#~&])", r"\\\1", clean(text))


def _table(facts: Mapping[str, str]) -> list[str]:
    rows = [f"| {name} | {_text(value)} |" for name, value in facts.items() if value]
    return ["| | |", "|---|---|", *rows, ""]


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    return [title, "", *(f"- {_text(item)}" for item in items), ""] if items else []

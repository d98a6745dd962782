"""A model card: what a trained model is, on what, for what, and where it ends.

After Mitchell et al. 2019, "Model Cards for Model Reporting". Only what the training
result knows is said.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast_cli.report.words import clean, count, duration, number, percent
from forecast_cli.results import DataSummary, TrainResult

MISSING = ("gaps", "missing marks")  # kinds of repair that tell of values that are not there


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
            *_scores(result),
            *_use(result),
            *_limits(result),
            *_reproduce(result),
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


def _scores(result: TrainResult) -> list[str]:
    """The model beside simple ones; nothing where there was no validation block."""
    found = result.scores
    if found is None or result.model not in found.models:
        return []
    levels = sorted(_levels(result))
    heads = ["MASE", "MAE", "WQL", *(f"inside {level} %" for level in levels)]
    rows = [
        [
            f"{_text(name)}{' (this model)' if name == result.model else ''}",
            *(number(scores.get(metric, math.nan)) for metric in ("mase", "mae", "wql")),
            *(percent(scores.get(f"coverage_{level}", math.nan)) for level in levels),
        ]
        for name, scores in found.models.items()
    ]
    return [
        "## Scores",
        "",
        f"On the validation block, {_text(found.start)} to {_text(found.end)}, from "
        f"{count(found.origins, 'origin')}. Every model in this table was fitted on what lies "
        f"before the block; MASE is in units of the mean change over "
        f"{count(found.season, 'step')} there.",
        "",
        *_rows([["", *heads], ["---", *["---:"] * len(heads)], *rows]),
        "",
        *(
            ["A network stops learning where this block says so, which flatters it a little.", ""]
            if result.kind == "network"
            else []
        ),
    ]


def _use(result: TrainResult) -> list[str]:
    return [
        "## Intended use",
        "",
        f"Forecasts, with prediction intervals, of the next {count(result.horizon, 'step')} of the "
        "series above, or of newer data with the same columns and frequency.",
        "",
    ]


def _limits(result: TrainResult) -> list[str]:
    missing = sum(r.count for r in result.data.repairs if r.kind in MISSING)
    gaps = (
        f"{count(missing, 'row or cell', 'rows or cells')} missing in training, learned around"
        if missing
        else "no row was missing in training, so a forecast after a gap was not tried"
    )
    seen = count(result.data.series, "series", "series")
    levels = " and ".join(f"{level} %" for level in sorted(_levels(result)))
    return [
        "## Limits",
        "",
        f"- Horizon: {count(result.horizon, 'step')}, no further; another horizon is another "
        "training.",
        f"- Series: {seen} in training. One that it never saw is forecast from its own past, and "
        "how well was not measured.",
        f"- Period: it knows only what lies from {_text(result.data.start)} to "
        f"{_text(result.data.end)}. A change of regime after that is unknown to it.",
        f"- Gaps: {gaps}.",
        f"- Intervals ({levels}) are estimated, not guaranteed; how many values they hold on data "
        "that no choice was made on, a comparison shows.",
        "- Scores on the validation block are no estimate for new data: a loss on it may have "
        "chosen the weights. `forecast compare-baselines` measures that, against simple models.",
        "",
    ]


def _reproduce(result: TrainResult) -> list[str]:
    config = shlex.quote(clean(Path(result.run) / "config.toml"))
    given: Any = result.settings.get("data") or result.data.sources
    sources = " ".join(shlex.quote(clean(source)) for source in given)
    return [
        "## Reproduce",
        "",
        "`config.toml` beside this file holds every resolved option, `manifest.json` the versions, "
        "the machine and the SHA-256 of the data. In the folder that the training was started in, "
        "this trains it again and says whether the weights are the same, bit for bit:",
        "",
        f"    forecast rerun {shlex.quote(clean(result.run))}",
        "",
        "And this makes a new run with the same options, of whatever the data are then:",
        "",
        f"    forecast train {sources} --config {config}",
        "",
    ]


def _levels(result: TrainResult) -> tuple[int, ...]:
    """The levels of the intervals, in per cent."""
    given: Any = result.settings.get("level", ())
    return tuple(given)


def _text(text: str) -> str:
    """User text that no Markdown or HTML reader takes for markup."""
    return re.sub(r"([\\`*_\[\]<>|#~&])", r"\\\1", clean(text))


def _table(facts: Mapping[str, str]) -> list[str]:
    rows = [f"| {name} | {_text(value)} |" for name, value in facts.items() if value]
    return ["| | |", "|---|---|", *rows, ""]


def _rows(cells: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in cells]


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    return [title, "", *(f"- {_text(item)}" for item in items), ""] if items else []

"""What the verbs say in the terminal: one view a verb, ready for rich, nothing printed.

Text from the user's files passes through :func:`~forecast_cli.report.words.clean` and
stands in ``Text``, never in markup. The comparison has a file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from forecast_cli.report import plots
from forecast_cli.report.comparison import compare_view
from forecast_cli.report.grid import Column, Drawing, Grid, View, heading
from forecast_cli.report.words import (
    NONE,
    clean,
    count,
    decimals,
    duration,
    number,
    numbers,
    size,
)
from forecast_cli.results import (
    Check,
    DataSummary,
    InspectResult,
    ModelEntry,
    PredictResult,
    RunEntry,
    SeriesForecast,
    TrainResult,
)

__all__ = [
    "compare_view",
    "data_view",
    "doctor_view",
    "inspect_view",
    "model_view",
    "models_view",
    "predict_view",
    "runs_view",
    "train_view",
]

PLOT_HEIGHT = 16
SERIES_LISTED = 20  # rows of the table of series
PLOTS_SHOWN = 2
FORECASTS_SHOWN = 4  # series whose figures are listed
STEPS_OF_ONE, STEPS_OF_MANY = 24, 6  # steps listed of a lone series, and of one of several
STATUS_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def data_view(data: DataSummary) -> View:
    """What was read: its size, what was inferred (with the option that overrides it), repairs."""
    parts: list[RenderableType] = [Text(clean(", ".join(data.sources)), style="bold")]
    facts = [count(data.rows, "row"), count(data.series, "series", "series")]
    if data.start:
        facts.append(f"{clean(data.start)} → {clean(data.end)}")
    parts.append(Text(" · ".join(facts)))
    if data.inferred:
        parts += [Text(""), Grid(_inferred_columns(data))]
    if data.repairs:
        parts += [Text(""), Grid(_repair_columns(data))]
    return View(parts)


def inspect_view(result: InspectResult) -> View:
    """``inspect``: the data, the series, a look at the first, warnings, the next command."""
    parts: list[RenderableType] = [data_view(result.data)]
    shown = result.series[:SERIES_LISTED]
    if shown:
        parts += [Text(""), Grid(_series_columns(result))]
    if len(result.series) > len(shown):
        parts.append(Text(f"and {count(len(result.series) - len(shown))} more", style="dim"))
    if len(result.history):
        parts += [Text(""), Drawing(_history(result))]
    if result.warnings:
        parts.append(heading("Warnings"))
        parts += [Text(clean(warning), style="yellow") for warning in result.warnings]
    if result.suggestion:
        parts += [heading("Next"), Text("  " + clean(result.suggestion), style="bold cyan")]
    return View(parts)


def train_view(result: TrainResult) -> View:
    """``train``: what was fitted, how it went, where it lies."""
    taken = "" if result.steps is None else f"{count(result.steps, 'step')} in "
    ended = f"; {clean(result.stopped)}" if result.stopped else ""
    loss = f"{number(result.best_loss)} on the validation block"
    facts = {
        "model": f"{clean(result.model)} ({result.kind}), {count(result.parameters, 'parameter')}",
        "horizon": count(result.horizon, "step"),
        "context": "" if result.context is None else count(result.context, "step"),
        "training": f"{taken}{duration(result.seconds)}{ended}",
        "best loss": "" if result.best_loss is None else loss,
        "device": clean(result.device),
        "run": clean(result.run),
    }
    kept = {name: value for name, value in facts.items() if value}
    columns = [
        Column("", list(kept), right=False, style="dim"),
        Column("", list(kept.values()), right=False, prose=True),
    ]
    fallbacks = [Text(clean(text), style="yellow") for text in result.fallbacks]
    return View([Grid(columns, header=False), *fallbacks])


def predict_view(result: PredictResult, width: int) -> View:
    """``predict``: a picture of the first series, then figures as far as they have room.

    Parameters
    ----------
    width : int
        Columns of the terminal; names of series are shortened to it.
    """
    parts: list[RenderableType] = []
    for series in result.series[:PLOTS_SHOWN]:
        parts += [Drawing(_forecast(series)), Text("")]
    several = len(result.series) > 1
    most = STEPS_OF_MANY if several else STEPS_OF_ONE
    hidden = []
    for series in result.series[:FORECASTS_SHOWN]:
        if several:
            parts.append(Text(clean(series.id, width), style="bold"))
        parts += [Grid(_forecast_columns(result, series, most)), *([Text("")] if several else [])]
    if any(len(series.times) > most for series in result.series[:FORECASTS_SHOWN]):
        hidden.append(f"the first {most} of {count(len(result.series[0].times), 'step')}")
    if len(result.series) > FORECASTS_SHOWN:
        hidden.append(f"{FORECASTS_SHOWN} of {len(result.series)} series")
    if hidden:
        parts.append(Text(f"{' of '.join(hidden)}; all: --format csv", style="dim"))
    parts.append(Text(f"{clean(result.model)} of {clean(result.run)}", style="dim"))
    parts += [Text(clean(text), style="yellow") for text in result.fallbacks]
    return View(parts)


def models_view(entries: Sequence[ModelEntry]) -> View:
    """``models``: every model by name."""
    parts: list[RenderableType] = []
    for kind, question in dict.fromkeys((entry.kind, entry.question) for entry in entries):
        of_kind = [e for e in entries if (e.kind, e.question) == (kind, question)]
        title = f"{kind}s" if question == "values" else f"{kind}s of events"
        columns = [
            Column(title, [e.name for e in of_kind], right=False, style="bold"),
            Column("what it does", [e.summary for e in of_kind], right=False, prose=True),
            Column("source", [e.citation for e in of_kind], right=False, prose=True, style="dim"),
        ]
        parts += [*([Text("")] if parts else []), Grid(columns)]
    return View(parts)


def model_view(entry: ModelEntry) -> View:
    """``models show``: all about one model."""
    facts = {
        "what": f"{entry.summary} ({entry.kind}"
        + (")" if entry.question == "values" else ", of events)"),
        "of events": entry.of_events,
        "parameters": entry.parameters,
        "cost": entry.cost,
        "when to use": entry.use,
        "source": entry.citation,
    }
    kept = {name: words for name, words in facts.items() if words}
    columns = [
        Column("", list(kept), right=False, style="dim"),
        Column("", list(kept.values()), right=False, prose=True),
    ]
    return View([Text(entry.name, style="bold"), Grid(columns, header=False)])


def runs_view(entries: Sequence[RunEntry]) -> View:
    """``runs``: every run, newest first."""
    if not entries:
        return View([Text("no runs yet; make one with: forecast train data.csv")])
    names = [Text(clean(e.name), style="red" if e.problem else "") for e in entries]
    columns = [
        Column("", ["▸" if entry.latest else "" for entry in entries], right=False, style="green"),
        Column("run", names, right=False),
        Column("horizon", [NONE if e.horizon is None else count(e.horizon) for e in entries]),
        *_events(entries),
        Column("series", [NONE if e.series is None else count(e.series) for e in entries], drop=2),
        Column("best loss", numbers([e.best_loss for e in entries]), drop=1),
        Column("size", [size(e.size_bytes) for e in entries], drop=3),
        Column("data", [clean(e.data) for e in entries], right=False, prose=True),
    ]
    parts: list[RenderableType] = [Grid(columns)]
    parts += [
        Text(f"{clean(entry.name)}: {clean(entry.problem)}", style="red")
        for entry in entries
        if entry.problem
    ]
    if any(entry.latest for entry in entries):
        parts.append(Text("▸ the latest: predict and compare-baselines take it", style="dim"))
    return View(parts)


def _events(entries: Sequence[RunEntry]) -> list[Column]:
    """What the runs of events answer about; no column where there is none."""
    if not any(entry.event for entry in entries):
        return []
    return [Column("event", [clean(e.event, 32) for e in entries], right=False, prose=True)]


def doctor_view(checks: Sequence[Check]) -> View:
    """``doctor``: every check, with the fix where one is needed."""
    columns = [
        Column("", [Text(c.status, STATUS_STYLES.get(c.status, "")) for c in checks], right=False),
        Column("", [clean(c.name) for c in checks], right=False, style="bold"),
        Column("", [_detail(c) for c in checks], right=False, prose=True),
    ]
    return View([Grid(columns, header=False)])


def _inferred_columns(data: DataSummary) -> list[Column]:
    rows = data.inferred
    values = [clean(row.value) for row in rows]
    options = [clean(row.option) for row in rows]
    return [
        Column("inferred", [clean(row.name) for row in rows], right=False),
        Column("", values, right=False, prose=True, style="bold"),
        Column("because", [clean(row.why) for row in rows], right=False, prose=True),
        Column("to change", options, right=False, prose=True, style="cyan"),
    ]


def _repair_columns(data: DataSummary) -> list[Column]:
    rows = data.repairs
    columns = [
        Column("repaired", [clean(row.kind) for row in rows], right=False),
        Column("count", [count(row.count) for row in rows], style="bold"),
        Column("", [clean(row.detail) for row in rows], right=False, prose=True),
    ]
    if any(row.option for row in rows):
        options = [clean(row.option) for row in rows]
        columns.append(Column("to change", options, right=False, prose=True, style="cyan"))
    return columns


def _series_columns(result: InspectResult) -> list[Column]:
    shown = result.series[:SERIES_LISTED]
    places = max(0, decimals([s.deviation for s in shown]) - 1)
    figures = {
        "mean": [s.mean for s in shown],
        "deviation": [s.deviation for s in shown],
        "least": [s.minimum for s in shown],
        "most": [s.maximum for s in shown],
    }
    return [
        Column("series", [clean(s.id, 32) for s in shown], right=False),
        Column("rows", [count(s.rows) for s in shown]),
        Column("missing", [count(s.missing) for s in shown]),
        *(Column(name, [number(v, places) for v in row]) for name, row in figures.items()),
        Column("from", [clean(s.start) for s in shown], drop=1),
        Column("to", [clean(s.end) for s in shown], drop=1),
    ]


def _forecast_columns(result: PredictResult, series: SeriesForecast, most: int) -> list[Column]:
    """The figures of one series, all with the decimals that its forecast needs."""
    forecast = series.forecast.tolist()[:most]
    sizes = sorted(abs(v) for v in forecast)
    places = decimals(sizes[len(sizes) // 2 :][:1])  # a value near zero asks for no more digits
    times = [clean(time) for time in series.times[:most]]
    columns = [
        Column(clean(result.time_name, 24), times, right=False),
        Column("forecast", [number(v, places) for v in forecast], style="bold"),
    ]
    for rank, level in enumerate(result.levels):
        for side, bounds in (("lo", series.lower), ("hi", series.upper)):
            cells = [number(v, places) for v in bounds[level].tolist()[:most]]
            columns.append(Column(f"{side}_{level}", cells, drop=1 + rank))
    return columns


def _forecast(series: SeriesForecast) -> plots.Draw:
    return lambda width, ascii_only, colour: plots.forecast_plot(
        series, width, PLOT_HEIGHT, ascii_only=ascii_only, colour=colour
    )


def _history(result: InspectResult) -> plots.Draw:
    return lambda width, ascii_only, colour: plots.history_plot(
        result, width, PLOT_HEIGHT, ascii_only=ascii_only, colour=colour
    )


def _detail(check: Check) -> Text:
    text = Text(clean(check.detail))
    if check.fix:
        text.append(f"\nfix: {clean(check.fix)}", style="cyan")
    return text

"""What the accuracy benchmarks share: panels from arrays, models asked and timed, rows of scores.

A model that fails becomes a row that says so. Only point forecasts are kept: all windows of a
long test block are half a gigabyte as it is.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import default_validation
from forecast_cli.evaluation.backtest import one_line, targets
from forecast_cli.evaluation.metrics import LABELS, RANKING, seasonal_scales
from forecast_cli.forecasters import registry
from forecast_cli.task import Task
from frame import Kind, Row

NETWORK = "lstm"
SLOW = "arima"  # of hundreds of series: most of a script's time
QUICK = f"without {SLOW}, whose earlier figures are kept"
CELLS_AT_ONCE = 2**25  # of origins x steps x quantiles, 256 MB


@dataclass(frozen=True, eq=False)
class Answer:
    """The point forecasts of one model, and what they cost.

    Parameters
    ----------
    name : str
    point : [O, H] float64
        NaN where the model failed.
    seconds : float
        Of training.
    failure : str
        Why it failed; empty otherwise.
    """

    name: str
    point: Floats
    seconds: float
    failure: str = ""

    @property
    def kind(self) -> Kind:
        return kind_of(self.name)


@dataclass(frozen=True)
class Mark:
    """The value to reach with a metric, and where it comes from."""

    value: float
    note: str = ""


def kind_of(name: str) -> Kind:
    """A network is ours; what it is compared with is classical."""
    return "ours" if registry.entry(name).kind == "network" else "classical"


def settings(given: argparse.Namespace, **options: Any) -> Settings:
    """The defaults, with the seed of the command (and its steps, where a script is tried out)."""
    return Settings(seed=given.seed, max_steps=given.steps, **options)


def asked(given: argparse.Namespace, opponents: Sequence[str]) -> tuple[str, ...]:
    """Our network and its opponents, without the slow one where the command is to be quick."""
    return (NETWORK, *(name for name in opponents if not (given.quick and name == SLOW)))


def opponents(*seasons: int) -> tuple[str, ...]:
    """Every baseline, and a seasonal naive for each of the further seasons."""
    return (*registry.names("baseline"), *(f"seasonal-naive-{m}" for m in seasons))


def panel_of(
    series: Mapping[str, Floats], clock: Clock | None = None, times: Ints | None = None
) -> Panel:
    """Series without covariates as a panel; NaN is a gap.

    Parameters
    ----------
    series : mapping of str to [T] float64
    clock : Clock, optional
        Of ``times``; plain steps without.
    times : [T] int64, optional
        Shared by all series, which are then of one length.
    """
    flat = np.concatenate(list(series.values()))[:, None]  # [rows, 1]
    lengths = [len(values) for values in series.values()]
    own = [np.arange(length) if times is None else times for length in lengths]
    return Panel(
        values=flat,
        observed=np.isfinite(flat),
        times=np.concatenate(own).astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        ids=tuple(series),
        clock=clock or Clock(),
    )


def official(past: Mapping[str, Floats], after: Mapping[str, Floats]) -> tuple[Panel, Ints]:
    """A competition's split: the panel of both parts, and [S] the rows where the test begins."""
    panel = panel_of({name: np.concatenate([past[name], after[name]]) for name in past})
    return panel, panel.starts + np.array([len(values) for values in past.values()])


def question(panel: Panel, until: Ints, horizon: int, seasons: tuple[int, ...]) -> Task:
    """What ``forecast train`` would ask on the rows before ``until`` [S]: its validation block."""
    typical = int(np.median(until - panel.starts))
    return Task(horizon, seasons, validation=default_validation(typical, 0, horizon))


def last_known(until: Ints) -> Origins:
    """One origin a series: the last row before ``until`` [S]."""
    return Origins(np.arange(len(until)), until - 1)


def answer(
    name: str,
    given: argparse.Namespace,
    panel: Panel,
    task: Task,
    until: Ints,
    origins: Origins,
    **options: Any,
) -> Answer:
    """Fit a model on the rows before ``until`` [S] and ask it from every origin.

    ``options`` are settings that a protocol demands; all others are the defaults.

    It fails where it leaves a cell without a finite number: metrics pass over such cells, and
    silence must not be rewarded.
    """
    print(f"  {name} ...", flush=True)
    blank = np.full((len(origins), task.horizon), np.nan)
    size = max(1, CELLS_AT_ONCE // (task.horizon * len(task.quantiles)))
    model = registry.create(
        name, settings(given, **options)
    )  # what it imports is no part of training
    began = time.perf_counter()
    try:
        model.fit(panel, task, until)
        seconds = time.perf_counter() - began
        point = np.concatenate(
            [
                model.forecast(panel, origins[first : first + size]).point
                for first in range(0, len(origins), size)
            ]
        )
    except Exception as cause:
        return Answer(name, blank, time.perf_counter() - began, one_line(cause))
    gaps = np.count_nonzero(~np.isfinite(point))
    return Answer(name, point, seconds, f"no finite forecast in {gaps} cells" if gaps else "")


def scores(
    names: Iterable[str], panel: Panel, until: Ints, origins: Origins, point: Floats, season: int
) -> dict[str, float]:
    """Metrics of the package over all origins, by the label a person writes ("MASE").

    Parameters
    ----------
    names : iterable of str
        Of ``RANKING``.
    until : [S] int64
        Ends of the rows that the scale of MASE is taken from.
    point : [O, H] float64
    season : int
        m of MASE.
    """
    scales = seasonal_scales(panel, until, season)
    of_origin = type(scales)(scales.absolute[origins.series], scales.squared[origins.series])
    return {
        LABELS[name]: RANKING[name]
        .compute(
            actual=targets(panel, origins, point.shape[1]),
            forecast=point[:, :, None],
            quantiles=(0.5,),
            scales=of_origin,
            series=origins.series,
            n_series=panel.n_series,
        )
        .overall
        for name in names
    }


def check(what: str, found: Mapping[str, float], expected: Mapping[str, float]) -> None:
    """Scores computed here of forecasts that were published must be the published scores.

    ``expected`` has three decimals or more; what differs in the third ends the script.
    """
    for metric, value in expected.items():
        if abs(found[metric] - value) > 0.00051:
            raise SystemExit(f"{what}: {metric} is {found[metric]:.4f} here, {value} published")
    said = ", ".join(f"{metric} {found[metric]:.3f}" for metric in expected)
    print(f"checked against what was published: {what}: {said}")


def rows_of(
    table: str,
    row: str,
    found: Answer,
    values: Mapping[str, float],
    marks: Mapping[str, Mark],
    *,
    who: str = "",
    note: str = "",
) -> list[Row]:
    """One row a metric; the marks stand at our own rows only."""
    ours = found.kind == "ours"
    return [
        Row(
            table,
            row,
            metric,
            who or found.name,
            found.kind,
            float("nan") if found.failure else value,
            target=marks[metric].value if ours and metric in marks else None,
            target_note=marks[metric].note if ours and metric in marks else "",
            seconds=round(found.seconds, 2),
            note=f"failed: {found.failure}" if found.failure else note,
        )
        for metric, value in values.items()
    ]


def published(
    path: Path, where: Mapping[str, object], method: str, metrics: Mapping[str, str]
) -> list[tuple[str, str, float]]:
    """Figures of a ``published_*.csv``: (method, metric, value) of its rows that agree.

    Parameters
    ----------
    path : Path
    where : mapping of str to object
        Columns and the values that they must have.
    method : str
        The column of the methods' names.
    metrics : mapping of str to str
        Our label of a metric to the column that holds it.
    """
    table = pd.read_csv(path)
    for column, value in where.items():
        table = table[table[column] == value]
    return [
        (str(line[method]), label, float(line[column]))
        for _, line in table.iterrows()
        for label, column in metrics.items()
        if np.isfinite(line[column])
    ]


def published_rows(
    table: str, row: str, figures: Sequence[tuple[str, str, float]], source: str
) -> list[Row]:
    """Published figures as rows."""
    return [
        Row(table, row, metric, method, "published", value, source=source)
        for method, metric, value in figures
    ]

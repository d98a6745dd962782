"""Competitions whose scores are published: M4 Hourly, and a part of M3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.data.future import extend
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.forecasters import registry
from forecast_cli.task import Task

M4 = tuple[Panel, Floats]


@pytest.fixture(scope="session")
def m4_hourly(shared_data: Path) -> M4:
    """The histories of the 414 series, and [414, 48] what came after."""
    import pandas as pd

    train, test = (
        pd.read_csv(shared_data / "m4_hourly" / f"Hourly-{part}.csv").iloc[:, 1:].to_numpy(float)
        for part in ("train", "test")
    )
    lengths = np.isfinite(train).sum(axis=1)
    values = train[np.isfinite(train)][:, None]
    panel = Panel(
        values=values,
        observed=np.ones_like(values, dtype=bool),
        times=np.concatenate([np.arange(n) for n in lengths]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        ids=tuple(f"H{s + 1}" for s in range(len(lengths))),
    )
    return panel, test


def mase(panel: Panel, point: Floats, actual: Floats, season: int = 24) -> float:
    """The mean over series of MASE, one origin a series at the end."""
    scores = []
    for s, (start, end) in enumerate(zip(panel.starts, panel.ends, strict=True)):
        y = panel.target[start:end]
        scale = np.abs(y[season:] - y[:-season]).mean()
        scores.append(np.abs(point[s] - actual[s]).mean() / scale)
    return float(np.mean(scores))


@dataclass(frozen=True)
class Competition:
    """Series of the M3 competition, and what its methods were published to say of them."""

    panel: Panel
    actual: Floats  # [S, H]
    published: dict[str, Floats]  # [S, H] each

    def smape(self, point: Floats) -> float:
        """The mean over series and steps."""
        return smape(point, self.actual)


@pytest.fixture(scope="session")
def m3_monthly(shared_data: Path) -> Competition:
    """Every eighth of the 1428 monthly series, 18 months ahead."""
    import pandas as pd

    folder = shared_data / "m3"
    listed = pd.read_csv(folder / "series.csv")
    chosen = listed.loc[listed["period"] == "MONTHLY", "series_id"].sort_values().iloc[::8]
    values = pd.read_csv(folder / "values.csv.gz")
    values = values[values["series_id"].isin(chosen)].sort_values(["series_id", "t"])
    past = values[values["split"] == "train"]
    lengths = past.groupby("series_id").size()
    said = pd.read_csv(folder / "forecasts.csv.gz")
    said = said[said["series_id"].isin(chosen)].sort_values(["series_id", "h"])
    y = past["value"].to_numpy(float)[:, None]
    panel = Panel(
        values=y,
        observed=np.ones_like(y, dtype=bool),
        times=np.concatenate([np.arange(n) for n in lengths]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        ids=tuple(lengths.index),
    )
    after = values.loc[values["split"] == "test", "value"].to_numpy(float)
    return Competition(
        panel,
        after.reshape(len(lengths), -1),
        {
            str(name): part["forecast"].to_numpy(float).reshape(len(lengths), -1)
            for name, part in said.groupby("method")
        },
    )


def final(name: str, panel: Panel, horizon: int, season: int) -> Floats:
    """[S, H] forecasts of a registered model from the end of every series."""
    task = Task(horizon=horizon, seasons=(season,))
    model = registry.create(name).fit(panel, task, panel.ends)
    longer = extend(panel, horizon)
    return model.forecast(longer, Origins.at_end(longer)).point


def smape(point: Floats, actual: Floats) -> float:
    """The mean over series and steps."""
    return float(np.mean(200 * np.abs(point - actual) / (np.abs(point) + np.abs(actual))))

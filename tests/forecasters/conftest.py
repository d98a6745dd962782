"""The M4 Hourly competition, whose scores are published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.data.panel import Floats, Panel

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

"""Fixtures that several test folders share: small panels, and the shared data sets."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from forecast_cli.clock import Clock
from forecast_cli.data.panel import Panel

# Laws are no timings: a machine that is busy elsewhere breaks none of them.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")

SHARED_DATA = Path(
    os.environ.get("FORECAST_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
)
SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the shared data sets are not at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The sample files of this repository."""
    return SAMPLE_DATA


def make_panel(
    lengths: tuple[int, ...] = (400, 300, 350),
    *,
    season: int = 24,
    missing: float = 0.0,
    seed: int = 0,
    freq: str | None = "h",
    covariates: tuple[str, ...] = (),
    noise: float = 0.3,
) -> Panel:
    """Seasonal series of unequal length that end together, with gaps where asked.

    ``covariates`` are roles ("past", "future"); each becomes one channel that moves the
    target.
    """
    rng = np.random.default_rng(seed)
    end = 500_000 * 3_600 * 10**9 if freq else 10_000
    step = 3_600 * 10**9 if freq else 1
    values, observed, times = [], [], []
    for s, length in enumerate(lengths):
        t = np.arange(length) - length
        cov = rng.normal(size=(length, len(covariates)))
        wave = np.sin(2 * np.pi * t / season + s) + 0.5 * np.cos(4 * np.pi * t / season)
        y = 10 * (s + 1) + 3 * wave + noise * rng.normal(size=length) + cov.sum(axis=1)
        block = np.column_stack([y, cov])
        seen = np.ones_like(block, dtype=bool)
        seen[:, 0] = rng.random(length) >= missing
        values.append(np.where(seen, block, np.nan))
        observed.append(seen)
        times.append(end + t * step)
    return Panel(
        values=np.concatenate(values),
        observed=np.concatenate(observed),
        times=np.concatenate(times).astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        ids=tuple(f"s{s}" for s in range(len(lengths))),
        channels=("value", *(f"x{i}" for i in range(len(covariates)))),
        roles=("target", *covariates),  # type: ignore[arg-type]
        clock=Clock(freq=freq),
    )

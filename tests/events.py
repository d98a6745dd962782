"""Small histories that tests of events share."""

from __future__ import annotations

import numpy as np

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Origins, Panel


def random_histories(
    entities: int,
    seed: int,
    *,
    signal: float = 0.0,
    shortest: int = 1,
    longest: int = 20,
    missing: float = 0.3,
    classes: int = 2,
) -> tuple[Panel, Examples]:
    """Histories of three channels and two statics at irregular times, and a label for each.

    The mean of channel 0 rises by ``signal`` from class to class; the classes take turns.
    """
    rng = np.random.default_rng(seed)
    lengths = rng.integers(shortest, longest + 1, entities)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    own = np.repeat(np.arange(entities), lengths)
    labels = np.arange(entities) % classes
    values = rng.normal(size=(len(own), 3))
    values[:, 0] += signal * labels[own]
    observed = rng.random(values.shape) >= missing
    steps = np.cumsum(rng.integers(1, 9, len(own)))
    static = rng.normal(size=(entities, 2))
    static[rng.random(static.shape) < 0.2] = np.nan
    panel = Panel(
        values=np.where(observed, values, np.nan),
        observed=observed,
        times=steps - steps[offsets[:-1]][own],
        offsets=offsets,
        ids=tuple(f"e{k}" for k in range(entities)),
        channels=("a", "b", "c"),
        roles=("past",) * 3,
        static=static,
        static_names=("s", "t"),
        id_name="id",
    )
    return panel, Examples(Origins.at_end(panel), labels)


def every_row(panel: Panel, remaining: int) -> Examples:
    """Every row asked; the label is whether at most ``remaining`` rows come after it."""
    rows = np.arange(panel.n_rows)
    left = panel.ends[panel.series_of_row] - 1 - rows
    return Examples(Origins(panel.series_of_row, rows), (left <= remaining).astype(np.int64))

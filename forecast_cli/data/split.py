"""Where training, validation and test part, and from which origins forecasts are asked.

The cuts are made in time where there is a calendar, so that no series lends its future to
another; by position from the end where time is a plain step. One set of origins serves all
models of a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.data.panel import Ints, Origins, Panel


@dataclass(frozen=True, eq=False)
class Split:
    """Absolute end rows (exclusive) of each series' blocks, all [S] int64.

    A series that ends before the test block begins has ``fit_ends == test_ends``: it is
    learned from, never scored.
    """

    train_ends: Ints
    fit_ends: Ints  # training + validation: the ``until`` of Forecaster.fit
    test_ends: Ints
    test_size: int
    validation: int


def split(
    panel: Panel, horizon: int, test_size: int | None = None, val_size: int | None = None
) -> Split:
    """Choose the blocks.

    Raises
    ------
    DataError
        Where no series is long enough for one origin and one season of training.
    """
    raise NotImplementedError


def rolling_origins(
    panel: Panel, blocks: Split, horizon: int, stride: int, limit: int | None = None
) -> Origins:
    """Origins whose H targets lie in the test block, ``stride`` apart.

    The first origin is the last row before the test block; ``limit`` keeps the latest
    origins of each series. Ordered by series, then time.
    """
    raise NotImplementedError

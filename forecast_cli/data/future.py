"""The rows after the end: times that follow, with covariates that are known ahead."""

from __future__ import annotations

from forecast_cli.data.panel import Panel


def extend(panel: Panel, horizon: int) -> Panel:
    """The panel with at least ``horizon`` rows after each history (``future_rows``).

    Raises
    ------
    DataError
        Where the panel has "future" covariates and they are not known for all these rows.
    """
    raise NotImplementedError

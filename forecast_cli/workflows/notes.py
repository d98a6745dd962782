"""What has to be known to read a comparison: everything left out, added or undefined, counted.

Only words are made here; whatever they tell of was decided elsewhere.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.comparison import ForecastTable, Protocol
from forecast_cli.config import CompareConfig
from forecast_cli.data.panel import Ints, Panel
from forecast_cli.evaluation.direction import Rises
from forecast_cli.evaluation.metrics import LABELS, Scales
from forecast_cli.evaluation.units import FEWEST_UNITS, independent_units


def comparison_notes(
    config: CompareConfig,
    protocol: Protocol,
    panel: Panel,
    table: ForecastTable,
    scales: Scales,
    event: Rises,
) -> tuple[str, ...]:
    """One line for each thing that a reader would otherwise not see."""
    return (
        *_on_cells(protocol, panel, table, scales),
        *_on_origins(protocol, table),
        *_on_direction(event),
        *_on_choices(config, protocol),
    )


def _on_cells(protocol: Protocol, panel: Panel, table: ForecastTable, scales: Scales) -> list[str]:
    """What could not be scored, counted."""
    notes = []
    scored = np.unique(table.series)
    idle = np.setdiff1d(np.arange(panel.n_series), scored)
    if len(idle):
        notes.append(
            f"{len(idle)} of {panel.n_series} series have no origin in the test block: learned "
            f"from, not scored ({_names(panel, idle)})"
        )
    unseen = int((~np.isfinite(table.actual)).sum())
    if unseen:
        notes.append(
            f"{unseen} of {table.actual.size} values to forecast were not observed and are "
            "not scored"
        )
    undefined = np.unique(table.series[~np.isfinite(scales.absolute)])
    short = np.array([_is_short(panel, table, s, protocol.season) for s in undefined], dtype=bool)
    lacks = {
        f"do not change over {protocol.season} steps": undefined[~short],
        f"have no two values {protocol.season} steps apart": undefined[short],
    }
    for lack, series in lacks.items():
        if len(series):
            notes.append(
                f"MASE and RMSSE are undefined for {len(series)} of {len(scored)} series, whose "
                f"training data {lack} ({_names(panel, series)})"
            )
    units = min(independent_units(table, protocol.stride), key=lambda each: each.count)
    if units.count < FEWEST_UNITS:
        counted = "origin is" if units.count == 1 else f"{units.kind} are"
        notes.append(
            f"{units.count} independent {counted} too few for a firm verdict; a shorter --horizon "
            "or a larger --test-size gives more"
        )
    return notes


def _on_origins(protocol: Protocol, table: ForecastTable) -> list[str]:
    """Whether all origins see the series at one place of its season: others may differ."""
    season, stride = protocol.season, protocol.stride
    if season == 1 or stride % season or protocol.origins_per_series == 1:
        return []
    first = table.clock.show(table.origin_times[:1])[0]
    return [
        f"all origins of a series stand at the same place of its season of {season} steps (the "
        f"first at {first}): --stride {stride + 1} spreads them"
    ]


def _is_short(panel: Panel, table: ForecastTable, s: int, season: int) -> bool:
    """Whether no two values a season apart were observed before the first origin of a series."""
    own = slice(panel.starts[s], panel.ends[s])
    before = panel.times[own] <= table.origin_times[table.series == s].min()
    seen = np.isfinite(panel.target[own][before])
    return not np.any(seen[season:] & seen[:-season])


def _on_direction(event: Rises) -> list[str]:
    """What could not be called a rise or a fall, counted."""
    notes = []
    if event.ties:
        notes.append(
            f"direction: {event.ties} of {event.risen.size} values stood exactly where the "
            "origin did, and are left out"
        )
    if event.unobserved:
        notes.append(
            f"direction: {event.unobserved} of {event.risen.size} changes could not be observed"
        )
    return notes


def _on_choices(config: CompareConfig, protocol: Protocol) -> list[str]:
    """What was done otherwise than asked, or needs to be known to read the numbers."""
    notes = []
    if config.metric is not None and protocol.metric != config.metric:
        notes.append(
            f"{LABELS[config.metric]} is undefined for every series; models are ranked by "
            f"{LABELS[protocol.metric]}"
        )
    if config.baselines and protocol.reference not in (*config.baselines, *config.models):
        notes.append(f"{protocol.reference} was added, since skill is measured against it")
    if protocol.stride < protocol.horizon:
        notes.append(
            f"forecasts overlap (stride {protocol.stride}, horizon {protocol.horizon}); the "
            "verdict's interval takes only origins a horizon apart"
        )
    return notes


def _names(panel: Panel, series: Ints, most: int = 5) -> str:
    listed = ", ".join(panel.ids[s] for s in series[:most])
    return listed + (", …" if len(series) > most else "")

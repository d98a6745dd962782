"""What a network did not answer, or answered from values that it had to make up.

Counted from the panel alone, after the forecast; the words go to ``Forecast.fallbacks``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.passes import Carry
from forecast_cli.networks.inputs import Inputs, Units
from forecast_cli.networks.sizes import Cut, Sizes


def shortcomings(
    panel: Panel,
    origins: Origins,
    units: Units,
    inputs: Inputs,
    members: Sequence[Sizes],
    horizon: int,
) -> tuple[str, ...]:
    """One line a kind of answer that the data did not fully bear.

    No past; gaps never learned from; values too small for a logarithm; "future" covariates
    that are missing.
    """
    answered = np.isfinite(units.centre)  # [O]
    lines = []
    if not answered.all():
        silent = int((~answered).sum())
        lines.append(f"no forecast from {silent} origin{'s' * (silent != 1)} without any past")
    first, stop = _reach(panel, origins, members, horizon)
    if not inputs.gaps:
        holes = np.concatenate([[0], np.cumsum(~panel.observed[:, 0])])  # [rows + 1]
        blind = int((answered & (holes[origins.rows + 1] > holes[first])).sum())
        if blind:
            lines.append(
                f"gaps in the context of {blind} origin{'s' * (blind != 1)} were carried over as "
                "if observed: there was no gap to learn from in training"
            )
    low = int(inputs.raised(panel)[_used(panel, first, origins.rows + 1)].sum())
    if low:
        lines.append(
            f"{low} value{'s' * (low != 1)} under half of a series' smallest in training entered "
            "as that half: the network reads logarithms"
        )
    future = list(panel.channel_positions("future"))
    missing = int((~panel.observed[_used(panel, first, stop)][:, future]).sum()) if future else 0
    if missing:
        lines.append(f'{missing} missing values of "future" covariates were carried forward')
    return tuple(lines)


def _reach(
    panel: Panel, origins: Origins, members: Sequence[Sizes], horizon: int
) -> tuple[Ints, Ints]:
    """The first row of each origin's context and one past its last target, both [O]."""
    firsts = [_first(panel, origins, cut) for cut in {sizes.cut for sizes in members}]
    end = panel.ends[origins.series]
    return np.min(firsts, axis=0), np.minimum(origins.rows + 1 + horizon, end)


def _first(panel: Panel, origins: Origins, cut: Cut) -> Ints:
    """[O] the first row that is read with these patches."""
    start, carry = panel.starts[origins.series], Carry.around(cut.patches)
    whole = (panel.clock.index(panel.times[origins.rows]) + 1) // cut.patch
    carried = carry.warm + whole % carry.carried + 1
    patches = np.clip((origins.rows + 1 - start) // cut.patch, 1, carried)
    first: Ints = np.maximum(origins.rows + 1 - patches * cut.patch, start)
    return first


def _used(panel: Panel, first: Ints, stop: Ints) -> Ints:
    """The rows that any origin reaches."""
    edges = np.zeros(panel.n_rows + 1, dtype=np.int64)
    np.add.at(edges, first, 1)
    np.add.at(edges, stop, -1)
    return np.flatnonzero(np.cumsum(edges[:-1]) > 0)

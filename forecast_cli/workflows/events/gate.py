"""The gate of a comparison of events: no worse than a model that is named.

As workflows/gate.py, it asks for the scores as they are, not for significance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast_cli.errors import GateError
from forecast_cli.event_comparison import EventCompareResult
from forecast_cli.report.events.words import LOWER, figure, name_of


def require_no_worse(result: EventCompareResult, models: Sequence[str], rival: str) -> None:
    """Refuse a result in which the best of some models scores worse than another.

    Parameters
    ----------
    result : EventCompareResult
    models : sequence of str
        Those of ``--models``; the rival itself does not count among them.
    rival : str

    Raises
    ------
    GateError
        Says what both score, and holds the result.
    """
    metric = result.protocol.metric
    sign = -1.0 if metric in LOWER else 1.0
    scores = {row.name: sign * row.metrics.get(metric, math.nan) for row in result.models}
    asked = [name for name in models if name != rival]
    known = {name: scores[name] for name in asked if math.isfinite(scores[name])}
    mark = scores[rival]
    if not known or not math.isfinite(mark):
        silent = " and ".join([rival] if known else asked)
        raise GateError(
            f"--fail-if-worse-than {rival} cannot be judged: no score of {silent}",
            "see in the report what went wrong",
            result=result,
        )
    best = max(known, key=lambda name: known[name])
    if known[best] < mark:
        among = f", the best of {', '.join(asked)}, is" if len(asked) > 1 else " is"
        own, other = figure(metric, sign * known[best]), figure(metric, sign * mark)
        raise GateError(
            f"{best}{among} worse than {rival}: {name_of(metric)} {own} against {other}",
            f"ship {result.verdict.ship}, or improve {best}",
            result=result,
        )

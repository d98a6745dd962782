"""The gate of a comparison, for continuous integration: no worse than a model that is named.

A gate asks for the scores as they are, not for significance: what is to be kept from shipping is
a model that lost, and a build should not pass since it lost by chance. A model without a score
does not pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast_cli.comparison import CompareResult
from forecast_cli.errors import GateError, UsageError
from forecast_cli.evaluation.metrics import LABELS


def refuse_itself(models: Sequence[str], rival: str | None) -> None:
    """Refuse to ask whether a model is worse than itself.

    Raises
    ------
    UsageError
    """
    if rival is not None and set(models) <= {rival}:
        raise UsageError(
            f"--fail-if-worse-than {rival} has nothing to judge: it is the only one of --models",
            "name another model there, or one more in --models",
        )


def require_no_worse(result: CompareResult, models: Sequence[str], rival: str) -> None:
    """Refuse a result in which the best of some models loses more than another.

    Parameters
    ----------
    result : CompareResult
    models : sequence of str
        Those of ``--models``; the rival itself does not count among them.
    rival : str

    Raises
    ------
    GateError
        Says by how much, and holds the result.
    """
    metric = result.protocol.metric
    losses = {row.name: row.metrics.get(metric, math.nan) for row in result.models}
    asked = [name for name in models if name != rival]
    scored = {name: losses[name] for name in asked if math.isfinite(losses[name])}
    mark = losses[rival]
    if not scored or not math.isfinite(mark):
        silent = " and ".join([rival] if scored else asked)
        raise GateError(
            f"--fail-if-worse-than {rival} cannot be judged: no score of {silent}",
            "see in the report what went wrong",
            result=result,
        )
    best = min(scored, key=lambda name: scored[name])
    if scored[best] > mark:
        among = f", the best of {', '.join(asked)}, is" if len(asked) > 1 else " is"
        by = f", {100 * (scored[best] / mark - 1):.1f} % more" if mark > 0 else ""
        raise GateError(
            f"{best}{among} worse than {rival}: {LABELS[metric]} "
            f"{scored[best]:.4g} against {mark:.4g}{by}",
            f"ship {result.verdict.ship}, or improve {best}",
            result=result,
        )

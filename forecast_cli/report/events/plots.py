"""Pictures of characters for events: the ROC curves of the best models.

Drawn by the one adapter of plotext (report/plots.py), in the same style.
"""

from __future__ import annotations

from forecast_cli.event_comparison import EventCompareResult, EventScore
from forecast_cli.report.events.words import figure, named, succeeded
from forecast_cli.report.plots import COLOURS, MODELS_SHOWN, Curve, Draw, curves_plot
from forecast_cli.report.words import clean

__all__ = ["Draw", "roc_plot"]


def roc_plot(
    result: EventCompareResult,
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
    colour: bool = True,
) -> str:
    """True against false positives of the best models, and of the reference."""
    drawn = _drawn(result)
    curves = [
        Curve(
            f"{clean(score.name, 20)} {figure('roc_auc', score.metrics.get('roc_auc'))}",
            score.curves.false_positive_rate,
            score.curves.true_positive_rate,
            COLOURS[k],
        )
        for k, score in enumerate(drawn)
        if score.curves is not None
    ]
    curves.append(Curve("chance", (0.0, 1.0), (0.0, 1.0), "gray"))
    title = "found (up) against false alarms (across)"
    return curves_plot(title, curves, width, height, ascii_only=ascii_only, colour=colour)


def _drawn(result: EventCompareResult) -> list[EventScore]:
    ran = [score for score in succeeded(result) if score.curves is not None]
    reference = named(result, result.protocol.reference)
    drawn = ran[:MODELS_SHOWN]
    if reference is not None and reference.curves is not None and reference not in drawn:
        drawn = [*drawn[: MODELS_SHOWN - 1], reference]
    return drawn

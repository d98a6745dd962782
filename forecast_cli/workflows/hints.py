"""What stands in the way of a forecast later on, said before the training begins.

Nothing is refused here: a model can be trained all the same. Whether it forecasts well is no
concern of this file.
"""

from __future__ import annotations

from forecast_cli.data.panel import Panel


def hints(panel: Panel, horizon: int, context: int | None) -> tuple[str, ...]:
    """Warnings, one line each.

    Parameters
    ----------
    panel : Panel
    horizon : int
        H, in steps.
    context : int or None
        The past steps that the user asked for.
    """
    found = []
    known = panel.channel_positions("future")
    short = int((panel.future_rows < horizon).sum())
    if known and short:
        names = ", ".join(f'"{panel.channels[channel]}"' for channel in known)
        found.append(
            f"{names}: known ahead, but {short} of {panel.n_series} series hold no {horizon} rows "
            "after their last value; predict will need them"
        )
    longest = int((panel.known_ends - panel.starts).max(initial=0))
    if context is not None and context > longest:
        found.append(
            f"--context {context} is longer than any history: {longest} steps are all there is"
        )
    return tuple(found)

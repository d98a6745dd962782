"""What ``rerun`` says in the terminal."""

from __future__ import annotations

from forecast_cli.report.grid import Column, Grid, View
from forecast_cli.report.words import clean, duration, number
from forecast_cli.results import RerunResult


def rerun_view(result: RerunResult) -> View:
    """Whether the weights came out the same; if not, how far apart, and what may be why."""
    apart = f"largest difference {number(result.largest_difference)}"
    facts = {
        "run": clean(result.run),
        "model": clean(result.model),
        "weights": "identical, bit for bit" if result.identical else f"differ; {apart}",
        "first": clean(result.difference),
        "perhaps since": clean("; ".join(result.reasons)) if not result.identical else "",
        "training": duration(result.seconds),
        "kept as": clean(result.kept),
    }
    kept = {name: value for name, value in facts.items() if value}
    columns = [
        Column("", list(kept), right=False, style="dim"),
        Column("", list(kept.values()), right=False, prose=True),
    ]
    return View([Grid(columns, header=False)])

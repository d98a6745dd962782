"""A regular series with an event that its season foretells."""

from __future__ import annotations

from forecast_cli.data.events.histories import Examples, Histories
from forecast_cli.data.events.rules import parse_rule, threshold_examples
from forecast_cli.data.panel import Panel
from forecast_cli.events import EventTask
from tests.conftest import make_panel

HORIZON, SEASON, LIMIT = 6, 24, 12.0


def hourly(hours: int = 480, seed: int = 0, covariates: tuple[str, ...] = ()) -> Histories:
    """Hours of one series, each asked whether the value passes a limit in the next six."""
    panel = make_panel((hours,), season=SEASON, missing=0.02, seed=seed, covariates=covariates)
    rule = parse_rule(f"value > {LIMIT}")
    task = EventTask("threshold", str(rule), horizon=HORIZON, seasons=(SEASON,))
    return Histories(panel, task, threshold_examples(panel, rule, HORIZON))


def parted(histories: Histories, share: float = 0.7) -> tuple[Panel, EventTask, Examples, Examples]:
    """Panel, task, the first examples and the last, with the rows of an answer between."""
    rows, examples = histories.examples.moments.rows, histories.examples
    cut = int(share * histories.panel.n_rows)
    learn, test = examples[rows + HORIZON < cut], examples[rows >= cut]
    return histories.panel, histories.task, learn, test

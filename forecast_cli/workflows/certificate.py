"""What is said of leaks: of suspicious covariates always, of the certificate where it was asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.comparison import LeakCertificate
from forecast_cli.config import CompareConfig
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.data.split import Split
from forecast_cli.errors import UsageError
from forecast_cli.evaluation.backtest import Fold, Outcome, moments
from forecast_cli.evaluation.leaks import certify
from forecast_cli.evaluation.suspects import suspects
from forecast_cli.monitor import Monitor
from forecast_cli.task import Task


def refuse_clock(config: CompareConfig) -> None:
    """Refuse to prove what ends by the clock, before anything is read.

    Raises
    ------
    UsageError
    """
    if config.prove_no_leak and config.max_seconds is not None:
        raise UsageError(
            "--prove-no-leak with --max-seconds: what ends by the clock is never the same twice",
            "bound the training by --max-steps",
        )


def suspicions(panel: Panel, task: Task, blocks: Split, monitor: Monitor) -> dict[str, str]:
    """What is to be said of each covariate that looks as if it was made from the target.

    Looked for before the test block in every comparison, since it takes a fraction of a second,
    and said aloud at once.
    """
    found = suspects(panel, blocks.fit_ends, task.season, task.horizon)
    for line in found.values():
        monitor.say(f"warning: {line}")
    return found


def prove(
    panel: Panel,
    task: Task,
    plan: Sequence[Fold],
    origins: Origins,
    outcomes: Sequence[Outcome],
    monitor: Monitor,
) -> tuple[LeakCertificate, tuple[str, ...]]:
    """The certificate, and a note where not all moments were asked; a leak is said aloud."""
    certificate = certify(outcomes, panel, task, plan, origins, monitor)
    for proof in certificate.proofs:
        if not proof.same:
            monitor.say(f"warning: {proof.model} leaks: {proof.difference}")
    distinct = len(np.unique(moments(panel)[origins.rows]))
    if certificate.cutoffs == distinct:
        return certificate, ()
    asked = f"{certificate.cutoffs} of {distinct} moments, spread evenly"
    return certificate, (f"the leak certificate holds for the forecasts from {asked}",)

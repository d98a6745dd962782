"""Results of event verbs, made by hand: small, and with every part filled."""

from __future__ import annotations

import math

import numpy as np

from forecast_cli.comparison import Verdict
from forecast_cli.event_comparison import (
    Curves,
    EventCompareResult,
    EventPredictResult,
    EventProtocol,
    EventScore,
    EventTable,
    EventVersus,
    LeadTimes,
    ReliabilityBin,
)
from forecast_cli.events import EventTask
from forecast_cli.results import DataSummary

HOSTILE = "<b>=1+1|`x`\x1b[31m"
DATA = DataSummary(
    sources=("visits.csv",),
    rows=12,
    series=4,
    frequency="irregular",
    seasons=(1,),
    sha256="ab" * 32,
    inferred=(),
    repairs=(),
    start="1",
    end="9",
    channels=("dose",),
)


def score(name: str, kind: str, rank: int | None, ap: float, **others: object) -> EventScore:
    """One row; without a rank it failed."""
    metrics = dict.fromkeys(("average_precision", "roc_auc", "brier", "log_loss", "f1"), ap)
    metrics |= {"min_se_pp": 0.5, "ece": 0.041, "brier_skill": 0.2}
    decision = "reference" if name == "logistic" else "better"
    bins = (
        ReliabilityBin(0.0, 0.5, 0.2, 0.25, 8),
        ReliabilityBin(0.5, 0.9, math.nan, math.nan, 0),
        ReliabilityBin(0.9, 1.0, 0.95, 0.5, 4),
    )
    curve = (0.0, 0.4, 1.0)
    return EventScore(
        name=name,
        kind=kind,
        status="ok" if rank else "failed",
        reason="" if rank else "it broke",
        rank=rank,
        metrics=metrics if rank else {},
        intervals={"average_precision": (ap - 0.05, ap + 0.05)} if rank else {},
        by_fold={"average_precision": (ap, ap - 0.01)} if rank else {},
        thresholds=(0.3, 0.4),
        curves=Curves(curve, curve, curve, (1.0, 0.8, 0.3), bins) if rank else None,
        versus_reference=EventVersus(
            "average_precision", 0.02, (0.01, 0.03), 0.01, 0.02, 0.3, 4, decision
        )
        if rank
        else None,
        fit_seconds=1.5,
        answer_seconds=0.1,
        parameters=12,
        **others,  # type: ignore[arg-type]
    )


def compared(
    classes: tuple[str, ...] = ("alive", "died"), event: str = "died"
) -> EventCompareResult:
    """A network, its fair rival and a failure, with lead times."""
    task = EventTask("within", event, classes=classes, within=30)
    leads = LeadTimes(0.1, 0.6, 4, 3, 25.0, 20.0, 28.0, (0.0, 20.0, 25.0, 28.0), 0.1)
    k = len(classes)
    shares = np.full((4, k), 1 / k)
    return EventCompareResult(
        data=DATA,
        task=task,
        protocol=EventProtocol(
            kind="within",
            event=event,
            classes=classes,
            split="folds",
            folds=2,
            entities=4,
            answers=4,
            rows=12,
            shares=(1 - 0.25 * (k - 1), *[0.25] * (k - 1)),
            metric="average_precision",
            reference="logistic",
            units="entities",
            seed=0,
            false_alarms=0.1,
            within="30 steps",
        ),
        models=(
            score("lstm", "network", 1, 0.52, lead_times=leads, notes=("pooling: last",)),
            score("logistic", "baseline", 2, 0.46, lead_times=leads),
            score("boosting", "baseline", None, math.nan),
        ),
        verdict=Verdict("lstm", "The LSTM wins. By a little.", "network", "lstm", ("rule one",)),
        table=EventTable(
            ids=("a", HOSTILE),
            entity=np.array([0, 0, 1, 1]),
            fold=np.array([0, 0, 1, 1]),
            times=np.array([1, 2, 1, 2]),
            labels=np.array([0, 1, 0, 0]),
            probabilities={"lstm": shares, "logistic": shares},
            event_times=np.zeros(0, dtype=np.int64),
        ),
        notes=(f"note {HOSTILE}",),
        command="forecast compare-baselines visits.csv",
        versions={"numpy": "2"},
    )


def predicted(
    classes: tuple[str, ...] = ("alive", "died"), timed: bool = True
) -> EventPredictResult:
    """Answers about two entities."""
    k = len(classes)
    shares = np.array([[0.7, *[0.3 / (k - 1)] * (k - 1)], [0.1, *[0.9 / (k - 1)] * (k - 1)]])
    return EventPredictResult(
        run="runs/x",
        model="gru",
        task=EventTask("row" if timed else "entity", "died", classes=classes),
        data=DATA,
        id_name="patient",
        time_name="day",
        threshold=0.5 if k == 2 else math.nan,
        entities=("p1", HOSTILE),
        times=("3", "9") if timed else ("", ""),
        probabilities=shares,
    )

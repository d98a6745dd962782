"""Will it stand higher than now? The one yes-or-no question, in its own table.

A quantile forecast already holds the answer: the probability above the last value is read
off its quantile function. It is scored beside a logistic regression made for the question,
and beside climatology: how often each series rose in its own past.

Cells that cannot be scored are left out for every model alike: no value at the origin, no
value at the target, or a tie, which is neither a rise nor a fall. They are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.comparison import DirectionScore
from forecast_cli.config import Settings
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.evaluation.backtest import Fold, Outcome, one_line
from forecast_cli.forecasters.exceedance import probability_above
from forecast_cli.task import Task


@dataclass(frozen=True, eq=False)
class Rises:
    """What happened: the event that direction models are scored on."""

    risen: Bools  # [O, H] whether the actual stood above the origin's value
    scored: Bools  # [O, H]
    ties: int
    unobserved: int


@dataclass(frozen=True, eq=False)
class Answer:
    """One model's probabilities of a rise, or why there are none."""

    model: str
    kind: str
    probability: Floats | None  # [O, H]
    reason: str = ""


def rises(actual: Floats, now: Floats) -> Rises:
    """Compare each target with the value at its origin.

    Parameters
    ----------
    actual : [O, H] float64
        NaN where nothing was observed.
    now : [O] float64
        The value at the origin; NaN where it was not observed.
    """
    change = actual - now[:, None]  # [O, H]
    seen = np.isfinite(change)
    tied = seen & (change == 0)
    return Rises(change > 0, seen & ~tied, int(tied.sum()), int((~seen).sum()))


def climatology(panel: Panel, until: Ints, horizon: int) -> Floats:
    """[S, H] the share of rises over h steps in each series before ``until``.

    One half where a series has no such pair; ties are left out as in scoring.
    """
    shares = np.full((panel.n_series, horizon), 0.5)
    for s, (start, end) in enumerate(zip(panel.starts, until, strict=True)):
        seen = panel.target[start:end]
        for h in range(1, min(horizon, len(seen) - 1) + 1):
            change = seen[h:] - seen[:-h]
            up, down = int((change > 0).sum()), int((change < 0).sum())
            if up + down:
                shares[s, h - 1] = up / (up + down)
    return shares


def ask(
    panel: Panel,
    task: Task,
    plan: Sequence[Fold],
    origins: Origins,
    outcomes: Sequence[Outcome],
    models: Sequence[str],
    settings: Settings | None = None,
) -> list[Answer]:
    """What the named models say of a rise, then the regression and climatology.

    The regression and climatology are fitted on the same folds as the models were, the
    regression with their settings.
    """
    now = panel.target[origins.rows]  # [O]
    answers = []
    for outcome in outcomes:
        if outcome.name in models:
            probability = None
            if outcome.forecast is not None:
                probability = probability_above(outcome.forecast.values, task.quantiles, now)
            answers.append(Answer(outcome.name, outcome.kind, probability, outcome.reason))
    answers.append(_ask_regression(panel, task, plan, origins, settings))
    shares = np.empty((len(origins), task.horizon))
    for fold in plan:
        usual = climatology(panel, fold.until, task.horizon)  # [S, H]
        shares[fold.chosen] = usual[origins.series[fold.chosen]]
    answers.append(Answer("climatology", "baseline", shares))
    return answers


def score_direction(answers: Sequence[Answer], event: Rises) -> tuple[DirectionScore, ...]:
    """Brier score, accuracy and AUC of every answer, over all cells and by step.

    A probability of exactly one half is right half the time. The least Brier score comes
    first; failed models last.
    """
    rows = [_score_one(answer, event) for answer in answers]
    return tuple(sorted(rows, key=lambda row: (row.status != "ok", row.brier)))


def area_under_roc(probability: Floats, risen: Bools) -> float:
    """The chance that a rise was given a higher probability than a fall; ties count half.

    Mann & Whitney 1947, from ranks. NaN where only one of both happened.
    """
    from scipy.stats import rankdata

    n_rises = int(risen.sum())
    n_falls = risen.size - n_rises
    if n_rises == 0 or n_falls == 0:
        return float("nan")
    ranks = rankdata(probability)
    return float((ranks[risen].sum() - n_rises * (n_rises + 1) / 2) / (n_rises * n_falls))


def _ask_regression(
    panel: Panel, task: Task, plan: Sequence[Fold], origins: Origins, settings: Settings | None
) -> Answer:
    """Whatever goes wrong in the regression is its own failure, as in the back-test."""
    probability = np.empty((len(origins), task.horizon))
    try:
        from forecast_cli.forecasters.logistic import DirectionModel

        for fold in plan:
            model = DirectionModel(settings).fit(panel, task, fold.until)
            probability[fold.chosen] = model.probability(panel, origins[fold.chosen])
    except Exception as cause:
        return Answer("logistic", "baseline", None, one_line(cause))
    if not np.isfinite(probability).all():
        return Answer("logistic", "baseline", None, "no finite probability")
    return Answer("logistic", "baseline", probability)


def _score_one(answer: Answer, event: Rises) -> DirectionScore:
    nan = float("nan")
    base_rate = float(event.risen[event.scored].mean()) if event.scored.any() else nan
    if answer.probability is None:
        return DirectionScore(
            answer.model, answer.kind, "failed", answer.reason, base_rate, nan, nan, nan, {}
        )
    overall = _measures(answer.probability, event.risen, event.scored)
    steps = [
        _measures(answer.probability[:, h], event.risen[:, h], event.scored[:, h])
        for h in range(event.risen.shape[1])
    ]
    return DirectionScore(
        model=answer.model,
        kind=answer.kind,
        status="ok",
        reason=answer.reason,
        base_rate=base_rate,
        brier=overall["brier"],
        accuracy=overall["accuracy"],
        auc=overall["auc"],
        by_step={name: tuple(step[name] for step in steps) for name in overall},
    )


def _measures(probability: Floats, risen: Bools, scored: Bools) -> Mapping[str, float]:
    p, y = probability[scored], risen[scored]
    if not p.size:
        return dict.fromkeys(("brier", "accuracy", "auc"), float("nan"))
    right = np.where(p == 0.5, 0.5, (p > 0.5) == y)
    return {
        "brier": float(np.mean((p - y) ** 2)),
        "accuracy": float(right.mean()),
        "auc": area_under_roc(p, y),
    }

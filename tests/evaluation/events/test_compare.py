"""From folds to verdict in one call, with models that learn and one that breaks."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.config import Settings
from forecast_cli.evaluation.events import significance
from forecast_cli.evaluation.events.compare import Compared, compare_events
from tests.evaluation.events.models import Blank, Doubled, question_of, replaced


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(significance, "RESAMPLES", 100)


def compared(names: list[str], classes: int = 2) -> Compared:
    return compare_events(
        question_of(classes=classes),
        names,
        Settings(),
        metric="average_precision" if classes == 2 else "log_loss",
        reference="logistic",
        false_alarms=0.1,
        seed=0,
    )


def test_one_table_holds_every_answer_of_every_model_that_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replaced(monkeypatch, lstm=Doubled, gru=Blank)
    found = compared(["lstm", "gru", "prior", "logistic"])
    table = found.table
    assert list(table.probabilities) == ["lstm", "prior", "logistic"]
    assert sorted(table.entity.tolist()) == list(range(60))
    assert np.bincount(table.fold).tolist() == [20, 20, 20]
    assert (table.labels == table.entity % 2).all()
    assert found.shares == (0.5, 0.5)
    assert found.units == "60 entities"
    assert [row.name for row in found.models][-1] == "gru"


def test_a_network_that_knows_nothing_is_not_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, lstm=Doubled)
    found = compared(["lstm", "prior", "logistic"])
    assert (found.verdict.finding, found.verdict.ship) == ("simple", "logistic")


def test_the_same_seed_says_the_same() -> None:
    one, other = compared(["prior", "logistic"]), compared(["prior", "logistic"])
    assert one.verdict == other.verdict
    assert one.models[0].intervals == other.models[0].intervals


def test_three_classes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, lstm=Doubled)
    found = compared(["lstm", "prior", "logistic"], classes=3)
    assert found.verdict.ship == "logistic"
    assert found.shares == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_where_all_fail_nothing_is_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, prior=Blank, logistic=Blank)
    found = compared(["prior", "logistic"])
    assert found.verdict.ship == ""
    assert [row.status for row in found.models] == ["failed", "failed"]

"""Laws that every classifier obeys, over the registry: a new one is tested by being registered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.classifiers import registry
from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.events import EventTask

QUICK = Settings(max_steps=4, members=1, hidden=8)
WHOLE = EventTask("entity", "died", categories={"ward": ("a", "b")})
ROWS = EventTask("row", "worse", categories={"ward": ("a", "b")})
HISTORIES = registry.names("entity")
CAUSAL = registry.names("row")


def histories(n: int = 60, seed: int = 0) -> tuple[Panel, Examples, Examples]:
    """Short histories at any times; whole ones and their rows, both with answers."""
    rng = np.random.default_rng(seed)
    lengths = np.concatenate([[1], rng.integers(2, 9, n - 1)])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    label = rng.integers(0, 2, n)
    entity = np.repeat(np.arange(n), lengths)
    values = rng.normal(size=(offsets[-1], 3)) + label[entity, None]
    values[:, 2] = rng.integers(0, 2, offsets[-1])  # codes of "ward"
    values[rng.random(values.shape) < 0.3] = np.nan
    times = np.concatenate([np.sort(rng.choice(50, k, replace=False)) for k in lengths])
    panel = Panel(
        values=values,
        observed=np.isfinite(values),
        times=times.astype(np.int64),
        offsets=offsets,
        ids=tuple(f"e{i}" for i in range(n)),
        channels=("x", "y", "ward"),
        roles=("past", "past", "past"),
        static=np.column_stack([rng.normal(size=n), np.full(n, np.nan)]),
        static_names=("age", "never known"),
    )
    whole = Examples(Origins.at_end(panel), label)
    rows = Examples(Origins(entity, np.arange(offsets[-1])), label[entity])
    return panel, whole, rows


PANEL, ENTITY_EXAMPLES, ROW_EXAMPLES = histories()
_FITTED: dict[tuple[str, str], Classifier] = {}


def fitted(name: str, kind: str = "entity") -> Classifier:
    """Fitted once for all laws; asked only."""
    if (name, kind) not in _FITTED:
        task, examples = (WHOLE, ENTITY_EXAMPLES) if kind == "entity" else (ROWS, ROW_EXAMPLES)
        _FITTED[name, kind] = registry.create(name, QUICK).fit(PANEL, task, examples)
    return _FITTED[name, kind]


@pytest.mark.parametrize("name", HISTORIES)
def test_probabilities_are_shares_of_one(name: str) -> None:
    answers = fitted(name).probabilities(PANEL, ENTITY_EXAMPLES.moments)
    assert answers.shape == (len(ENTITY_EXAMPLES), 2)
    assert np.isfinite(answers).all()
    assert (answers >= 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("name", HISTORIES)
def test_what_else_is_asked_changes_no_answer(name: str) -> None:
    model, moments = fitted(name), ENTITY_EXAMPLES.moments
    together = model.probabilities(PANEL, moments)
    alone = np.concatenate([model.probabilities(PANEL, moments[k : k + 1]) for k in range(12)])
    np.testing.assert_allclose(alone, together[:12], atol=1e-5)


@pytest.mark.parametrize("name", HISTORIES)
def test_the_order_of_entities_changes_no_answer(name: str) -> None:
    model = fitted(name)
    order = np.random.default_rng(1).permutation(PANEL.n_series)
    turned = PANEL.select(order)
    answers = model.probabilities(turned, Origins.at_end(turned))
    straight = model.probabilities(PANEL, ENTITY_EXAMPLES.moments)
    np.testing.assert_allclose(answers, straight[order], atol=1e-5)


@pytest.mark.parametrize("name", CAUSAL)
def test_rows_after_a_moment_cannot_be_seen(name: str) -> None:
    model = fitted(name, "row")
    half = PANEL.starts + (PANEL.lengths - 1) // 2
    moments = Origins(np.arange(PANEL.n_series), half)
    later = np.arange(PANEL.n_rows) > half[PANEL.series_of_row]
    values, times = PANEL.values.copy(), PANEL.times.copy()
    values[later] = 1e6
    times[later] += 777
    poisoned = replace(PANEL, values=values, observed=np.isfinite(values), times=times)
    clean = model.probabilities(PANEL, moments)
    assert model.probabilities(poisoned, moments).tobytes() == clean.tobytes()


@pytest.mark.parametrize("name", HISTORIES)
def test_a_saved_model_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    model, moments = fitted(name), ENTITY_EXAMPLES.moments
    model.save(tmp_path)
    again = registry.model_class(name).load(tmp_path, QUICK)
    before, after = model.probabilities(PANEL, moments), again.probabilities(PANEL, moments)
    assert after.tobytes() == before.tobytes()
    assert again.threshold == model.threshold


@pytest.mark.parametrize("name", HISTORIES)
def test_a_seed_gives_the_same_bytes(name: str) -> None:
    moments = ENTITY_EXAMPLES.moments
    again = registry.create(name, QUICK).fit(PANEL, WHOLE, ENTITY_EXAMPLES)
    same = again.probabilities(PANEL, moments).tobytes()
    assert same == fitted(name).probabilities(PANEL, moments).tobytes()


@pytest.mark.parametrize("name", HISTORIES)
def test_unseen_texts_and_missing_everything_have_an_answer(name: str) -> None:
    nothing = np.full_like(PANEL.values, np.nan)
    blind = replace(
        PANEL,
        values=nothing,
        observed=np.isfinite(nothing),
        static=np.full_like(PANEL.static, np.nan),
    )
    answers = fitted(name).probabilities(blind, Origins.at_end(blind))
    assert np.isfinite(answers).all()


@pytest.mark.parametrize("name", HISTORIES)
def test_statics_alone_can_be_learned_from(name: str) -> None:
    nothing = np.full_like(PANEL.values, np.nan)
    age = np.column_stack([ENTITY_EXAMPLES.labels.astype(float), PANEL.static[:, 1]])
    panel = replace(PANEL, values=nothing, observed=np.isfinite(nothing), static=age)
    model = registry.create(name, QUICK).fit(panel, WHOLE, ENTITY_EXAMPLES)
    answers = model.probabilities(panel, ENTITY_EXAMPLES.moments)
    assert np.isfinite(answers).all()


@pytest.mark.parametrize("name", HISTORIES)
def test_what_is_held_out_are_training_examples_with_an_answer_each(name: str) -> None:
    held = fitted(name).held
    assert len(held.examples) == len(held.probabilities) > 0
    trained = set(ENTITY_EXAMPLES.moments.rows.tolist())
    assert set(held.examples.moments.rows.tolist()) <= trained


@pytest.mark.parametrize("name", HISTORIES)
def test_three_classes_have_three_shares(name: str) -> None:
    task = EventTask("entity", "stage", classes=("a", "b", "c"))
    labels = np.arange(PANEL.n_series) % 3
    examples = Examples(ENTITY_EXAMPLES.moments, labels)
    model = registry.create(name, QUICK).fit(PANEL, task, examples)
    answers = model.probabilities(PANEL, examples.moments)
    assert answers.shape == (len(examples), 3)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)

"""The neural classifier: what it learns, what it does not, and what must not change it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from forecast_cli.classifiers import registry
from forecast_cli.classifiers.base import Classifier
from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError, TrainingError, UsageError
from forecast_cli.events import EventTask
from tests.events import every_row, random_histories

QUICK = Settings(max_steps=30, hidden=8, members=2, device="cpu")
DIED = EventTask("entity", "died")
FAILS = EventTask("within", "fails", within=3)
NAMES = ("lstm", "gru", "rnn", "bilstm")


def _fitted(
    panel: Panel,
    examples: Examples,
    task: EventTask = DIED,
    name: str = "gru",
    settings: Settings = QUICK,
) -> Classifier:
    return registry.create(name, settings).fit(panel, task, examples)


@pytest.mark.parametrize("name", NAMES)
def test_an_easy_signal_is_learned(name: str) -> None:
    panel, examples = random_histories(120, seed=0, signal=2.0, shortest=4)
    learn, test = examples[:80], examples[80:]
    model = _fitted(panel, learn, name=name, settings=QUICK.model_copy(update={"max_steps": 120}))
    p = model.probabilities(panel, test.moments)
    assert p.shape == (40, 2)
    np.testing.assert_allclose(p.sum(1), 1)
    assert (p.argmax(1) == test.labels).mean() > 0.8
    held = model.held
    assert len(held.examples) < len(learn)  # what two members held out, and nothing else
    assert (held.probabilities.argmax(1) == held.examples.labels).mean() > 0.8


def test_without_signal_the_answer_is_about_the_prevalence() -> None:
    panel, examples = random_histories(300, seed=1)
    labels = (np.random.default_rng(5).random(300) < 0.25).astype(np.int64)
    examples = Examples(examples.moments, labels)
    model = _fitted(panel, examples[:200])
    p = model.probabilities(panel, examples.moments[200:])[:, 1]
    assert abs(p.mean() - labels[:200].mean()) < 0.08
    assert p.std() < 0.1


@pytest.mark.parametrize("task", [DIED, FAILS], ids=["entity", "within"])
def test_rows_after_a_moment_change_no_byte(task: EventTask) -> None:
    panel, examples = random_histories(40, seed=2, signal=1.0, shortest=6)
    examples = examples if task is DIED else every_row(panel, 3)
    model = _fitted(panel, examples, task)
    rows = panel.starts + 3
    moments = Origins(np.arange(40), rows)
    before = model.probabilities(panel, moments)
    after = np.arange(panel.n_rows) > rows[panel.series_of_row]
    poisoned = replace(
        panel,
        values=np.where(after[:, None], 1e6, panel.values),
        observed=panel.observed | after[:, None],
        times=panel.times + 77 * after,
    )
    assert before.tobytes() == model.probabilities(poisoned, moments).tobytes()


def test_training_does_not_see_rows_after_the_last_example() -> None:
    panel, _ = random_histories(30, seed=3, shortest=6)
    rows = panel.starts + 3
    examples = Examples(Origins(np.arange(30), rows), np.arange(30) % 2)
    after = np.arange(panel.n_rows) > rows[panel.series_of_row]
    poisoned = replace(panel, values=np.where(after[:, None], 1e6, panel.values))
    one, other = _fitted(panel, examples), _fitted(poisoned, examples)
    assert one.held.probabilities.tobytes() == other.held.probabilities.tobytes()


def test_the_order_of_the_entities_changes_nothing() -> None:
    panel, examples = random_histories(40, seed=4, signal=1.0)
    order = np.random.default_rng(0).permutation(40)
    shuffled = panel.select(order)
    again = Examples(Origins.at_end(shuffled), examples.labels[order])
    one, other = _fitted(panel, examples), _fitted(shuffled, again)
    np.testing.assert_allclose(
        one.probabilities(panel, examples.moments)[order],
        other.probabilities(shuffled, again.moments),
        atol=1e-5,
    )


def test_who_else_is_asked_changes_nothing() -> None:
    panel, _ = random_histories(30, seed=5, shortest=5)
    examples = every_row(panel, 3)
    model = _fitted(panel, examples, FAILS)
    all_of_them = model.probabilities(panel, examples.moments)
    some = np.flatnonzero(np.random.default_rng(0).random(len(examples)) < 0.3)
    few = model.probabilities(panel, examples.moments[some])
    np.testing.assert_allclose(few, all_of_them[some], atol=1e-6)


def test_a_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    panel, examples = random_histories(30, seed=6, signal=1.0)
    one, same = _fitted(panel, examples), _fitted(panel, examples)
    other = _fitted(panel, examples, settings=QUICK.model_copy(update={"seed": 1}))
    assert one.held.probabilities.tobytes() == same.held.probabilities.tobytes()
    assert one.held.probabilities.tobytes() != other.held.probabilities.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_what_was_saved_answers_as_before(name: str, tmp_path: Path) -> None:
    panel, examples = random_histories(30, seed=7, classes=3)
    task = EventTask("entity", "kind", classes=("a", "b", "c"))
    model = _fitted(panel, examples, task, name)
    model.save(tmp_path)
    again = type(model).load(tmp_path, QUICK)
    assert again.n_parameters == model.n_parameters
    assert again.notes == model.notes
    one, other = (m.probabilities(panel, examples.moments) for m in (model, again))
    assert one.tobytes() == other.tobytes()


def test_labels_unknown_in_training_and_empty_histories_are_answered() -> None:
    panel, examples = random_histories(40, seed=8)
    values = panel.values.copy()
    values[:, 1] = np.where(panel.observed[:, 1], np.arange(panel.n_rows) % 2, np.nan)
    panel = replace(panel, values=values)
    task = EventTask("entity", "died", categories={"b": ("x", "y")})
    model = _fitted(panel, examples, task)
    strange = values.copy()
    strange[:, 1] = np.nan  # a label that nobody knew, or none
    for observed in (panel.observed, np.zeros_like(panel.observed)):
        other = replace(
            panel,
            values=np.where(observed, strange, np.nan),
            observed=observed,
            static=np.full_like(panel.static, np.nan),
        )
        p = model.probabilities(other, examples.moments)
        assert np.isfinite(p).all()


@pytest.mark.parametrize("kind", ["one row", "an empty channel", "nothing at all"])
def test_meagre_histories_are_learned_from(kind: str) -> None:
    panel, examples = random_histories(24, seed=9, longest=1 if kind == "one row" else 9)
    observed = panel.observed.copy()
    observed[:, : {"one row": 0, "an empty channel": 1, "nothing at all": 3}[kind]] = False
    panel = replace(panel, observed=observed, values=np.where(observed, panel.values, np.nan))
    p = _fitted(panel, examples).probabilities(panel, examples.moments)
    assert np.isfinite(p).all()


def test_a_single_entity_can_be_learned_row_by_row() -> None:
    panel, _ = random_histories(1, seed=10, shortest=120, longest=120)
    rows = np.arange(120)
    labels = (panel.times // 40 % 2).astype(np.int64)
    examples = Examples(Origins(np.zeros(120, dtype=np.int64), rows), labels)
    model = _fitted(panel, examples, EventTask("row", "on"))
    assert model.probabilities(panel, examples.moments).shape == (120, 2)


def test_a_lone_event_is_learned_without_anything_held_out_and_that_is_said() -> None:
    panel, examples = random_histories(12, seed=11)
    alone = Examples(examples.moments, np.eye(12, dtype=np.int64)[3])
    model = _fitted(panel, alone)
    assert "too few" in model.notes[0]
    assert np.isfinite(model.held.probabilities).all()


def test_one_class_is_nothing_to_learn() -> None:
    panel, examples = random_histories(12, seed=12)
    with pytest.raises(TrainingError, match="one class"):
        _fitted(panel, Examples(examples.moments, np.zeros(12, dtype=np.int64)))


def test_reading_backwards_is_refused_where_rows_are_asked() -> None:
    panel, _ = random_histories(12, seed=13)
    with pytest.raises(UsageError, match="backwards"):
        _fitted(panel, every_row(panel, 3), FAILS, "bilstm")


def test_other_columns_are_refused() -> None:
    panel, examples = random_histories(12, seed=13)
    model = _fitted(panel, examples)
    with pytest.raises(DataError, match="not those of training"):
        model.probabilities(replace(panel, channels=("a", "b", "d")), examples.moments)


def test_a_threshold_event_on_a_regular_series_is_learned_from_windows() -> None:
    hours = np.arange(900)
    rng = np.random.default_rng(0)
    load = np.sin(2 * np.pi * hours / 24) + 0.2 * rng.normal(size=900)
    panel = Panel(
        values=load[:, None],
        observed=np.ones((900, 1), dtype=np.bool_),
        times=hours * 3600 * 10**9,
        offsets=np.array([0, 900]),
        ids=("load",),
        clock=Clock(freq="h"),
    )
    task = EventTask("threshold", "load > 1", horizon=4, seasons=(24,))
    rows = np.arange(60, 896)
    ahead = np.lib.stride_tricks.sliding_window_view(load[1:], 4)[rows].max(1) > 0.9
    examples = Examples(Origins(np.zeros(len(rows), dtype=np.int64), rows), ahead.astype(np.int64))
    learn, test = examples[rows < 600], examples[rows >= 610]
    model = _fitted(panel, learn, task, settings=QUICK.model_copy(update={"max_steps": 80}))
    p = model.probabilities(panel, test.moments)[:, 1]
    assert average_precision_score(test.labels, p) > test.labels.mean() + 0.2
    some = test.moments[::37]
    np.testing.assert_allclose(model.probabilities(panel, some)[:, 1], p[::37], atol=1e-6)


def test_with_all_members_every_example_was_held_out_by_one() -> None:
    panel, examples = random_histories(25, seed=14)
    settings = Settings(max_steps=3, hidden=4, device="cpu")
    held = _fitted(panel, examples, settings=settings).held
    np.testing.assert_array_equal(held.examples.moments.rows, examples.moments.rows)

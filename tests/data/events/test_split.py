"""Splits: every entity tested once, classes shared evenly, nothing on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.data.events.histories import Examples, Histories
from forecast_cli.data.events.split import entity_classes, first_tested, folds, hold_out
from forecast_cli.data.events.split import given as given_test
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.events import EventTask
from tests.conftest import make_panel


def histories(
    labels: list[int], rows: int = 3, kind: str = "entity", classes: int = 2
) -> Histories:
    """Entities of so many rows; kind "row": the label holds in the last row only, else class 0."""
    n = len(labels)
    panel = Panel(
        values=np.arange(n * rows, dtype=np.float64)[:, None],
        observed=np.ones((n * rows, 1), dtype=bool),
        times=np.tile(np.arange(rows), n),
        offsets=np.arange(n + 1) * rows,
        ids=tuple(f"e{i}" for i in range(n)),
        roles=("past",),
    )
    names = tuple(str(k) for k in range(classes))
    if kind == "entity":
        examples = Examples(Origins.at_end(panel), np.array(labels))
    else:
        answers = np.zeros((n, rows), dtype=np.int64)
        answers[:, -1] = labels
        series = np.repeat(np.arange(n), rows)
        examples = Examples(Origins(series, np.arange(n * rows)), answers.ravel())
    return Histories(panel, EventTask(kind, "x", names), examples)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 2), min_size=12, max_size=60),
    st.integers(2, 6),
    st.sampled_from(["entity", "row"]),
    st.integers(0, 5),
)
def test_folds_partition_the_entities_and_share_the_classes(labels, k, kind, seed):
    whole = histories(labels, kind=kind, classes=3)
    parts = folds(whole, k, seed)
    tested = np.concatenate([np.unique(fold.test.moments.series) for fold in parts])
    assert sorted(tested.tolist()) == list(range(len(labels)))
    _, strata = entity_classes(whole.task, whole.examples)
    for fold in parts:
        assert not set(fold.learn.moments.series) & set(fold.test.moments.series)
        assert len(fold.learn) + len(fold.test) == len(whole.examples)
        own = strata[np.unique(fold.test.moments.series)]
        for stratum in np.unique(strata):
            fair = np.sum(strata == stratum) / k
            assert abs(np.sum(own == stratum) - fair) < 1


def test_folds_follow_from_the_seed_alone():
    whole = histories([0, 1] * 10)
    first, same, other = (folds(whole, 4, seed) for seed in (1, 1, 2))
    rows = [[f.test.moments.rows.tolist() for f in parts] for parts in (first, same, other)]
    assert rows[0] == rows[1] != rows[2]


def test_more_folds_than_entities_are_refused():
    with pytest.raises(DataError, match="too few for 9 folds") as caught:
        folds(histories([0, 1, 0, 1]), 9, 0)
    assert caught.value.fix == "--folds 4 or less"


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 1), min_size=2, max_size=40),
    st.floats(0.05, 0.5),
    st.sampled_from(["entity", "row"]),
)
def test_what_is_held_out_parts_entities_and_leaves_every_class_to_learn_from(labels, share, kind):
    whole = histories(labels, kind=kind)
    learn, hold = hold_out(whole.panel, whole.task, whole.examples, share, 0)
    assert not set(learn.moments.series) & set(hold.moments.series)
    assert len(learn) + len(hold) == len(whole.examples)
    assert set(learn.labels) == set(whole.examples.labels)
    counts = np.bincount(entity_classes(whole.task, whole.examples)[1], minlength=2)
    assert (len(hold) > 0) == bool(counts.max() > 1)
    if counts.min() > 1:
        assert set(hold.labels) == {0, 1}


def threshold(lengths: tuple[int, ...], horizon: int, freq: str | None = "h") -> Histories:
    panel = make_panel(lengths, freq=freq)
    task = EventTask("threshold", "value > 1", horizon=horizon)
    rows = np.flatnonzero(
        np.arange(panel.n_rows) + horizon < np.repeat(panel.known_ends, panel.lengths)
    )
    labels = np.random.default_rng(0).integers(0, 2, len(rows))
    return Histories(panel, task, Examples(Origins(panel.series_of_row[rows], rows), labels))


@pytest.mark.parametrize("freq", ["h", None])
def test_in_time_no_answer_that_is_learned_reaches_into_the_test(freq):
    whole = threshold((400, 300, 350), horizon=12, freq=freq)
    (fold,) = folds(whole, 5, 0)
    cuts = first_tested(whole.panel)
    assert np.all(fold.test.moments.rows >= cuts[fold.test.moments.series])
    assert np.all(fold.learn.moments.rows + 12 < cuts[fold.learn.moments.series])
    if freq:  # at one moment for all
        times = whole.panel.times
        assert times[fold.learn.moments.rows].max() < times[fold.test.moments.rows].min()


@pytest.mark.parametrize("freq", ["h", None])
def test_what_is_held_out_in_time_is_the_last_part_after_a_gap(freq):
    whole = threshold((400, 300), horizon=10, freq=freq)
    learn, hold = hold_out(whole.panel, whole.task, whole.examples, 0.2, 0)
    for s in range(2):
        mine = hold.moments.rows[hold.moments.series == s]
        if mine.size:
            assert learn.moments.rows[learn.moments.series == s].max() + 10 < mine.min()
    assert 0.1 < len(hold) / len(whole.examples) < 0.4


def test_a_rare_event_widens_what_is_held_out_in_time():
    whole = threshold((400,), horizon=5)
    labels = np.zeros(len(whole.examples), dtype=np.int64)
    labels[[50, 290]] = 1  # the last of them three tenths before the end
    examples = Examples(whole.examples.moments, labels)
    learn, hold = hold_out(whole.panel, whole.task, examples, 0.2, 0)
    assert set(learn.labels) == set(hold.labels) == {0, 1}


def test_an_event_that_never_comes_in_the_test_is_refused():
    whole = threshold((400,), horizon=5)
    labels = np.zeros(len(whole.examples), dtype=np.int64)
    labels[:50] = 1
    with pytest.raises(DataError, match="never comes in the last fifth"):
        folds(Histories(whole.panel, whole.task, Examples(whole.examples.moments, labels)), 5, 0)


class Heard:
    """A monitor that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, task: str, total: float | None = None) -> None: ...

    def update(self, done: float, note: str = "") -> None: ...

    def end(self) -> None: ...

    def say(self, message: str) -> None:
        self.said.append(message)

    def stop_requested(self) -> bool:
        return False


def test_test_data_join_the_panel_under_names_of_their_own():
    train, test = histories([0, 1, 0]), histories([1, 0])
    heard = Heard()
    fold = given_test(train, test, heard)
    assert fold.panel.ids == ("e0", "e1", "e2", "e0 (test)", "e1 (test)")
    assert "2 entities" in heard.said[0]
    assert fold.learn.moments.rows.tolist() == [2, 5, 8]
    assert fold.test.moments.rows.tolist() == [11, 14]
    assert fold.test.moments.series.tolist() == [3, 4]
    assert fold.panel.values[fold.test.moments.rows, 0].tolist() == [2, 5]


def test_test_data_without_answers_are_refused():
    train = histories([0, 1])
    empty = Histories(train.panel, train.task, train.examples[:0])
    with pytest.raises(DataError, match="no answers"):
        given_test(train, empty)

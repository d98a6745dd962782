"""Labels: classes, the event among them, and where the answer is known."""

from __future__ import annotations

import pytest

from forecast_cli.errors import DataError, UsageError
from tests.data.events.conftest import inferred, repairs, table


def outcome(*labels: object, header: str = "unit,end") -> str:
    return table(header, *[(f"u{i}", label) for i, label in enumerate(labels)])


def rows(n: int, length: int = 2) -> str:
    return table("unit,t,x", *[(f"u{i}", t, i * t) for i in range(n) for t in range(length)])


def test_a_file_of_labels_is_joined_on_the_id_whatever_its_order(read):
    labels = table("#Unit , end", ("u2", 1), ("u0", 0), ("u3", 1), ("u1", 0))
    histories = read(rows(4), labels=labels)
    assert histories.examples.labels.tolist() == [0, 0, 1, 1]
    assert inferred(histories)["label"] == '"end"'


def test_ids_with_leading_zeros_are_joined_where_no_other_way_fits(read):
    text = table("unit,t,x", *[(f"{i}", t, t) for i in range(4) for t in range(2)])
    labels = table("unit,end", ("000", 0), ("001", 1), ("002", 1), ("003", 0))
    assert read(text, labels=labels, id="unit").examples.labels.tolist() == [0, 1, 1, 0]


def test_missing_and_extra_ids_are_counted_and_never_filled_in(read):
    labels = table("unit,end", ("u0", 0), ("u1", 1), ("u2", 0), ("u3", 1), ("u9", 1))
    histories = read(rows(5), labels=labels)
    assert histories.examples.moments.series.tolist() == [0, 1, 2, 3]
    assert repairs(histories)["labels without a history"] == 1
    assert repairs(histories)["histories without a label"] == 1


def test_files_that_share_no_id_are_refused(read):
    with pytest.raises(DataError, match='no id in column "unit"'):
        read(rows(2), labels=table("unit,end", ("x", 0), ("y", 1)))


def test_two_labels_for_one_entity_are_refused_with_their_line(read):
    labels = table("unit,end", ("u0", 0), ("u1", 1), ("u0", 1))
    with pytest.raises(DataError, match=r'outcomes.csv:\d, column "end": "u0" has two labels'):
        read(rows(2), labels=labels)


def test_of_several_columns_one_must_be_named(read):
    labels = table("unit,end,stay", *[(f"u{i}", i % 2, i) for i in range(4)])
    with pytest.raises(UsageError, match="2 columns beside the ids"):
        read(rows(4), labels=labels)
    assert read(rows(4), labels=labels, label="end").examples.labels.tolist() == [0, 1, 0, 1]


def test_a_plain_yes_is_the_event_and_else_the_rarer_label(read):
    plain = read(rows(5), labels=outcome("yes", "no", "yes", "yes", "no"))
    assert plain.task.classes == ("no", "yes")
    assert plain.task.event == "end"
    rarer = read(rows(5), labels=outcome("left", "stayed", "left", "stayed", "stayed"))
    assert rarer.task.classes == ("stayed", "left")
    assert rarer.task.event == "end = left"
    assert inferred(rarer)["event"] == '"left"'


def test_positive_names_the_event_and_joins_the_others(read):
    labels = outcome("a", "b", "c", "a", "b", "c")
    assert read(rows(6), labels=labels).task.classes == ("a", "b", "c")
    two = read(rows(6), labels=labels, positive="b")
    assert two.task.classes == ("not b", "b")
    assert two.examples.labels.tolist() == [0, 1, 0, 0, 1, 0]
    with pytest.raises(UsageError, match='no value "d"'):
        read(rows(6), labels=labels, positive="d")


def test_classes_stand_in_natural_order(read):
    labels = outcome(*[1, 2, 10, 1, 2, 10])
    assert read(rows(6), labels=labels).task.classes == ("1", "2", "10")


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ((1, 1, 1, 1), "one class"),
        ((1, 0, 0, 0), 'class "1" of label "end" has 1 entity'),
        (tuple(i / 7 for i in range(1, 20)), "that is a measurement"),
        (tuple(range(60)), "that is a measurement"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(read, labels, reason):
    with pytest.raises(DataError, match=reason) as caught:
        read(rows(len(labels)), labels=outcome(*labels))
    assert caught.value.fix


def test_labels_that_vary_answer_row_by_row_and_an_empty_one_is_no_example(read):
    body = [("a", 0, 1, 0), ("a", 1, 2, 1), ("b", 0, 1, 0), ("b", 1, 4, ""), ("c", 0, 3, 1)]
    histories = read(table("unit,t,x,ill", *body), label="ill")
    assert histories.task.kind == "row"
    assert histories.examples.moments.rows.tolist() == [0, 1, 2, 4]
    assert histories.examples.labels.tolist() == [0, 1, 0, 1]


def test_a_label_of_last_rows_only_hints_at_asking_ahead(read):
    body = [(f"u{e}", t, t, int(t == 4 and e > 1)) for e in range(5) for t in range(5)]
    histories = read(table("unit,t,x,failed", *body), label="failed")
    assert histories.task.kind == "row"
    assert any("--event-within" in line for line in histories.warnings)


def test_a_label_that_training_did_not_know_is_no_example(read):
    trained = read(rows(4), labels=outcome("a", "b", "a", "b"))
    later = read(rows(3), labels=outcome("a", "b", "z"), known=trained.task)
    assert later.examples.moments.series.tolist() == [0, 1]
    assert any('"z"' in line for line in later.warnings)


def test_an_ask_for_each_row_keeps_to_rows_where_no_label_varies(read):
    body = [(f"u{e}", t, t, int(t > e)) for e in range(3) for t in range(4)]
    trained = read(table("unit,t,x,ill", *body), label="ill")
    steady = [(f"n{e}", t, t, e % 2) for e in range(2) for t in range(3)]
    later = read(table("unit,t,x,ill", *steady), label="ill", known=trained.task)
    assert len(later.examples) == 6


def test_histories_without_an_answer_in_the_file_are_counted(read):
    labels = table("unit,end", ("u0", 0), ("u1", 1), ("u2", ""), ("u3", 1), ("u4", 0))
    histories = read(rows(5), labels=labels)
    assert histories.examples.moments.series.tolist() == [0, 1, 3, 4]
    assert repairs(histories)["empty labels"] == 1


def mixed(*ids: str) -> str:
    return table("unit,t,x", *[(one, t, t) for one in ids for t in range(2)])


def test_leading_zeros_are_looked_through_where_other_ids_join_as_written(read):
    labels = table("unit,end", ("7", 1), ("8", 0), ("100", 1), ("101", 0))
    histories = read(mixed("007", "008", "100", "101"), labels=labels, id="unit")
    assert histories.examples.labels.tolist() == [1, 0, 1, 0]
    guess = next(g for g in histories.summary.inferred if g.name == "labels")
    assert guess.why == '"7" is "007"'


def test_ids_that_leading_zeros_alone_tell_apart_are_never_mixed_up(read):
    labels = table("unit,end", ("7", 1), ("8", 0), ("9", 0), ("10", 0), ("12", 1))
    histories = read(mixed("7", "007", "08", "008", "9", "10", "12"), labels=labels, id="unit")
    named = [histories.panel.ids[s] for s in histories.examples.moments.series]
    assert dict(zip(named, histories.examples.labels.tolist(), strict=True)) == {
        "7": 1,
        "9": 0,
        "10": 0,
        "12": 1,
    }

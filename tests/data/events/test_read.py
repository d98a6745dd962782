"""From files to histories, through the one door."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli.config import CompareConfig, DataOptions, PredictConfig
from forecast_cli.data.events.read import load_histories, load_test
from forecast_cli.errors import DataError, UsageError
from tests.data.events.conftest import inferred, repairs, table, write

VISITS = table(
    "patient,day,weight,sex,died",
    ("p10", 0, 80, "m", 1),
    ("p10", 9, 78, "m", 1),
    ("p2", 0, 60, "f", 0),
    ("p2", 3, "", "f", 0),
    ("p2", 30, 62, "f", 0),
    ("p3", 0, 71, "f", 0),
    ("p3", 5, 70, "f", 0),
    ("p4", 2, 90, "m", 1),
    ("p4", 8, 91, "m", 1),
)


def test_a_wide_file_becomes_one_history_an_entity_in_natural_order(read):
    histories = read(VISITS, label="died")
    panel = histories.panel
    assert panel.ids == ("p2", "p3", "p4", "p10")
    assert panel.lengths.tolist() == [3, 2, 2, 2]
    assert panel.channels == ("weight",)
    assert panel.roles == ("past",)
    assert panel.times[:3].tolist() == [0, 3, 30]
    assert panel.observed[:3, 0].tolist() == [True, False, True]
    assert np.isnan(panel.values[1, 0])
    assert panel.id_name == "patient"


def test_the_label_leaves_the_channels_and_answers_at_the_last_row(read):
    histories = read(VISITS, label="died")
    assert histories.task.kind == "entity"
    assert histories.task.event == "died"
    assert histories.examples.moments.rows.tolist() == [2, 4, 6, 8]
    assert histories.examples.labels.tolist() == [0, 0, 1, 1]


def test_a_column_that_never_changes_within_entities_is_a_static_and_said(read):
    histories = read(VISITS, label="died")
    assert histories.panel.static_names == ("sex",)
    assert histories.task.categories == {"sex": ("f", "m")}
    assert histories.panel.static[:, 0].tolist() == [0, 0, 1, 1]
    assert inferred(histories)["statics"] == "sex"


def test_a_named_past_column_stays_a_channel(read):
    histories = read(VISITS, label="died", past=("sex", "weight"))
    assert histories.panel.channels == ("sex", "weight")
    assert histories.panel.static_names == ()


def test_newer_data_are_read_by_the_codes_of_the_run(read, tmp_path):
    trained = read(VISITS, label="died")
    newer = table(
        "patient,day,weight,sex", ("n1", 1, 50, "m"), ("n2", 1, 51, "x"), ("n2", 2, 52, "x")
    )
    paths = write(tmp_path, newer=newer)
    kept = trained.options.model_copy(update={"data": (paths["newer"],)})
    histories = load_histories(PredictConfig(**dict(kept)), known=trained.task)
    assert histories.task is trained.task
    assert len(histories.examples) == 0
    assert histories.panel.channels == trained.panel.channels
    assert histories.panel.static[0, 0] == 1
    assert np.isnan(histories.panel.static[1, 0])
    assert any('"x"' in warning for warning in histories.warnings)


def test_options_that_reading_settled_read_the_same_again(read):
    first = read(VISITS, label="died")
    again = load_histories(
        CompareConfig(**{**dict(first.options), "label": "died"}), known=first.task
    )
    assert np.array_equal(first.panel.values, again.panel.values, equal_nan=True)
    assert np.array_equal(first.panel.static, again.panel.static, equal_nan=True)
    assert first.panel.static_names == again.panel.static_names
    assert again.examples.labels.tolist() == first.examples.labels.tolist()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(read, random):
    header, *rows = VISITS.strip().split("\n")
    rows += ["p2,3,61,f,0", "p2,3,64,f,0", "p4,8,,m,1"]
    sorted_text = "\n".join([header, *rows]) + "\n"
    first = read(sorted_text, label="died")
    random.shuffle(rows)
    again = read("\n".join([header, *rows]) + "\n", label="died")
    assert first.panel.ids == again.panel.ids
    assert np.array_equal(first.panel.values, again.panel.values, equal_nan=True)
    assert np.array_equal(first.panel.times, again.panel.times)
    assert np.array_equal(first.panel.static, again.panel.static, equal_nan=True)
    assert first.examples.labels.tolist() == again.examples.labels.tolist()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(12, 22), kind=st.sampled_from(["row", "within"]))
def test_rows_after_a_moment_change_no_example_before_it(read, cut, kind):
    rows = [(f"e{e}", t, t * 7 % 5, int(t == 10 + 2 * e)) for e in range(3) for t in range(24)]
    ahead = {"event_within": "3"} if kind == "within" else {}
    whole = read(table("unit,cycle,x,bad", *rows), label="bad", **ahead)
    part = read(table("unit,cycle,x,bad", *[r for r in rows if r[1] <= cut]), label="bad", **ahead)
    answers = {}
    for histories in (whole, part):
        moments = histories.examples.moments
        times = histories.panel.times[moments.rows].tolist()
        keys = zip(moments.series.tolist(), times, strict=True)
        answers[id(histories)] = dict(zip(keys, histories.examples.labels.tolist(), strict=True))
    before, after = answers[id(part)], answers[id(whole)]
    assert before
    assert all(after[moment] == label for moment, label in before.items())


def test_a_folder_is_one_file_an_entity(tmp_path):
    for name, label in (("a2", 1), ("a10", 0), ("b", 1), ("c", 0)):
        rows = [(t, 5 + t, label) for t in range(4)]
        (tmp_path / f"{name}.csv").write_text(table("t,x,broken", *rows))
    histories = load_histories(CompareConfig(data=(str(tmp_path),), label="broken"))
    assert histories.panel.ids == ("a2", "a10", "b", "c")
    assert histories.panel.id_name == "file"
    assert histories.examples.labels.tolist() == [1, 0, 1, 0]
    again = PredictConfig(
        **{**dict(histories.options), "data": (str(tmp_path / "b.csv"),)},
    )
    assert load_histories(again, known=histories.task).panel.ids == ("b",)


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(DataError, match="no CSV file"):
        load_histories(CompareConfig(data=(str(tmp_path),), label="x"))


def test_files_with_an_id_column_are_long_files(tmp_path):
    (tmp_path / "one.csv").write_text(table("unit,t,x,y", ("a", 0, 1, 0), ("b", 0, 2, 1)))
    (tmp_path / "two.csv").write_text(
        table("unit,t,x,y", ("a", 1, 1, 0), ("b", 1, 2, 1), ("c", 0, 3, 1), ("d", 4, 3, 0))
    )
    histories = load_histories(CompareConfig(data=(str(tmp_path / "*.csv"),), label="y"))
    assert histories.panel.ids == ("a", "b", "c", "d")
    assert histories.panel.lengths.tolist() == [2, 2, 1, 1]


def test_test_data_are_read_as_the_training_data_were(read, tmp_path):
    train = read(VISITS, label="died")
    paths = write(
        tmp_path,
        test=table("patient,day,weight,sex,died", ("p2", 1, 9, "m", 1), ("q", 4, 8, "f", 0)),
    )
    config = CompareConfig(data=("x",), label="died", test_data=(paths["test"],))
    test = load_test(config, train)
    assert test.panel.channels == train.panel.channels
    assert test.examples.labels.tolist() == [1, 0]


def test_test_labels_of_within_answer_at_the_last_row(read, tmp_path):
    rows = [(f"u{e}", t, t) for e in range(4) for t in range(10)]
    train = read(table("unit,cycle,x", *rows), event_within="3")
    paths = write(
        tmp_path,
        test=table("unit,cycle,x", ("a", 0, 0), ("a", 1, 1), ("b", 0, 0)),
        truth=table("unit,soon", ("a", 1), ("b", 0)),
    )
    config = CompareConfig(
        data=("x",), event_within="3", test_data=(paths["test"],), test_labels=paths["truth"]
    )
    test = load_test(config, train)
    assert test.task == train.task
    assert test.examples.moments.rows.tolist() == [1, 2]
    assert test.examples.labels.tolist() == [1, 0]


def test_a_label_that_is_nowhere_is_refused_with_its_neighbours(read):
    with pytest.raises(UsageError, match="dead") as caught:
        read(VISITS, label="dead")
    assert "died" in caught.value.fix


def test_a_static_that_varies_takes_its_first_value_and_says_so(read):
    histories = read(VISITS, label="died", static=("weight",), past=("sex",))
    assert histories.panel.static[0].tolist() == [60]
    assert repairs(histories)["static values that vary"] == 4


def test_a_label_cannot_be_a_static_as_well(read):
    with pytest.raises(UsageError, match="--label and by --static"):
        read(VISITS, label="died", static=("died",))


def test_minus_one_can_mean_unknown(read):
    histories = read(VISITS.replace(",78,", ",-1,"), label="died", na=("-1",))
    assert not histories.panel.observed[8, 0]
    assert repairs(histories)["missing marks"] == 1


def test_without_a_question_there_are_no_examples(read):
    histories = read(VISITS)
    assert len(histories.examples) == 0
    assert histories.panel.n_series == 4


def test_two_questions_at_once_are_refused():
    with pytest.raises(UsageError, match="two questions"):
        load_histories(CompareConfig(data=("x",), event="x > 1", label="y"))


def test_reading_settles_plain_options(read):
    options = read(VISITS, label="died").options
    assert type(options) is DataOptions
    assert options.id == "patient"
    assert options.time == ("day",)
    assert options.past == ("weight",)
    assert options.static == ("sex",)


def test_newer_data_without_a_channel_that_was_learned_from_are_refused_as_data(read):
    trained = read(
        table("unit,t,x,y", *[(f"u{i}", t, t, i * t) for i in range(4) for t in range(3)]),
        labels=table("unit,end", *[(f"u{i}", i % 2) for i in range(4)]),
    )
    kept = {"id": "unit", "time": ("t",), "past": trained.options.past}
    newer = table("unit,t,x", *[(f"u{i}", t, t) for i in range(4) for t in range(3)])
    with pytest.raises(DataError, match='no column "y", which was learned from'):
        read(newer, known=trained.task, **kept)
    empty = table("unit,t,x,y", *[(f"u{i}", t, t, "") for i in range(4) for t in range(3)])
    assert not read(empty, known=trained.task, **kept).panel.observed[:, 1].any()

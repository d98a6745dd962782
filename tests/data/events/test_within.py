"""--event-within: spans, censoring, and the rows whose answer nobody knows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.data.events.within import examples_within, parse_span
from forecast_cli.data.notes import Notes
from forecast_cli.data.times import NAT
from forecast_cli.errors import DataError, UsageError
from forecast_cli.events import TimeScale
from tests.data.events.conftest import repairs, table

HOUR = 3_600 * 10**9


@pytest.mark.parametrize(
    ("text", "scale", "ticks", "words"),
    [
        ("30", TimeScale(name="cycle"), 30, "30 cycles"),
        ("1.5", TimeScale(unit=10), 15, "1.5 steps"),
        ("7d", TimeScale("date", HOUR, "hour"), 168 * HOUR, "7 days"),
        ("12 hours", TimeScale("duration", HOUR, "hour"), 12 * HOUR, "12 hours"),
        ("2", TimeScale("date", 24 * HOUR, "day"), 48 * HOUR, "2 days"),
        ("30 days", TimeScale(name="day"), 30, "30 days"),
    ],
)
def test_a_span_is_read_in_the_units_of_the_times(text, scale, ticks, words):
    notes = Notes()
    span = parse_span(text, scale, notes)
    assert (span.ticks, span.words) == (ticks, words)
    assert len(notes.inferred) == (text.isdigit() and scale.kind != "number")


@pytest.mark.parametrize("text", ["", "0", "-3", "soon", "5 moons", "7d"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(UsageError, match="--event-within"):
        parse_span(text, TimeScale(name="cycle"), Notes())


@given(
    st.lists(st.tuples(st.integers(2, 12), st.booleans()), min_size=2, max_size=8),
    st.integers(1, 5),
)
def test_every_row_is_answered_as_a_reader_would(entities, span):
    times = np.concatenate([np.arange(n) * 2 for n, _ in entities])
    offsets = np.cumsum([0, *(n for n, _ in entities)])
    ends = times[offsets[1:] - 1]
    failed = np.array([f for _, f in entities])
    came, watched = np.where(failed, ends, NAT), np.where(failed, NAT, ends)
    expected = {}
    for e, (n, fails) in enumerate(entities):
        for i in range(n):
            t, end = 2 * i, 2 * (n - 1)
            if fails and t < end:
                expected[int(offsets[e]) + i] = int(end - t <= span)
            elif not fails and t + span <= end:
                expected[int(offsets[e]) + i] = 0
    if len(set(expected.values())) < 2:
        with pytest.raises(DataError, match="nothing to tell apart"):
            examples_within(came, watched, span, times, offsets, Notes())
        return
    found = examples_within(came, watched, span, times, offsets, Notes())
    rows = found.moments.rows.tolist()
    assert dict(zip(rows, found.labels.tolist(), strict=True)) == expected
    assert rows == sorted(rows)


def lives(failed: list[int], length: int = 8) -> str:
    return table(
        "unit,cycle,x,failed",
        *[
            (f"u{e}", t, t, int(fails and t == length - 1))
            for e, fails in enumerate(failed)
            for t in range(length)
        ],
    )


def test_without_a_label_every_history_ends_in_the_event(read):
    text = "\n".join(line.rsplit(",", 1)[0] for line in lives([1, 1]).strip().split("\n"))
    histories = read(text, event_within="2")
    assert histories.task.event == "end of history within 2 cycles"
    assert histories.task.within == 2
    assert histories.event_times.tolist() == [7, 7]
    assert histories.examples.labels.tolist() == [0, 0, 0, 0, 0, 1, 1] * 2


def test_a_label_says_whose_history_ends_in_the_event(read):
    histories = read(lives([1, 0, 1, 0]), event_within="2", label="failed")
    assert histories.task.event == "failed within 2 cycles"
    assert histories.event_times.tolist() == [7, NAT, 7, NAT]
    assert histories.panel.channels == ("x",)
    counts = np.bincount(histories.examples.moments.series).tolist()
    assert counts == [7, 6, 7, 6]
    assert repairs(histories)["rows of unknown answer"] == 4


def test_a_file_of_labels_says_it_as_well(read):
    text = "\n".join(line.rsplit(",", 1)[0] for line in lives([1] * 4).strip().split("\n"))
    labels = table("unit,failed", ("u0", 1), ("u1", 0), ("u2", 1), ("u3", 0))
    histories = read(text, labels=labels, event_within="2")
    assert histories.event_times.tolist() == [7, NAT, 7, NAT]


def test_several_classes_need_one_that_is_the_event(read):
    labels = table("unit,end", *[(f"u{e}", "abc"[e % 3]) for e in range(6)])
    with pytest.raises(DataError, match="3 classes"):
        read(lives([1] * 6), labels=labels, event_within="2")


def test_newer_histories_end_by_the_mark_of_the_run(read):
    text = lives([1, 0, 1, 0]).replace(",1\n", ",broken\n").replace(",0\n", ",fine\n")
    trained = read(text, event_within="2", label="failed")
    assert trained.task.classes == ("fine", "broken")
    again = read(text, event_within="2", label="failed", known=trained.task)
    assert again.event_times.tolist() == trained.event_times.tolist()
    assert again.examples.labels.tolist() == trained.examples.labels.tolist()

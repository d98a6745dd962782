"""Lead times and false alarms, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.times import NAT
from forecast_cli.evaluation.events.alarms import Watch, lead_times, quiet_threshold
from forecast_cli.events import EventTask

TASK = EventTask("within", "fails", within=3)


def watch_of(*histories: tuple[list[float], int | None]) -> Watch:
    """Histories of one probability a step, and the step at which the event comes."""
    event = np.concatenate([np.array(each) for each, _ in histories])
    entity = np.repeat(np.arange(len(histories)), [len(each) for each, _ in histories])
    times = np.concatenate([np.arange(len(each)) for each, _ in histories])
    ends = np.array([NAT if end is None else end for _, end in histories])
    return Watch(event, entity, times, ends[entity])


def test_the_lead_is_that_of_the_last_unbroken_run_of_alarms() -> None:
    flickers = [0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.9, 0.9, 0.9, 0.9]
    found = lead_times([watch_of((flickers, 9))], [0.5], TASK, 0.1)
    assert found.leads == (3.0,)
    assert found.median == 3
    assert found.warned == 1


def test_an_alarm_that_goes_out_before_the_event_has_warned_of_nothing() -> None:
    found = lead_times([watch_of(([0.0] * 7 + [0.9, 0.9, 0.0], 9))], [0.5], TASK, 0.1)
    assert found.leads == (0.0,)
    assert found.warned == 0
    assert np.isnan(found.median)


def test_an_alarm_is_false_beyond_two_spans_and_early_beyond_one() -> None:
    false = [0.0, 0.0, 0.9] + [0.0] * 7  # 7 steps ahead, two spans are 6
    early = [0.0] * 4 + [0.9] * 6  # 5 steps ahead
    censored = [0.9, 0.0]
    found = lead_times([watch_of((false, 9), (early, 9), (censored, None))], [0.5], TASK, 0.1)
    assert found.measured_false_alarms == pytest.approx(2 / 3)
    assert found.early == 1
    assert found.events == 2
    assert found.leads == (0.0, 5.0)


def test_the_threshold_lets_no_more_quiet_entities_raise_an_alarm_than_allowed() -> None:
    histories = [([p, 0.1], None) for p in (0.2, 0.4, 0.6, 0.8)]
    watch = watch_of(*histories)
    for allowed, expected in ((0.0, 0), (0.25, 1), (0.5, 2), (0.9, 3)):
        threshold = quiet_threshold(watch, 3, allowed)
        raised = len({int(e) for e in watch.entity[watch.event >= threshold]})
        assert raised == expected


def test_rows_near_the_event_do_not_hold_the_threshold_up() -> None:
    assert quiet_threshold(watch_of(([0.3] + [0.1] * 6 + [0.99] * 3, 9)), 3, 0.0) < 0.31

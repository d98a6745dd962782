"""What members are given to learn; what comes of it is in test_neural.py."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints
from forecast_cli.errors import DataError, UsageError
from forecast_cli.forecasters import learning
from forecast_cli.forecasters.learning import (
    Lesson,
    arranged,
    block_ends,
    learn,
    member_seeds,
    threads_of_a_step,
)
from forecast_cli.monitor import SILENT, SilentMonitor
from forecast_cli.networks.sizes import choose
from forecast_cli.task import Task
from forecast_cli.training import device
from forecast_cli.training.loop import Plan
from tests.conftest import make_panel

CPU = torch.device("cpu")
SMALL = Settings(max_steps=5, hidden=8, members=2, device="cpu")


def lesson(task: Task, lengths: Ints, settings: Settings) -> Lesson:
    sizes = choose(task, lengths, settings)
    return Lesson("lstm", task, settings, sizes, member_seeds(settings.seed, len(sizes)))


@pytest.mark.parametrize("season", [1, 7, 12, 24])
@pytest.mark.parametrize("series", [1, 50])
def test_the_default_takes_one_thread_whatever_the_machine_has(
    season: int, series: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 64)
    monkeypatch.setattr(device, "_seconds", None)  # nothing is timed
    task = Task(horizon=12, seasons=(season,))
    taken = set()
    for length in range(30, 401):
        asked = lesson(task, np.full(series, length), Settings())
        taken.add(threads_of_a_step(asked, CPU))
    assert taken == {1}


@pytest.mark.parametrize("length", [40, 400, 4000])
def test_the_default_learns_the_same_bytes_on_any_number_of_cores(
    length: int,
) -> None:
    panel, weights, before = make_panel((length,)), [], torch.get_num_threads()
    task = Task(horizon=6, seasons=(12,))
    settings = Settings(max_steps=3, device="cpu")
    given = lesson(task, panel.lengths, settings)
    plans = [Plan(3, 0.01) for _ in given.sizes]
    try:
        for cores in (1, 4):
            torch.set_num_threads(cores)
            trained = learn(given, panel, panel.ends, None, plans, SILENT)
            weights.append(b"".join(_bytes(network) for network in trained.networks))
    finally:
        torch.set_num_threads(before)
    assert weights[0] == weights[1]


def _bytes(network: torch.nn.Module) -> bytes:
    return b"".join(value.numpy().tobytes() for value in network.state_dict().values())


@pytest.mark.parametrize("asked", [{"batch_size": 256}, {"hidden": 512}], ids=["batch", "width"])
def test_a_size_of_the_users_is_timed_for_the_largest_member(
    asked: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = []

    def threads_for(batch: int, hidden: int, patches: int) -> int:
        timed.append((batch, hidden, patches))
        return 3

    monkeypatch.setattr(learning, "threads_for", threads_for)
    given = lesson(Task(horizon=12, seasons=(24,)), np.array([400]), Settings(**asked))
    large = replace(given.sizes[0], batch_size=1024, patches=5)
    given = replace(given, sizes=(*given.sizes[:1], large, *given.sizes[1:]))
    assert threads_of_a_step(given, CPU) == 3
    assert timed == [(1024, asked.get("hidden", 128), 5)]
    assert threads_of_a_step(given, torch.device("cuda")) == 1
    named = replace(given, settings=Settings(threads=2, **asked))
    assert threads_of_a_step(named, CPU) == 2
    assert len(timed) == 1


def test_a_block_needs_a_target_within_and_one_before() -> None:
    panel = make_panel((100, 100, 100, 100))
    ends, until = panel.starts + 60, panel.starts + np.array([80, 80, 80, 60])
    values = panel.values.copy()
    values[60:79] = np.nan  # one is left
    values[160:180] = np.nan
    values[200:260] = np.nan
    panel = replace(panel, values=values, observed=np.isfinite(values))
    assert list(block_ends(panel, ends, until)) == [80, 160, 260, 360]


def test_a_lesson_on_all_rows_validates_on_nothing_and_says_nothing() -> None:
    class Strict(SilentMonitor):
        begun = ""

        def begin(self, task: str, total: float | None = None) -> None:
            self.begun += task

        def say(self, message: str) -> None:
            raise AssertionError(message)

    panel, monitor = make_panel((200,)), Strict()
    given = lesson(Task(horizon=6, seasons=(12,)), panel.lengths, SMALL)
    trained = learn(given, panel, panel.ends, None, [Plan(5, 0.01)] * 2, monitor)
    assert monitor.begun == "training lstm on all rows"
    assert [one.best_loss for one in trained.learned] == [None, None]
    assert [one.steps for one in trained.learned] == [5, 5]


def test_every_member_needs_something_to_learn_from() -> None:
    panel = make_panel((60,))
    given = lesson(Task(horizon=6, seasons=(12,)), panel.lengths, SMALL)
    given = replace(given, sizes=(given.sizes[0], replace(given.sizes[1], patch=60)))
    with pytest.raises(DataError, match="no series has more than 60 rows"):
        learn(given, panel, panel.ends, None, [Plan(5, 0.01)] * 2, SILENT)


def test_series_are_arranged_alike_however_they_were_read() -> None:
    panel = make_panel((120, 90, 100))
    mixed = panel.select([2, 0, 1])
    (one, until), (other, other_until) = (
        arranged(each, each.starts + 80, validation=10) for each in (panel, mixed)
    )
    assert one.ids == other.ids
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(until, other_until)
    assert np.array_equal(until - one.starts, [80, 80, 80])


def test_what_may_be_learned_ends_with_what_is_known() -> None:
    panel = make_panel((120,))
    _, until = arranged(panel, panel.ends + 50, validation=10)
    assert np.array_equal(until, panel.known_ends)


def test_more_threads_than_could_ever_run_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    task, lengths = Task(horizon=12, seasons=(24,)), np.array([400])
    assert threads_of_a_step(lesson(task, lengths, Settings(threads=16)), CPU) == 16
    with pytest.raises(UsageError, match="17 threads"):
        threads_of_a_step(lesson(task, lengths, Settings(threads=17)), CPU)


def test_a_batch_larger_than_all_sequences_is_refused() -> None:
    panel = make_panel((120,))
    task, settings = Task(horizon=6, seasons=(24,)), SMALL.model_copy(update={"batch_size": 5000})
    asked = lesson(task, panel.lengths, settings)
    plans = [Plan(1, 0.01)] * len(asked.sizes)
    with pytest.raises(UsageError, match="more than the") as caught:
        learn(asked, panel, panel.ends, None, plans, SILENT)
    assert "--batch-size" in caught.value.fix

"""Work in any place: the same results, in order, and an end when asked."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

import pytest

from forecast_cli.config import Settings
from forecast_cli.errors import UsageError
from forecast_cli.forecasters import parallel
from forecast_cli.forecasters.parallel import check_backend, fan_out, worker_count
from forecast_cli.monitor import SILENT, SilentMonitor

ITEMS = [float(n) for n in range(40)]


class Watch(SilentMonitor):
    """Counts what it is told, and asks to stop after so many."""

    def __init__(self, stop_after: int = sys.maxsize) -> None:
        self.begun: list[tuple[str, float | None]] = []
        self.done: list[float] = []
        self.ended = 0
        self._stop_after = stop_after

    def begin(self, task: str, total: float | None = None) -> None:
        self.begun.append((task, total))

    def update(self, done: float, note: str = "") -> None:
        self.done.append(done)

    def end(self) -> None:
        self.ended += 1

    def stop_requested(self) -> bool:
        return len(self.done) >= self._stop_after


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done in this process that could be done elsewhere."""
    monkeypatch.setattr(parallel, "HERE_SECONDS", 0.0)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("backend", ["threading", "sequential"])
@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_order_and_each_is_told(backend: str, workers: int) -> None:
    watch = Watch()
    settings = Settings(workers=workers, backend=backend)
    found = list(fan_out(operator.neg, ITEMS, settings, watch, "turning"))
    assert found == [-item for item in ITEMS]
    assert watch.begun == [("turning", 40)]
    assert watch.done == list(range(1, 41))
    assert watch.ended == 1


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_processes_give_what_this_process_gives() -> None:
    found = list(fan_out(operator.neg, ITEMS, Settings(workers=2), SILENT, "turning"))
    assert found == [-item for item in ITEMS]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_to_stop_ends_the_work_with_what_is_there(workers: int) -> None:
    watch = Watch(stop_after=5)
    settings = Settings(workers=workers, backend="threading")
    assert list(fan_out(operator.neg, ITEMS, settings, watch, "")) == [-n for n in ITEMS[:5]]
    assert watch.ended == 1


@pytest.mark.usefixtures("at_once")
def test_giving_up_is_silent_though_work_was_done_ahead() -> None:
    """Joblib warns of results that nobody took, and a warning is an error here."""
    settings = Settings(workers=2, backend="threading")
    results = fan_out(time.sleep, [0.02] * 40, settings, Watch(stop_after=3), "resting")
    assert list(results) == [None] * 3


@pytest.mark.usefixtures("at_once")
def test_who_stops_listening_ends_the_work() -> None:
    watch = Watch()
    settings = Settings(workers=2, backend="threading")
    with closing(fan_out(operator.neg, ITEMS, settings, watch, "")) as results:
        assert next(results) == 0.0
    assert watch.ended == 1


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_work_is_raised(workers: int) -> None:
    settings = Settings(workers=workers, backend="threading")
    with pytest.raises(ZeroDivisionError):
        list(fan_out((1.0).__truediv__, ITEMS, settings, SILENT, ""))


def test_short_work_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def elsewhere(function: object, items: list[float], *given: object) -> Iterator[float]:
        sent.append(len(items))
        yield from ()

    monkeypatch.setattr(parallel, "_elsewhere", elsewhere)
    assert list(fan_out(operator.neg, [], Settings(workers=2), SILENT, "")) == []
    assert len(list(fan_out(operator.neg, ITEMS, Settings(workers=2), SILENT, ""))) == 40
    assert sum(sent) == 0


@pytest.mark.parametrize(
    ("spent", "done", "left", "here"),
    [(1.9, 1, 1000, True), (2.1, 10, 28, True), (2.1, 10, 29, False), (30.0, 90, 10, True)],
)
def test_what_would_soon_be_over_stays_here(spent: float, done: int, left: int, here: bool) -> None:
    assert parallel._here(spent, done, left) is here


def test_workers_are_those_named_or_one_a_core() -> None:
    assert worker_count(Settings(workers=7)) == 7
    assert worker_count(Settings()) >= 1


def test_an_unknown_backend_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match='unknown backend "lokky"') as refusal:
        check_backend("lokky")
    assert 'did you mean "loky"?' in refusal.value.fix
    for known in ("loky", "threading", "sequential"):
        check_backend(known)


def test_a_backend_whose_library_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "ray.util.joblib", None)
    with pytest.raises(UsageError, match='backend "ray"') as refusal:
        check_backend("ray")
    assert "install ray" in refusal.value.fix


def test_a_backend_that_gives_nothing_before_the_end_is_refused_and_not_offered() -> None:
    with pytest.raises(UsageError, match="no result before the last one") as refusal:
        check_backend("multiprocessing")
    assert "--backend loky" in refusal.value.fix
    with pytest.raises(UsageError) as unknown:
        check_backend("multiproces")
    assert "multiprocessing" not in unknown.value.fix


def test_processes_that_die_after_a_request_to_stop_end_the_work_and_else_fail_it() -> None:
    def dying() -> Generator[float, None, None]:
        yield 1.0
        raise BrokenProcessPool("killed")

    assert list(parallel._until_broken(dying(), Watch(stop_after=0))) == [1.0]
    with pytest.raises(BrokenProcessPool):
        list(parallel._until_broken(dying(), SILENT))


def _interrupt_me(item: float) -> float:
    """What a terminal does to a worker on Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)
    return item


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_workers_are_deaf_to_an_interrupt() -> None:
    assert list(fan_out(_interrupt_me, ITEMS[:6], Settings(workers=2), SILENT, "")) == ITEMS[:6]


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals of POSIX")
def test_a_child_started_deaf_stays_so_and_this_process_hears_later() -> None:
    blocked = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        with parallel._deaf_children():
            child = subprocess.run([sys.executable, "-c", blocked], capture_output=True, check=True)
            signal.raise_signal(signal.SIGINT)
            assert not heard
        assert heard
    finally:
        signal.signal(signal.SIGINT, before)
    assert child.stdout.strip() == b"True"

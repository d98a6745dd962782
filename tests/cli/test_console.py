"""The monitor: throttled, silent when asked, and polite about Ctrl-C only where it can be."""

from __future__ import annotations

import io
import os
import signal
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console as RichConsole

from forecast_cli.cli import console as module
from forecast_cli.cli.console import Console, RichMonitor


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=fake.monotonic))
    return fake


def plain_monitor(quiet: bool = False) -> RichMonitor:
    return RichMonitor(Console(quiet), RichConsole(file=sys.stderr))


def terminal_monitor(screen: io.StringIO) -> RichMonitor:
    return RichMonitor(Console(), RichConsole(file=screen, force_terminal=True, width=80))


def test_a_log_gets_a_line_every_ten_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    monitor = plain_monitor()
    monitor.begin("training lstm", 100)
    for done in range(1, 41):
        clock.now += 0.5
        monitor.update(done, "loss 0.5")
    monitor.end()
    assert capsys.readouterr().err.splitlines() == [
        "training lstm: 20 of 100 (20%), 40 s left, loss 0.5",
        "training lstm: 40 of 100 (40%), 30 s left, loss 0.5",
    ]


def test_short_work_leaves_no_line_in_a_log(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    monitor = plain_monitor()
    monitor.begin("reading")
    monitor.update(1)
    monitor.end()
    assert capsys.readouterr().err == ""


def test_a_terminal_is_redrawn_at_most_eight_times_a_second(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.progress import Progress

    redraws: list[float] = []
    monitor = terminal_monitor(io.StringIO())
    monitor.begin("training", 1000)
    monkeypatch.setattr(Progress, "refresh", lambda self: redraws.append(clock.now))
    for done in range(1000):
        clock.now += 0.002
        monitor.update(done, "loss 0.1")
    assert 10 <= len(redraws) <= 16  # two seconds
    monitor.end()


def test_a_terminal_shows_name_note_and_share(clock: Clock) -> None:
    screen = io.StringIO()
    monitor = terminal_monitor(screen)
    monitor.begin("training lstm", 100)
    clock.now += 1
    monitor.update(50, "loss 0.25")
    monitor.end()
    for part in ("training lstm", "50 %", "loss 0.25"):
        assert part in screen.getvalue()


def test_quiet_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    monitor = plain_monitor(quiet=True)
    monitor.begin("training", 10)
    clock.now += 60
    monitor.update(5)
    monitor.say("a fallback")
    monitor.end()
    assert capsys.readouterr().err == ""


def test_the_first_interrupt_asks_and_the_second_leaves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Console().monitor(stoppable=True) as monitor:
        monitor.begin("training", 10)
        assert not monitor.stop_requested()
        os.kill(os.getpid(), signal.SIGINT)
        assert monitor.stop_requested()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert "best model so far" in capsys.readouterr().err


def test_work_that_does_not_listen_is_interrupted_at_once() -> None:
    with Console().monitor(stoppable=True) as monitor:
        monitor.begin("training", 10)
        monitor.stop_requested()
        monitor.begin("writing", 10)  # never asks
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_comparison_is_interrupted_at_once() -> None:
    with Console().monitor() as monitor:
        monitor.stop_requested()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_signal_is_given_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Console().monitor(stoppable=True):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_data_are_utf8_and_end_with_one_newline(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    Console().data("Köln")
    Console().data("a,b\n")
    assert capfdbinary.readouterr().out == "Köln\na,b\n".encode()


def test_talk_never_reaches_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.say("[bold]not markup[/bold]")
    console.talk("a hint")
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err == "[bold]not markup[/bold]\na hint\n"

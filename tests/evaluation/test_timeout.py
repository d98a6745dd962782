"""A model without time left ends at its next word."""

from __future__ import annotations

import pytest

from forecast_cli.evaluation import timeout
from forecast_cli.evaluation.timeout import TimedMonitor, TimedOut
from forecast_cli.monitor import SilentMonitor


class Ear(SilentMonitor):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def begin(self, task: str, total: float | None = None) -> None:
        self.heard.append((task, total))

    def update(self, done: float, note: str = "") -> None:
        self.heard.append((done, note))

    def end(self) -> None:
        self.heard.append("end")

    def say(self, message: str) -> None:
        self.heard.append(message)

    def stop_requested(self) -> bool:
        return True


def test_all_is_passed_on_while_there_is_time() -> None:
    ear = Ear()
    timed = TimedMonitor(ear, 1e6)
    timed.begin("fitting", 3)
    timed.update(1, "a note")
    timed.say("hear")
    timed.end()
    assert ear.heard == [("fitting", 3), (1, "a note"), "hear", "end"]
    assert timed.stop_requested()


def test_every_word_but_the_last_raises_once_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ear = Ear()
    timed = TimedMonitor(ear, 2.5)
    now = timeout.time.monotonic() + 3
    monkeypatch.setattr(timeout.time, "monotonic", lambda: now)
    for word in (lambda: timed.begin("x"), lambda: timed.update(1), lambda: timed.say("x")):
        with pytest.raises(TimedOut, match=r"^timed out after 2\.5 s$"):
            word()
    timed.end()  # an end is never refused: it closes what was begun
    assert ear.heard == ["end"]

"""How long work talks to whoever started it, without knowing who that is.

Workflows, training and forecasters report through a :class:`Monitor`; the command line
draws a progress bar from it, a notebook may ignore it. It also carries the one message
that goes the other way: "please stop now and keep what you have".
"""

from __future__ import annotations

from typing import Protocol


class Monitor(Protocol):
    """Progress out, a stop request in."""

    def begin(self, task: str, total: float | None = None) -> None:
        """Start a piece of work of ``total`` units (None: unknown)."""

    def update(self, done: float, note: str = "") -> None:
        """Say that ``done`` units are done in all; called often, drawn seldom."""

    def end(self) -> None:
        """The piece of work is over."""

    def say(self, message: str) -> None:
        """One line for the user, such as a fallback that was taken."""

    def stop_requested(self) -> bool:
        """Whether the user asked to end early with the best result so far."""


class SilentMonitor:
    """Says nothing and never stops anything."""

    def begin(self, task: str, total: float | None = None) -> None: ...

    def update(self, done: float, note: str = "") -> None: ...

    def end(self) -> None: ...

    def say(self, message: str) -> None: ...

    def stop_requested(self) -> bool:
        return False


class Unheeding:
    """Progress of work that is good for nothing where it ends early: to stop is to quit.

    Parameters
    ----------
    inner : Monitor
        Is told of everything, and never asked whether to stop; so it promises nothing.
    """

    def __init__(self, inner: Monitor) -> None:
        self._inner = inner

    def begin(self, task: str, total: float | None = None) -> None:
        self._inner.begin(task, total)

    def update(self, done: float, note: str = "") -> None:
        self._inner.update(done, note)

    def end(self) -> None:
        self._inner.end()

    def say(self, message: str) -> None:
        self._inner.say(message)

    def stop_requested(self) -> bool:
        return False


class Hushed:
    """Progress under a label, for work that is done again: what it says was said the first time.

    Parameters
    ----------
    inner : Monitor
        Is told of progress, and asked whether to stop.
    label : str
        Goes before the name of every piece of work.
    """

    def __init__(self, inner: Monitor, label: str) -> None:
        self._inner = inner
        self._label = label

    def begin(self, task: str, total: float | None = None) -> None:
        self._inner.begin(f"{self._label}: {task}", total)

    def update(self, done: float, note: str = "") -> None:
        self._inner.update(done, note)

    def end(self) -> None:
        self._inner.end()

    def say(self, message: str) -> None: ...

    def stop_requested(self) -> bool:
        return self._inner.stop_requested()


SILENT = SilentMonitor()

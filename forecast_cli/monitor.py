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


SILENT = SilentMonitor()

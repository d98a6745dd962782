"""The two streams: data to stdout, byte for byte; talk to stderr, for people.

Progress is drawn at most eight times a second on a terminal, and as a plain line every ten
seconds where stderr is not one. Notable: Ctrl-C, or SIGTERM, asks politely only while the work
at hand polls :meth:`RichMonitor.stop_requested`; otherwise, or the second time, it ends at once.
rich is imported when something is printed, never for ``--help``.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import ForecastError
from forecast_cli.monitor import Monitor

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType
    from rich.progress import Progress

REDRAW_SECONDS = 1 / 8
LINE_SECONDS = 10.0
WARNING = "warning: "  # how a message begins that --quiet does not silence
PLAIN_WIDTH = 100  # columns where there is no terminal and COLUMNS says nothing


class Console:
    """What a verb prints with.

    Parameters
    ----------
    quiet : bool
        Keep all talk but warnings to oneself.

    Raises
    ------
    ForecastError
        Standard output is closed: said before the work, not after it.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        if sys.stdout is None:
            raise _unprintable("it is closed")
        for stream in (sys.stdout, sys.stderr):  # a letter that cannot be shown is no error
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")

    def data(self, text: str) -> None:
        """Machine-readable text to stdout, as UTF-8 whatever the locale, ended by a newline."""
        text = text if text.endswith("\n") else f"{text}\n"
        with _printing():
            sys.stdout.flush()
            binary = getattr(sys.stdout, "buffer", None)
            if binary is None:
                sys.stdout.write(text)
            else:
                binary.write(text.encode("utf-8"))

    def show(self, view: RenderableType) -> None:
        """A table or a picture to stdout, a line apart from the talk before it on a screen."""
        if "_talk" in vars(self) and self._talk.is_terminal:
            self._talk.print()
        with _printing():
            self._rich(sys.stdout).print(view)

    def talk(self, view: RenderableType) -> None:
        """Something to be known, but not data: to stderr."""
        if not self.quiet:
            self._talk.print(view)

    def say(self, message: str) -> None:
        """A plain line to stderr. A warning is printed even where quiet was asked for."""
        if not self.quiet or message.startswith(WARNING):
            from rich.text import Text

            self._talk.print(Text(message))

    @cached_property
    def _talk(self) -> RichConsole:
        """One console for stderr, so that talk and a progress bar know of each other."""
        return self._rich(io.StringIO() if sys.stderr is None else sys.stderr)

    @property
    def width(self) -> int:
        """Columns of stdout."""
        return self._rich(sys.stdout).width

    @contextmanager
    def monitor(self, stoppable: bool = False) -> Iterator[Monitor]:
        """Progress of the work done inside; ``stoppable`` lets Ctrl-C end it early."""
        monitor = RichMonitor(self, self._talk)
        try:
            with _polite_interrupt(monitor, stoppable):
                yield monitor
        finally:
            monitor.end()

    @staticmethod
    def _rich(stream: Any) -> RichConsole:
        """A rich console; no colour and no wrapping width of its own where no terminal is."""
        from rich.console import Console as RichConsole

        plain = not stream.isatty() and "COLUMNS" not in os.environ
        return RichConsole(
            file=stream,
            width=PLAIN_WIDTH if plain else None,
            highlight=False,
            emoji=False,
            markup=False,
        )


@contextmanager
def _printing() -> Iterator[None]:
    """Bring what is printed inside to its reader; a pipe that was closed is left to exits."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as cause:
        raise _unprintable(cause.strerror or str(cause)) from cause


def _unprintable(reason: str) -> ForecastError:
    return ForecastError(
        f"standard output cannot be written ({reason})",
        "print to another place, for example: > result.txt",
    )


class RichMonitor:
    """Draws progress on stderr and passes on the wish to stop.

    Parameters
    ----------
    console : Console
    screen : rich.console.Console
        Of stderr.
    """

    def __init__(self, console: Console, screen: RichConsole) -> None:
        self._console = console
        self._screen = screen
        self._bar: Progress | None = None
        self._task: Any = None
        self._name, self._total = "", None  # type: tuple[str, float | None]
        self._began = self._drawn = 0.0
        self._stop = False
        self.polled = False  # whether the work at hand can be asked to stop

    def begin(self, task: str, total: float | None = None) -> None:
        self.end()
        self._name, self._total = task, total
        self._began = self._drawn = time.monotonic()
        if self._console.quiet or not self._screen.is_terminal:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        measured = (
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(compact=True),
        )
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            *(measured if total else ()),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._screen,
            auto_refresh=False,
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(task, total=total, note="")

    def update(self, done: float, note: str = "") -> None:
        now = time.monotonic()
        if now - self._drawn < (LINE_SECONDS if self._bar is None else REDRAW_SECONDS):
            return
        self._drawn = now
        if self._bar is not None:
            self._bar.update(self._task, completed=done, note=note)
            self._bar.refresh()
        elif self._name:
            self._console.say(self._line(done, note, now - self._began))

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar, self._name, self.polled = None, "", False

    def say(self, message: str) -> None:
        self._console.say(message)

    def stop_requested(self) -> bool:
        self.polled = True
        return self._stop

    def request_stop(self) -> bool:
        """Note the first wish to stop; False where only leaving at once would heed it."""
        if self._stop or not self.polled:
            return False
        self._stop = True
        return True

    def _line(self, done: float, note: str, seconds: float) -> str:
        """Progress in words, for logs."""
        parts = [f"{self._name}: {done:g}"]
        if self._total:
            left = seconds * max(self._total - done, 0) / done if done else 0.0
            parts[0] += f" of {self._total:g} ({done / self._total:.0%})"
            parts.append(f"{left:.0f} s left")
        return ", ".join([*parts, note] if note else parts)


@contextmanager
def _polite_interrupt(monitor: RichMonitor, stoppable: bool) -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into a wish to stop, where the work at hand listens to it.

    Where it does not, or the second time, both leave at once, and clean up on their way.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if not stoppable or not monitor.request_stop():
            raise KeyboardInterrupt
        monitor.say("stopping with the best model so far; press Ctrl-C again to quit at once")

    watched = (signal.SIGINT, signal.SIGTERM)
    before = [(number, signal.signal(number, handle)) for number in watched]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)

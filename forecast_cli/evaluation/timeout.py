"""A time limit for one model, kept by its own reports of progress.

Nothing is interrupted: a model that talks to its monitor, once a series say, is asked each time
whether it still has time, and an exception ends it where it has none. Knows no model.
"""

from __future__ import annotations

import time

from forecast_cli.errors import TrainingError
from forecast_cli.monitor import Monitor


class TimedOut(TrainingError):  # noqa: N818 (says what happened)
    """A model used up its time."""


class TimedMonitor:
    """A monitor that raises once the time is over.

    Parameters
    ----------
    inner : Monitor
        Is told all that this one is.
    seconds : float
        From now on.
    """

    def __init__(self, inner: Monitor, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def begin(self, task: str, total: float | None = None) -> None:
        self.check()
        self._inner.begin(task, total)

    def update(self, done: float, note: str = "") -> None:
        self.check()
        self._inner.update(done, note)

    def end(self) -> None:
        self._inner.end()

    def say(self, message: str) -> None:
        self.check()
        self._inner.say(message)

    def stop_requested(self) -> bool:
        return self._inner.stop_requested()

    def check(self) -> None:
        """Raise where the time is over.

        Raises
        ------
        TimedOut
        """
        if time.monotonic() >= self._deadline:
            raise TimedOut(f"timed out after {self._seconds:g} s")

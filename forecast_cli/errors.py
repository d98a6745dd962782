"""Every failure that a user can cause or mend, as an exception that knows its exit code.

An error says what happened, where, and how to fix it. The command line prints the
message and the fix and leaves with ``exit_code``; it never shows a traceback for one of
these. Anything that is not a :class:`ForecastError` is a bug and leaves with code 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process returns; documented in docs/cli.md."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    BAD_DATA = 3
    TRAINING_FAILED = 4
    BAD_RUN = 5
    GATE_FAILED = 6
    INTERRUPTED = 130


class ForecastError(Exception):
    """A failure with a cause and a fix.

    Parameters
    ----------
    message : str
        What happened and where, in one line.
    fix : str
        What the user can do about it, in one line; empty where nothing can be said.
    problems : sequence of str
        Further causes of the same kind (bad cells, say): all are kept, the command line
        prints the first five and a count.
    """

    exit_code = ExitCode.UNEXPECTED

    def __init__(self, message: str, fix: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.problems = tuple(problems)


class UsageError(ForecastError):
    """An option, name or configuration value that cannot be used."""

    exit_code = ExitCode.USAGE


class DataError(ForecastError):
    """A file that cannot be read as series, or series that cannot answer the question."""

    exit_code = ExitCode.BAD_DATA


class TrainingError(ForecastError):
    """A model could not be fitted."""

    exit_code = ExitCode.TRAINING_FAILED


class RunError(ForecastError):
    """A run folder is missing, damaged, or from a foreign version."""

    exit_code = ExitCode.BAD_RUN


class GateError(ForecastError):
    """A gate that the user set was not passed, though all the work was done.

    Parameters
    ----------
    result : object
        What the verb would have returned.
    """

    exit_code = ExitCode.GATE_FAILED

    def __init__(self, message: str, fix: str = "", *, result: object = None) -> None:
        super().__init__(message, fix)
        self.result = result


def did_you_mean(name: str, available: Iterable[str]) -> str:
    """Say which names exist, nearest first.

    Examples
    --------
    >>> did_you_mean("lsmt", ["gru", "lstm"])
    'did you mean "lstm"? available: gru, lstm'
    """
    names = list(available)
    near = difflib.get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    listed = ", ".join(names[:20]) + (f", … ({len(names)} in all)" if len(names) > 20 else "")
    if near:
        best = next(n for n in names if n.lower() == near[0])
        return f'did you mean "{best}"? available: {listed}'
    return f"available: {listed}"


def brief(cell: object, most: int = 60) -> str:
    """A cell or a name as a message can hold it.

    Examples
    --------
    >>> brief("12 kW"), brief("x" * 100, most=4)
    ('12 kW', 'xxxx…')
    """
    text = str(cell)
    return text if len(text) <= most else f"{text[:most]}…"


def one_line(cause: Exception) -> str:
    """Why something failed, in one line."""
    if isinstance(cause, ForecastError):
        return cause.message
    said = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {said[0]}" if said else type(cause).__name__

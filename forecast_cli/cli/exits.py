"""How the process ends: an exit code, and for a failure what happened and how to mend it.

No exception leaves :func:`run_app`: a :class:`ForecastError` becomes ``error:`` and ``fix:``
on stderr, a wrong option or command the same with the nearest name that exists, Ctrl-C code
130, and a reader that closed the pipe a quiet end. A traceback is shown with ``--debug`` only.
"""

from __future__ import annotations

import difflib
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from forecast_cli.errors import ExitCode, ForecastError, UsageError

SHOWN_PROBLEMS = 5

# The class that typer's own parser raises for any misuse, whichever parser typer carries.
_ParserError: Any = typer.BadParameter.__mro__[1]


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a command line and say how it ended.

    Parameters
    ----------
    app : typer.Typer
    arguments : sequence of str
        Without the name of the program.

    Returns
    -------
    int
        One of :class:`ExitCode`.
    """
    try:
        code = int(app(list(arguments), prog_name="forecast", standalone_mode=False) or 0)
        if sys.stdout is not None:
            sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        code = ExitCode.OK
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        if isinstance(leaving.__context__, BrokenPipeError):  # typer's way out of a closed pipe
            _silence_stdout()
            code = ExitCode.OK
    except Exception as cause:
        if "--debug" in arguments:
            traceback.print_exc()
        failure = _as_failure(cause, arguments)
        _complain(failure)
        _silence_stdout(only_if_broken=True)
        code = failure.exit_code
    if code == ExitCode.INTERRUPTED and sys.stderr is not None:  # typer turns Ctrl-C into this code
        sys.stderr.write("interrupted\n")
    return code


def _as_failure(cause: Exception, arguments: Sequence[str]) -> ForecastError:
    """Any exception as one with a message, a fix and a code."""
    if isinstance(cause, ForecastError):
        return cause
    if isinstance(cause, _ParserError):
        return _misuse(cause, arguments)
    if isinstance(cause, OSError) and cause.strerror:  # the machine's doing, not a bug
        where = cause.filename or "standard output"
        return ForecastError(
            f"{where}: cannot be read or written ({cause.strerror})",
            "check its rights and the free space; --debug shows what was being done",
        )
    what = f"{type(cause).__name__}: {cause}".splitlines()[0]
    return ForecastError(
        f"unexpected {what}", "run again with --debug to see where; this is a bug, please report it"
    )


def _misuse(cause: Any, arguments: Sequence[str]) -> UsageError:
    """What typer's parser found wrong, with the nearest name that exists."""
    context = cause.ctx
    verb = next((word for word in arguments if not word.startswith("-")), "")
    path = context.command_path if context is not None else f"forecast {verb}".rstrip()
    option = getattr(cause, "option_name", None)
    if option is not None and "such option" in cause.format_message():
        params = context.command.params if context else []
        known = [o for p in params for o in (*p.opts, *p.secondary_opts)]
        return UsageError(f'unknown option "{option}"', _near(option, [*known, "--help"], path))
    commands = getattr(context.command, "commands", None) if context is not None else None
    if commands and "No such command" in cause.message:
        name = cause.message.split("'")[1]
        return UsageError(f'unknown command "{name}"', _near(name, commands, path))
    message = cause.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], f"see: {path} --help")


def _near(name: str, known: Iterable[str], path: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return (f'did you mean "{near[0]}"? ' if near else "") + f"see: {path} --help"


def _complain(failure: ForecastError) -> None:
    """Message, problems and fix on stderr, one line each."""
    if sys.stderr is None:
        return
    lines = [f"error: {_printable(failure.message)}"]
    shown = failure.problems[:SHOWN_PROBLEMS]
    lines += [f"  {_printable(problem)}" for problem in shown]
    if len(failure.problems) > len(shown):
        lines.append(f"  … and {len(failure.problems) - len(shown)} more")
    if failure.fix:
        lines.append(f"fix: {_printable(failure.fix)}")
    if hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(errors="replace")
    sys.stderr.write("\n".join(lines) + "\n")


def _printable(text: str) -> str:
    """One line without control characters: names in a message come from files."""
    return "".join(
        c if c.isprintable() else " " if c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _silence_stdout(only_if_broken: bool = False) -> None:
    """Keep the interpreter from complaining about an unwritable stdout when it exits."""
    try:
        if only_if_broken:
            sys.stdout.flush()
            return
    except (OSError, ValueError, AttributeError):
        pass
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        sys.stdout = None

"""What ``--help`` prints: examples first, then options by theme, in plain text.

Knows typer's command classes and nothing else; without rich it appears in a blink and stays
clean in a pipe.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from typing import Any

from typer.core import TyperCommand, TyperGroup

Examples = tuple[tuple[str, str], ...]  # command line, what it does
MOST_COLUMNS = 98
HEADINGS = ("This command", "Data", "Task", "Event", "Model and training", "Output")


class VerbCommand(TyperCommand):
    """A verb whose help knows its examples and the theme of each option."""

    examples: Examples = ()
    heading: Callable[[str], str]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.width = _width()
        formatter.write_text(inspect.cleandoc(self.help or ""))
        _write_examples(formatter, self.examples)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        rows: dict[str, list[tuple[str, str]]] = {heading: [] for heading in HEADINGS}
        for parameter in self.get_params(ctx):
            name = parameter.name or ""
            label = ", ".join(sorted(parameter.opts, key=len))
            label = " / ".join([label, *parameter.secondary_opts])
            if parameter.param_type_name == "argument":
                label = f"{parameter.metavar}{' ...' if parameter.nargs == -1 else ''}"
            elif not getattr(parameter, "is_flag", False) and parameter.metavar:
                label += f" {parameter.metavar}"
            text = "print this" if name == "help" else getattr(parameter, "help", None) or ""
            rows[self.heading(name)].append((label, text))
        for heading, lines in rows.items():
            if lines:
                with formatter.section(heading):
                    formatter.write_dl(lines, col_max=32)
        formatter.write_paragraph()
        formatter.write_text(EPILOG)


class RootGroup(TyperGroup):
    """``forecast`` itself: what it answers, the way through it, its verbs."""

    examples: Examples = ()

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.width = _width()
        formatter.write_text(inspect.cleandoc(self.help or ""))
        _write_examples(formatter, self.examples)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_commands(ctx, formatter)
        with formatter.section("Options"):
            formatter.write_dl([("--version", "print the version"), ("-h, --help", "print this")])
        formatter.write_paragraph()
        formatter.write_text(ROOT_EPILOG)


EPILOG = (
    "Where no default is shown the value is inferred, and printed with the option that "
    "overrides it. Options that repeat also take a list: --level 80,95. An option may also "
    "stand in the environment (FORECAST_HORIZON=24) or in a file (--config, forecast.toml)."
)
ROOT_EPILOG = (
    "forecast COMMAND --help says what a command takes. Data go to stdout, all else to "
    "stderr. Exit codes: 0 ok, 1 unexpected, 2 usage, 3 bad data, 4 training failed, 5 bad "
    "run, 6 gate failed, 130 interrupted."
)


def _width() -> int:
    """As wide as the terminal, within what can be read at a glance."""
    return min(max(shutil.get_terminal_size().columns - 2, 50), MOST_COLUMNS)


def _write_examples(formatter: Any, examples: Examples) -> None:
    width = max((len(line) for line, _ in examples), default=0)
    with formatter.section("Examples"):
        for line, meaning in examples:
            formatter.write(f"  {line:<{width}}  {meaning}\n")

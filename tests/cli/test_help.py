"""Help: examples first, every option, nothing wider than the terminal; docs/cli.md is its copy."""

from __future__ import annotations

import importlib.util
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forecast_cli.cli.app import build
from forecast_cli.cli.help import HEADINGS
from forecast_cli.cli.options import VERB_CONFIGS, arguments, flag

ROOT = Path(__file__).parents[2]
SHOWN = {"data": "DATA ...", "request": "show NAME", "run": "  RUN "}


def shown(verb: str, columns: int = 80) -> str:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(build(), [verb, "--help"])
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("verb", VERB_CONFIGS)
def test_examples_come_before_usage_and_options(verb: str) -> None:
    text = shown(verb)
    assert text.index("Examples:") < text.index("Usage:") < text.index("Output:")
    assert text.endswith("\n")


@pytest.mark.parametrize("verb", VERB_CONFIGS)
def test_every_option_stands_under_a_heading(verb: str) -> None:
    text = shown(verb)
    for name in VERB_CONFIGS[verb].model_fields:
        assert (SHOWN[name] if name in arguments(verb) else f"  {flag(name)} ") in text
    headings = [line[:-1] for line in text.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings[1:] == [h for h in HEADINGS if h in headings]


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("verb", VERB_CONFIGS)
def test_help_is_no_wider_than_the_terminal(verb: str, columns: int) -> None:
    assert max(map(len, shown(verb, columns).splitlines())) <= columns


@pytest.mark.parametrize("verb", VERB_CONFIGS)
def test_help_is_plain_text(verb: str) -> None:
    assert "\x1b" not in shown(verb)


@pytest.mark.parametrize("verb", VERB_CONFIGS)
def test_the_examples_use_options_that_exist(verb: str) -> None:
    text = shown(verb)
    examples = text[text.index("Examples:") : text.index("Usage:")].splitlines()[1:]
    for line in filter(None, examples):
        words = shlex.split(line.split("  ")[1])
        for word in words:
            if word.startswith("--"):
                assert f"  {word} " in text[text.index("Usage:") :]


def test_the_reference_is_what_the_code_says() -> None:
    spec = importlib.util.spec_from_file_location(
        "make_cli_reference", ROOT / "scripts" / "make_cli_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == script.reference(), "run: make docs"


def test_examples_of_a_threshold_say_how_far_ahead_they_ask():
    from importlib import import_module

    for verb in ("train", "inspect", "compare"):
        for command, _ in import_module(f"forecast_cli.cli.{verb}").EXAMPLES:
            assert "--event " not in command or "--horizon" in command

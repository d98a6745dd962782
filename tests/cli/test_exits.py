"""Every end of the process: code, words and stream."""

from __future__ import annotations

import sys

import pytest
import typer

from forecast_cli.cli.app import build
from forecast_cli.cli.exits import run_app
from forecast_cli.errors import DataError, ExitCode, ForecastError, RunError, TrainingError


def ending(failure: BaseException) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def verb(debug: bool = False) -> None:
        raise failure

    return app


@pytest.mark.parametrize(
    ("cls", "code"), [(DataError, 3), (TrainingError, 4), (RunError, 5), (ForecastError, 1)]
)
def test_a_known_failure_says_what_and_how_to_mend_it(
    cls: type[ForecastError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(ending(cls("it broke", "mend it")), []) == code
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err == "error: it broke\nfix: mend it\n"


def test_five_problems_are_shown_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    failure = DataError("bad cells", "mend", [f"cell {i}" for i in range(8)])
    run_app(ending(failure), [])
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "error: bad cells",
        *(f"  cell {i}" for i in range(5)),
        "  … and 3 more",
        "fix: mend",
    ]


def test_a_bug_is_one_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(ending(ValueError("odd\nlines")), []) == ExitCode.UNEXPECTED
    error = capsys.readouterr().err
    assert error.startswith("error: unexpected ValueError: odd\nfix: ")
    assert "--debug" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("failure", [ValueError("odd"), DataError("it broke")])
def test_the_traceback_is_shown_with_debug(
    failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    run_app(ending(failure), ["--debug"])
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), typer.Abort()])
def test_an_interrupt_is_130(failure: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(ending(failure), []) == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "interrupted\n"


def test_a_reader_that_left_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stderr)  # typer wraps both streams
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    with monkeypatch.context() as patched:
        patched.setattr("forecast_cli.cli.exits._silence_stdout", lambda: None)
        assert run_app(ending(BrokenPipeError(32, "Broken pipe")), []) == ExitCode.OK
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("code", "expected"), [(3, 3), (None, 0), (0, 0), ("words", 1)])
def test_the_code_with_which_something_leaves_is_kept(
    code: int | str | None, expected: int
) -> None:
    assert run_app(ending(SystemExit(code)), []) == expected


def test_leaving_because_of_a_closed_pipe_is_a_quiet_end(monkeypatch: pytest.MonkeyPatch) -> None:
    leaving = SystemExit(1)
    leaving.__context__ = BrokenPipeError(32, "Broken pipe")
    monkeypatch.setattr("forecast_cli.cli.exits._silence_stdout", lambda: None)
    assert run_app(ending(leaving), []) == ExitCode.OK


def test_control_characters_of_a_file_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_app(ending(DataError('column "\x1b[31mred\x07"', "a\nb")), [])
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert "\x07" not in error
    assert error.count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["trian"], 'unknown command "trian"', 'did you mean "train"?'),
        (["train", "--horizn", "3"], 'unknown option "--horizn"', 'did you mean "--horizon"?'),
        (["train", "--horizon"], "requires an argument", "forecast train --help"),
        (["models", "extra"], 'unknown request "extra"', "forecast models show NAME"),
        (["models", "show", "lsmt"], 'unknown model "lsmt"', 'did you mean "lstm"?'),
        (
            ["models", "--format", "xml"],
            "input should be 'table' or 'json'",
            "forecast models --help",
        ),
        (["train", "x.csv", "--horizon", "0"], '--horizon "0"', "forecast train --help"),
        (["train", "x.csv", "--model", "lsmt"], 'unknown model "lsmt"', 'did you mean "lstm"?'),
    ],
)
def test_misuse_names_the_nearest_that_exists(
    arguments: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(build(), arguments) == ExitCode.USAGE
    streams = capsys.readouterr()
    assert streams.out == ""
    error, fix = streams.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert fix.startswith("fix: ")
    assert hint in fix


def test_the_version_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(build(), ["--version"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("forecast-cli 0.")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_forecast_alone_shows_its_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(build(), arguments) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.index("Examples:") < out.index("Usage:") < out.index("Commands:")


def test_the_entry_point_leaves_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from forecast_cli.cli.app import main

    monkeypatch.setattr(sys, "argv", ["forecast", "nonsense"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == ExitCode.USAGE

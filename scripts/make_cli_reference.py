"""Write docs/cli.md from the command line itself; a test checks that it is up to date.

python scripts/make_cli_reference.py
"""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from forecast_cli.cli.app import build
from forecast_cli.cli.options import VERB_CONFIGS
from forecast_cli.errors import ExitCode

TARGET = Path(__file__).parents[1] / "docs" / "cli.md"

MEANINGS = {
    ExitCode.OK: "all went well; also training that Ctrl-C or SIGTERM ended early and that is kept",
    ExitCode.UNEXPECTED: "a bug, unwritable output, or a check of `forecast doctor` that failed",
    ExitCode.USAGE: "an option, a name or a value in a configuration file that cannot be used",
    ExitCode.BAD_DATA: "a file that cannot be read as series, or series that are too short",
    ExitCode.TRAINING_FAILED: "a model that could not be fitted, or cannot forecast",
    ExitCode.BAD_RUN: "a run that is missing, damaged, or in a format of another version",
    ExitCode.GATE_FAILED: "a gate that was set was not passed",
    ExitCode.INTERRUPTED: "ended by Ctrl-C or SIGTERM; what was kept by then is said",
}

INTRODUCTION = """\
# Command line

<!-- Written by scripts/make_cli_reference.py; change the code, then run that again. -->

Data go to stdout and everything else to stderr, so that `forecast predict --format json | jq`
just works. There is no colour and no progress bar where the output is not a terminal;
`NO_COLOR`, `FORCE_COLOR` and `COLUMNS` are honoured. `--quiet` leaves only data,
warnings and errors.

## Where a value comes from

The first of these that names an option decides:

1. the command line: `--horizon 24`
2. the environment: `FORECAST_HORIZON=24` (`--val-size` is `FORECAST_VAL_SIZE`)
3. the file that `--config` names
4. `forecast.toml`, else the table `[tool.forecast]` of `pyproject.toml`, in the current folder
5. the default, or what is inferred from the data; inferences are printed with the option that
   overrides them

Where a run answers (`predict`, and `compare-baselines` without data), how the data are read and
what is asked stand in the run: of these, only 1 and 3 change anything.

A file holds options by name; a section holds those of one command and comes before what
stands above it. A key that no command knows is an error.

```toml
horizon = 24
target = ["load"]

[compare-baselines]
baselines = ["seasonal-naive", "linear"]
```

Options that repeat also take a list, `--level 80,95`. A name that holds a comma is quoted:
`--target '"Load, MW"'`. `--config` and `--debug` stand on the command line only; `--format`
and the like may stand anywhere.

Every resolved value is kept in the `config.toml` of a run. A run that a newer version of
forecast-cli wrote is read, with a warning, as long as the format of its folder is the same.
"""


def reference() -> str:
    """The whole document."""
    codes = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items())
    verbs = "\n\n".join(f"## forecast {name}\n\n```text\n{_help(name)}```" for name in VERB_CONFIGS)
    return (
        f"{INTRODUCTION}\n"
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n\n"
        f"## forecast\n\n```text\n{_help()}```\n\n{verbs}\n"
    )


def _help(*words: str) -> str:
    result = CliRunner(env={"COLUMNS": "80"}).invoke(
        build(), [*words, "--help"], prog_name="forecast"
    )
    assert result.exit_code == 0, result.output
    return "\n".join(line.rstrip() for line in result.stdout.splitlines()) + "\n"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
    print(f"wrote {TARGET.name}")

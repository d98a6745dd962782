"""``forecast``: the verbs, gathered. One file a verb beside this one says what it prints.

Notable: a verb's options are generated from its configuration class, so nothing is listed
twice; and nothing heavy is imported before a verb runs, so that help is instant.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
import warnings
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from forecast_cli import __version__
from forecast_cli.cli import compare, doctor, models, options, predict, rerun, runs, train
from forecast_cli.cli import inspect as inspect_verb
from forecast_cli.cli.console import Console
from forecast_cli.cli.exits import run_app
from forecast_cli.cli.help import RootGroup, VerbCommand
from forecast_cli.cli.settings import resolve
from forecast_cli.errors import ExitCode

_OUTPUT = ("format", "config", "quiet", "debug", "help")


def verb(app: typer.Typer, name: str, module: ModuleType) -> None:
    """Add the verb that a module implements.

    The module has ``EXAMPLES``, ``FORMATS`` and a function ``run(config, console, format)``
    whose docstring is the help and whose further parameters are options of its own.
    """
    cls: Any = options.VERB_CONFIGS[name]
    own = list(inspect.signature(module.run, eval_str=True).parameters.values())[3:]
    output = options.output_class(name, module.FORMATS)

    def command(**given: Any) -> None:
        del given["debug"]  # read by run_app, which must know it even where parsing fails
        find = partial(
            resolve,
            name,
            environment=os.environ,
            folder=Path.cwd(),
            config_file=given.pop("config"),
        )
        asked = {field: given.pop(field) for field in output.model_fields}
        asked["quiet"] = asked["quiet"] or None  # a flag that is not there was not given
        shown = find(output, asked).model_dump()
        console, shape = Console(shown.pop("quiet")), shown.pop("format")
        module.run(find(cls, given), console, shape, **shown)

    command.__doc__ = module.run.__doc__
    command.__signature__ = _signature(name, module, own)  # type: ignore[attr-defined]
    app.command(name, cls=_command_class(name, module, own))(command)


def _signature(name: str, module: ModuleType, own: list[inspect.Parameter]) -> inspect.Signature:
    """What typer reads: the fields of the configuration, the verb's own options, the common."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    fields = options.VERB_CONFIGS[name].model_fields
    annotations: list[tuple[str, Any, Any]] = [
        (field, options.option(name, field, info), None) for field, info in fields.items()
    ]
    annotations += [(p.name, p.annotation, p.default) for p in own]
    annotations += [
        ("format", options.format_option(module.FORMATS), None),
        ("config", options.Config, None),
        ("quiet", options.Quiet, False),
        ("debug", options.Debug, False),
    ]
    return inspect.Signature(
        [inspect.Parameter(n, keyword, default=d, annotation=a) for n, a, d in annotations]
    )


def _command_class(
    name: str, module: ModuleType, own: list[inspect.Parameter]
) -> type[VerbCommand]:
    """The command with this verb's examples and the theme of each of its options."""
    output = {*_OUTPUT, *(parameter.name for parameter in own)}

    def heading(field: str) -> str:
        return "Output" if field in output else options.group(options.VERB_CONFIGS[name], field)

    return type(
        "Verb", (VerbCommand,), {"examples": module.EXAMPLES, "heading": staticmethod(heading)}
    )


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"forecast-cli {__version__}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


class _Root(RootGroup):
    examples = (
        ("forecast inspect data.csv", "what is in it, and what is wrong with it"),
        ("forecast compare-baselines data.csv", "is a network worth it on these data?"),
        ("forecast train data.csv", "fit an LSTM and keep it"),
        ("forecast predict", "forecast from the end of the data"),
    )


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        cls=_Root,
        name="forecast",
        help="Is a recurrent network worth it on my data, or will a simple model do?",
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name, module in (
        ("inspect", inspect_verb),
        ("train", train),
        ("predict", predict),
        ("compare-baselines", compare),
        ("models", models),
        ("runs", runs),
        ("rerun", rerun),
        ("doctor", doctor),
    ):
        verb(app, name, module)
    return app


def main() -> None:
    """Entry point of the command ``forecast``."""
    if "--debug" not in sys.argv and not sys.warnoptions:
        warnings.simplefilter("ignore")  # lines of code: what matters is said in words
    try:
        code = run_app(build(), sys.argv[1:])
    except KeyboardInterrupt:  # between two words of an ending
        code = ExitCode.INTERRUPTED
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the end is decided: no dying by a signal
    sys.exit(code)

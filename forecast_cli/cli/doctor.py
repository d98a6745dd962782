"""``forecast doctor``: is this installation fit for work?"""

from __future__ import annotations

import typer

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import DoctorConfig
from forecast_cli.errors import ExitCode

FORMATS = ("table", "json")
EXAMPLES: Examples = (("forecast doctor", "versions, devices, folders, and a small fit"),)


def run(config: DoctorConfig, console: Console, format: str) -> None:
    """Check this installation.

    Versions, devices, the folder of runs, the terminal, and the fit of a small network.
    Ends with code 1 where a check fails.
    """
    from forecast_cli.report import payload, tables
    from forecast_cli.workflows.doctor import doctor

    checks = doctor(config.runs)
    if format == "json":
        console.data(payload.dumps(payload.doctor_payload(checks)))
    else:
        console.show(tables.doctor_view(checks))
    if any(check.status == "fail" for check in checks):
        raise typer.Exit(ExitCode.UNEXPECTED)

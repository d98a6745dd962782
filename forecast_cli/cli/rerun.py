"""``forecast rerun``: is a run what its data, options and versions make again?"""

from __future__ import annotations

from forecast_cli.cli.console import Console
from forecast_cli.cli.help import Examples
from forecast_cli.config import RerunConfig
from forecast_cli.errors import GateError

FORMATS = ("table", "json")
EXAMPLES: Examples = (
    ("forecast rerun", "the latest run"),
    ("forecast rerun 20260102-101500-gru-3f9a1c", "that one"),
    ("forecast rerun RUN --data elsewhere/load.csv", "its data have moved"),
    ("forecast rerun RUN --keep", "as a new run"),
)


def run(config: RerunConfig, console: Console, format: str) -> None:
    """Train a run again and compare the weights bit by bit.

    The data are found by the names in the run, and must be the same bytes (SHA-256). Nothing
    is written unless --keep is given. Ends with code 0 where the weights are identical, and 6
    where they are not; on the same machine and versions they are.
    """
    from forecast_cli.report import payload, tables
    from forecast_cli.report.rerun import rerun_view
    from forecast_cli.workflows.rerun import rerun_with

    with console.monitor() as monitor:
        result = rerun_with(
            config, monitor, heard=lambda summary: console.talk(tables.data_view(summary))
        )
    if format == "json":
        console.data(payload.dumps(payload.rerun_payload(result)))
    else:
        console.show(rerun_view(result))
    if not result.identical:
        raise GateError(
            f"{result.run}: what was learned is not the same",
            "; ".join(result.reasons) or "the versions and the machine are the same: report this",
        )

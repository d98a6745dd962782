"""HTML on what a result rests on: protocol, data and repairs, versions, the command."""

from __future__ import annotations

from collections.abc import Mapping

from forecast_cli.comparison import CompareResult
from forecast_cli.report.facts import data_rows, protocol_rows
from forecast_cli.report.page import Cell, Row, pairs, paragraph, table
from forecast_cli.report.svg import text
from forecast_cli.report.words import count
from forecast_cli.results import DataSummary


def protocol(result: CompareResult) -> str:
    """How the comparison was made."""
    return pairs("One set of origins for all models.", protocol_rows(result))


def data(found: DataSummary) -> str:
    """What was read, inferred and changed."""
    inferred = [
        [Cell(i.name), Cell(i.value, "prose"), Cell(i.why, "prose"), Cell(i.option, "prose")]
        for i in found.inferred
    ]
    repairs: list[Row] = [
        [Cell(r.kind), count(r.count), Cell(r.detail, "prose"), Cell(r.option, "prose")]
        for r in found.repairs
    ]
    names = ["what", "value", "because", "to change"]
    return (
        pairs("What was read.", data_rows(found))
        + table("What was inferred.", names, inferred, left=range(4))
        + table(
            "What was changed.", ["kind", "count", "what", "to change"], repairs, left=(0, 2, 3)
        )
    )


def repeat(command: str, versions: Mapping[str, str]) -> str:
    """The command that gives a result again, and the versions it rests on."""
    parts = []
    if command:
        parts.append(paragraph("The command that gives this result again:"))
        parts.append(f"<pre><code>{text(command)}</code></pre>")
    parts.append(pairs("The packages that decide it.", list(versions.items())))
    return "".join(parts)

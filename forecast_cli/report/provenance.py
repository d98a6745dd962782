"""HTML on what a result rests on: protocol, data and repairs, versions, the command."""

from __future__ import annotations

from forecast_cli.comparison import CompareResult
from forecast_cli.report.page import Cell, Row, pairs, paragraph, section, table
from forecast_cli.report.svg import text
from forecast_cli.report.words import NONE, count, metric_name
from forecast_cli.results import DataSummary


def protocol_rows(result: CompareResult) -> list[tuple[str, str]]:
    """How the comparison was made, as names and words."""
    p = result.protocol
    refit = f"again every {count(p.refit, 'origin')}" if p.refit else "once, before the test block"
    return [
        ("horizon", count(p.horizon, "step")),
        ("context of the networks", NONE if p.context is None else count(p.context, "step")),
        ("origins", f"{count(p.origins)}, at most {count(p.origins_per_series)} a series"),
        ("between origins", count(p.stride, "step")),
        ("test block", f"{count(p.test_size, 'step')}, {p.start} to {p.end}"),
        ("validation block", count(p.val_size, "step")),
        ("fitting", refit),
        ("seeds of the networks", count(p.seeds)),
        ("metric that ranks", metric_name(p.metric)),
        ("season of MASE and RMSSE", count(p.season, "step")),
        ("quantiles", ", ".join(f"{q:g}" for q in p.quantiles)),
        ("reference of skill", p.reference),
    ]


def protocol(result: CompareResult) -> str:
    """How the comparison was made."""
    return pairs("One set of origins for all models.", protocol_rows(result))


def data_rows(data: DataSummary) -> list[tuple[str, str]]:
    """What was read, as names and words."""
    return [
        ("files", ", ".join(data.sources)),
        ("rows", count(data.rows)),
        ("series", count(data.series)),
        ("span", f"{data.start} to {data.end}"),
        ("frequency", data.frequency),
        ("seasons, in steps", ", ".join(map(str, data.seasons))),
        ("columns", ", ".join(data.channels)),
        ("SHA-256", data.sha256),
    ]


def data_section(data: DataSummary) -> str:
    """What was read, inferred and changed."""
    inferred = [
        [Cell(i.name), Cell(i.value, "prose"), Cell(i.why, "prose"), Cell(i.option, "prose")]
        for i in data.inferred
    ]
    repairs: list[Row] = [
        [Cell(r.kind), count(r.count), Cell(r.detail, "prose"), Cell(r.option, "prose")]
        for r in data.repairs
    ]
    names = ["what", "value", "because", "to change"]
    return section(
        "Data",
        pairs("What was read.", data_rows(data)),
        table("What was inferred.", names, inferred, left=range(4)),
        table("What was changed.", ["kind", "count", "what", "to change"], repairs, left=(0, 2, 3)),
    )


def again(result: CompareResult) -> str:
    """The command that gives the result again, and the versions it rests on."""
    parts = []
    if result.command:
        parts.append(paragraph("The command that gives this result again:"))
        parts.append(f"<pre><code>{text(result.command)}</code></pre>")
    versions = list(result.versions.items())
    parts.append(pairs("The packages that decide it.", versions))
    return "".join(parts)

"""HTML on how far a comparison can be believed: intervals, learnability, the leak certificate.

Coverage is always what was measured on the test block, never what was promised.
"""

from __future__ import annotations

from forecast_cli.comparison import CompareResult, LeakCertificate, ModelCalibration
from forecast_cli.report.derived import interval_levels, succeeded
from forecast_cli.report.facts import calibration_notes, leak_words
from forecast_cli.report.page import Cell, Row, bullets, pairs, paragraph, table
from forecast_cli.report.svg import text
from forecast_cli.report.words import NONE, count, duration, number, numbers, percent


def coverage(result: CompareResult) -> str:
    """Measured coverage and width of every interval of every model."""
    levels = interval_levels(result)
    if not levels:
        return ""
    scores = succeeded(result)
    found = {c.model: c for c in result.calibration}
    calibrated = any(c.scores for c in result.calibration)
    header = ["model"]
    columns: list[list[str]] = []
    for level in levels:
        header.append(f"inside the {level} % interval")
        columns.append([percent(s.metrics.get(f"coverage_{level}")) for s in scores])
        if calibrated:
            header.append("before calibration")
            columns.append([percent(_before(found.get(s.name), level)) for s in scores])
        widths = [s.metrics.get(f"width_{level}") for s in scores]
        if any(width is not None for width in widths):
            header.append(f"width of {level} %")
            columns.append(numbers(widths))
    if calibrated:
        header += ["calibrated by"]
        columns.append([_scores(found.get(s.name)) for s in scores])
    rows: list[Row] = [
        [Cell(s.name), *(column[k] for column in columns)] for k, s in enumerate(scores)
    ]
    caption = (
        "Measured on the test block: the share of actual values inside the interval, right when "
        "it equals the level; of two intervals with the same share the narrower is better."
    )
    return table(caption, header, rows) + bullets(calibration_notes(result))


def learnability(result: CompareResult) -> str:
    """What could be said of the series before a network was trained."""
    found = result.learnability
    if found is None:
        return ""
    facts = [
        ("seasonal strength", f"{number(found.seasonal_strength, 2)} (0 none, 1 nothing else)"),
        ("spectral predictability", f"{number(found.predictability, 2)} (0 white noise, 1 a wave)"),
        (
            f"skill of ridge against {result.protocol.reference}, on the validation block",
            percent(found.ridge_skill, signed=True),
        ),
        ("found in", duration(found.seconds)),
    ]
    caption = "Medians over the series, before any network was trained."
    return paragraph(found.text) + pairs(caption, facts)


def certificate(found: LeakCertificate | None) -> str:
    """That nothing after a cutoff reached a fit or a forecast, with the hashes that show it."""
    if found is None:
        return ""
    rows: list[Row] = [
        [
            Cell(p.model),
            Cell("the same" if p.same else "differs", "gain" if p.same else "loss"),
            Cell("", "prose", _hash(p.fit_sha256)),
            Cell("", "prose", _hash(p.forecasts_sha256)),
            *([Cell(p.difference, "prose")] if any(x.difference for x in found.proofs) else []),
        ]
        for p in found.proofs
    ]
    header = ["model", "bytes", "SHA-256 of the fit", "SHA-256 of the forecasts"]
    header += ["first difference"] if any(p.difference for p in found.proofs) else []
    return (
        paragraph(leak_words(found))
        + table("Fits and forecasts with noise after the cutoffs.", header, rows, left=range(5))
        + bullets(found.suspects)
    )


def _before(found: ModelCalibration | None, level: int) -> float | None:
    each = next((c for c in found.levels if c.level == level), None) if found else None
    return each.uncalibrated if each is not None else None


def _scores(found: ModelCalibration | None) -> str:
    return count(found.scores, "value") if found is not None and found.scores else NONE


def _hash(digest: str) -> str:
    return f"<code>{text(digest)}</code>"

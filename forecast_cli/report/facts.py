"""What every report says in the same words: the protocol, the data, calibration, leaks.

Plain names and words; how they are set is for the HTML, the Markdown and the terminal.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.comparison import CompareResult, LeakCertificate, Versus
from forecast_cli.report.words import NONE, count, metric_name, percent_range, probability
from forecast_cli.results import DataSummary


def tested(found: Versus | None) -> tuple[str, str, str]:
    """Interval of skill, decision, and adjusted p; the reference has only the decision."""
    if found is None:
        return NONE, NONE, NONE
    if found.decision == "reference":
        return NONE, found.decision, NONE
    return percent_range(found.ci95), found.decision, probability(found.p_holm)


def protocol_rows(result: CompareResult) -> list[tuple[str, str]]:
    """How the comparison was made, as names and words."""
    p = result.protocol
    refit = f"again every {count(p.refit, 'origin')}" if p.refit else "once, before the test block"
    return [
        ("horizon", count(p.horizon, "step")),
        ("context of the networks", NONE if p.context is None else count(p.context, "step")),
        (
            "origins",
            f"{count(p.origins)} of {series_asked(result)}, at most "
            f"{count(p.origins_per_series)} a series",
        ),
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


def series_asked(result: CompareResult) -> str:
    """Of how many series there are forecasts: "6 of 16 series" where some have no origin."""
    whole = count(result.data.series, "series", "series")
    asked = len(np.unique(result.table.series))
    return whole if asked == result.data.series else f"{count(asked)} of {whole}"


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


def calibration_notes(result: CompareResult) -> list[str]:
    """Why intervals were not calibrated, or only in part: each reason once, with its models."""
    reasons = dict.fromkeys(c.note for c in result.calibration if c.note)
    return [
        f"{', '.join(c.model for c in result.calibration if c.note == reason)}: {reason}"
        for reason in reasons
    ]


def leak_words(found: LeakCertificate) -> str:
    """What the certificate says, in a sentence."""
    moments = count(found.cutoffs, "cutoff")
    unseen = ""
    if found.suspects:
        unseen = f" What no proof can see: {suspects_counted(found)}."
    if found.proved:
        return (
            f"No leak, proved: with everything after {moments} replaced by noise, the fits and "
            f"forecasts of {count(len(found.proofs), 'model')} are byte for byte the same.{unseen}"
        )
    differ = [p.model for p in found.proofs if not p.same]
    return (
        f"Not free of leaks: with everything after {moments} replaced by noise, "
        f"{', '.join(differ) or 'no model'} came out otherwise.{unseen}"
    )


def suspects_counted(found: LeakCertificate) -> str:
    """How many covariates look as if they were made from the target."""
    return count(len(found.suspects), "suspect covariate")

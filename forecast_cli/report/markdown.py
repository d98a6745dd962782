r"""The report of a comparison as Markdown, for pull requests and wikis.

Short by choice: the verdict, the table of models and how to see it again stand open, the rest is
folded away. Notable: what comes from a user is either in a code span, where nothing is obeyed,
or escaped sign by sign, so that it can neither end a cell, nor draw, nor link, nor call a person
by name. Pictures are in the HTML report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from forecast_cli.comparison import CompareResult
from forecast_cli.report.derived import (
    failed,
    horizon_profile,
    interval_levels,
    model_named,
    problem,
    remarks,
    replaced,
    some_names,
    succeeded,
)
from forecast_cli.report.facts import (
    calibration_notes,
    data_rows,
    leak_words,
    protocol_rows,
    series_asked,
    tested,
)
from forecast_cli.report.words import (
    NONE,
    clean,
    count,
    duration,
    lead,
    metric_name,
    number,
    numbers,
    percent,
    steps,
)

METRICS = ("mase", "rmsse", "mae", "rmse", "smape", "wql")
WORST_SHOWN = 5


def compare_markdown(result: CompareResult) -> str:
    """The report of a comparison."""
    p = result.protocol
    first, rest = lead(result.verdict.text)
    ship = model_named(result, result.verdict.ship)
    asked = (
        f"{count(p.horizon, 'step')} ahead from {count(p.origins, 'origin')} of "
        f"{series_asked(result)}, {p.start} to {p.end}."
    )
    certificate = result.leak_certificate
    parts = [
        "# Is a recurrent network worth it on these data?",
        f"**{plain(first)}**",
        plain(rest),
        f"Ship {code(ship.name)}, fitted in {duration(ship.fit_seconds)}." if ship else "",
        plain(asked),
        _ranking(result),
        bullets([*map(problem, failed(result)), *_remarks(result)]),
        plain(result.learnability.text) if result.learnability else "",
        plain(leak_words(certificate)) if certificate else "",
        bullets(certificate.suspects) if certificate else "",
        _command(result),
        folded("The rules that led here", numbered(result.verdict.rules)),
        folded("All metrics", _metrics(result)),
        folded("Along the horizon", _bands(result)),
        folded("Measured coverage", _coverage(result), bullets(calibration_notes(result))),
        folded("Answered by a simpler model", _answered(result)),
        folded("Where it fails", _worst(result)),
        folded("Leak certificate", _proofs(result)),
        folded("Protocol", pairs(protocol_rows(result))),
        folded("Data", pairs(data_rows(result.data)), _changed(result)),
        folded("Notes", bullets(result.notes)),
        folded("Versions", pairs(list(result.versions.items()))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(words: str) -> str:
    r"""Words with every sign that Markdown, HTML or a forge would obey made a mere sign.

    Examples
    --------
    >>> print(plain("a|b <i> *c* @d #1"))
    a\|b &lt;i&gt; \*c\* @&#8203;d \#&#8203;1
    """
    shown = clean(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = re.sub(r"([\\`*_{}\[\]#|~$!])", r"\\\1", shown)
    shown = re.sub(r"(?i)(https?|ftp|www)(?=[:.])", "\\1&#8203;", shown)
    shown = re.sub(r"^(\d+)([.)])(?=\s)|^([-+=])", _inert_start, shown)
    # A forge links people and issues in the text that is left, escaped or not.
    return re.sub(r"(@|#)(?=\w)", "\\1&#8203;", shown)


def code(words: str) -> str:
    r"""Words in a code span that they cannot end, also in a cell of a table.

    Examples
    --------
    >>> print(code("a`b"), code("a|b"))
    `` a`b `` `a\|b`
    """
    shown = clean(words).replace("|", "\\|") or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _inert_start(found: re.Match[str]) -> str:
    """What would begin a list or a rule at the start of a line."""
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}"


def _ranking(result: CompareResult) -> str:
    scores = (*succeeded(result), *failed(result))
    main = result.protocol.metric
    values = numbers([s.metrics.get(main) for s in scores])
    has_tests = any(s.versus_reference for s in scores)
    header = ["#", "model", "kind", metric_name(main), "skill"]
    header += ["95 % interval", "decision", "adjusted p"] if has_tests else []
    rows = []
    for s, value in zip(scores, values, strict=True):
        row = [str(s.rank) if s.rank else NONE, code(s.name), plain(s.kind)]
        row += [value if s.status == "ok" else s.status, percent(s.skill, signed=True)]
        row += tested(s.versus_reference) if has_tests else ()
        rows.append([*row, duration(s.fit_seconds)])
    note = (
        f"By {metric_name(main)}, lower is better; skill against {code(result.protocol.reference)}."
    )
    return f"{table([*header, 'fit'], rows, left=(1, 2, 6) if has_tests else (1, 2))}\n\n{note}"


def _remarks(result: CompareResult) -> list[str]:
    return [f"{s.name}: {said}" for s in succeeded(result) for said in remarks(s)]


def _command(result: CompareResult) -> str:
    if not result.command:
        return ""
    shown = clean(result.command)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}sh\n{shown}\n{fence}"


def _metrics(result: CompareResult) -> str:
    scores = succeeded(result)
    columns = [numbers([s.metrics.get(m) for s in scores]) for m in METRICS]
    rows = [[code(s.name), *(c[k] for c in columns)] for k, s in enumerate(scores)]
    return table(["model", *map(metric_name, METRICS)], rows)


def _bands(result: CompareResult) -> str:
    if result.protocol.horizon < 2:
        return ""
    profile = horizon_profile(result)
    rows = []
    for name, means in profile.rows:
        cells = [percent(v, signed=True) if profile.is_skill else number(v) for v in means]
        best = [f"**{c}**" if name == b else c for c, b in zip(cells, profile.best, strict=True)]
        rows.append([code(name), *best])
    return table(["model", *(f"steps {steps(b.first, b.last)}" for b in profile.bands)], rows)


def _coverage(result: CompareResult) -> str:
    levels, scores = interval_levels(result), succeeded(result)
    if not levels:
        return ""
    header = [
        "model",
        *(f"{what} {level} %" for level in levels for what in ("inside", "width of")),
    ]
    widths = {n: numbers([s.metrics.get(f"width_{n}") for s in scores]) for n in levels}
    rows = [
        [
            code(s.name),
            *(
                cell
                for n in levels
                for cell in (percent(s.metrics.get(f"coverage_{n}")), widths[n][k])
            ),
        ]
        for k, s in enumerate(scores)
    ]
    return table(header, rows)


def _answered(result: CompareResult) -> str:
    rows = [
        [
            code(r.model),
            code(r.by),
            plain(r.why),
            f"{count(r.origins)} of {count(r.of)}",
            plain(some_names(r.series)),
        ]
        for r in replaced(result)
    ]
    return table(["model", "answered by", "as", "origins", "series"], rows, left=(0, 1, 2, 4))


def _worst(result: CompareResult) -> str:
    if result.where is None:
        return ""
    found = [*result.where.worst_series[:WORST_SHOWN], *result.where.worst_origins[:WORST_SHOWN]]
    rows = [
        [code(w.series), plain(w.origin) or "all", number(w.loss), number(w.reference)]
        for w in found
    ]
    header = ["series", "origin", result.verdict.best, result.protocol.reference]
    return table([*header[:2], *map(plain, header[2:])], rows, left=(0, 1))


def _proofs(result: CompareResult) -> str:
    if result.leak_certificate is None:
        return ""
    rows = [
        [
            code(p.model),
            "the same" if p.same else f"differs: {plain(p.difference)}",
            code(p.fit_sha256),
            code(p.forecasts_sha256),
        ]
        for p in result.leak_certificate.proofs
    ]
    header = ["model", "bytes", "SHA-256 of the fit", "SHA-256 of the forecasts"]
    return table(header, rows, left=range(4))


def _changed(result: CompareResult) -> str:
    rows = [[plain(r.kind), count(r.count), plain(r.detail)] for r in result.data.repairs]
    return table(["changed", "count", "what"], rows, left=(0, 2))


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    return table(["", ""], [[plain(n), code(v)] for n, v in rows if v], left=(0, 1))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Cells are Markdown already; nothing where there are no rows."""
    if not rows:
        return ""
    ruler = [":--" if k in left else "--:" for k in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ruler, *rows))


def bullets(items: Sequence[str]) -> str:
    return "\n".join(f"- {plain(item)}" for item in items)


def numbered(items: Sequence[str]) -> str:
    return "\n".join(f"{k}. {plain(item)}" for k, item in enumerate(items, start=1))


def folded(title: str, *parts: str) -> str:
    """A part that opens when it is asked for; nothing where all parts are empty."""
    filled = [part for part in parts if part]
    if not filled:
        return ""
    body = "\n\n".join(filled)
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"

"""Reports as one HTML file: the answer, what it rests on, and pictures to look into.

The parts stand in the order of ``compare_html``, by falling weight. Each is a table or a chart of
a file of its own (standing, charts, fan, trust, places, provenance), and left out where the result
does not hold it. Everything that comes from a user passes through ``text``. Nothing is scored here.
"""

from __future__ import annotations

from forecast_cli.comparison import CompareResult
from forecast_cli.report import charts, places, provenance, standing, trust
from forecast_cli.report.derived import failed, interval_levels, model_named, succeeded
from forecast_cli.report.facts import series_asked, suspects_counted, tested
from forecast_cli.report.fan import fan
from forecast_cli.report.page import (
    bullets,
    contents,
    details,
    page,
    pairs,
    paragraph,
    section,
    table,
    together,
)
from forecast_cli.report.svg import text
from forecast_cli.report.words import (
    NONE,
    count,
    duration,
    lead,
    metric_name,
    number,
    numbers,
    percent,
    percent_range,
)
from forecast_cli.results import TrainResult


def compare_html(result: CompareResult) -> str:
    """The report of a comparison."""
    parts = {
        "Models": (standing.ranking(result), standing.problems(result), standing.seeds(result)),
        "Answered by a simpler model": (standing.answered(result),),
        "Forecasts against what came": (fan(result),),
        "Along the horizon": (
            charts.error_chart(result),
            charts.skill_chart(result),
            details("Means over bands of steps", standing.bands(result)),
        ),
        "Skill, with intervals": (charts.forest(result),),
        "Calibration": (
            trust.coverage(result),
            charts.quantile_chart(result),
            charts.coverage_chart(result),
        ),
        "Cost": (charts.cost_chart(result), standing.costs(result)),
        "Who wins where": (places.win_maps(result),),
        "Where it fails": (places.worst(result),),
        "Direction": (standing.direction(result),),
        "Series": (standing.series(result),),
        "Learnability": (trust.learnability(result),),
        "Leak certificate": (trust.certificate(result.leak_certificate),),
        "Protocol": (provenance.protocol(result),),
        "Data": (provenance.data(result.data),),
        "Notes": (bullets(result.notes),),
        "Again": (provenance.repeat(result.command, result.versions),),
    }
    body = [section(title, *filled) for title, filled in parts.items()]
    head = [*_answer(result), contents(list(parts), body)]
    return page(f"forecast compare: {', '.join(result.data.sources)}", [*head, *body])


def compare_fragment(result: CompareResult) -> str:
    """What a notebook shows of a comparison: bare words and a table, which take its looks."""
    main = result.protocol.metric
    scores = (*succeeded(result), *failed(result))
    values = numbers([s.metrics.get(main) for s in scores])
    rows = []
    for s, value in zip(scores, values, strict=True):
        interval, decision, _ = tested(s.versus_reference)
        shown = value if s.status == "ok" else s.status
        rows.append([s.name, s.kind, shown, percent(s.skill, signed=True), interval, decision])
    header = ["model", "kind", metric_name(main), "skill", "95 % interval", "decision"]
    ship = f" Ship {result.verdict.ship}." if result.verdict.ship else ""
    first, _ = lead(result.verdict.text)
    caption = f"Skill against {result.protocol.reference}. The whole report: .to_html(path)."
    return f"<p><b>{text(first)}</b>{text(ship)}</p>{table(caption, header, rows)}"


def train_html(result: TrainResult) -> str:
    """The report of a training."""
    name = f"{result.model}, {count(result.horizon, 'step')} ahead"
    facts = [
        ("kind", result.kind),
        ("parameters", count(result.parameters)),
        ("context", NONE if result.context is None else count(result.context, "step")),
        ("training steps", NONE if result.steps is None else count(result.steps)),
        ("training time", duration(result.seconds)),
        ("best loss on the validation block", number(result.best_loss)),
        ("ended", result.stopped),
        ("device", result.device),
        ("run", result.run),
    ]
    settings = [(name, _setting(value)) for name, value in result.settings.items()]
    body = [
        "<h1>A model trained by forecast-cli</h1>",
        paragraph(name, "verdict"),
        section("Training", pairs("What was fitted.", facts), charts.loss_chart(result.history)),
        section("Fallbacks", bullets(result.fallbacks)),
        section("Data", provenance.data(result.data)),
        section("Settings", pairs("Every resolved option.", settings)),
    ]
    return page(f"forecast train: {name}", body)


def _answer(result: CompareResult) -> list[str]:
    """The verdict in words, the facts that weigh most, and the rules that led to it."""
    p = result.protocol
    asked = (
        f"{count(p.horizon, 'step')} ahead from {count(p.origins, 'origin')} of "
        f"{series_asked(result)}, {p.start} to {p.end}; "
        f"skill is measured against {p.reference}."
    )
    first, rest = lead(result.verdict.text)
    return [
        "<h1>Is a recurrent network worth it on these data?</h1>",
        paragraph(first, "verdict"),
        paragraph(rest),
        paragraph(asked, "soft"),
        _facts(result),
        details("The rules that led here", bullets(result.verdict.rules, "ol"), is_open=True),
    ]


def _facts(result: CompareResult) -> str:
    """A few names with their values: what to ship, what is best, how far to trust it."""
    facts: list[tuple[str, str, str]] = []
    ship, best = (model_named(result, n) for n in (result.verdict.ship, result.verdict.best))
    if ship is not None:
        facts.append(("ship", ship.name, f"{ship.kind}, fitted in {duration(ship.fit_seconds)}"))
    if best is not None:
        main = result.protocol.metric
        loss = f"{metric_name(main)} {number(best.metrics.get(main))}"
        facts.append(("least loss", best.name, loss))
        if best.versus_reference is not None and best.name != result.protocol.reference:
            found = best.versus_reference
            spread = percent_range(found.ci95)
            units = count(found.units, "series" if found.kind == "series" else "origin", found.kind)
            said = f"{spread} · {units}" if spread != NONE else units
            facts.append(("its skill", percent(found.skill, signed=True), said))
    trusted = ship or best
    if trusted is not None and interval_levels(result):
        shares = [
            f"{number(100 * trusted.metrics.get(f'coverage_{level}', float('nan')), 1)} %"
            for level in interval_levels(result)
        ]
        wanted = " and ".join(f"{level} %" for level in interval_levels(result))
        facts.append((f"measured inside {wanted}", " · ".join(shares), trusted.name))
    if result.leak_certificate is not None:
        found_leaks = result.leak_certificate
        proved = "proved" if found_leaks.proved else "not proved"
        models = count(len(found_leaks.proofs), "model")
        if found_leaks.suspects:
            beside = f"no leak in fits and forecasts: {proved}, {models}"
            facts.append(("leaks", suspects_counted(found_leaks), beside))
        else:
            facts.append(("no leak", proved, models))
    cells = "".join(
        f"<div{' class=ship' if name == 'ship' else ''}><dt>{together(text(name))}</dt>"
        f"<dd>{together(text(value))}<small>{together(text(more))}</small></dd></div>"
        for name, value, more in facts
    )
    return f'<dl class="facts">{cells}</dl>' if cells else ""


def _setting(value: object) -> str:
    if value is None:
        return NONE
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)

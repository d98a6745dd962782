"""HTML on where the models win and fail: win maps, worst series, worst origins.

A win map is a table: each cell has a letter for the model, which colour only repeats, and
says its name and skill to those who hear it or point at it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from forecast_cli.comparison import CompareResult, WinMap, Worst
from forecast_cli.report.derived import coloured, model_named
from forecast_cli.report.page import Cell, Row, paragraph, table, titled
from forecast_cli.report.svg import COLOURS, text
from forecast_cli.report.words import count, metric_name, numbers, percent, steps

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRONG, CLEAR = 0.2, 0.05  # skill from which a cell is darker


def win_maps(result: CompareResult) -> str:
    """Every map, under one key."""
    if result.where is None or not result.where.maps:
        return ""
    maps = result.where.maps
    wins = Counter(name for each in maps for row in each.best for name in row if name)
    if not wins:
        return ""
    colours = coloured(result)
    # What has no colour of its own shares the last one; the letters tell them apart.
    shades = {name: colours.get(name, COLOURS - 1) for name in wins}
    letters = {name: _letter(k) for k, (name, _) in enumerate(wins.most_common())}
    key = "".join(
        f'<li><span class="key w{shades[name]} s2">{text(letters[name])}</span>{text(name)}, '
        f"{text(count(n, 'cell'))}</li>"
        for name, n in wins.most_common()
    )
    words = (
        "The model with the least loss in each cell: steps ahead downwards, place in time across. "
        f"The stronger the colour, the more skill against {result.protocol.reference}. Cells are "
        "small: read patterns, not single cells."
    )
    tables = [_map(each, letters, shades) for each in maps]
    return f'{paragraph(words, "soft")}<ul class="legend">{key}</ul>{"".join(tables)}'


def worst(result: CompareResult) -> str:
    """The series and the origins where the best model lost most, with the reference beside it."""
    if result.where is None or model_named(result, result.verdict.best) is None:
        return ""
    best, reference = result.verdict.best, result.protocol.reference
    metric = metric_name(result.protocol.metric)

    def losses(found: Sequence[Worst], names: Sequence[str], caption: str) -> str:
        values = numbers([each.loss for each in found])
        others = numbers([each.reference for each in found])
        rows: list[Row] = [
            [
                *([Cell(each.origin), each.series] if each.origin else [Cell(each.series)]),
                value,
                other,
                f"worse than {reference}" if each.loss > each.reference else "",
            ]
            for each, value, other in zip(found, values, others, strict=True)
        ]
        header = [*names, best, reference, ""]
        return table(caption, header, rows, left={0, len(names) - 1, len(header) - 1})

    return titled(
        "Worst series",
        losses(result.where.worst_series, ["series"], f"{metric} of a whole series."),
    ) + titled(
        "Worst origins",
        losses(result.where.worst_origins, ["origin", "series"], f"{metric} of one forecast."),
    )


def _map(each: WinMap, letters: Mapping[str, str], shades: Mapping[str, int]) -> str:
    rows: list[Row] = []
    for (first, last), names, skills in zip(
        each.steps, each.best, each.skill.tolist(), strict=True
    ):
        cells = [
            _cell(name, skill, letters, shades) for name, skill in zip(names, skills, strict=True)
        ]
        rows.append([Cell(f"steps {steps(first, last)}"), *cells])
    header = [each.phase.name, *each.phase.labels]
    return table(f"{each.group}, by {each.phase.name}.", header, rows, kind="map")


def _cell(name: str, skill: float, letters: Mapping[str, str], shades: Mapping[str, int]) -> Cell:
    if not name:
        return Cell("")
    strength = 0
    if math.isfinite(skill):
        strength = 2 if skill >= STRONG else 1 if skill >= CLEAR else 0
    words = f"{name}, skill {percent(skill, signed=True)}"
    inner = (
        f'<span aria-hidden="true" title="{text(words)}">{letters[name]}</span>'
        f'<span class="unseen">{text(words)}</span>'
    )
    return Cell("", f"w{shades[name]} s{strength}", inner)


def _letter(k: int) -> str:
    """A, B, … Z, A1, B1, …"""
    return LETTERS[k % len(LETTERS)] + (str(k // len(LETTERS)) if k >= len(LETTERS) else "")

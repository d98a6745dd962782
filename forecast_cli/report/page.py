"""The HTML page: its head, its policy, and its tables.

One file and no address outside itself. The style and the script are files beside this one and
travel inside the page; its content security policy allows these two, by their hashes, and
nothing else: no other script, no inline style, no request. So even a name that slipped through
could load and run nothing. All that comes from a user passes through ``text``, or, as data for
the script, through ``data_block``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from forecast_cli.report.svg import text


def page(title: str, body: Sequence[str]) -> str:
    """A whole document."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{text(title)}</title><style>{style}</style></head>\n"
        f"<body><main>\n{chr(10).join(part for part in body if part)}\n</main>\n"
        f"<script>{script}</script></body></html>\n"
    )


def data_block(name: str, data: Mapping[str, Any]) -> str:
    """Data for the script, where no text can end the block that it stands in."""
    inert = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        inert = inert.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{name}">{inert}</script>'


def contents(titles: Sequence[str], body: Sequence[str]) -> str:
    """Links to those of the titled parts that the page has."""
    whole = "".join(body)
    links = [
        f'<li><a href="#{anchor(title)}">{text(title)}</a></li>'
        for title in titles
        if f'id="{anchor(title)}"' in whole
    ]
    return f'<nav aria-label="Parts of this report"><ul>{"".join(links)}</ul></nav>'


def anchor(title: str) -> str:
    """The address of a part within the page.

    Examples
    --------
    >>> anchor("Skill, with intervals")
    'skill-with-intervals'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def section(title: str, *parts: str) -> str:
    """A titled part; nothing where all parts are empty."""
    filled = [part for part in parts if part]
    if not filled:
        return ""
    name = anchor(title)
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{text(title)}</h2>'
        f"{''.join(filled)}</section>"
    )


def titled(title: str, *parts: str) -> str:
    """A part within a section; nothing where all parts are empty."""
    filled = "".join(parts)
    return f"<h3>{text(title)}</h3>{filled}" if filled else ""


def details(summary: str, *parts: str, is_open: bool = False) -> str:
    """What is folded away until it is asked for; nothing where all parts are empty."""
    filled = "".join(parts)
    if not filled:
        return ""
    return (
        f"<details{' open' if is_open else ''}><summary>{text(summary)}</summary>{filled}</details>"
    )


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph of plain words."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{together(text(words))}</p>" if words else ""


def together(words: str) -> str:
    """Words in which no line ends between a number and its unit.

    Examples
    --------
    >>> together("95 % of 3 s").split(" ")
    ['95\xa0%', 'of', '3\xa0s']
    """
    return re.sub(r"(?<=\d) (?=(%|ms|s|min|h)(\W|$))", "\N{NO-BREAK SPACE}", words)


def bullets(items: Sequence[str], tag: str = "ul") -> str:
    """A list of plain words; ``tag="ol"`` numbers it."""
    lines = "".join(f"<li>{text(item)}</li>" for item in items)
    return f"<{tag}>{lines}</{tag}>" if lines else ""


@dataclass(frozen=True)
class Cell:
    """A cell; ``html`` is trusted markup of this package in place of plain words."""

    words: str
    kind: str = ""
    html: str = ""


Row = Sequence[Cell | str]


def table(
    caption: str,
    header: Sequence[str],
    rows: Sequence[Row],
    *,
    kinds: Sequence[str] = (),
    left: Collection[int] = (0,),
    kind: str = "",
    name: str = "",
) -> str:
    """A table whose first column names its rows; nothing where there are no rows.

    Parameters
    ----------
    header : sequence of str
        Empty for a list of pairs, which needs none.
    kinds : sequence of str
        A CSS class for each row.
    left : collection of int
        The columns that hold text.
    kind : str
        A CSS class for the table.
    name : str
        By which the page's script finds it.
    """
    if not rows:
        return ""
    names = "".join(_head(name, k in left) for k, name in enumerate(header))
    body = []
    for r, row in enumerate(rows):
        row_kind = kinds[r] if r < len(kinds) else ""
        cells = "".join(_cell(cell, k, k in left) for k, cell in enumerate(row))
        attribute = f' class="{text(row_kind)}"' if row_kind else ""
        body.append(f"<tr{attribute}>{cells}</tr>")
    head = f"<thead><tr>{names}</tr></thead>" if header else ""
    attribute = (f' id="{name}"' if name else "") + (f' class="{kind}"' if kind else "")
    return (
        f'<div class="scroll"><table{attribute}><caption>{text(caption)}</caption>'
        f"{head}<tbody>{''.join(body)}</tbody></table></div>"
    )


def pairs(caption: str, rows: Sequence[tuple[str, str]]) -> str:
    """A list of names with their values; pairs without a value are left out."""
    cells = [[Cell(name), Cell(value, "prose")] for name, value in rows if value]
    return table(caption, [], cells, left=(0, 1))


def _head(name: str, is_text: bool) -> str:
    return f'<th scope="col"{" class=left" if is_text else ""}>{together(text(name))}</th>'


def _cell(cell: Cell | str, k: int, is_text: bool) -> str:
    cell = cell if isinstance(cell, Cell) else Cell(cell)
    inner = cell.html or text(cell.words)
    kinds = " ".join(kind for kind in ("left" if is_text else "", cell.kind) if kind)
    attribute = f' class="{kinds}"' if kinds else ""
    return f'<th scope="row"{attribute}>{inner}</th>' if k == 0 else f"<td{attribute}>{inner}</td>"


@cache
def _asset(name: str) -> str:
    return files("forecast_cli.report").joinpath(name).read_text(encoding="utf-8")


def _source(content: str) -> str:
    """How a content security policy names what may stand in the page: by its SHA-256."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

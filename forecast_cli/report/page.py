"""The HTML page: its head, its style in light and dark, and its tables.

One file, no script, no address outside itself: a content security policy in the page
forbids both, so that even a name that slipped through could load and run nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from forecast_cli.report.svg import COLOURS, text

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2126;--soft:#5b6670;--edge:#d9dee3;--tint:#f4f6f8;
--good:#00714d;--bad:#b3400a;--c0:#0060a8;--c1:#b3400a;--c2:#00805f;--c3:#a2458c;--c4:#7a6a00;--c5:#1c2126}
@media(prefers-color-scheme:dark){:root{--bg:#14181c;--fg:#e4e8ec;--soft:#9aa5b0;--edge:#333b43;
--tint:#1c2228;--good:#4cc9a0;--bad:#f0905a;--c0:#5eb3f6;--c1:#f0905a;--c2:#4cc9a0;--c3:#e08cc8;
--c4:#d8c440;--c5:#e4e8ec}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1rem 4rem;background:var(--bg);color:var(--fg);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
h1{font-size:1.05rem;font-weight:600;color:var(--soft);margin:0}
h2{font-size:1.2rem;margin:2.6rem 0 .4rem}
p{margin:.4rem 0;max-width:46rem}
p,li{overflow-wrap:anywhere}
.verdict{font-size:1.45rem;line-height:1.4;margin:.4rem 0 1rem;max-width:50rem}
.soft,caption,figcaption{color:var(--soft);font-size:.9rem}
.scroll,.chart{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.6rem 0;font-size:.94rem}
caption,figcaption{text-align:left;padding:.2rem 0}
caption{width:max-content;max-width:min(46rem,calc(100vw - 2rem));position:sticky;left:0}
th,td{padding:.3rem .9rem .3rem 0;text-align:right;white-space:nowrap;
border-bottom:1px solid var(--edge)}
th{font-weight:600}
thead th{border-bottom:2px solid var(--edge);vertical-align:bottom}
tbody th{font-weight:400;position:sticky;left:0;background:var(--bg)}
.left{text-align:left}
.prose{white-space:normal;min-width:9rem;overflow-wrap:anywhere}
tr.network th{font-weight:700;color:var(--c0)}
tr.failed{color:var(--soft)}
tr.reference td,tr.reference th{background:var(--tint)}
.gain{color:var(--good)}.loss{color:var(--bad)}.best{font-weight:700;color:var(--good)}
.bar{display:block;width:6rem;height:.6rem}
.bar i{display:block;height:100%;background:var(--good)}
.bar.neg i{background:none;border:1px solid var(--bad)}
figure{margin:1rem 0}
svg text{font-size:12px;fill:var(--soft)}
svg .mid{text-anchor:middle}svg .end{text-anchor:end}
.chart svg{display:block;width:100%;min-width:36rem;height:auto}
.grid{stroke:var(--edge);stroke-width:.7}.axis{stroke:var(--soft);stroke-width:1}
.rule{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:2 3}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.dashed{stroke-dasharray:7 4}
.area{opacity:.2;stroke:none}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;margin:.2rem 0;
font-size:.9rem}
.legend svg{margin-right:.4rem;vertical-align:middle}
code{font:.9em ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
ul{padding-left:1.2rem}
a{color:var(--c0)}
@media print{body{max-width:none}}
""" + "".join(
    f".line.c{k}{{stroke:var(--c{k})}}.area.c{k},.dot.c{k},.m.c{k}{{fill:var(--c{k})}}"
    for k in range(COLOURS)
)

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, body: Sequence[str]) -> str:
    """A whole document."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{chr(10).join(part for part in body if part)}\n</main></body></html>\n"
    )


def section(title: str, *parts: str) -> str:
    """A titled part; nothing where all parts are empty."""
    filled = [part for part in parts if part]
    return f"<section><h2>{text(title)}</h2>{''.join(filled)}</section>" if filled else ""


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph of plain words."""
    return f'<p class="{kind}">{text(words)}</p>' if words else ""


def bullets(items: Sequence[str]) -> str:
    """A list of plain words."""
    lines = "".join(f"<li>{text(item)}</li>" for item in items)
    return f"<ul>{lines}</ul>" if lines else ""


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
    """
    if not rows:
        return ""
    names = "".join(_head(name, k in left) for k, name in enumerate(header))
    body = []
    for r, row in enumerate(rows):
        kind = kinds[r] if r < len(kinds) else ""
        cells = "".join(_cell(cell, k, k in left) for k, cell in enumerate(row))
        body.append(f'<tr class="{text(kind)}">{cells}</tr>' if kind else f"<tr>{cells}</tr>")
    head = f"<thead><tr>{names}</tr></thead>" if header else ""
    return (
        f'<div class="scroll"><table><caption>{text(caption)}</caption>'
        f"{head}<tbody>{''.join(body)}</tbody></table></div>"
    )


def _head(name: str, is_text: bool) -> str:
    return f'<th scope="col"{" class=left" if is_text else ""}>{text(name)}</th>'


def _cell(cell: Cell | str, k: int, is_text: bool) -> str:
    cell = cell if isinstance(cell, Cell) else Cell(cell)
    inner = cell.html or text(cell.words)
    kinds = " ".join(kind for kind in ("left" if is_text else "", cell.kind) if kind)
    attribute = f' class="{kinds}"' if kinds else ""
    return f'<th scope="row"{attribute}>{inner}</th>' if k == 0 else f"<td{attribute}>{inner}</td>"

"""The terminal's table: columns that give way when the window is narrow.

Notable: numbers never wrap; a column that finds no room is left out whole, least important
first, and only prose folds. On a terminal that has no Unicode every sign is replaced by one
of ASCII, cell for cell. This file knows rich, and no result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from forecast_cli.report.words import plain_ascii

GAP = 2
SHORTEST_PROSE = 16


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    drop : int
        0: always shown; otherwise columns with larger numbers give way first, of equal ones the
        last.
    prose : bool
        Whether the cells may fold over several lines.
    """

    header: str
    cells: Sequence[str | Text]
    drop: int = 0
    right: bool = True
    prose: bool = False
    style: str = ""

    @property
    def width(self) -> int:
        """The cells of the terminal that the column takes; prose is content with little."""
        widest = max((cell_len(_plain(cell)) for cell in (self.header, *self.cells)), default=0)
        return min(widest, SHORTEST_PROSE) if self.prose else widest


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit into ``width``, in their order.

    Examples
    --------
    >>> wide = Column("wide", ["x" * 30], drop=1)
    >>> [c.header for c in fitting([Column("a", ["1"]), wide], width=20)]
    ['a']
    """
    kept = list(enumerate(columns))
    droppable = sorted((column.drop, k) for k, column in kept if column.drop)
    while droppable and total_width([column for _, column in kept]) > width:
        _, gone = droppable.pop()
        kept = [(k, column) for k, column in kept if k != gone]
    return [column for _, column in kept]


def total_width(columns: Sequence[Column]) -> int:
    """The cells of the terminal that columns take side by side."""
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


@dataclass(frozen=True)
class Grid:
    """A table of the columns that fit.

    Parameters
    ----------
    header : bool
        Whether the names of the columns are shown.
    """

    columns: Sequence[Column]
    header: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, GAP - 1, 0, 0),
            header_style="bold",
            show_header=self.header,
        )
        kept = fitting(self.columns, options.max_width)
        for column in kept:
            table.add_column(
                column.header,
                justify="right" if column.right else "left",
                no_wrap=not column.prose,
                overflow="fold" if column.prose else "ellipsis",
                style=column.style,
                # Where even the columns that must stay have no room, prose folds before
                # a number is cut.
                min_width=None if column.prose else min(column.width, options.max_width),
            )
        for row in zip(*(column.cells for column in kept), strict=True):
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
        yield table


@dataclass(frozen=True)
class Drawing:
    """A picture of characters, drawn for the terminal that it meets.

    Parameters
    ----------
    draw : function of (width, ascii_only, colour) that returns lines of text
    """

    draw: Callable[[int, bool, bool], str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colour = console.color_system is not None and not console.no_color
        text = Text.from_ansi(self.draw(options.max_width, options.ascii_only, colour))
        text.no_wrap = True
        text.overflow = "crop"
        yield text


@dataclass(frozen=True)
class View:
    """Parts below one another, in the signs that the terminal can show."""

    parts: Sequence[RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(Group(*self.parts), options):
            if options.ascii_only and not segment.control:
                yield Segment(plain_ascii(segment.text), segment.style)
            else:
                yield segment


def heading(text: str, note: str = "") -> Text:
    """The title of a part, after an empty line."""
    line = Text("\n")
    line.append(text, style="bold")
    if note:
        line.append("  " + note, style="dim")
    return line


def bar(share: float, cells: int) -> str:
    """A bar that fills ``share`` (0 to 1) of ``cells``, to an eighth of a cell.

    Examples
    --------
    >>> bar(0.5, 4), bar(0.03, 4)
    ('██', '▏')
    """
    eighths = max(1, round(8 * cells * min(1.0, share))) if share > 0 else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[rest].strip()


def _plain(cell: str | Text) -> str:
    return str(cell)

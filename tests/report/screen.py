"""A terminal for tests: what a view looks like, as text."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType


def shown(
    view: RenderableType, width: int = 100, encoding: str = "utf-8", colour: bool = False
) -> str:
    """The view as a terminal of this width and encoding gets it."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)  # an unknown sign is an error
    system = "truecolor" if colour else None
    Console(file=file, width=width, color_system=system, force_terminal=colour).print(view)
    file.flush()
    return raw.getvalue().decode(encoding)
